#include "serve/door.h"

#include <functional>
#include <iterator>
#include <string_view>

namespace trama::serve {
namespace {

constexpr std::chrono::seconds a_while{1};

}  // namespace

std::size_t Door::Hash::operator()(const Address& address) const {
  return std::hash<std::string_view>{}(chars(address.bytes));
}

bool Door::allows(const Address& peer) const {
  bool names_the_allowed = false;
  for (const Rule& rule : limits_.rules) {
    if (rule.block.contains(peer)) return rule.allow;
    names_the_allowed = names_the_allowed || rule.allow;
  }
  return !names_the_allowed;
}

std::optional<Refusal> Door::enter(const std::optional<Address>& peer, u64 inside) {
  if (peer && !allows(*peer)) return Refusal::denied;
  if (limits_.clients != 0 && inside >= limits_.clients) return Refusal::full;
  if (!peer || (limits_.per_peer == 0 && limits_.rate == 0)) return {};
  forget_idle();
  Peer& known = peers_[*peer];
  if (limits_.per_peer != 0 && known.connections >= limits_.per_peer) return Refusal::peer_full;
  ++known.connections;
  return {};
}

void Door::leave(const std::optional<Address>& peer) {
  if (!peer) return;
  const auto known = peers_.find(*peer);
  if (known == peers_.end() || known->second.connections == 0) return;
  --known->second.connections;
  // With a rate it stays: coming back is no way to a new allowance.
  if (known->second.connections == 0 && limits_.rate == 0) peers_.erase(known);
}

std::optional<Refusal> Door::take(const Address& peer, std::size_t bytes) {
  if (!allows(peer)) return Refusal::denied;
  if (limits_.rate == 0) return {};
  auto known = peers_.find(peer);
  if (known == peers_.end()) {
    forget_idle();
    if (peers_.size() < max_remembered) known = peers_.try_emplace(peer).first;
  }
  Allowance& allowance = allowance_in(known == peers_.end() ? crowd_ : known->second);
  if (allowance.now(Clock::now()) < bytes) return Refusal::too_fast;
  allowance.take(bytes);
  return {};
}

Allowance* Door::allowance_of(const std::optional<Address>& peer) {
  if (!peer || limits_.rate == 0) return nullptr;
  const auto known = peers_.find(*peer);
  return known == peers_.end() ? nullptr : &allowance_in(known->second);
}

Allowance& Door::allowance_in(Peer& peer) {
  if (!peer.allowance) peer.allowance.emplace(limits_.rate, Clock::now());
  return *peer.allowance;
}

void Door::forget_idle() {
  if (peers_.size() < max_remembered) return;
  const auto now = Clock::now();
  if (now - forgot_ < a_while) return;  // a flood of addresses is not to cost a sweep each
  forgot_ = now;
  for (auto at = peers_.begin(); at != peers_.end();) {
    Peer& peer = at->second;
    if (peer.allowance) peer.allowance->now(now);
    const bool idle = peer.connections == 0 && (!peer.allowance || peer.allowance->is_full());
    at = idle ? peers_.erase(at) : std::next(at);
  }
}

}  // namespace trama::serve
