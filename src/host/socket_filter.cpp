#include "host/socket_filter.h"

#include <algorithm>

#include "host/socket_states.h"
#include "host/socket_words.h"

namespace trama::host {
namespace {

bool is_wildcard(const Endpoint& end) { return end.port == 0 && end.address.is_any(); }

// The ends of the socket that a word looks at, the peer only where there is one.
template <class Fits>
bool any_end(const Word& word, const Socket& socket, Fits&& fits) {
  const bool local = word.from != From::peer;
  const bool peer = word.from != From::local && !is_wildcard(socket.peer);
  return (local && fits(socket.local)) || (peer && fits(socket.peer));
}

bool in_ranges(const SocketFilter::Node& node, bool present, u64 value) {
  return present || std::any_of(node.ranges.begin(), node.ranges.end(),
                                [&](const auto& r) { return value >= r.low && value <= r.high; });
}

bool fits_text(const SocketFilter::Node& node, bool present, std::string_view value) {
  return present || std::any_of(node.texts.begin(), node.texts.end(), [&](const auto& text) {
           return node.part ? value.find(text) != value.npos : value == text;
         });
}

bool fits_host(const SocketFilter::Node& node, bool present, const Endpoint& end) {
  if (node.word->v6 && *node.word->v6 != end.address.v6) return false;
  return present || std::any_of(node.hosts.begin(), node.hosts.end(), [&](const auto& host) {
           return (!host.block || host.block->contains(end.address)) &&
                  (!host.port || *host.port == end.port);
         });
}

// One of the field's values fits (`present`: there is one).
bool any_fits(const SocketFilter::Node& node, bool present, const Socket& s,
              std::span<const Process> owners) {
  const Word& word = *node.word;
  if (word.transport && *word.transport != s.transport) return false;
  const auto any_owner = [&](auto&& fits) {
    return std::any_of(owners.begin(), owners.end(), fits);
  };
  switch (word.from) {
    case From::socket:
      if (word.takes == Takes::state) return in_ranges(node, present, state_bit(s));
      return !word.v6 || *word.v6 == s.local.address.v6;
    case From::local:
    case From::peer:
    case From::both:
      if (word.takes != Takes::port)
        return any_end(word, s, [&](const Endpoint& end) { return fits_host(node, present, end); });
      return any_end(word, s,
                     [&](const Endpoint& end) { return in_ranges(node, present, end.port); });
    case From::pid:
      return any_owner(
          [&](const Process& p) { return in_ranges(node, present, static_cast<u64>(p.pid)); });
    case From::fd:
      return any_owner(
          [&](const Process& p) { return in_ranges(node, present, static_cast<u64>(p.fd)); });
    case From::program:
      return any_owner([&](const Process& p) { return fits_text(node, present, p.program); });
    case From::user:
      return s.inode != 0 && fits_text(node, present, name_of_user(s.uid));
    case From::uid:
      return s.inode != 0 && in_ranges(node, present, s.uid);
    case From::inode:
      return s.inode != 0 && in_ranges(node, present, s.inode);
    case From::receive:
      return in_ranges(node, present, s.receive_queue);
    case From::send:
      return in_ranges(node, present, s.send_queue);
  }
  return false;
}

}  // namespace

bool SocketFilter::holds(std::size_t at, const Socket& socket,
                         std::span<const Process> owners) const {
  const Node& node = nodes_[at];
  switch (node.kind) {
    case Node::Kind::both:
      return holds(node.left, socket, owners) && holds(node.right, socket, owners);
    case Node::Kind::either:
      return holds(node.left, socket, owners) || holds(node.right, socket, owners);
    case Node::Kind::no:
      return !holds(node.left, socket, owners);
    case Node::Kind::test:
      break;
  }
  if (!node.unequal) return any_fits(node, node.present, socket, owners);
  return any_fits(node, true, socket, owners) && !any_fits(node, false, socket, owners);
}

bool SocketFilter::matches(const Socket& socket, std::span<const Process> owners) const {
  return nodes_.empty() || holds(root_, socket, owners);
}

// Only what stands on the chain of `and`s can be left to the kernel.
void SocketFilter::ask_kernel(std::size_t at) {
  const Node& node = nodes_[at];
  if (node.kind == Node::Kind::both) {
    ask_kernel(node.left);
    ask_kernel(node.right);
  }
  if (node.kind != Node::Kind::test) return;
  if (node.word->transport) query_.transport = node.word->transport;
  const bool one = node.ranges.size() == 1 && node.ranges[0].low == node.ranges[0].high;
  if (node.word->takes == Takes::port && one && !node.unequal)
    query_.port = static_cast<u16>(node.ranges[0].low);
}

}  // namespace trama::host
