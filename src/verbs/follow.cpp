// trama follow: what both programs of one conversation said, as it comes.
#include "packet/output/pipeline.h"
#include "packet/source/source.h"
#include "packet/stats/follower.h"
#include "verbs/packets.h"
#include "verbs/streams.h"

namespace trama {
namespace {

constexpr Example examples[] = {
    {"trama follow lab.pcapng 0",                   N_("what was said in TCP conversation 0")    },
    {"trama follow lab.pcapng udp:3 hex",           N_("a UDP exchange, byte by byte")           },
    {"trama follow lab.pcapng 'tcp.port == 65432'",
     N_("the first conversation with such a packet")                                             },
    {"trama follow lab.pcapng 7 yaml | less",       N_("for other programs, as tshark writes it")},
};

// Of the first packet that passes the filter and belongs to a conversation.
Result<std::optional<stats::Chosen>> stream_of_filter(const std::string& file,
                                                      std::string_view text) {
  const auto filter = filter_for(text);
  if (!filter) return fail(filter);
  if (file == "-")
    return fail(Exit::bad_input,
                say("a filter needs a file that can be read twice; name a stream's number"));
  auto source = source::open_file(file);
  if (!source) return fail(source);
  std::optional<stats::Chosen> chosen;
  std::atomic<bool> done{false};
  output::Work work;
  work.keep = filter->keep();
  if (filter->stage() == wire::Stage::parse) work.messages = output::Messages::rows;
  work.stop = &done;
  work.show = [&](const output::Shown& shown) {
    if (chosen || shown.step == nullptr || shown.step->icmp) return;
    chosen.emplace();
    chosen->tcp = shown.step->conversation->tcp;
    chosen->stream = shown.step->stream;
    done = true;
  };
  output::run(**source, work);
  return chosen;
}

// What no terminal may be told to do: a carriage return writes over what stands there.
std::string shown_text(const std::string& text, unsigned node, const Terminal& terminal) {
  if (!terminal.is_tty) return text;
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r')
      clean += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n')
      clean += '.';
  return terminal.paint(node == 0 ? Colour::red : Colour::blue, clean);
}

Result<Exit> run(const Parsed& given, Io& io) {
  auto words = given.operands;
  if (words.size() < 2)
    return fail(Exit::bad_input, say("name a capture file and a conversation, such as "
                                     "trama follow FILE 0; trama read FILE -q -z conv,tcp lists "
                                     "them"));
  const std::string file{words[0]};
  auto form = stats::Form::ascii;
  if (const auto named = stats::form_named(words.back()); words.size() > 2 && named) {
    form = *named;
    words.pop_back();
  }
  if (words.size() > 2 && stream_named(words[1]))
    return fail(
        Exit::bad_input,
        say("\"{}\" is no form; there are ascii, hex, raw, yaml and ebcdic", harmless(words[2])));
  std::optional<stats::Chosen> chosen;
  if (const auto named = stream_named(words[1]); words.size() == 2 && named) {
    chosen.emplace();
    chosen->tcp = named->tcp;
    chosen->stream = named->number;
  } else {
    std::string filter;
    for (std::size_t i = 1; i < words.size(); ++i)
      filter += fmt::format("{}{}", filter.empty() ? "" : " ", words[i]);
    auto found = stream_of_filter(file, filter);
    if (!found) return fail(found);
    if (!*found) {
      if (!io.json) io.err.print("{}\n", say("no TCP or UDP conversation here matches."));
      return Exit::no;
    }
    chosen = *found;
  }
  auto source = source::open_file(file);
  if (!source) return fail(source);
  bool begun = false;
  std::string text;
  const stats::Follower* reader = nullptr;
  const auto begin = [&] {
    if (!begun && !io.json) io.out.write(head_of(*reader, form));
    begun = true;
  };
  stats::Follower follower{*chosen, [&](const stats::Said& said) {
                             if (io.json) return io.out.write(line_of(said, reader->stream()));
                             begin();
                             text.clear();
                             append_said(text, form, said);
                             io.out.write(shown_text(text, said.node, io.terminal));
                           }};
  reader = &follower;
  std::atomic<bool> lost{false};
  output::Work work;
  work.stop = &lost;
  work.show = [&](const output::Shown& shown) { follower.add(shown); };
  work.idle = [&] {
    if (!io.out.is_open()) lost = true;
  };
  output::run(**source, work);
  if (follower.found()) {
    begin();
    if (!io.json) io.out.write(stats::foot_of(form));
  }
  if ((*source)->trouble()) return tl::make_unexpected(*(*source)->trouble());
  if (follower.found()) return Exit::yes;
  if (!io.json)
    io.err.print("{}\n", no_such_stream({chosen->tcp, chosen->stream}, follower.streams()));
  return Exit::no;
}

}  // namespace

extern const Verb follow_verb;
const Verb follow_verb{
    "follow",
    N_("shows what both programs of one conversation said"),
    "FILE STREAM|FILTER [ascii|hex|raw|yaml]",
    examples,
    {},
    N_("STREAM is the number that tcp.stream has, or udp:NUMBER; with a filter, the conversation "
       "of "
       "the first packet that matches. Who spoke first stands at the left, the answers behind a "
       "tab."),
    run};

}  // namespace trama
