#include "packet/flow/traces.h"

#include <algorithm>

#include "wire/protocols/ip.h"
#include "wire/protocols/ipv6.h"
#include "wire/protocols/tcp.h"

namespace trama::flow {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

// The one's complement sum of the pseudo header (RFC 9293 section 3.1), as a network stack leaves
// it in the checksum field for a card that adds the rest.
u16 pseudo_sum(const Headers& headers) {
  u32 sum = 6 + headers.on_wire;
  const u8* addresses = headers.network + (headers.v6 ? in(ipv6_fields, "ipv6.src").byte()
                                                      : in(ip_fields, "ip.src").byte());
  for (unsigned i = 0; i < (headers.v6 ? 32U : 8U); i += 2)
    sum += static_cast<u32>(addresses[i] << 8 | addresses[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<u16>(sum);
}

void read_options(Traces& traces, const u8* header, u32 end) {
  const auto number = [&](u32 at) { return static_cast<u32>(load8(header + at) >> 32); };
  each_tcp_option(header, end, [&](TcpOption kind, u32 at, u32 size) {
    if (kind == TcpOption::timestamps && size == 10) {
      traces.stamped = true;
      traces.clock = number(at + 2);
      traces.echo = number(at + 6);
    }
    if (kind == TcpOption::sack)
      for (u32 block = at + 2; block + 8 <= at + size && traces.sack_count < traces.sacks.size();
           block += 8)
        traces.sacks[traces.sack_count++] = {number(block), number(block + 4)};
  });
}

}  // namespace

Traces traces_of(const Packet& packet, const dissect::Tree* tree) {
  Traces traces;
  Headers headers;
  if (!headers_of(packet, tree, headers) || headers.at_hand < 20) return traces;
  const u8* header = headers.transport;
  if (!headers.v6) traces.id = static_cast<u16>(read(in(ip_fields, "ip.id"), headers.network));
  const auto checksum = static_cast<u32>(read(in(tcp_fields, "tcp.checksum"), header));
  const auto flags = static_cast<u32>(read(in(tcp_fields, "tcp.flags"), header));
  const auto window = static_cast<u32>(read(in(tcp_fields, "tcp.window_size_value"), header));
  traces.print = (checksum << 16 | window) ^ flags * 0x9e3779b1U;
  traces.partial_checksum = checksum != 0 && checksum == pseudo_sum(headers);
  const auto length = static_cast<u32>(read(in(tcp_fields, "tcp.hdr_len"), header));
  if (length > 20) read_options(traces, header, std::min(length, headers.at_hand));
  return traces;
}

}  // namespace trama::flow
