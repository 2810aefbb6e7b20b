#include <algorithm>

#include "base/say.h"
#include "lab/tell.h"

namespace trama::lab {
namespace {

constexpr unsigned state_columns = 15;  // "ESTABLISHED ●" and two spaces
constexpr unsigned arrow_columns = 34;

std::string_view host_text(Host host) {
  return host == Host::client ? translated("client") : translated("server");
}

}  // namespace

std::string label_of(const Frame& frame, const std::optional<Segment>& segment) {
  if (!segment) return fmt::format("len={}", frame.bytes.size());
  const bool tcp = segment->transport == host::Transport::tcp;
  if (segment->quoted)
    return fmt::format("ICMP ({} {})", tcp ? "TCP" : "UDP", segment->source.port);
  if (!tcp) return fmt::format("UDP len={}", segment->payload);
  std::string label;
  const std::pair<bool, std::string_view> flags[] = {
      {segment->syn, "SYN "},
      {segment->fin, "FIN "},
      {segment->rst, "RST "},
      {segment->psh, "PSH "},
      {segment->ack, "ACK "}
  };
  for (const auto& [is_set, name] : flags)
    if (is_set) label += name;
  if (segment->payload != 0) return label + fmt::format("len={}", segment->payload);
  if (!label.empty()) label.pop_back();
  return label;
}

std::string TellText::milliseconds(i64 time_ns) {
  if (first_ns_ == 0) first_ns_ = time_ns;
  return fmt::format("{:.1f}", static_cast<double>(time_ns - first_ns_) / 1e6);
}

std::string TellText::end_text(const EndState& end) const {
  if (end.kind == EndState::Kind::unknown) return {};
  return fmt::format("{} {}", name_of(end), terminal_.utf8 ? "●" : "*");
}

std::string TellText::arrow_text(Host from, Fate fate, std::string_view label) const {
  const std::string_view dash = terminal_.utf8 ? "─" : "-";
  const bool arrives = fate == Fate::delivered || fate == Fate::waiting;
  const auto dashes = [&](unsigned count) {
    std::string text;
    for (unsigned i = 0; i < count; ++i) text += dash;
    return text;
  };
  const unsigned rest = arrow_columns - std::min(arrow_columns - 6, width(label) + 5);
  const std::string cross = terminal_.utf8 ? "✗" : "x";
  if (from == Host::client)
    return arrives ? fmt::format("{} {} {}{}", dashes(2), label, dashes(rest),
                                 terminal_.utf8 ? "→" : ">")
                   : fmt::format("{} {} {}{} ", dashes(2), label, dashes(rest / 2), cross);
  return arrives
             ? fmt::format("{}{} {} {}", terminal_.utf8 ? "←" : "<", dashes(2), label, dashes(rest))
             : padded_left(fmt::format("{}{} {} {}", cross, dashes(2), label, dashes(rest / 2)),
                           arrow_columns);
}

void TellText::row(const std::string& number, const std::string& time, const std::string& client,
                   const std::string& arrow, const std::string& server) {
  out_.print("{} {}  {}{}  {}\n", padded_left(number, 3),
             terminal_.paint(Colour::dim, padded_left(time, 9)),
             terminal_.paint(Colour::cyan, padded(client, state_columns)),
             padded(arrow, arrow_columns), terminal_.paint(Colour::green, server));
  out_.flush();
}

void TellText::on_started(const Started& started) {
  started_ = started;
  if (started.over_loopback) {
    out_.print("{}\n", say("One host, {}: each line is a call, and both ends after it.",
                           to_string(started.server.address)));
  } else {
    out_.print("{}\n", say("client {}, server {}, a wire between them",
                           to_string(started.client.address), to_string(started.server.address)));
    if (options_.wire.step)
      out_.print("{}\n", say("Enter lets one frame pass; Ctrl-C ends."));
    else
      out_.print("{}\n",
                 say("each frame takes {:.0f} ms",
                     std::chrono::duration<double, std::milli>(options_.wire.delay).count()));
    if (options_.wire.loss > 0)
      out_.print("{}\n", say("{:.4g} % of the frames are lost; --seed {} loses the same ones again",
                             options_.wire.loss * 100, options_.wire.seed));
  }
  out_.print(
      "{}  {}\n", say("{} read from the kernel", terminal_.utf8 ? "●" : "*"),
      started.over_loopback ? say("{} implied by the call", terminal_.utf8 ? "○" : "?") : "");
  out_.flush();
}

void TellText::title() {
  finish_lines();
  if (titled_) return;
  titled_ = true;
  row("#", "ms", std::string{translated("CLIENT")}, "", std::string{translated("SERVER")});
}

void TellText::on_frame_caught(const Frame& frame, const std::optional<Segment>& segment) {
  if (!options_.wire.step) return;
  title();
  row(std::to_string(frame.id), milliseconds(frame.caught_ns),
      frame.from == Host::client ? end_text(frame.sender) : "",
      terminal_.paint(Colour::yellow, say("held: {}", label_of(frame, segment))),
      frame.from == Host::server ? end_text(frame.sender) : "");
}

void TellText::on_frame_fate(const Frame& frame, const std::optional<Segment>& segment) {
  title();
  const bool forth = frame.from == Host::client;
  const EndState& client = forth ? frame.sender : frame.receiver;
  const EndState& server = forth ? frame.receiver : frame.sender;
  std::string arrow = arrow_text(frame.from, frame.fate, label_of(frame, segment));
  if (frame.fate != Fate::delivered) arrow = padded(arrow, arrow_columns);
  row(std::to_string(frame.id), milliseconds(frame.caught_ns), end_text(client),
      frame.fate == Fate::delivered ? arrow : terminal_.paint(Colour::red, arrow),
      end_text(server));
}

void TellText::on_call(const Call& call) {
  finish_lines();
  title();
  const auto text = [&](const EndState& end, host::TcpState implied) {
    if (implied == host::TcpState::none) return end_text(end);
    return fmt::format("{} {} {}", host::name_of(implied), terminal_.utf8 ? "○" : "?",
                       end_text(end));
  };
  const std::string what =
      call.bytes == 0 ? fmt::format("{}()", call.name)
                      : say_n("{}(): {} byte", "{}(): {} bytes", call.bytes, call.name, call.bytes);
  out_.print("{}  {}  {} {}\n", terminal_.paint(Colour::bold, padded(host_text(call.by), 8)),
             padded(what, 22),
             terminal_.paint(Colour::cyan, padded(text(call.client, call.client_implied), 30)),
             terminal_.paint(Colour::green, text(call.server, call.server_implied)));
  out_.flush();
}

void TellText::program_line(Host host, bool is_error, std::string_view text) {
  out_.print(
      "{}  {} {}\n", std::string(13, ' '),
      terminal_.paint(is_error ? Colour::red : Colour::dim, fmt::format("{}:", host_text(host))),
      harmless(text));
}

void TellText::finish_lines() {
  for (const Host host : {Host::client, Host::server})
    for (const bool is_error : {false, true}) {
      std::string& begun = begun_[static_cast<u8>(host)][is_error ? 1 : 0];
      if (!begun.empty()) program_line(host, is_error, begun);
      begun.clear();
    }
}

void TellText::on_program_output(Host host, std::string_view, bool is_error,
                                 std::string_view text) {
  constexpr std::size_t longest = 4096;  // of one line that never ends
  std::string& begun = begun_[static_cast<u8>(host)][is_error ? 1 : 0];
  begun += text;
  std::size_t from = 0;
  for (std::size_t end = 0; (end = begun.find('\n', from)) != begun.npos; from = end + 1)
    program_line(host, is_error, std::string_view{begun}.substr(from, end - from));
  begun.erase(0, from);
  if (begun.size() > longest) finish_lines();
  out_.flush();
}

void TellText::on_program_ended(Host host, std::string_view name, int status) {
  finish_lines();
  if (status == 0 || status == 128 + 15) return;  // 15: SIGTERM, the lab's own farewell
  out_.print("{}\n", say("{}: {} ended with status {}", host_text(host), harmless(name), status));
  out_.flush();
}

void TellText::on_idle() {
  finish_lines();
  out_.print("{}\n",
             say("The client has ended; the lab stays until Ctrl-C. To look around in it:"));
  for (const Host host : {Host::client, Host::server})
    out_.print("  {}  nsenter --preserve-credentials -U -n -t {}\n", padded(host_text(host), 8),
               host == Host::client ? started_.client_holder : started_.server_holder);
  out_.flush();
}

void TellText::summary(const Outcome& outcome) {
  finish_lines();
  if (started_.over_loopback) return;
  out_.print("{}\n", say_n("{} frame, {} delivered, {} lost", "{} frames, {} delivered, {} lost",
                           outcome.caught, outcome.caught, outcome.delivered, outcome.lost));
  if (outcome.crowded_out != 0)
    out_.print("{}\n", say_n("{} frame more was dropped: the wire's queue was full",
                             "{} frames more were dropped: the wire's queue was full",
                             outcome.crowded_out, outcome.crowded_out));
}

}  // namespace trama::lab
