// Telnet (RFC 854): what is typed and shown, and the commands between it.
#include <algorithm>

#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name command_names[] = {
    {236, "End of File"      },
    {237, "Suspend"          },
    {238, "Abort"            },
    {239, "End of Record"    },
    {240, "Suboption End"    },
    {241, "No Operation"     },
    {242, "Data Mark"        },
    {243, "Break"            },
    {244, "Interrupt Process"},
    {245, "Abort Output"     },
    {246, "Are You There?"   },
    {247, "Erase Character"  },
    {248, "Erase Line"       },
    {249, "Go Ahead"         },
    {250, "Suboption"        },
    {251, "Will"             },
    {252, "Won't"            },
    {253, "Do"               },
    {254, "Don't"            },
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    named(command_names, {"telnet.cmd", 0, Show::dec, N_("command")}),
    {"telnet.subcmd", 0, Show::dec, N_("option that it is about")},
    {"telnet.data", 0, Show::text, N_("what is typed or shown")},
});
// clang-format on

constexpr u8 escape = 255;
constexpr u8 suboption_end = 240;
constexpr u8 suboption = 250;

// The byte after an escape, and what belongs to it; where the next byte stands.
u32 read_command(Message& message, u32 at) {
  const u8 command = message.data[at + 1];
  message.put(in(fields, "telnet.cmd"), at + 1, 1, command);
  if (command < suboption) return at + 2;
  if (!message.whole(at + 2, 1)) return at + 2;
  message.put(in(fields, "telnet.subcmd"), at + 2, 1, message.data[at + 2]);
  at += 3;
  if (command != suboption) return at;
  const u8* end = message.data + message.captured;
  constexpr u8 close[] = {escape, suboption_end};
  return static_cast<u32>(std::search(message.data + at, end, std::begin(close), std::end(close)) -
                          message.data);
}

void read_text(Message& message, u32 from, u32 to) {
  while (from < to) {  // a row for each line
    const auto text = message.text(from, to - from);
    const auto feed = text.find('\n');
    const auto size = static_cast<u32>(feed == text.npos ? text.size() : feed + 1);
    message.put_ascii(in(fields, "telnet.data"), from, size);
    from += size;
  }
}

bool read_telnet(Message& message) {
  if (!message.around.tcp) return false;
  message.enter(telnet.header);
  message.protocol("TELNET");
  message.info() = "Telnet Data ...";
  if (!message.rows()) return true;
  for (u32 at = 0; at < message.captured;) {
    const u8* start = message.data + at;
    const u32 left = message.captured - at;
    const u8* found = std::find(start, start + left, escape);
    const auto plain = static_cast<u32>(found - start);
    read_text(message, at, at + plain);
    at += plain;
    if (plain == left) break;
    if (plain + 1 == left) break;
    if (found[1] == escape)  // the byte itself
      at += 2;
    else
      at = read_command(message, at);
  }
  return true;
}

constexpr u16 ports[] = {23};

}  // namespace

const Parser telnet{
    .header = {.word = "telnet", .name = "Telnet", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .read = read_telnet
};

}  // namespace trama::parse
