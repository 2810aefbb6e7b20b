#include "packet/stats/pairs.h"

#include <algorithm>
#include <cstring>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "wire/registry.h"

namespace trama::stats {
namespace {

Place place_at(const u8* data, u8 size) {
  Place place;
  std::copy(data, data + size, place.bytes.begin());
  place.size = size;
  return place;
}

u16 port_at(const u8* data) { return static_cast<u16>(data[0] << 8 | data[1]); }

void put_stream(PairKind kind, const output::Shown& shown, Pair& pair) {
  const flow::Step* step = shown.step;
  if (step == nullptr || step->icmp || step->segment.tcp != (kind == PairKind::tcp)) return;
  pair.stream = step->stream;
  // An announced end's stream may be that of several conversations.
  if (!step->conversation->by_announced) pair.end = step->from;
}

// As in tshark, headers that cannot be what they claim, or that are cut, count for nobody. `data`:
// the fixed part, all at hand; `left`: bytes at hand from there on.
bool is_sound_ip(const u8* data) { return data[0] >> 4 == 4 && !wire::ip_is_wrong(data); }
bool is_sound_ipv6(const u8* data) { return data[0] >> 4 == 6; }
bool is_sound_tcp(const u8* data, u32 left) {
  const u32 length = (data[12] >> 4) * 4U;
  return length >= wire::tcp.size() && length <= left;
}
bool is_sound_udp(const u8* data, bool v6) {
  return !wire::udp_is_wrong(data) || (v6 && data[4] == 0 && data[5] == 0);  // a jumbogram
}

// The one pair of a packet whose marks tell all.
void marked_pair(PairKind kind, const output::Shown& shown, std::vector<Pair>& pairs) {
  const Packet& packet = shown.packet;
  const auto has = [&](u8 id) { return (packet.has >> id & 1) != 0; };
  const auto at = [&](wire::Place place) {
    return packet.data + packet.at[static_cast<unsigned>(place)];
  };
  if (kind == PairKind::eth) {
    if (!has(wire::id_eth)) return;
    const u8* link = at(wire::Place::link);
    pairs.push_back({place_at(link + 6, 6), place_at(link, 6)});
    return;
  }
  const bool v4 = has(wire::id_ip);
  if (!v4 && !has(wire::id_ipv6)) return;
  if (kind == PairKind::ip && !v4) return;
  if (kind == PairKind::ipv6 && v4) return;
  if (kind == PairKind::tcp && !has(wire::id_tcp)) return;
  if (kind == PairKind::udp && !has(wire::id_udp)) return;
  const u8* network = at(wire::Place::network);
  Pair pair = v4 ? Pair{place_at(network + 12, 4), place_at(network + 16, 4)}
                 : Pair{place_at(network + 8, 16), place_at(network + 24, 16)};
  if (has_ports(kind)) {
    const u8* transport = at(wire::Place::transport);
    if (kind == PairKind::tcp && !is_sound_tcp(transport, flow::transport_reach(packet).at_hand))
      return;
    pair.from.port = port_at(transport);
    pair.to.port = port_at(transport + 2);
    put_stream(kind, shown, pair);
  }
  pairs.push_back(pair);
}

}  // namespace

std::string_view title_of(PairKind kind) {
  constexpr std::string_view names[] = {"Ethernet", "IPv4", "IPv6", "TCP", "UDP"};
  return names[static_cast<unsigned>(kind)];
}

void pairs_of(PairKind kind, const output::Shown& shown, std::vector<Pair>& pairs) {
  pairs.clear();
  if (!shown.packet.deep) return marked_pair(kind, shown, pairs);
  const auto layers = shown.tree.layers();
  const bool completes =
      shown.tree.find(wire::in(wire::ipv6_fraghdr_found, "ipv6.reassembled.length")) != nullptr;
  Pair network;
  const dissect::Layer* transport = nullptr;  // the innermost, whose stream the step knows
  const auto* header = kind == PairKind::tcp ? &wire::tcp : &wire::udp;
  for (const dissect::Layer& layer : layers) {
    if (flow::is_icmp(layer)) break;  // the rest is quoted
    const u8* data = layer.data != nullptr ? layer.data : shown.packet.data + layer.at;
    const auto whole = [&](u32 size) { return layer.length >= size; };
    if (layer.header == &wire::eth && whole(14) && kind == PairKind::eth)
      pairs.push_back({place_at(data + 6, 6), place_at(data, 6)});
    if (layer.header == &wire::ip && whole(20) && is_sound_ip(data)) {
      network = {place_at(data + 12, 4), place_at(data + 16, 4)};
      if (kind == PairKind::ip) pairs.push_back(network);
    }
    if (layer.header == &wire::ipv6 && whole(40) && is_sound_ipv6(data)) {
      network = {place_at(data + 8, 16), place_at(data + 24, 16)};
      if (kind == PairKind::ipv6) pairs.push_back(network);
    }
    // A fragment of IPv6 counts where it completes its datagram.
    if (kind == PairKind::ipv6 && layer.header == &wire::ipv6_fraghdr && whole(8) &&
        !pairs.empty() && (port_at(data + 2) & 0xfff9U) != 0 && !completes) {
      pairs.pop_back();
    }
    if (!has_ports(kind) || layer.header != header || !whole(kind == PairKind::tcp ? 20 : 8))
      continue;
    if (kind == PairKind::tcp ? !is_sound_tcp(data, layer.length)
                              : !is_sound_udp(data, network.from.size == 16))
      continue;
    Pair pair = network;
    pair.from.port = port_at(data);
    pair.to.port = port_at(data + 2);
    pairs.push_back(pair);
    transport = &layer;
  }
  if (transport != nullptr) put_stream(kind, shown, pairs.back());
}

std::string address_text(const Place& place) {
  std::string text;
  if (place.size == 6) {
    u64 address = 0;
    for (unsigned i = 0; i < 6; ++i) address = address << 8 | place.bytes[i];
    dissect::append_ether(text, address);
  } else if (place.size != 0) {
    char room[46];
    const u8* bytes = place.bytes.data();
    char* const end = place.size == 4
                          ? dissect::write_ipv4(room, static_cast<u32>(wire::load8(bytes) >> 32))
                          : dissect::write_ipv6(room, bytes);
    text.assign(room, end);
  }
  return text;
}

std::size_t PlaceHash::operator()(const Place& place) const {
  u64 words[2];
  std::memcpy(words, place.bytes.data(), sizeof words);
  constexpr u64 odd = 0x9e3779b97f4a7c15;
  u64 hash = (words[0] ^ words[1] * odd) + place.port;
  hash = (hash ^ hash >> 32) * odd;
  return hash ^ hash >> 29;
}

}  // namespace trama::stats
