// trama make: a capture file from a scenario, a story of packets in a few lines of text.
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "packet/make/scenario.h"
#include "packet/source/writer.h"
#include "verbs/verb.h"

namespace trama {
namespace {

constexpr std::streamsize longest_scenario = std::streamsize{8} << 20;

constexpr Option options[] = {
    {"",      "w", "FILE",   "",       N_("the capture file to write; - is standard output")},
    {"",      "F", "FORMAT", "pcapng", N_("the format for -w: pcapng, pcap or nsecpcap")    },
    {"words", "",  "",       "",       N_("the words that a scenario's lines may hold")     },
};

constexpr Example examples[] = {
    {"trama make story.txt -w story.pcapng",                                N_("frames as the scenario tells them")},
    {"printf 'c SYN\\ns RST ACK\\n' | trama make - -w - | trama explain -",
     N_("a story straight to its explanation")                                                                     },
};

Result<std::string> text_of(const std::string& path) {
  std::ifstream file{path == "-" ? "/dev/stdin" : path, std::ios::binary};
  if (!file) return fail(Exit::bad_input, say("{}: {}", harmless(path), errno_text(errno)), errno);
  std::string text(static_cast<std::size_t>(longest_scenario), '\0');
  file.read(text.data(), longest_scenario);
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

Result<source::Format> format_of(std::string_view word) {
  if (word == "pcapng") return source::Format::pcapng;
  if (word == "pcap") return source::Format::pcap;
  if (word == "nsecpcap") return source::Format::nsecpcap;
  return fail(Exit::bad_input,
              say("-F takes pcapng, pcap or nsecpcap, not \"{}\"", harmless(word)));
}

Result<Exit> run(const Parsed& given, Io& io) {
  if (given.has("words")) {
    for (const auto& row : make::scenario_words())
      io.out.print("{:<8}{}\n", row.word, translated(row.meaning));
    return Exit::yes;
  }
  if (given.operands.size() != 1)
    return fail(Exit::bad_input, say("name one scenario; - is standard input"));
  const auto path = given.last("w");
  if (!path) return fail(Exit::bad_input, say("-w FILE is missing: where shall the packets go?"));
  const auto format = format_of(given.last("F").value_or("pcapng"));
  if (!format) return fail(format);
  const std::string name{given.operands.front()};
  const auto text = text_of(name);
  if (!text) return fail(text);
  const auto lines = make::read_scenario(*text, name);
  if (!lines) return fail(lines);

  auto writer = source::Writer::open(
      std::string{*path},
      {.format = *format, .application = "trama", .reading = {name}, .whole = *path != "-"});
  if (!writer) return fail(writer);
  const std::deque<source::Interface> interfaces(1);
  make::Player player;
  u64 number = 0;
  for (const make::Line& line : *lines) {
    make::Player::Frame frame = player.play(line);
    Packet packet;
    packet.captured = packet.wire = static_cast<u32>(frame.bytes.size());
    frame.bytes.resize(frame.bytes.size() + padding);
    packet.data = frame.bytes.data();
    packet.number = ++number;
    packet.time = frame.time;
    if (auto written = (*writer)->write(packet, interfaces, {.comment = line.says}); !written)
      return fail(written);
  }
  if (auto described = (*writer)->describe(interfaces); !described) return fail(described);
  if (auto closed = (*writer)->close(); !closed) return fail(closed);
  if (*path == "-") return Exit::yes;
  if (io.json)
    io.out.write(JsonLine{"make.done"}.text("file", *path).number("packets", number).line());
  else
    io.err.print("{}\n", say_n("{} packet written to {}", "{} packets written to {}", number,
                               number, harmless(*path)));
  return Exit::yes;
}

}  // namespace

extern const Verb make_verb;
const Verb make_verb{
    "make",
    N_("makes a capture file from a story told in a few lines"),
    "SCENARIO -w FILE",
    examples,
    options,
    N_("One line a packet: who sends, c or s, and what: c SYN, or s PSH ACK \"hello\". Numbers "
       "that a line does not give are counted as a kernel would."),
    run};

}  // namespace trama
