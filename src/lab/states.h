// What both hosts' kernels say about a conversation, asked through sock_diag at the two moments
// that matter: when a frame leaves its sender, and right after it reached its receiver.
#pragma once
#include <optional>

#include "base/result.h"
#include "lab/frame.h"
#include "lab/segment.h"

namespace trama::lab {

class States {
 public:
  // Sockets from host::open_diag(), one inside each host; they stay the caller's.
  States(int client_diag, int server_diag) : diag_{client_diag, server_diag} {}

  // The end of the segment's sender or receiver, whichever is at this host.
  [[nodiscard]] EndState read(Host host, const Segment& segment, Host sender) const;

  // The receiver's end once its kernel has worked the segment in. Sending into a veth mostly does
  // that before send(2) returns; where it does not, this asks again, for 2 ms at most.
  [[nodiscard]] EndState read_after(Host host, const Segment& segment,
                                    const EndState& before) const;

 private:
  [[nodiscard]] EndState ask(Host host, const Segment& segment, bool is_sender) const;
  int diag_[2];
};

// Whether RFC 9293 lets this segment move the receiver on from that state, so that an unchanged
// answer is worth a second question.
bool may_move(const Segment& segment, const EndState& before);

}  // namespace trama::lab
