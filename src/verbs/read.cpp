// trama read: shows the packets of a capture file.
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
  std::string path{given.last("r").value_or("")};
  if (path.empty() && !given.operands.empty()) path = given.operands.front();
  const bool superfluous = given.operands.size() > (given.has("r") ? 0U : 1U);
  if (path.empty()) return fail(Exit::bad_input, say("name a capture file; - is standard input"));
  if (superfluous)
    return fail(Exit::bad_input, say("one file at a time; a display filter goes behind -Y"));
  auto source = source::open_file(path);
  if (!source) return fail(source);
  return show_packets(**source, given, given.last("Y").value_or(""), io, nullptr, path);
}

}  // namespace

extern const Verb read_verb;
const Verb read_verb{"read",
                     N_("shows the packets of a capture file"),
                     "FILE [OPTIONS]",
                     examples,
                     options,
                     N_("pcap and pcapng files, also gzip or zstd compressed."),
                     run};

}  // namespace trama
