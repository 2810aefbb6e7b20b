#include <algorithm>

#include "base/say.h"
#include "lab/tell.h"

namespace trama::lab {
namespace {

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

std::string TellText::end_text(const EndState& end) const {
  if (end.kind == EndState::Kind::unknown) return {};
  return fmt::format("{} {}", name_of(end), terminal_.utf8 ? "●" : "*");
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
  if (started.over_loopback)
    out_.print("{}  {}\n", say("{} read from the kernel", terminal_.utf8 ? "●" : "*"),
               say("{} implied by the call", terminal_.utf8 ? "○" : "?"));
  else
    out_.write(storyteller_.legend());
  out_.flush();
}

void TellText::on_frame_caught(const Frame& frame, const std::optional<Segment>& segment) {
  storyteller_.caught(frame);
  if (!options_.wire.step) return;
  finish_lines();
  out_.write(storyteller_.note(terminal_.paint(
      Colour::yellow,
      say("held: {} from the {}", label_of(frame, segment), host_text(frame.from)))));
  out_.flush();
}

void TellText::on_frame_fate(const Frame& frame, const std::optional<Segment>& /*segment*/) {
  finish_lines();
  out_.write(storyteller_.fate(frame));
  out_.flush();
}

void TellText::on_call(const Call& call) {
  finish_lines();
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
