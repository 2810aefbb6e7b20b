// One TCP connection of the server: reads, answers, and keeps what the client does not take yet.
// Memory is bounded: before more than max_queued bytes wait, reading stops until the client has
// taken them all. The connection owns its socket; the server owns the connection and its watch in
// the loop.
#pragma once
#include <chrono>
#include <span>
#include <vector>

#include "base/fd.h"
#include "serve/events.h"
#include "serve/upper.h"

namespace trama::serve {

class TcpClient {
 public:
  static constexpr std::size_t max_queued = std::size_t{1024} * 1024;

  enum class State {
    open,
    answered_all,  // the client sent FIN and has every answer: the server may close
    over,          // reset, or lost
  };

  TcpClient(Fd socket, Client who) : who_(who), socket_(std::move(socket)) {}

  // Handles one readiness report. `space` is the server's read buffer, shared by all clients: its
  // contents are good during the call only.
  State ready(u32 events, std::span<u8> space, Audience& audience);

  // The epoll events to wait for now: none of them spins while nothing can be done.
  [[nodiscard]] u32 wanted() const;

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const Client& who() const { return who_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] std::chrono::nanoseconds age() const {
    return std::chrono::steady_clock::now() - since_;
  }
  [[nodiscard]] int error() const { return error_; }  // of State::over
  [[nodiscard]] Ending ending() const;                // of State::over

 private:
  bool read_once(std::span<u8> space, Audience& audience);
  bool answer(std::span<const u8> text);
  bool write_queued();
  [[nodiscard]] bool reads() const { return !ended_ && !paused_; }
  [[nodiscard]] std::size_t queued() const { return queue_.size() - written_; }

  Client who_;
  Fd socket_;
  Upper upper_;
  Traffic traffic_;
  std::vector<u8> queue_;    // answers not taken yet, from written_ on
  std::size_t written_ = 0;  // of queue_
  bool paused_ = false;      // too much waits: not read until the queue is empty
  bool ended_ = false;       // the client sent FIN
  int error_ = 0;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace trama::serve
