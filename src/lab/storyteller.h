// Tells the lab's frames as a ladder: the arrows and sentences come from the packets
// (packet/story), the states from both kernels.
#pragma once
#include <deque>
#include <map>

#include "lab/lab.h"
#include "packet/flow/table.h"
#include "packet/output/ladder.h"

namespace trama::lab {

class Storyteller {
 public:
  explicit Storyteller(const Terminal& terminal);

  // In the order in which frames were caught.
  void caught(const Frame& frame);
  // What to print when the frame's fate is known: its rung, before it the heads that are due.
  // Frames of no conversation (ARP, neighbour discovery) are one plain line.
  std::string fate(const Frame& frame);
  [[nodiscard]] std::string legend() const { return ladder_.legend(); }
  // An indented line of its own between rungs.
  [[nodiscard]] std::string note(const std::string& text) const { return ladder_.note(text); }

 private:
  // One conversation: whose states were seen, so that a vanished socket is told as CLOSED.
  struct Thread {
    story::Memory memory;
    Endpoint client, server;
    bool tcp = true, titled = false;
    bool lived[2] = {false, false};  // client, server: had a state of a connection
    story::State last[2];            // client, server: what was read last
  };
  struct Waiting {
    story::Rung rung;
    Thread* thread;
    bool third_step;  // its sentence is the handshake's last
  };

  story::State kernel_state(Thread& thread, const EndState& end, bool client);
  std::string heads(Thread& thread, const Frame& frame);

  Terminal terminal_;
  output::Ladder ladder_;
  source::Interface interface_;
  dissect::Tree tree_;
  flow::Table flows_;
  std::map<std::pair<bool, u32>, Thread> threads_;
  std::map<u64, Waiting> waiting_;  // by the frame's id; bounded by the wire's own queue
  const Thread* newest_ = nullptr;
  std::vector<u8> buffer_;
};

}  // namespace trama::lab
