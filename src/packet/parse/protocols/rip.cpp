// Routing Information Protocol, versions 1 and 2 (RFC 1058, RFC 2453): which networks are how far.
#include <algorithm>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name command_names[] = {
    {1,  "Request"               },
    {2,  "Response"              },
    {3,  "Traceon"               },
    {4,  "Traceoff"              },
    {5,  "Vendor specific (Sun)" },
    {9,  "Update Request"        },
    {10, "Update Response"       },
    {11, "Update Acknowledgement"}
};
constexpr Name version_names[] = {
    {1, "RIPv1"},
    {2, "RIPv2"}
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    named(command_names, {"rip.command", 0, Show::dec, N_("kind of message")}),
    named(version_names, {"rip.version", 0, Show::dec, N_("version of the protocol")}),
    {"rip.routing_domain", 0, Show::dec, N_("which of several groups of routers")},
    {"rip.family", 0, Show::dec, N_("which kind of addresses")},
    {"rip.route_tag", 0, Show::dec, N_("mark that routers pass on")},
    {"rip.ip", 0, Show::ipv4, N_("network that is reached")},
    {"rip.netmask", 0, Show::ipv4, N_("bits of the network's address")},
    {"rip.next_hop", 0, Show::ipv4, N_("router to which packets go")},
    {"rip.metric", 0, Show::dec, N_("how far it is; 16: not reached")},
    {"rip.auth.type", 0, Show::dec, N_("how the message is proved")},
    {"rip.auth.passwd", 0, Show::text, N_("password, as it was sent")},
});
// clang-format on

void read_entry(Message& message, Reader& reader, u64 version) {
  const u32 end = reader.at() + 20;
  const u64 family = message.whole(reader.at(), 2) ? message.number(reader.at(), 2) : 0;
  reader.number(in(fields, "rip.family"), 2);
  if (family == 0xffff) {
    if (reader.number(in(fields, "rip.auth.type"), 2) == 2)
      reader.ascii(in(fields, "rip.auth.passwd"), 16);
  } else {
    if (version == 2 && family == 2)
      reader.number(in(fields, "rip.route_tag"), 2);
    else
      reader.skip(2);
    if (family == 2) reader.number(in(fields, "rip.ip"), 4);
    if (family == 2 && version == 2) {
      reader.number(in(fields, "rip.netmask"), 4);
      reader.number(in(fields, "rip.next_hop"), 4);
    } else {
      reader.skip(family == 2 ? 8 : 12);
    }
    reader.number(in(fields, "rip.metric"), 4);
  }
  if (reader.good() && reader.at() < end) reader.skip(end - reader.at());
}

bool read_rip(Message& message) {
  if (message.around.tcp) return false;
  message.enter(rip.header);
  Reader reader{message, 0, message.captured};
  const u64 command = reader.number(in(fields, "rip.command"), 1);
  const u64 version = reader.number(in(fields, "rip.version"), 1);
  message.protocol(version == 1 ? "RIPv1" : version == 2 ? "RIPv2" : "RIP");
  const auto* name = std::find_if(std::begin(command_names), std::end(command_names),
                                  [&](const Name& one) { return one.value == command; });
  message.info() = name == std::end(command_names)
                       ? "Unknown command (" + std::to_string(command) + ")"
                       : std::string{name->text};
  if (version == 2)
    reader.number(in(fields, "rip.routing_domain"), 2);
  else
    reader.skip(2);
  while (reader.left() >= 20) read_entry(message, reader, version);
  if (!reader.good()) message.malformed();
  return true;
}

constexpr u16 ports[] = {520};

}  // namespace

const Parser rip{
    .header = {.word = "rip",
               .name = "Routing Information Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .udp_ports = ports,
    .read = read_rip
};

}  // namespace trama::parse
