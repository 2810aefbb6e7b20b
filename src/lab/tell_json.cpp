#include <cmath>

#include "lab/tell.h"

namespace trama::lab {
namespace {

void add_state(JsonLine& line, std::string_view key, const EndState& end) {
  if (end.kind == EndState::Kind::unknown)
    line.null(key);
  else
    line.text(key, name_of(end));
}

void add_flags(JsonLine& line, const Segment& segment) {
  line.open("flags", '[');
  const std::pair<bool, std::string_view> flags[] = {
      {segment.syn, "SYN"},
      {segment.fin, "FIN"},
      {segment.rst, "RST"},
      {segment.psh, "PSH"},
      {segment.ack, "ACK"}
  };
  for (const auto& [is_set, name] : flags)
    if (is_set) line.element(name);
  line.close(']');
}

std::string_view name_of(host::Transport transport) {
  return transport == host::Transport::tcp ? "tcp" : "udp";
}

}  // namespace

void TellJson::tell(JsonLine& line) {
  out_.write(line.line());
  out_.flush();
}

void TellJson::on_started(const Started& started) {
  JsonLine line{"lab.start"};
  line.text("client", to_string(started.client.address))
      .text("server", to_string(started.server.address))
      .number("tcp_port", options_.tcp_port)
      .number("udp_port", options_.udp_port)
      .boolean("loopback", started.over_loopback)
      .seconds("delay", std::chrono::nanoseconds{options_.wire.delay}.count())
      .number("loss_ppm", std::lround(options_.wire.loss * 1e6))
      .number("seed", options_.wire.seed)
      .boolean("step", options_.wire.step);
  if (!started.over_loopback)
    line.number("client_pid", started.client_holder).number("server_pid", started.server_holder);
  tell(line);
}

void TellJson::frame(std::string_view type, const Frame& frame,
                     const std::optional<Segment>& segment) {
  JsonLine line{type};
  line.number("id", frame.id)
      .text("from", name_of(frame.from))
      .text("fate", name_of(frame.fate))
      .seconds("time", frame.caught_ns);
  if (frame.delivered_ns != 0)
    line.seconds("delivered", frame.delivered_ns);
  else
    line.null("delivered");
  line.number("len", frame.bytes.size());
  if (segment) {
    line.text("transport", segment->quoted ? "icmp" : name_of(segment->transport))
        .text("source", to_string(segment->source))
        .text("destination", to_string(segment->destination));
    if (segment->transport == host::Transport::tcp && !segment->quoted) add_flags(line, *segment);
    if (!segment->quoted) line.number("payload", segment->payload);
  }
  add_state(line, "sender", frame.sender);
  add_state(line, "receiver", frame.receiver);
  tell(line);
}

void TellJson::on_frame_caught(const Frame& caught, const std::optional<Segment>& segment) {
  if (options_.wire.step) frame("lab.held", caught, segment);
}

void TellJson::on_frame_fate(const Frame& ended, const std::optional<Segment>& segment) {
  frame("lab.frame", ended, segment);
}

void TellJson::on_call(const Call& call) {
  JsonLine line{"lab.call"};
  line.text("by", name_of(call.by)).text("call", call.name).number("bytes", call.bytes);
  line.text("transport", name_of(call.transport));
  add_state(line, "client", call.client);
  add_state(line, "server", call.server);
  if (call.client_implied != host::TcpState::none)
    line.text("client_implied", host::name_of(call.client_implied));
  if (call.server_implied != host::TcpState::none)
    line.text("server_implied", host::name_of(call.server_implied));
  tell(line);
}

void TellJson::on_program_started(Host host, std::string_view name) {
  JsonLine line{"lab.program"};
  tell(line.text("host", name_of(host)).text("name", name).text("event", "started"));
}

void TellJson::on_program_output(Host host, std::string_view name, bool is_error,
                                 std::string_view text) {
  JsonLine line{"lab.output"};
  tell(line.text("host", name_of(host))
           .text("name", name)
           .text("stream", is_error ? "stderr" : "stdout")
           .text("text", text));
}

void TellJson::on_program_ended(Host host, std::string_view name, int status) {
  JsonLine line{"lab.program"};
  tell(line.text("host", name_of(host))
           .text("name", name)
           .text("event", "ended")
           .number("status", status));
}

void TellJson::on_idle() {
  JsonLine line{"lab.idle"};
  tell(line);
}

void TellJson::summary(const Outcome& outcome) {
  JsonLine line{"lab.end"};
  tell(line.number("caught", outcome.caught)
           .number("delivered", outcome.delivered)
           .number("lost", outcome.lost)
           .number("dropped", outcome.crowded_out)
           .number("client_status", outcome.client_status)
           .boolean("interrupted", outcome.interrupted));
}

}  // namespace trama::lab
