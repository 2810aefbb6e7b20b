// trama read: shows the packets of a capture file.
#include "base/json.h"
#include "packet/stats/objects.h"
#include "verbs/packets.h"

namespace trama {
namespace {

constexpr Option options[] = {
    {"",               "r", "FILE",     "", N_("a file; or just name it; several are merged by time")},
    {"export-objects", "",  "http,DIR", "",
     N_("write every file that HTTP carried into a directory")                                       },
    TRAMA_PACKET_OPTIONS,
};

constexpr Example examples[] = {
    {"trama read lab.pcapng",                                    N_("the packets, one a line")        },
    {"trama read lab.pcapng -Y 'tcp.port == 65432'",             N_("only those of one port")         },
    {"trama read -V -c 1 lab.pcapng",                            N_("the first one, header by header")},
    {"trama read lab.pcapng -T fields -e ip.src -e tcp.dstport",
     N_("chosen fields, for other programs")                                                          },
    {"trama read client.pcap server.pcap 'tcp'",                 N_("two files as one, by time")      },
    {"trama read lab.pcapng -q --export-objects http,objects",   N_("the files that HTTP carried")    },
    {"gzip -dc old.pcap.gz | trama read -",
     N_("from standard input (gzip and zstd files are read as they are)")                             },
};

// What --export-objects is given: "http,DIR", or "http" and the directory as the last word.
std::string objects_wanted(Parsed& given) {
  std::string wanted{given.last("export-objects").value_or("")};
  const std::size_t files = given.has("r") ? 0 : 1;
  if (wanted != "http" || given.operands.size() <= files) return wanted;
  wanted.append(",").append(given.operands.back());
  given.operands.pop_back();
  return wanted;
}

Result<Exit> run(const Parsed& typed, Io& io) {
  Parsed given = typed;
  const std::string wanted = objects_wanted(given);
  std::vector<std::string> files;
  for (const auto file : given.all("r")) files.emplace_back(file);
  auto reading = reading_of(given, std::move(files));
  if (!reading) return fail(reading);
  if (reading->files.empty() && given.last("z") != "help")
    return fail(Exit::bad_input, say("name a capture file; - is standard input"));
  auto show = PacketShow::prepare(given, reading->filter, io, reading->files);
  if (!show) return fail(show);
  const stats::Objects* objects = nullptr;
  if (given.has("export-objects")) {
    auto opened = stats::Objects::open(wanted);
    if (!opened) return fail(opened);
    objects = opened->get();
    show->add(std::move(*opened));
  }
  auto open_and_show = [&]() -> Result<Exit> {
    if (reading->files.size() == 1) return show->read(reading->files.front(), io);
    auto source = source::open_files(reading->files);
    if (!source) return fail(source);
    return show->run(**source, io, nullptr);
  };
  auto ended = open_and_show();
  if (given.has("q") && !given.has("z") && objects == nullptr && ended) {
    const output::Counts& counts = show->counts();
    if (io.json)
      io.out.write(
          JsonLine{"packet.count"}.number("read", counts.read).number("kept", counts.kept).line());
    else
      io.err.print("{}\n", say_n("{} packet", "{} packets", counts.kept, counts.kept));
  }
  if (objects != nullptr) {
    if (!io.json)
      io.err.print("{}\n",
                   say_n("{} file written to {}", "{} files written to {}", objects->written(),
                         objects->written(), harmless(objects->directory())));
    if (!objects->outcome()) return fail(objects->outcome());
  }
  return ended;
}

}  // namespace

extern const Verb read_verb;
const Verb read_verb{
    "read",
    N_("shows the packets of a capture file"),
    "FILE... [FILTER] [OPTIONS]",
    examples,
    options,
    N_("pcap and pcapng files, also gzip or zstd compressed. Several files are merged by time: "
       "the words up to the first that names no file are files, the rest is the filter."),
    run};

}  // namespace trama
