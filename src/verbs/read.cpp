// trama read: shows the packets of a capture file.
#include "base/json.h"
#include "verbs/packets.h"

namespace trama {
namespace {

constexpr Option options[] = {
    {"", "r", "FILE", "", N_("the file; or just name it")},
    TRAMA_PACKET_OPTIONS,
};

constexpr Example examples[] = {
    {"trama read lab.pcapng",                                    N_("the packets, one a line")        },
    {"trama read lab.pcapng -Y 'tcp.port == 65432'",             N_("only those of one port")         },
    {"trama read -V -c 1 lab.pcapng",                            N_("the first one, header by header")},
    {"trama read lab.pcapng -T fields -e ip.src -e tcp.dstport",
     N_("chosen fields, for other programs")                                                          },
    {"gzip -dc old.pcap.gz | trama read -",
     N_("from standard input (gzip and zstd files are read as they are)")                             },
};

Result<Exit> run(const Parsed& given, Io& io) {
  auto operands = given.operands;
  std::string path{given.last("r").value_or("")};
  if (path.empty() && !operands.empty()) {
    path = operands.front();
    operands.erase(operands.begin());
  }
  if (path.empty()) return fail(Exit::bad_input, say("name a capture file; - is standard input"));
  std::string filter{given.last("Y").value_or("")};
  for (const auto word : operands) filter += fmt::format("{}{}", filter.empty() ? "" : " ", word);
  auto show = PacketShow::prepare(given, filter, io, path);
  if (!show) return fail(show);
  auto ended = show->read(path, io);
  if (given.has("q") && !given.has("z") && ended) {
    const output::Counts& counts = show->counts();
    if (io.json)
      io.out.write(
          JsonLine{"packet.count"}.number("read", counts.read).number("kept", counts.kept).line());
    else
      io.err.print("{}\n", say_n("{} packet", "{} packets", counts.kept, counts.kept));
  }
  return ended;
}

}  // namespace

extern const Verb read_verb;
const Verb read_verb{"read",
                     N_("shows the packets of a capture file"),
                     "FILE [FILTER] [OPTIONS]",
                     examples,
                     options,
                     N_("pcap and pcapng files, also gzip or zstd compressed."),
                     run};

}  // namespace trama
