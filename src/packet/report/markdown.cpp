#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/output/ladder.h"
#include "packet/report/answers.h"
#include "packet/report/page.h"

namespace trama::report {
namespace {

// Text that Markdown leaves as it is.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : harmless(text)) {
    if (std::string_view{"\\`*_[]<>|"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void append_table(std::string& out, const std::vector<std::vector<std::string>>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += '|';
    for (const auto& cell : rows[i]) out += fmt::format(" {} |", plain(cell));
    out += '\n';
    if (i > 0) continue;
    out += '|';
    for (std::size_t k = 0; k < rows[0].size(); ++k) out += " --- |";
    out += '\n';
  }
  if (!rows.empty()) out += '\n';
}

}  // namespace

std::string markdown_of(const Facts& facts, const About& about) {
  std::string out = fmt::format("# {}\n\n", plain(say("Report of {}", about.source)));
  const auto all = facts.conversations();
  out += overview_of(facts) + "\n\n";
  out += fmt::format("## {}\n\n", say("Questions, answered by these packets"));
  for (const Answer& answer : answers_of(facts)) {
    out += fmt::format("### {}\n\n", plain(answer.question));
    for (const auto& paragraph : answer.paragraphs) out += plain(paragraph) + "\n\n";
    append_table(out, answer.table);
  }
  out += fmt::format("## {}\n\n", say("Packet by packet, with the states of both ends"));
  Terminal terminal;
  terminal.utf8 = true;
  const output::Ladder ladder{terminal};
  for (std::size_t i = 0; i < std::min(all.size(), most_ladders); ++i) {
    const auto& story = *all[i]->story;
    out += fmt::format("### {} {} → {}\n\n{}\n\n```\n", story.tcp ? "TCP" : "UDP",
                       facts.name(story.client), facts.name(story.server),
                       plain(story::summary(story)));
    for (const auto& finding : all[i]->findings)
      out.insert(out.size() - 4, plain(finding.says) + " " + plain(finding.advice) + "\n\n");
    out += ladder.head(story.client, story.server, story.first_client, story.first_server);
    for (const auto& rung : story.first) out += ladder.rung(rung);
    if (story.skipped > 0)
      out += ladder.note(
          say_n("... {} packet more ...", "... {} packets more ...", story.skipped, story.skipped));
    for (const auto& rung : story.last) out += ladder.rung(rung);
    out += "```\n\n";
  }
  return out +
         say("Made by trama, {}. ● read from the kernel, ○ deduced from packets.", about.made_at) +
         "\n";
}

}  // namespace trama::report
