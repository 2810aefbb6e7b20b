// Load over UDP: connected sockets, each with some datagrams under way. An answer finds its
// question by its number; what is not answered in time is lost, and its place used again.
#pragma once
#include <sys/socket.h>

#include <array>
#include <vector>

#include "base/fd.h"
#include "load/pace.h"
#include "load/plan.h"
#include "load/poller.h"
#include "load/report.h"
#include "load/texts.h"

namespace trama::load {

class DatagramLoad {
 public:
  DatagramLoad(const Plan& plan, Poller& poller, Report& report);
  void run();

 private:
  static constexpr u32 batch = 64;  // datagrams a system call

  // A datagram that may be under way. Its number is its place and how often that was used.
  struct Slot {
    i64 begun = 0;  // when it was sent; 0: free
    i64 due = 0;    // when it was to be sent
    u32 turn = 0;
  };
  struct Sender {
    Fd socket;
    u32 sender = 0;
    std::vector<Slot> slots;
    std::vector<u32> free;  // slots
    u32 oldest = 0;         // Expect::any: where the next answer's question is looked for
    u64 due = 0, sent = 0;  // messages
    bool blocked = false;
  };
  bool open();
  void load(i64 end);
  void release_due(i64 time);
  [[nodiscard]] i64 rest(i64 time, i64 end) const;
  void receive(Sender& sender);
  void take(Sender& sender, Bytes answer, bool cut, i64 time);
  [[nodiscard]] Slot* question_of(Sender& sender, Bytes answer);
  void pump(Sender& sender);
  [[nodiscard]] u64 may_send(const Sender& sender) const;
  void wait_to_write(Sender& sender, bool on);
  void forget_lost(i64 time);
  [[nodiscard]] u32 number_of(const Sender& sender, const Slot& slot) const;

  const Plan& plan_;
  Poller& poller_;
  Report& report_;
  Texts texts_;
  Pace pace_{0, 0, 0, 1};
  std::vector<Sender> senders_;
  std::vector<u8> space_;
  std::array<iovec, batch> out_{}, in_{};
  std::array<mmsghdr, batch> outgoing_{}, incoming_{};
  u64 released_ = 0;  // open loop: messages, of all senders
  u64 under_way_ = 0;
  bool stops_ = false;
};

}  // namespace trama::load
