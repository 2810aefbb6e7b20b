#include <fmt/format.h>
#include <sys/wait.h>

#include <utility>

#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"
#include "serve/tell.h"
#include "serve/tls.h"

namespace trama::serve {
namespace {

JsonLine json_of(std::string_view type) {
  JsonLine line{type};
  line.seconds("time", wall_clock());
  return line;
}

JsonLine json_of(std::string_view type, const Client& client) {
  JsonLine line = json_of(type);
  line.number("client", client.number)
      .text("transport", net::name_of(client.transport))
      .text("peer", peer_text(client))
      .text("local", local_text(client));
  if (!client.via.empty()) line.text("via", client.via);
  return line;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const unsigned length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_traffic(JsonLine& line, const Traffic& traffic, std::chrono::nanoseconds time) {
  line.number("messages", traffic.messages)
      .number("bytes_in", traffic.bytes_in)
      .number("bytes_out", traffic.bytes_out)
      .number("dropped", traffic.dropped)
      .seconds("seconds", time.count());
}

}  // namespace

bool TellJson::wants_line() {
  if (quiet_) return false;
  if (!out_.has_room()) {
    ++left_out_;
    return false;
  }
  return true;
}

void TellJson::round_over() {
  out_.flush();
  if (left_out_ == 0 || !out_.has_room()) return;
  out_.buffer() += json_of("serve.left_out").number("lines", std::exchange(left_out_, 0)).line();
  out_.flush();
}

void TellJson::listening(const Place& place) {
  auto line = json_of("serve.listen");
  line.text("transport", net::name_of(place.transport)).text("local", to_string(place));
  if (!net::is_unix(place.transport))
    line.text("address", to_string(place.at.address)).number("port", place.at.port);
  out_.buffer().append(line.line());
}

void TellJson::metrics_at(const Endpoint& place) {
  out_.buffer().append(json_of("serve.metrics").text("local", to_string(place)).line());
}

void TellJson::certificate(std::string_view fingerprint) {
  out_.buffer().append(json_of("serve.tls").text("sha256", fingerprint).line());
}

void TellJson::connected(const Client& client) {
  if (wants_line()) out_.buffer().append(json_of("serve.connect", client).line());
}

void TellJson::refused(const Client& client, Refusal why) {
  if (wants_line())
    out_.buffer().append(json_of("serve.refused", client).text("why", json_word(why)).line());
}

void TellJson::message(const Client& client, Bytes text) {
  if (!wants_line()) return;
  auto line = json_of("serve.message", client);
  line.number("bytes", text.size()).text("text", chars(text));
  if (!is_utf8(chars(text))) line.text("hex", fmt::format("{:02x}", fmt::join(text, "")));
  out_.buffer().append(line.line());
}

void TellJson::falls_behind(const Client& client) {
  if (wants_line()) out_.buffer().append(json_of("serve.behind", client).line());
}

void TellJson::caught_up(const Client& client, u64 dropped) {
  if (wants_line())
    out_.buffer().append(json_of("serve.caught_up", client).number("dropped", dropped).line());
}

void TellJson::disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                            std::chrono::nanoseconds time) {
  if (ending != Ending::error && !wants_line()) return;
  auto line = json_of("serve.disconnect", client);
  line.text("how", json_word(ending));
  if (ending == Ending::error) line.text("error", errno_text(error));
  if (ending == Ending::tls) line.text("error", tls_reason(static_cast<u32>(error)));
  append_traffic(line, traffic, time);
  out_.buffer().append(line.line());
}

void TellJson::program_ended(const Client& client, int pid, int status) {
  if (!wants_line()) return;
  auto line = json_of("serve.program", client);
  line.number("pid", static_cast<u64>(pid));
  if (WIFSIGNALED(status))
    line.number("signal", static_cast<u64>(WTERMSIG(status)));
  else
    line.number("status", static_cast<u64>(WEXITSTATUS(status)));
  out_.buffer().append(line.line());
}

void TellJson::request(const Client& client, const Request& request) {
  if (!wants_line()) return;
  out_.buffer().append(json_of("serve.request", client)
                           .text("method", request.method)
                           .text("target", request.target)
                           .number("status", request.status)
                           .number("bytes", request.bytes)
                           .line());
}

void TellJson::joined(const Client& client, std::string_view name, const Endpoint& at) {
  if (wants_line())
    out_.buffer().append(
        json_of("serve.joined", client).text("to", name).text("at", to_string(at)).line());
}

void TellJson::talk_failed(const Client& client, std::string_view why) {
  if (wants_line()) out_.buffer().append(json_of("serve.failed", client).text("error", why).line());
}

void TellJson::descriptors_ran_out(u64 open_connections) {
  out_.buffer().append(json_of("serve.full").number("connections", open_connections).line());
}

void TellJson::draining(u64 open_connections, std::chrono::nanoseconds most) {
  out_.buffer().append(json_of("serve.draining")
                           .number("connections", open_connections)
                           .seconds("most", most.count())
                           .line());
}

void TellJson::ended(const Summary& summary) {
  auto line = json_of("serve.summary");
  line.number("connections", summary.connections)
      .number("still_open", summary.still_open)
      .number("udp_clients", summary.udp_clients)
      .number("unanswered", summary.unanswered);
  append_traffic(line, summary.traffic, summary.time);
  line.number("refused", summary.refused);
  out_.buffer().append(line.line());
}

}  // namespace trama::serve
