// Trivial File Transfer Protocol (RFC 1350, options RFC 2347). The request goes to port 69; the
// answer comes from a port of its own, and all that follows goes between those two.
#include <fmt/format.h>

#include <iterator>

#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name opcode_names[] = {
    {1, "Read Request"          },
    {2, "Write Request"         },
    {3, "Data Packet"           },
    {4, "Acknowledgement"       },
    {5, "Error Code"            },
    {6, "Option Acknowledgement"},
};

constexpr auto fields = std::to_array<Field>({
    named(opcode_names, {"tftp.opcode",           0, Show::dec,  N_("what the packet does") }
     ),
    {"tftp.source_file",      0, Show::text, N_("file that is read")    },
    {"tftp.destination_file", 0, Show::text, N_("file that is written") },
    {"tftp.type",             0, Show::text, N_("how it is transferred")},
    {"tftp.block",            0, Show::dec,  N_("number of the block")  },
    {"tftp.error.code",       0, Show::dec,  N_("what went wrong")      },
    {"tftp.error.message",    0, Show::text, N_("the same in words")    },
});

// A string that ends with a zero; how many bytes it takes, the zero included.
u32 put_string(Message& message, const Field& field, u32 at) {
  const auto rest = message.text(at, message.captured - at);
  const auto size = static_cast<u32>(std::min(rest.find('\0'), rest.size()));
  message.put_text(field, at, size);
  return std::min<u32>(size + 1, message.captured - at);
}

bool read_tftp(Message& message) {
  if (!message.whole(0, 4)) return false;
  const u64 opcode = message.number(0, 2);
  if (opcode < 1 || opcode > 6) return false;
  message.enter(tftp.header);
  message.protocol("TFTP");
  message.put(in(fields, "tftp.opcode"), 0, 2, opcode);
  auto& info = message.info();
  info = opcode_names[opcode - 1].text;
  const u64 block = message.number(2, 2);
  switch (opcode) {
    case 1:
    case 2: {
      const auto& file =
          opcode == 1 ? in(fields, "tftp.source_file") : in(fields, "tftp.destination_file");
      const u32 name = put_string(message, file, 2);
      fmt::format_to(std::back_inserter(info), ", File: {}", message.text(2, name - 1));
      if (!message.whole(2 + name, 1)) break;
      const u32 type = put_string(message, in(fields, "tftp.type"), 2 + name);
      fmt::format_to(std::back_inserter(info), ", Transfer type: {}",
                     message.text(2 + name, type - 1));
      if (message.around.step != nullptr) message.expect(message.around.step->segment.from, tftp);
      break;
    }
    case 3:
    case 4:
      message.put(in(fields, "tftp.block"), 2, 2, block);
      fmt::format_to(std::back_inserter(info), ", Block: {}", block);
      break;
    case 5:
      message.put(in(fields, "tftp.error.code"), 2, 2, block);
      put_string(message, in(fields, "tftp.error.message"), 4);
      break;
    default:
      break;
  }
  return true;
}

constexpr u16 ports[] = {69};

}  // namespace

const Parser tftp{
    .header = {.word = "tftp",
               .name = "Trivial File Transfer Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .udp_ports = ports,
    .read = read_tftp
};

}  // namespace trama::parse
