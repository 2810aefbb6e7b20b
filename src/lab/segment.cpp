#include "lab/segment.h"

#include <net/ethernet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace trama::lab {
namespace {

// The header at the front, copied out (frames are not aligned); nothing where it is cut short.
template <class T>
std::optional<T> front(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return {};
  T header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

struct Inner {
  u8 protocol = 0;
  Address source, destination;
  Bytes bytes;     // behind the IP header; a quoted packet may end early
  u32 length = 0;  // what the IP header says about them
};

std::optional<Inner> inner_v4(Bytes packet) {
  const auto ip = front<iphdr>(packet);
  const std::size_t header = ip ? ip->ihl * 4U : 0;
  if (!ip || ip->version != 4 || header < sizeof(iphdr) || packet.size() < header) return {};
  if ((ntohs(ip->frag_off) & IP_OFFMASK) != 0) return {};
  const std::size_t total = ntohs(ip->tot_len);
  if (total < header) return {};
  const auto length = static_cast<u32>(total - header);
  const Bytes rest = packet.subspan(header, std::min<std::size_t>(length, packet.size() - header));
  return Inner{ip->protocol, address_of(packet.subspan(12, 4)), address_of(packet.subspan(16, 4)),
               rest, length};
}

std::optional<Inner> inner_v6(Bytes packet) {  // the lab's hosts send no extension headers
  const auto ip = front<ip6_hdr>(packet);
  if (!ip || packet[0] >> 4 != 6) return {};
  const u32 length = ntohs(ip->ip6_plen);
  const Bytes rest = packet.subspan(sizeof(ip6_hdr),
                                    std::min<std::size_t>(length, packet.size() - sizeof(ip6_hdr)));
  return Inner{ip->ip6_nxt, address_of(packet.subspan(8, 16)), address_of(packet.subspan(24, 16)),
               rest, length};
}

std::optional<Segment> transport_of(const Inner& inner);

// RFC 792 and RFC 4443: an error quotes the packet that it is about, behind 8 bytes.
std::optional<Segment> quoted_in(const Inner& error, bool is_error) {
  if (!is_error || error.bytes.size() < 9) return {};
  const Bytes quote = error.bytes.subspan(8);
  const auto inner = error.source.v6 ? inner_v6(quote) : inner_v4(quote);
  if (!inner || inner->protocol == IPPROTO_ICMP || inner->protocol == IPPROTO_ICMPV6) return {};
  auto segment = transport_of(*inner);
  if (!segment) return {};
  std::swap(segment->source, segment->destination);
  segment->quoted = true;
  return segment;
}

std::optional<Segment> transport_of(const Inner& inner) {
  Segment segment;
  segment.source.address = inner.source;
  segment.destination.address = inner.destination;
  switch (inner.protocol) {
    case IPPROTO_TCP: {
      const auto ports = front<std::array<u8, 4>>(inner.bytes);  // all that ICMP may quote
      if (!ports) return {};
      segment.source.port = static_cast<u16>((*ports)[0] << 8 | (*ports)[1]);
      segment.destination.port = static_cast<u16>((*ports)[2] << 8 | (*ports)[3]);
      if (const auto tcp = front<tcphdr>(inner.bytes)) {
        segment.syn = tcp->syn != 0;
        segment.ack = tcp->ack != 0;
        segment.fin = tcp->fin != 0;
        segment.rst = tcp->rst != 0;
        segment.psh = tcp->psh != 0;
        const u32 header = tcp->doff * 4U;
        segment.payload = inner.length > header ? inner.length - header : 0;
      }
      return segment;
    }
    case IPPROTO_UDP: {
      const auto udp = front<udphdr>(inner.bytes);
      if (!udp) return {};
      segment.transport = host::Transport::udp;
      segment.source.port = ntohs(udp->source);
      segment.destination.port = ntohs(udp->dest);
      segment.payload = inner.length - static_cast<u32>(sizeof(udphdr));
      return segment;
    }
    case IPPROTO_ICMP: {
      const auto icmp = front<icmphdr>(inner.bytes);
      return quoted_in(
          inner, icmp && (icmp->type == ICMP_DEST_UNREACH || icmp->type == ICMP_TIME_EXCEEDED));
    }
    case IPPROTO_ICMPV6: {
      const auto icmp = front<icmp6_hdr>(inner.bytes);
      return quoted_in(inner, icmp && icmp->icmp6_type < ICMP6_INFOMSG_MASK);
    }
    default:
      return {};
  }
}

}  // namespace

std::optional<Segment> segment_of(Bytes frame) {
  const auto ethernet = front<ether_header>(frame);
  if (!ethernet) return {};
  const Bytes packet = frame.subspan(sizeof(ether_header));
  const u16 type = ntohs(ethernet->ether_type);
  const auto inner = type == ETHERTYPE_IP     ? inner_v4(packet)
                     : type == ETHERTYPE_IPV6 ? inner_v6(packet)
                                              : std::nullopt;
  return inner ? transport_of(*inner) : std::nullopt;
}

}  // namespace trama::lab
