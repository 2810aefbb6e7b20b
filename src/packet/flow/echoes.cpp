#include "packet/flow/echoes.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

#include "wire/registry.h"

namespace trama::flow {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

struct Message {
  const u8* network = nullptr;
  const u8* message = nullptr;  // 8 bytes at least
  bool v6 = false;              // ICMPv6
  bool network_v6 = false;
};

// The first ICMP message of the packet: one inside it is quoted.
std::optional<Message> message_in(const dissect::Tree& tree) {
  const auto layers = tree.layers();
  const dissect::Layer* network = nullptr;
  for (const dissect::Layer& layer : layers) {
    if (layer.header == &ip || layer.header == &ipv6) network = &layer;
    if (layer.header != &icmp && layer.header != &icmpv6) continue;
    const u32 needed = network != nullptr && network->header == &ipv6 ? 40 : 20;
    if (network == nullptr || network->length < needed || layer.length < 8) return {};
    return Message{network->data, layer.data, layer.header == &icmpv6, network->header == &ipv6};
  }
  return {};
}

std::optional<Message> message_of(const Packet& packet, const dissect::Tree* tree) {
  if (packet.deep) return tree == nullptr ? std::nullopt : message_in(*tree);
  constexpr u64 messages = u64{1} << id_icmp | u64{1} << id_icmpv6;
  constexpr u64 networks = u64{1} << id_ip | u64{1} << id_ipv6;
  if ((packet.has & messages) == 0 || (packet.has & networks) == 0) return {};
  const u32 at = packet.at[static_cast<unsigned>(Place::transport)];
  if (packet.captured < at + 8) return {};
  return Message{packet.data + packet.at[static_cast<unsigned>(Place::network)], packet.data + at,
                 (packet.has >> id_icmpv6 & 1) != 0, (packet.has >> id_ipv6 & 1) != 0};
}

u16 number(const u8* at) { return static_cast<u16>(at[0] << 8 | at[1]); }

// What the checksum of the question was: only the type differs (RFC 1624).
u16 asked_checksum(u16 answered, unsigned type_difference) {
  u32 sum = static_cast<u16>(~answered) + type_difference;
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u16>(~sum);
}

}  // namespace

std::size_t Echoes::Hash::operator()(const Key& key) const {
  const std::string_view addresses{reinterpret_cast<const char*>(key.addresses.data()),
                                   key.addresses.size()};
  const u64 rest = u64{key.ident} << 32 | u64{key.sequence} << 16 | key.checksum;
  return std::hash<std::string_view>{}(addresses) ^ rest * 0x9e37'79b9'7f4a'7c15;
}

std::optional<EchoAnswer> Echoes::follow(const Packet& packet, const dissect::Tree* tree) {
  const auto found = message_of(packet, tree);
  if (!found) return {};
  const u8 type = found->message[0];
  const bool asks = type == (found->v6 ? 128 : 8);
  if (!asks && type != (found->v6 ? 129 : 0)) return {};
  Key key;
  key.v6 = found->v6;
  const std::size_t size = found->network_v6 ? 16 : 4;
  const u8* from = found->network + (found->network_v6 ? 8 : 12);
  const u8* to = from + size;
  if (std::memcmp(from, to, size) > 0) std::swap(from, to);
  std::copy_n(from, size, key.addresses.begin());
  std::copy_n(to, size, key.addresses.begin() + 16);
  key.ident = number(found->message + 4);
  key.sequence = number(found->message + 6);
  const u16 checksum = number(found->message + 2);
  if (asks) {
    key.checksum = checksum;
    open_[key] = {packet.number, packet.time};
    order_.push_back(key);
    if (order_.size() > most) {
      open_.erase(order_.front());
      order_.pop_front();
    }
    return {};
  }
  // Types 8 and 0 differ by 8 in the upper byte, 128 and 129 by one the other way round.
  key.checksum = asked_checksum(checksum, found->v6 ? 0xfeff : 0x0800);
  const auto question = open_.find(key);
  if (question == open_.end()) return {};
  const EchoAnswer answer{question->second.packet, packet.time - question->second.time, found->v6};
  open_.erase(question);
  return answer;
}

void annotate(dissect::Tree& tree, const EchoAnswer& answer) {
  const auto layers = tree.layers();
  const Header& header = answer.v6 ? icmpv6 : icmp;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].header != &header) continue;
    const auto layer = static_cast<u16>(i);
    // The value counts billionths of a millisecond.
    const auto took = static_cast<u64>(answer.took * 1000);
    tree.add(answer.v6 ? in(icmpv6_found, "icmpv6.resp_to") : in(icmp_found, "icmp.resp_to"), layer,
             answer.request);
    tree.add(answer.v6 ? in(icmpv6_found, "icmpv6.resptime") : in(icmp_found, "icmp.resptime"),
             layer, took);
    return;
  }
}

}  // namespace trama::flow
