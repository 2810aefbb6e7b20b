#include "serve/metrics.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_askers = 16;
constexpr std::size_t longest_head = std::size_t{8} * 1024;  // bytes
constexpr auto patience = 5s;                                // from connecting to its FIN
constexpr auto full_again = 1s;                              // with all descriptors in use

std::string response(std::string_view status, std::string_view type, std::string_view body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
      status, type, body.size(), body);
}

}  // namespace

Result<std::unique_ptr<Metrics>> Metrics::open(net::Loop& loop, Fd listener) {
  std::unique_ptr<Metrics> metrics{
      new Metrics{loop, std::move(listener)}
  };
  const auto watched =
      loop.watch(metrics->listener_.get(), EPOLLIN, [m = metrics.get()](u32) { m->accept(); });
  if (!watched) return fail(watched);
  return metrics;
}

Metrics::~Metrics() {
  loop_.forget(listener_.get());
  for (const auto& [fd, asker] : askers_) {
    loop_.cancel(asker->deadline);
    loop_.forget(fd);
  }
}

void Metrics::disconnected(const Client&, Ending ending, int, const Traffic&,
                           std::chrono::nanoseconds) {
  ++ended_.at(static_cast<std::size_t>(ending));
}

void Metrics::descriptors_ran_out(u64) { ++ran_out_; }

void Metrics::draining(u64, std::chrono::nanoseconds) { drains_ = true; }

void Metrics::accept() {
  Fd socket{accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
  if (!socket.is_open()) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) pause();
    return;
  }
  if (askers_.size() >= most_askers) make_room();
  const int fd = socket.get();
  auto& asker = askers_[fd];
  asker = std::make_unique<Asker>();
  asker->socket = std::move(socket);
  asker->number = ++came_;
  asker->deadline = loop_.after(patience, [this, fd] { forget(fd); });
  if (!loop_.watch(fd, EPOLLIN, [this, a = asker.get()](u32) { ready(*a); })) forget(fd);
}

// The one that has been here longest goes; what it has just asked is answered first.
void Metrics::make_room() {
  const auto oldest = std::min_element(
      askers_.begin(), askers_.end(),
      [](const auto& a, const auto& b) { return a.second->number < b.second->number; });
  const int fd = oldest->first;
  ready(*oldest->second);
  forget(fd);
}

void Metrics::pause() {
  loop_.change(listener_.get(), 0);
  loop_.after(full_again, [this] { loop_.change(listener_.get(), EPOLLIN); });
}

// Reads the head, answers once, then waits for the asker's FIN.
void Metrics::ready(Asker& asker) {
  const int fd = asker.socket.get();
  std::array<char, 2048> part{};
  const ssize_t n = recv(fd, part.data(), part.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return forget(fd);
  if (asker.answered) return;  // more than one request: nobody promised to read it
  asker.head.append(part.data(), static_cast<std::size_t>(n));
  const bool whole = asker.head.find("\r\n\r\n") != std::string::npos;
  if (!whole && asker.head.size() < longest_head) return;
  const auto answer = response_to(whole ? asker.head : std::string_view{});
  send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);  // it fits any send buffer
  shutdown(fd, SHUT_WR);
  asker.answered = true;
}

void Metrics::forget(int fd) {
  const auto asker = askers_.find(fd);
  if (asker == askers_.end()) return;
  loop_.cancel(asker->second->deadline);
  loop_.forget(fd);
  askers_.erase(asker);
}

std::string Metrics::response_to(std::string_view head) const {
  constexpr std::string_view plain = "text/plain; charset=utf-8";
  const auto line = head.substr(0, head.find("\r\n"));
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last || !line.substr(last + 1).starts_with("HTTP/1."))
    return response("400 Bad Request", plain, "no HTTP request\n");
  if (line.substr(0, first) != "GET")
    return response("405 Method Not Allowed", plain, "GET only\n");
  const auto path = line.substr(first + 1, last - first - 1);
  if (path == "/metrics") return response("200 OK", "text/plain; version=0.0.4", page());
  if (path == "/health")
    return drains_ ? response("503 Service Unavailable", plain, "ending\n")
                   : response("200 OK", plain, "ok\n");
  return response("404 Not Found", plain, "there are /metrics and /health\n");
}

std::string Metrics::page() const {
  const Summary sum = summary_ ? summary_() : Summary{};
  std::string text;
  const auto add = [&](std::string_view name, std::string_view type, u64 value) {
    fmt::format_to(std::back_inserter(text), "# TYPE trama_{0} {1}\ntrama_{0} {2}\n", name, type,
                   value);
  };
  add("connections_total", "counter", sum.connections);
  add("connections_open", "gauge", sum.still_open);
  add("datagram_peers_total", "counter", sum.udp_clients);
  add("refused_total", "counter", sum.refused);
  add("messages_total", "counter", sum.traffic.messages);
  add("received_bytes_total", "counter", sum.traffic.bytes_in);
  add("sent_bytes_total", "counter", sum.traffic.bytes_out);
  add("dropped_messages_total", "counter", sum.traffic.dropped);
  add("unanswered_datagrams_total", "counter", sum.unanswered);
  add("descriptors_exhausted_total", "counter", ran_out_);
  text += "# TYPE trama_disconnects_total counter\n";
  for (std::size_t i = 0; i < endings; ++i)
    fmt::format_to(std::back_inserter(text), "trama_disconnects_total{{end=\"{}\"}} {}\n",
                   json_word(static_cast<Ending>(i)), ended_.at(i));
  fmt::format_to(std::back_inserter(text),
                 "# TYPE trama_uptime_seconds gauge\n"
                 "trama_uptime_seconds {:.3f}\n",
                 std::chrono::duration<double>(sum.time).count());
  return text;
}

}  // namespace trama::serve
