// What a scan says about one port, and why: never a state without its evidence.
#pragma once
#include <chrono>

#include "base/address.h"
#include "host/socket_table.h"

namespace trama::scan {

using Clock = std::chrono::steady_clock;

enum class PortState : u8 { open, closed, filtered, open_or_filtered };

// What the state rests on.
enum class Proof : u8 {
  syn_ack,      // TCP: connect() succeeded
  rst,          // TCP: refused
  icmp,         // an ICMP error, in `icmp`
  answer,       // UDP: `bytes` came back
  silence,      // nothing came
  local_error,  // this machine could not send; `error` says why
};

struct Icmp {
  u8 type = 0, code = 0;  // RFC 792; RFC 4443 where v6
  bool v6 = false;
  Address from;            // who sent it: the target, or something on the way
  bool from_here = false;  // or this machine itself: nobody answers at the target's address
};

struct Verdict {
  host::Transport transport = host::Transport::tcp;
  u16 port = 0;
  PortState state = PortState::filtered;
  Proof proof = Proof::silence;
  Icmp icmp;
  int error = 0;
  u32 bytes = 0;
  unsigned probes = 0;               // SYNs or datagrams sent
  std::chrono::nanoseconds took{0};  // from the last probe to its answer; all of it where silent
};

}  // namespace trama::scan
