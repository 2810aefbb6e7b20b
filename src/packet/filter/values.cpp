#include "packet/filter/values.h"

#include <algorithm>
#include <cstring>

#include "base/say.h"
#include "packet/filter/times.h"

namespace trama::filter {
namespace {

using wire::Show;

// Where tshark's width of a field is not its bits rounded up to 8, 16, 24 or 32 (a field that a
// walk finds: 32). `tshark -G fields` is the source.
struct Width {
  std::string_view word;
  u8 bits;
};
constexpr Width widths[] = {
    {"dtls.record.sequence_number",   64},
    {"gre.checksum",                  16},
    {"gre.flags.recursion_control",   16},
    {"gre.flags.reserved",            16},
    {"gre.flags.version",             16},
    {"icmp.seq_le",                   16},
    {"icmpv6.echo.identifier",        16},
    {"icmpv6.echo.sequence_number",   16},
    {"ipv6.fraghdr.reserved_bits",    16},
    {"ipv6.tclass",                   32},
    {"ipv6.tclass.dscp",              32},
    {"ipv6.tclass.ecn",               32},
    {"llc.control",                   16},
    {"llc.oui",                       24},
    {"llc.pid",                       16},
    {"llc.type",                      16},
    {"mpls.bottom",                   32},
    {"mpls.exp",                      32},
    {"mpls.label",                    32},
    {"mpls.ttl",                      32},
    {"ppp.address",                   8 },
    {"ppp.control",                   8 },
    {"ppp.protocol",                  16},
    {"sll.halen",                     16},
    {"sll.pkttype",                   16},
    {"tcp.option_kind",               8 },
    {"tcp.option_len",                8 },
    {"tcp.options.mss_val",           16},
    {"tcp.options.sack.count",        8 },
    {"tcp.options.wscale.multiplier", 16},
    {"tcp.options.wscale.shift",      8 },
    {"radiotap.mactime",              64},
    {"vlan.priority",                 16},
};

u8 width_of(const wire::Field& field) {
  for (const Width& row : widths)
    if (row.word == field.word) return row.bits;
  if (field.bits == 0) return 32;
  if (field.bits > 32) return 64;
  return static_cast<u8>((field.bits + 7) / 8 * 8);
}

int sign_of(auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace

Type type_of(const wire::Field& field) {
  switch (field.show) {
    case Show::dec:
    case Show::hex2:
    case Show::hex4:
    case Show::hex6:
    case Show::hex8:
      return {Sort::unsigned_number, width_of(field)};
    case Show::signed_dec:
      return {Sort::signed_number, 32};
    case Show::flag:
      return {Sort::boolean};
    case Show::ether:
      return {Sort::ether};
    case Show::ipv4:
      return {Sort::ipv4};
    case Show::ipv6:
      return {Sort::ipv6};
    case Show::bytes:
      return {Sort::bytes};
    case Show::text:
      return {Sort::text};
    case Show::seconds:
    case Show::decimal:
      return {Sort::seconds};
    case Show::moment:
    case Show::moment_utc:
      return {Sort::moment};
    case Show::mark:
      return {Sort::mark};
    case Show::layer:
      return {Sort::protocol};
  }
  return {};
}

std::string name_of(Type type) {
  switch (type.sort) {
    case Sort::unsigned_number:
    case Sort::signed_number:
      return say("a number");
    case Sort::boolean:
      return say("true or false");
    case Sort::ether:
      return say("a hardware address");
    case Sort::ipv4:
      return say("an IPv4 address");
    case Sort::ipv6:
      return say("an IPv6 address");
    case Sort::bytes:
      return say("bytes");
    case Sort::protocol:
      return say("a protocol");
    case Sort::text:
      return say("a text");
    case Sort::seconds:
      return say("a duration");
    case Sort::moment:
      return say("a date");
    case Sort::mark:
      break;
  }
  return say("a mark without value");
}

bool Type::is_calculable(char sign) const {
  if (is_number()) return true;
  if (sign == '&')
    return sort == Sort::bytes || sort == Sort::ether || sort == Sort::ipv4 || sort == Sort::ipv6;
  return sort == Sort::seconds && (sign == '+' || sign == '-');
}

bool compatible(Type a, Type b) {
  if (a.is_number() && b.is_number()) return (a.bits > 32) == (b.bits > 32);
  const auto is_bytes = [](Sort sort) { return sort == Sort::bytes || sort == Sort::ether; };
  return a.sort == b.sort || (is_bytes(a.sort) && is_bytes(b.sort));
}

Wide wide_of(const u8* sixteen) {
  return Wide{wire::load8(sixteen)} << 64 | wire::load8(sixteen + 8);
}

int compare(Sort sort, const Value& a, const Value& b) {
  switch (sort) {
    case Sort::unsigned_number:
      if (a.number >= 0 && b.number < 0) return incomparable;
      return sign_of(a.number, b.number);
    case Sort::ipv4: {
      const u32 mask = mask4(std::min(a.prefix, b.prefix));
      return sign_of(static_cast<u32>(a.number) & mask, static_cast<u32>(b.number) & mask);
    }
    case Sort::ipv6: {
      if (a.size != 16 || b.size != 16) return sign_of(a.size, b.size);
      const Wide mask = mask6(std::min(a.prefix, b.prefix));
      return sign_of(wide_of(a.data) & mask, wide_of(b.data) & mask);
    }
    case Sort::bytes:
    case Sort::protocol:
    case Sort::text: {
      if (sort != Sort::text && a.length() != b.length()) return sign_of(a.length(), b.length());
      const u32 size = std::min(a.length(), b.length());
      const int order = size == 0 ? 0 : std::memcmp(a.data, b.data, size);
      return order != 0 ? sign_of(order, 0) : sign_of(a.length(), b.length());
    }
    case Sort::seconds:
    case Sort::moment:
      return compare_times(sort, a.number, b.number);
    default:
      return sign_of(a.number, b.number);
  }
}

}  // namespace trama::filter
