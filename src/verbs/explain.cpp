// trama explain: every connection as a story.
#include "packet/output/explain.h"

#include <limits>

#include "packet/output/pipeline.h"
#include "packet/source/source.h"
#include "verbs/packets.h"

namespace trama {
namespace {

constexpr Option options[] = {
    {"live",   "i", "IF",     "", N_("watch an interface instead of reading a file")         },
    {"layers", "",  "",       "", N_("what each header does, and at which of the OSI layers")},
    {"",       "Y", "FILTER", "", N_("only conversations with a packet that matches")        },
    {"",       "c", "COUNT",  "", N_("stop after so many packets")                           },
};

constexpr Example examples[] = {
    {"trama explain lab.pcapng",                     N_("every connection of a file, packet by packet")},
    {"trama explain lab.pcapng 'tcp.port == 65432'", N_("only those of one port")                      },
    {"trama explain --live lo 'udp.port == 65431'",  N_("as it happens, on loopback")                  },
    {"trama explain --layers lab.pcapng",            N_("with what each layer does")                   },
};

Result<Exit> run(const Parsed& given, Io& io) {
  const auto interface = given.last("live");
  if (!interface && given.operands.empty())
    return fail(Exit::bad_input, say("name a capture file, or --live INTERFACE"));
  Reading reading{{}, std::string{given.last("Y").value_or("")}};
  if (interface) {
    for (const auto word : given.operands)
      reading.filter += fmt::format("{}{}", reading.filter.empty() ? "" : " ", word);
  } else {
    auto read = reading_of(given);
    if (!read) return fail(read);
    reading = std::move(*read);
  }
  const auto chosen = filter_for(reading.filter);
  if (!chosen) return fail(chosen);
  auto source = interface ? source::open_live({.interface = std::string{*interface}})
                          : source::open_files(reading.files);
  if (!source) return fail(source);

  if (interface && !io.json) {
    io.err.print("{}\n", say("capturing on {}; Ctrl-C ends", *interface));
    io.err.flush();
  }
  output::Explanation explanation{
      {.terminal = io.terminal,
       .json = io.json,
       .live = interface.has_value(),
       .layers = given.has("layers")}
  };
  output::Work work;
  if (given.has("c")) {
    const auto most = given.number("c", 1, std::numeric_limits<long long>::max());
    if (!most) return fail(most);
    work.most = static_cast<u64>(*most);
  }
  if (interface) work.stop = &interrupted();
  work.everything = true;  // a conversation is told whole; the filter chooses which
  work.keep = chosen->keep();
  work.verdicts = true;
  work.messages = output::Messages::rows;  // the diagnosis reads them
  work.show = [&](const output::Shown& shown) { explanation.add(shown, io.out); };
  work.idle = [&] { io.out.flush(); };
  output::run(**source, work);
  const u64 told = explanation.end(io.out);
  io.out.flush();
  if ((*source)->trouble()) return tl::make_unexpected(*(*source)->trouble());
  if (interface && interrupted()) return Exit::interrupted;
  if (told == 0) {
    if (!io.json) io.err.print("{}\n", say("no TCP or UDP conversation here matches."));
    return Exit::no;
  }
  return Exit::yes;
}

}  // namespace

extern const Verb explain_verb;
const Verb explain_verb{"explain",
                        N_("tells every connection packet by packet, with the states of both ends"),
                        "FILE | --live IF [FILTER]",
                        examples,
                        options,
                        "",
                        run};

}  // namespace trama
