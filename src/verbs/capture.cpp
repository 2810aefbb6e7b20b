// trama capture: the packets of an interface, live.
#include "base/json.h"
#include "packet/source/live.h"
#include "verbs/packets.h"

namespace trama {
namespace {

constexpr Option options[] = {
    {"interface", "i", "IF",    "",
     N_("the interface; any takes all (default: the first that is up)")                                            },
    {"",          "f", "BPF",   "",       N_("capture only what this BPF filter lets through (tcpdump's language)")},
    {"",          "s", "BYTES", "262144", N_("keep so many bytes of each packet")                                  },
    {"",          "p", "",      "",       N_("not promiscuous: only what is for this machine")                     },
    {"",          "D", "",      "",       N_("list the interfaces")                                                },
    TRAMA_PACKET_OPTIONS,
};

constexpr Example examples[] = {
    {"trama capture -i lo 'tcp.port == 65432'", N_("one port on loopback, with a display filter")},
    {"trama capture -i any -f 'udp port 53'",   N_("filtered in the kernel, with BPF")           },
    {"trama capture -i lo -w lo.pcapng -q",     N_("into a file")                                },
    {"trama capture -i lo -c 10 -V",            N_("ten packets, header by header")              },
};

Result<Exit> list(Io& io) {
  const auto interfaces = source::list_devices();
  if (!interfaces) return fail(interfaces);
  for (const source::Device& device : *interfaces) {
    if (io.json) {
      JsonLine line{"interface"};
      line.text("name", device.name)
          .text("description", device.description)
          .boolean("up", device.up);
      io.out.write(line.line());
    } else {
      io.out.print("{}{}{}\n", device.name, device.description.empty() ? "" : "  ",
                   harmless(device.description));
    }
  }
  return interfaces->empty() ? Exit::no : Exit::yes;
}

Result<Exit> run(const Parsed& given, Io& io) {
  if (given.has("D")) return list(io);
  if (given.count("interface") > 1)
    return fail(Exit::bad_input, say("one interface at a time; -i any takes all"));
  source::LiveOptions live;
  live.interface = given.last("interface").value_or("");
  live.filter = given.last("f").value_or("");
  live.promiscuous = !given.has("p");
  const auto snap = given.number("s", 0, 262144);
  if (!snap) return fail(snap);
  if (*snap != 0) live.snap_length = static_cast<u32>(*snap);
  if (live.interface.empty()) {
    const auto interfaces = source::list_devices();
    if (!interfaces) return fail(interfaces);
    for (const source::Device& device : *interfaces)
      if (live.interface.empty() && device.up) live.interface = device.name;
    if (live.interface.empty()) return fail(Exit::no, say("no interface is up; -i names one"));
  }
  std::string filter{given.last("Y").value_or("")};
  for (const auto word : given.operands)
    filter += fmt::format("{}{}", filter.empty() ? "" : " ", word);
  auto show = PacketShow::prepare(given, filter, io);
  if (!show) return fail(show);
  auto packets = source::open_live(live);
  if (!packets) return fail(packets);
  if (!io.json) io.err.print("{}\n", say("capturing on {}; Ctrl-C ends", live.interface));
  io.err.flush();
  auto ended = show->run(**packets, io, &interrupted());
  if (!ended) return ended;
  const source::Counters counters = (*packets)->counters();
  const output::Counts& counts = show->counts();
  if (io.json) {
    JsonLine line{"capture.end"};
    line.number("captured", counts.read).number("kept", counts.kept);
    line.number("dropped_by_kernel", counters.dropped_by_kernel);
    line.number("dropped_by_interface", counters.dropped_by_interface);
    io.out.write(line.line());
  } else {
    io.err.print("{}\n", say_n("{} packet captured, {} dropped by the kernel",
                               "{} packets captured, {} dropped by the kernel", counts.read,
                               counts.read, counters.dropped_by_kernel));
  }
  return interrupted() ? Exit::interrupted : *ended;
}

}  // namespace

extern const Verb capture_verb;
const Verb capture_verb{"capture",
                        N_("shows the packets of an interface, live"),
                        "[-i IF] [FILTER] [OPTIONS]",
                        examples,
                        options,
                        N_("A display filter may stand as it is or behind -Y; BPF goes behind -f."),
                        run};

}  // namespace trama
