#include "serve/access_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/terminal.h"

namespace trama::serve {
namespace {

// One field of a line: in quotes where it has a space, as Unix peers have.
std::string field(const std::string& text) {
  return text.find(' ') == text.npos ? text : '"' + text + '"';
}

}  // namespace

void AccessLog::refused(const Client& client, Refusal why) { line(client, {}, {}, json_word(why)); }

void AccessLog::disconnected(const Client& client, Ending ending, int /*error*/,
                             const Traffic& traffic, std::chrono::nanoseconds time) {
  line(client, traffic, time, json_word(ending));
}

void AccessLog::left_open(const Client& client, const Traffic& traffic,
                          std::chrono::nanoseconds time) {
  line(client, traffic, time, "left_open");
}

// Quotes do not come through, so that a target cannot end its field.
void AccessLog::request(const Client& client, const Request& request) {
  const auto now = wall_clock();
  if (json_) {
    JsonLine line{"serve.request"};
    line.seconds("time", now)
        .number("client", client.number)
        .text("peer", peer_text(client))
        .text("method", request.method)
        .text("target", request.target)
        .number("status", request.status)
        .number("bytes", request.bytes);
    out_.buffer().append(line.line());
    return;
  }
  auto what = harmless(fmt::format("{} {}", request.method, request.target));
  std::replace(what.begin(), what.end(), '"', '\'');
  fmt::format_to(std::back_inserter(out_.buffer()), "{} {} {} {} \"{}\" status={} bytes={}\n",
                 date_and_time(now), net::name_of(client.transport), field(peer_text(client)),
                 field(local_text(client)), what, request.status, request.bytes);
}

void AccessLog::line(const Client& client, const Traffic& traffic, std::chrono::nanoseconds time,
                     std::string_view end) {
  const auto now = wall_clock();
  if (!json_) {
    fmt::format_to(std::back_inserter(out_.buffer()),
                   "{} {} {} {} in={} out={} seconds={:.3f} end={}\n", date_and_time(now),
                   net::name_of(client.transport), field(peer_text(client)),
                   field(local_text(client)), traffic.bytes_in, traffic.bytes_out,
                   std::chrono::duration<double>(time).count(), end);
    return;
  }
  JsonLine line{"serve.access"};
  line.seconds("time", now)
      .number("client", client.number)
      .text("transport", net::name_of(client.transport))
      .text("peer", peer_text(client))
      .text("local", local_text(client))
      .number("messages", traffic.messages)
      .number("bytes_in", traffic.bytes_in)
      .number("bytes_out", traffic.bytes_out)
      .number("dropped", traffic.dropped)
      .seconds("seconds", time.count())
      .text("end", end);
  out_.buffer().append(line.line());
}

}  // namespace trama::serve
