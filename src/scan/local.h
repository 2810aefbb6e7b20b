// What the socket table of this machine adds to a verdict: who listens at the port, whether its
// queue is full, whether it waits at another address only. For targets that are this machine.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "host/processes.h"
#include "scan/verdict.h"

namespace trama::scan {

enum class Finding : u8 {
  unknown,    // not a local target, or the table cannot be read
  nobody,     // no socket there
  waits,      // a listener; for UDP a bound socket
  full,       // a listener whose accept queue is full
  bound,      // TCP, bound, but it does not listen
  elsewhere,  // waits, but at another address of this machine only
};

struct Local {
  Finding finding = Finding::unknown;
  host::Socket socket;  // of all findings but unknown and nobody
  std::string owner;    // "python3/812"; "?" where it may not be seen
  std::vector<host::Process> processes;
};

// One of this machine's own addresses.
bool is_local(const Endpoint& target);

// Joins the table to the verdicts, at the same places. A silent UDP port becomes open where a
// socket is bound to it: with no ICMP error from this very kernel, the datagram was delivered.
std::vector<Local> join_socket_table(std::span<Verdict> verdicts, const Address& target);

}  // namespace trama::scan
