// Border Gateway Protocol 4 (RFC 4271): which networks are reached by which way. The attributes of
// a way that RFC 4271 knows are read; others are named by their number.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name type_names[] = {
    {1, "OPEN Message"         },
    {2, "UPDATE Message"       },
    {3, "NOTIFICATION Message" },
    {4, "KEEPALIVE Message"    },
    {5, "ROUTE-REFRESH Message"},
    {6, "CAPABILITY Message"   },
};
constexpr Name origin_names[] = {
    {0, "IGP"       },
    {1, "EGP"       },
    {2, "INCOMPLETE"}
};
constexpr Name attribute_names[] = {
    {1,  "ORIGIN"          },
    {2,  "AS_PATH"         },
    {3,  "NEXT_HOP"        },
    {4,  "MULTI_EXIT_DISC" },
    {5,  "LOCAL_PREF"      },
    {6,  "ATOMIC_AGGREGATE"},
    {7,  "AGGREGATOR"      },
    {8,  "COMMUNITIES"     },
    {14, "MP_REACH_NLRI"   },
    {15, "MP_UNREACH_NLRI" }
};
constexpr Name error_names[] = {
    {1, "Message Header Error"      },
    {2, "OPEN Message Error"        },
    {3, "UPDATE Message Error"      },
    {4, "Hold Timer Expired"        },
    {5, "Finite State Machine Error"},
    {6, "Cease"                     }
};

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"bgp.marker", 0, Show::bytes, N_("where a message starts: all ones")},
    {"bgp.length", 0, Show::dec, N_("bytes of the message")},
    named(type_names, {"bgp.type", 0, Show::dec, N_("kind of message")}),
    {"bgp.open.version", 0, Show::dec, N_("version of the protocol")},
    {"bgp.open.myas", 0, Show::dec, N_("autonomous system of the sender")},
    {"bgp.open.holdtime", 0, Show::dec, N_("seconds of silence that end the session")},
    {"bgp.open.identifier", 0, Show::ipv4, N_("address that names the sender")},
    {"bgp.open.opt.len", 0, Show::dec, N_("bytes of the options")},
    {"bgp.open.opt.param.type", 0, Show::dec, N_("kind of option")},
    {"bgp.open.opt.param.len", 0, Show::dec, N_("bytes of the option")},
    {"bgp.cap.type", 0, Show::dec, N_("what the sender can do")},
    {"bgp.cap.length", 0, Show::dec, N_("bytes that say more of it")},
    {"bgp.update.withdrawn_routes.length", 0, Show::dec, N_("bytes of the networks that are gone")},
    {"bgp.update.path_attributes.length", 0, Show::dec, N_("bytes of what is said of the way")},
    {"bgp.update.path_attribute.flags", 0, Show::hex2, N_("how the attribute is passed on")},
    named(attribute_names, {"bgp.update.path_attribute.type_code", 0, Show::dec, N_("kind of attribute")}),
    {"bgp.update.path_attribute.length", 0, Show::dec, N_("bytes of the attribute")},
    named(origin_names, {"bgp.update.path_attribute.origin", 0, Show::dec, N_("where the way was learnt")}),
    {"bgp.update.path_attribute.next_hop", 0, Show::ipv4, N_("router to which packets go")},
    {"bgp.update.path_attribute.multi_exit_disc", 0, Show::dec, N_("which of several entrances is liked")},
    {"bgp.update.path_attribute.local_pref", 0, Show::dec, N_("how much the way is liked")},
    {"bgp.prefix_length", 0, Show::dec, N_("bits of the network's address")},
    {"bgp.withdrawn_prefix", 0, Show::ipv4, N_("network that is gone")},
    {"bgp.nlri_prefix", 0, Show::ipv4, N_("network that is reached")},
    named(error_names, {"bgp.notify.major_error", 0, Show::dec, N_("what went wrong")}),
    {"bgp.route_refresh.afi", 0, Show::dec, N_("which kind of addresses")},
    {"bgp.route_refresh.subtype", 0, Show::dec, N_("kind of message")},
    {"bgp.route_refresh.safi", 0, Show::dec, N_("which use of them")},
});
// clang-format on

constexpr u32 header_size = 19;
constexpr u32 largest = 65535;

void read_open(Reader& reader) {
  reader.number(in(fields, "bgp.open.version"), 1);
  reader.number(in(fields, "bgp.open.myas"), 2);
  reader.number(in(fields, "bgp.open.holdtime"), 2);
  reader.number(in(fields, "bgp.open.identifier"), 4);
  reader.number(in(fields, "bgp.open.opt.len"), 1);
  while (reader.more()) {
    const u64 type = reader.number(in(fields, "bgp.open.opt.param.type"), 1);
    const u64 size = reader.number(in(fields, "bgp.open.opt.param.len"), 1);
    if (!reader.good() || size > reader.left()) return reader.fail();
    const u32 end = reader.at() + static_cast<u32>(size);
    while (type == 2 && reader.good() && reader.at() < end) {
      reader.number(in(fields, "bgp.cap.type"), 1);
      reader.skip(reader.number(in(fields, "bgp.cap.length"), 1));
    }
    if (reader.good() && reader.at() < end) reader.skip(end - reader.at());
  }
}

// Networks up to `end`: the bits of an address, and as many of its bytes as they fill.
void read_prefixes(Message& message, Reader& reader, u32 end, const Field& field) {
  while (reader.good() && reader.at() < end) {
    const u64 bits = reader.number(in(fields, "bgp.prefix_length"), 1);
    const auto size = static_cast<u32>((bits + 7) / 8);
    if (bits > 32 || !reader.skip(size)) return reader.fail();
    const u64 value = message.number(reader.at() - size, size) << 8 * (4 - size);
    message.put(field, reader.at() - size, size, value);
  }
}

void read_attribute(Reader& reader) {
  const u64 flags = reader.number(in(fields, "bgp.update.path_attribute.flags"), 1);
  const u64 type = reader.number(in(fields, "bgp.update.path_attribute.type_code"), 1);
  const u64 size =
      reader.number(in(fields, "bgp.update.path_attribute.length"), (flags & 0x10) != 0 ? 2 : 1);
  if (type == 1 && size == 1)
    reader.number(in(fields, "bgp.update.path_attribute.origin"), 1);
  else if (type == 3 && size == 4)
    reader.number(in(fields, "bgp.update.path_attribute.next_hop"), 4);
  else if (type == 4 && size == 4)
    reader.number(in(fields, "bgp.update.path_attribute.multi_exit_disc"), 4);
  else if (type == 5 && size == 4)
    reader.number(in(fields, "bgp.update.path_attribute.local_pref"), 4);
  else
    reader.skip(size);
}

void read_update(Message& message, Reader& reader) {
  const u64 gone = reader.number(in(fields, "bgp.update.withdrawn_routes.length"), 2);
  if (gone > reader.left()) return reader.fail();
  read_prefixes(message, reader, reader.at() + static_cast<u32>(gone),
                in(fields, "bgp.withdrawn_prefix"));
  const u64 attributes = reader.number(in(fields, "bgp.update.path_attributes.length"), 2);
  if (attributes > reader.left()) return reader.fail();
  const u32 end = reader.at() + static_cast<u32>(attributes);
  while (reader.good() && reader.at() < end) read_attribute(reader);
  read_prefixes(message, reader, reader.end(), in(fields, "bgp.nlri_prefix"));
}

void read_one(Message& message, u32 at, u32 end) {
  message.enter(bgp.header, at, end - at);
  Reader reader{message, at, end};
  reader.bytes(in(fields, "bgp.marker"), 16);
  reader.number(in(fields, "bgp.length"), 2);
  const u64 type = reader.number(in(fields, "bgp.type"), 1);
  std::string& info = message.info();
  if (!info.empty()) info += ", ";
  if (type >= 1 && type <= std::size(type_names))
    info += type_names[type - 1].text;
  else
    fmt::format_to(std::back_inserter(info), "Unknown message type (0x{:02x})", type);
  if (type == 1) read_open(reader);
  if (type == 2) read_update(message, reader);
  if (type == 3) reader.number(in(fields, "bgp.notify.major_error"), 1);
  if (type == 5) {
    reader.number(in(fields, "bgp.route_refresh.afi"), 2);
    reader.number(in(fields, "bgp.route_refresh.subtype"), 1);
    reader.number(in(fields, "bgp.route_refresh.safi"), 1);
  }
  if (!reader.good()) message.malformed();
  message.leave();
}

bool read_bgp(Message& message) {
  if (!message.around.tcp) return false;
  const auto marked = [&](u32 at) {
    const u32 here = std::min(message.captured - at, 16U);
    return std::all_of(message.data + at, message.data + at + here,
                       [](u8 byte) { return byte == 0xff; });
  };
  message.clear_info();
  message.protocol("BGP");
  if (!marked(0)) {
    message.enter(bgp.header);
    message.info() = "Continuation";
    return true;
  }
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    if (left < header_size) {
      if (message.waits()) message.need(at, 0);
      return true;
    }
    const auto told = static_cast<u32>(message.number(at + 16, 2));
    if (!marked(at) || told < header_size || told > largest) return true;
    if (told > left && message.waits()) {
      message.need(at, told - left);
      return true;
    }
    const u32 end = at + std::min(told, left);
    read_one(message, at, end);
    at = end;
  }
  return true;
}

constexpr u16 ports[] = {179};

}  // namespace

const Parser bgp{
    .header = {.word = "bgp",
               .name = "Border Gateway Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = ports,
    .read = read_bgp
};

}  // namespace trama::parse
