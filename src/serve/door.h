// Who may come in, and how much from one address: the rules of --allow and --deny, the numbers of
// --max-clients and --max-per-peer, the allowance of --rate. Addresses are remembered up to a
// bound, whatever somebody makes up.
#pragma once
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "serve/allowance.h"
#include "serve/events.h"

namespace trama::serve {

struct Rule {
  bool allow = false;
  Cidr block;
};

struct Limits {
  // The first rule whose block has the address decides. Where none has: allowed, but for lists with
  // an --allow, which keep out whoever they do not name.
  std::vector<Rule> rules{};
  u64 clients = 0;   // connections at once; 0: as many as there are descriptors
  u64 per_peer = 0;  // of one address; 0: no limit
  u64 rate = 0;      // bytes a second that one address may send; 0: no limit
};

class Door {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t max_remembered = std::size_t{16} * 1024;

  explicit Door(Limits limits) : limits_(std::move(limits)) {}

  [[nodiscard]] const Limits& limits() const { return limits_; }
  // A peer without an address came by a Unix socket: only the number of all counts for it.

  // For one more connection, where `inside` are there already. Nothing: it came in, and counts
  // until it leaves.
  std::optional<Refusal> enter(const std::optional<Address>& peer, u64 inside);
  void leave(const std::optional<Address>& peer);
  // False: take() lets every datagram in.
  [[nodiscard]] bool checks_datagrams() const {
    return !limits_.rules.empty() || limits_.rate != 0;
  }
  // For one datagram; nothing: it came in.
  std::optional<Refusal> take(const Address& peer, std::size_t bytes);
  // What a connection of this address may send; good until it leaves. nullptr: as much as it likes.
  Allowance* allowance_of(const std::optional<Address>& peer);

 private:
  struct Peer {
    u64 connections = 0;
    std::optional<Allowance> allowance;
  };
  struct Hash {
    std::size_t operator()(const Address& address) const;
  };
  [[nodiscard]] bool allows(const Address& peer) const;
  Allowance& allowance_in(Peer& peer);
  void forget_idle();

  Limits limits_;
  std::unordered_map<Address, Peer, Hash> peers_;
  Clock::time_point forgot_;
  Peer crowd_;  // those that there is no room to remember one by one
};

}  // namespace trama::serve
