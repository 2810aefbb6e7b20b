// How the server is, for programs that ask by HTTP: GET /metrics (Prometheus' text format 0.0.4)
// and GET /health (200 "ok", 503 "ending" once it takes no new connections). Few ask at a time,
// each answer is small, whoever is slow is cut off, and where too many wait, the oldest goes.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/fd.h"
#include "net/loop.h"
#include "serve/events.h"

namespace trama::serve {

class Metrics : public Audience {
 public:
  // Error: the loop does not take the listener.
  static Result<std::unique_ptr<Metrics>> open(net::Loop& loop, Fd listener);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  ~Metrics() override;

  // Whom to ask for the sums, at each request.
  void ask(std::function<Summary()> summary) { summary_ = std::move(summary); }

  void disconnected(const Client& client, Ending ending, int error, const Traffic& traffic,
                    std::chrono::nanoseconds time) override;
  void descriptors_ran_out(u64 open_connections) override;
  void draining(u64 open_connections, std::chrono::nanoseconds most) override;

  // The whole response to a request's head ("GET /metrics HTTP/1.1\r\n...").
  [[nodiscard]] std::string response_to(std::string_view head) const;

 private:
  Metrics(net::Loop& loop, Fd listener) : loop_(loop), listener_(std::move(listener)) {}

  struct Asker {
    Fd socket;
    std::string head;
    u64 number = 0;  // in the order in which they came
    bool answered = false;
    net::Loop::Timer deadline = 0;
  };
  void accept();
  void make_room();
  void pause();
  void ready(Asker& asker);
  void forget(int fd);
  [[nodiscard]] std::string page() const;

  net::Loop& loop_;
  Fd listener_;
  std::unordered_map<int, std::unique_ptr<Asker>> askers_;
  std::function<Summary()> summary_;
  std::array<u64, endings> ended_{};
  u64 came_ = 0;
  u64 ran_out_ = 0;
  bool drains_ = false;
};

}  // namespace trama::serve
