#include "packet/output/ladder.h"

#include <algorithm>

#include "base/say.h"

namespace trama::output {
namespace {

constexpr unsigned left = 15;           // where the client's state starts
constexpr unsigned state_columns = 14;  // "ESTABLISHED ● "
constexpr unsigned wide_field = 44;
constexpr unsigned narrow_field = 24;

std::string repeated(std::string_view piece, unsigned count) {
  std::string text;
  for (unsigned i = 0; i < count; ++i) text += piece;
  return text;
}

// The longest start of the text that fits so many columns.
std::string fitted(std::string_view text, unsigned columns) {
  std::string out;
  unsigned used = 0;
  while (!text.empty()) {
    const unsigned length = std::max(1U, utf8_length(text));
    const unsigned more = width(text.substr(0, length));
    if (used + more > columns) break;
    out += text.substr(0, length);
    used += more;
    text.remove_prefix(length);
  }
  return out;
}

Colour colour_of(const story::Rung& rung) {
  using namespace flow;  // NOLINT: the notes' names
  if (rung.lost || rung.label.find("RST") != std::string::npos || rung.label.starts_with("ICMP"))
    return Colour::red;
  if ((rung.notes & (retransmission | out_of_order | gap_before | duplicate_ack | zero_window)) !=
      0)
    return Colour::yellow;
  if (rung.label.starts_with("SYN") || rung.label.starts_with("FIN")) return Colour::green;
  return rung.length > 0 ? Colour::cyan : Colour::plain;
}

}  // namespace

Ladder::Ladder(const Terminal& terminal)
    : terminal_(terminal),
      field_(terminal.is_tty && terminal.columns < 90 ? narrow_field : wide_field) {}

std::string Ladder::legend() const {
  const auto known = terminal_.utf8 ? "●" : "*";
  const auto deduced = terminal_.utf8 ? "○" : "?";
  return terminal_.paint(Colour::dim,
                         say("{} read from the kernel   {} deduced from packets", known, deduced)) +
         "\n";
}

std::string Ladder::dressed(const story::State& state) const {
  std::string text = state.name;
  if (state.origin == story::Origin::kernel) text += terminal_.utf8 ? " ●" : " *";
  if (state.origin == story::Origin::deduced) text += terminal_.utf8 ? " ○" : " ?";
  return text;
}

std::string Ladder::states(const story::State& client, const story::State& server) const {
  const auto bar = terminal_.utf8 ? "│" : "|";
  return fmt::format("{}{}{}{}{} {}\n", std::string(left, ' '),
                     terminal_.paint(Colour::bold, padded(dressed(client), state_columns)), bar,
                     std::string(field_, ' '), bar, terminal_.paint(Colour::bold, dressed(server)));
}

std::string Ladder::head(const Endpoint& client, const Endpoint& server,
                         const story::State& client_state, const story::State& server_state) const {
  const std::string names = fmt::format(
      "{:>3}{}  {}{}", "#", padded_left(terminal_.utf8 ? "Δt ms" : "dt ms", 10),
      padded(fmt::format("{} :{}", say("CLIENT"), client.port), state_columns + field_ + 3),
      fmt::format("{} :{}", say("SERVER"), server.port));
  return terminal_.paint(Colour::dim, names) + "\n" + states(client_state, server_state);
}

std::string Ladder::arrow(const story::Rung& rung) const {
  const std::string_view line = terminal_.utf8 ? "─" : "-";
  std::string label = fitted(rung.label, field_ - 6);
  if (label.size() < rung.label.size() && rung.label[label.size()] != ' ')
    label.resize(std::min(label.size(), label.rfind(' ')));  // never half a number
  while (label.ends_with(' ')) label.pop_back();
  const unsigned rest = field_ - 6 - width(label);  // 2 line, 2 spaces, 2 head
  if (rung.lost) {                                  // stops half way
    const unsigned shaft = rest / 2;
    const std::string stop = fmt::format(" {}", terminal_.utf8 ? "✗" : "x");
    const std::string empty(rest - shaft, ' ');
    return rung.by_client ? fmt::format("{} {} {}{}{}", repeated(line, 2), label,
                                        repeated(line, shaft), stop, empty)
                          : fmt::format("{}{} {} {} {}", empty, terminal_.utf8 ? "✗" : "x",
                                        repeated(line, shaft), label, repeated(line, 2));
  }
  if (rung.by_client)
    return fmt::format("{} {} {}{}", repeated(line, 2), label, repeated(line, rest + 1),
                       terminal_.utf8 ? "→" : ">");
  return fmt::format("{}{} {} {}", terminal_.utf8 ? "←" : "<", repeated(line, 2), label,
                     repeated(line, rest + 1));
}

std::string Ladder::rung(const story::Rung& rung) const {
  const auto bar = terminal_.utf8 ? "│" : "|";
  const double ms = static_cast<double>(rung.since_previous) / 1e6;
  const std::string delta =
      ms < 1 && ms > 0 ? fmt::format("{:.3f}", ms) : fmt::format("{:.1f}", ms);
  std::string text = fmt::format(
      "{:>3}{:>10}  {}{}{}{} {}\n", rung.number, delta, padded(dressed(rung.client), state_columns),
      bar, terminal_.paint(colour_of(rung), arrow(rung)), bar, dressed(rung.server));
  if (!rung.sentence.empty()) text += note(rung.sentence);
  return text;
}

std::string Ladder::note(const std::string& text) const {
  const std::string start = std::string(left, ' ') + (terminal_.utf8 ? "╰ " : "`- ");
  const std::string indent(width(start), ' ');
  const unsigned most = terminal_.is_tty ? std::max(40U, terminal_.columns) - left - 3 : 200;
  std::string out;
  std::string line;
  std::string_view rest = text;
  while (!rest.empty()) {  // whole words a line
    const auto space = rest.find(' ');
    const auto word = rest.substr(0, space);
    if (!line.empty() && width(line) + 1 + width(word) > most) {
      out += (out.empty() ? start : indent) + line + '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
  }
  return out + (out.empty() ? start : indent) + line + '\n';
}

}  // namespace trama::output
