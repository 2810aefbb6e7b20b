#include "packet/flow/segment.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "wire/registry.h"

namespace trama::flow {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

#define TRAMA_GET(table, word, header) read(in(table##_fields, word), header)

void read_options(Segment& segment, const u8* header, u32 end) {
  const auto number = [&](u32 from) { return static_cast<u32>(load8(header + from) >> 32); };
  const bool syn = segment.has(TcpFlag::syn);
  // Timestamps alone, laid out as nearly everybody does (RFC 7323 appendix A), say nothing here.
  constexpr u32 two_noops_and_timestamps = 0x0101080a;
  if (end == 32 && !syn && number(20) == two_noops_and_timestamps) return;
  each_tcp_option(header, end, [&](TcpOption kind, u32 at, u32 size) {
    if (kind == TcpOption::sack)
      for (u32 block = at + 2; block + 8 <= at + size; block += 8)
        segment.sacked += number(block + 4) - number(block);
    if (!syn) return;
    if (kind == TcpOption::mss && size == 4)
      segment.mss = static_cast<u16>(header[at + 2] << 8 | header[at + 3]);
    if (kind == TcpOption::window_scale && size == 3)
      segment.window_scale = std::min<int>(header[at + 2], 14);  // RFC 7323 section 2.3
    if (kind == TcpOption::sack_permitted) segment.sack_permitted = true;
  });
}

// Word by word, as an Endpoint is compared: a word that is stored in pieces and loaded whole at
// once makes the processor wait.
template <std::size_t size>
void read_endpoint(const u8* address, const u8* port, Endpoint& end) {
  const auto number = static_cast<u16>(port[0] << 8 | port[1]);
  if constexpr (std::endian::native == std::endian::little) {
    u64 words[2] = {};
    std::memcpy(words, address, size);
    end.set_word(0, words[0]);
    end.set_word(1, words[1]);
    end.set_word(2, u64{number} << 16 | (size == 16 ? 1U : 0U));
  } else {
    end = {address_of({address, size}), number};
  }
}

// Ports are at hand.
void read_ends(const Headers& place, Ends& ends) {
  constexpr unsigned ip_src = in(ip_fields, "ip.src").byte();
  constexpr unsigned ip_dst = in(ip_fields, "ip.dst").byte();
  constexpr unsigned ipv6_src = in(ipv6_fields, "ipv6.src").byte();
  constexpr unsigned ipv6_dst = in(ipv6_fields, "ipv6.dst").byte();
  const u8* ports = place.transport;
  ends.tcp = place.tcp;
  if (place.v6) {
    read_endpoint<16>(place.network + ipv6_src, ports, ends.from);
    read_endpoint<16>(place.network + ipv6_dst, ports + 2, ends.to);
  } else {
    read_endpoint<4>(place.network + ip_src, ports, ends.from);
    read_endpoint<4>(place.network + ip_dst, ports + 2, ends.to);
  }
}

// False where these are no headers of a segment. `segment` is a blank one.
bool read_segment(const Headers& place, Segment& segment) {
  if (place.at_hand < 4) return false;
  read_ends(place, segment);
  const u8* header = place.transport;
  u32 header_length = 8;
  if (place.tcp && place.at_hand >= 20) {
    segment.seq = static_cast<u32>(TRAMA_GET(tcp, "tcp.seq_raw", header));
    segment.ack = static_cast<u32>(TRAMA_GET(tcp, "tcp.ack_raw", header));
    segment.flags = static_cast<u16>(TRAMA_GET(tcp, "tcp.flags", header));
    segment.window = static_cast<u16>(TRAMA_GET(tcp, "tcp.window_size_value", header));
    header_length = static_cast<u32>(TRAMA_GET(tcp, "tcp.hdr_len", header));
    segment.whole = header_length <= place.on_wire;
    segment.counts = header_length >= 20;
    header_length = std::max(20U, header_length);
    if (header_length > 20) read_options(segment, header, std::min(header_length, place.at_hand));
  } else if (place.tcp) {
    header_length = place.on_wire;  // a quote of 8 bytes: ports and sequence number
    if (place.at_hand >= 8) segment.seq = static_cast<u32>(TRAMA_GET(tcp, "tcp.seq_raw", header));
  }
  if (!place.tcp && place.at_hand >= 8 && TRAMA_GET(udp, "udp.length", header) < 8)
    return false;  // it says that it is less than its header (RFC 768)
  segment.length = place.on_wire > header_length ? place.on_wire - header_length : 0;
  if (place.at_hand > header_length)
    segment.payload =
        Bytes{header + header_length, std::min(place.at_hand - header_length, segment.length)};
  return true;
}

// Where the marks say that the headers are; false where there is no network and transport header.
bool find_headers(const Packet& packet, Headers& place) {
  constexpr u64 transports = u64{1} << id_tcp | u64{1} << id_udp;
  constexpr u64 networks = u64{1} << id_ip | u64{1} << id_ipv6;
  if ((packet.has & transports) == 0 || (packet.has & networks) == 0) return false;
  place.network = packet.data + packet.at[static_cast<unsigned>(wire::Place::network)];
  place.transport = packet.data + packet.at[static_cast<unsigned>(wire::Place::transport)];
  place.v6 = (packet.has >> id_ipv6 & 1) != 0;
  place.tcp = (packet.has >> id_tcp & 1) != 0;
  return true;
}

// The tree's transport header at index `layer`, and the network header around it.
bool find_headers(const dissect::Tree& tree, std::size_t layer, Headers& place) {
  const auto layers = tree.layers();
  place.tcp = layers[layer].header == &tcp;
  place.transport = layers[layer].data;
  place.at_hand = layers[layer].length;
  place.on_wire = layers[layer].length_on_wire;
  for (std::size_t outer = layer; outer-- > 0;) {
    if (layers[outer].header != &ip && layers[outer].header != &ipv6) continue;
    place.v6 = layers[outer].header == &ipv6;
    place.network = layers[outer].data;
    return true;
  }
  return false;
}

}  // namespace

std::optional<Segment> segment_in(const dissect::Tree& tree, std::size_t layer) {
  Headers place;
  Segment segment;
  if (!find_headers(tree, layer, place) || !read_segment(place, segment)) return {};
  return segment;
}

bool is_transport(const dissect::Layer& layer) {
  return layer.header == &tcp || layer.header == &udp;
}

bool is_icmp(const dissect::Layer& layer) {
  return layer.header == &icmp || layer.header == &icmpv6;
}

std::optional<std::size_t> own_transport(const dissect::Tree& tree) {
  const auto layers = tree.layers();
  if (std::any_of(layers.begin(), layers.end(), is_icmp)) return {};  // the rest is quoted
  for (std::size_t i = layers.size(); i-- > 0;)
    if (is_transport(layers[i]) && !layers[i].cut) return i;
  return {};
}

Reach transport_reach(const Packet& packet) {
  const u32 network_at = packet.at[static_cast<unsigned>(wire::Place::network)];
  const u32 transport_at = packet.at[static_cast<unsigned>(wire::Place::transport)];
  const u8* network = packet.data + network_at;
  const bool v6 = (packet.has >> id_ipv6 & 1) != 0;
  const auto told = v6 ? 40U + static_cast<u32>(TRAMA_GET(ipv6, "ipv6.plen", network))
                       : static_cast<u32>(TRAMA_GET(ip, "ip.len", network));
  const u32 before = transport_at - network_at;
  const u32 length = std::max(packet.wire, packet.captured);
  const u32 wire_left = length > transport_at ? length - transport_at : 0;
  const bool untold = told <= (v6 ? 40U : 0U);  // offload: the frame's length counts
  const u32 on_wire = untold || told - before > wire_left ? wire_left : told - before;
  return {std::min(packet.captured - transport_at, on_wire), on_wire};
}

bool headers_of(const Packet& packet, const dissect::Tree* tree, Headers& place) {
  if (packet.deep) {
    if (tree == nullptr) return false;
    const auto own = own_transport(*tree);
    return own && find_headers(*tree, *own, place);
  }
  if (!find_headers(packet, place)) return false;
  const Reach reach = transport_reach(packet);
  place.at_hand = reach.at_hand;
  place.on_wire = reach.on_wire;
  return true;
}

bool segment_of(const Packet& packet, const dissect::Tree* tree, Segment& segment) {
  Headers place;
  return headers_of(packet, tree, place) && read_segment(place, segment);
}

std::optional<IcmpError> icmp_error_of(const dissect::Tree& tree) {
  const auto layers = tree.layers();
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (!is_icmp(layers[i]) || layers[i].length < 8) continue;
    for (std::size_t inner = i + 1; inner < layers.size(); ++inner) {
      if (!is_transport(layers[inner])) continue;
      const auto quoted = segment_in(tree, inner);
      if (!quoted) return {};
      const u8* message = layers[i].data;
      const u8* network = layers[i - 1].data;
      IcmpError error{layers[i].header == &icmpv6, message[0], message[1], {}, *quoted};
      error.reporter = error.v6 ? address_of({network + 8, 16}) : address_of({network + 12, 4});
      return error;
    }
    return {};
  }
  return {};
}

#undef TRAMA_GET

}  // namespace trama::flow
