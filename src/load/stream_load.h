// Load over TCP connections that stay open: each keeps some messages under way, or gets them at
// fixed times, and every byte that comes back is compared.
#pragma once
#include <vector>

#include "base/fd.h"
#include "load/pace.h"
#include "load/plan.h"
#include "load/poller.h"
#include "load/report.h"
#include "load/texts.h"

namespace trama::load {

class StreamLoad {
 public:
  StreamLoad(const Plan& plan, Poller& poller, Report& report);
  void run();  // opens, loads, waits for the last answers

 private:
  struct Connection {
    Fd socket;
    u32 sender = 0;         // its turn among those that send
    bool sends = true;      // Expect::room: only the last one does
    bool blocked = false;   // waits until the socket takes more
    u64 due = 0;            // open loop: messages that may be sent by now
    u64 begun = 0;          // messages handed over, or begun
    u64 answered = 0;       // messages; a reader of a room: got
    u64 sent = 0, got = 0;  // bytes
  };
  void load(i64 end);
  void release_due(i64 time);
  [[nodiscard]] i64 rest(i64 time, i64 end) const;
  void handle(Connection& connection, u32 events);
  void receive(Connection& connection);
  void take(Connection& connection, Bytes bytes);
  [[nodiscard]] bool is_right(const Connection& connection, Bytes bytes) const;
  void record(const Connection& connection, u64 message, i64 time);
  void pump(Connection& connection);
  [[nodiscard]] u64 may_begin(const Connection& connection) const;
  void wait_to_write(Connection& connection, bool on);
  void lose(Connection& connection, u64& counter);
  void lose(Connection& connection, int error);
  [[nodiscard]] bool is_over() const;
  void count_rest();
  [[nodiscard]] Connection& writer() { return connections_.back(); }
  [[nodiscard]] const Connection& writer() const { return connections_.back(); }

  const Plan& plan_;
  Poller& poller_;
  Report& report_;
  Texts texts_;
  Pace pace_{0, 0, 0, 1};
  std::vector<Connection> connections_;
  std::vector<i64> begun_at_;  // `kept_` a sender: when its latest messages were begun
  std::size_t kept_;
  std::vector<u8> space_;
  u64 released_ = 0;   // open loop: messages, of all senders
  u64 delivered_ = 0;  // room: messages that the present readers got
  u64 readers_ = 0;
  u32 alive_ = 0;
  u32 senders_ = 1;
  bool stops_ = false;  // nothing more is sent
};

}  // namespace trama::load
