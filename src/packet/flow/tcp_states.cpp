#include "packet/flow/tcp_states.h"

#include <fmt/core.h>

namespace trama::flow {

std::string_view name_of(Event event) {
  constexpr std::string_view names[event_count] = {
      N_("sends SYN"),        N_("sends SYN ACK"),           N_("receives SYN"),
      N_("receives SYN ACK"), N_("its SYN is acknowledged"), N_("sends FIN"),
      N_("receives FIN"),     N_("its FIN is acknowledged"), N_("sends RST"),
      N_("receives RST")};
  return names[static_cast<u8>(event)];
}

namespace {

std::string_view name_or_start(TcpState state) {
  return state == TcpState::none ? std::string_view{"(start)"} : wire::name_of(state);
}

}  // namespace

std::string tcp_states_document() {
  std::string text =
      "# TCP states\n\n"
      "Generated from the rows of `src/packet/flow/tcp_states.h` (RFC 9293 section 3.3.2): a test "
      "keeps the\n"
      "two equal. One row moves one end; `(start)` is an end of which nothing is known yet.\n\n"
      "| state | what happens | next state | meaning |\n| --- | --- | --- | --- |\n";
  for (const Rule& rule : rules)
    text += fmt::format("| {} | {} | {} | {} |\n", name_or_start(rule.state), name_of(rule.sees),
                        name_or_start(rule.next), rule.says);
  text += "\n```mermaid\nstateDiagram-v2\n";
  for (const Rule& rule : rules) {
    if (rule.sees == Event::sends_rst || rule.sees == Event::receives_rst)
      continue;  // all lead to CLOSED
    text += fmt::format(
        "  {} --> {}: {}\n",
        rule.state == TcpState::none ? std::string_view{"[*]"} : wire::name_of(rule.state),
        wire::name_of(rule.next), name_of(rule.sees));
  }
  return text + "```\n";
}

}  // namespace trama::flow
