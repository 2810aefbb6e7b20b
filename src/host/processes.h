// Who owns which socket: one walk over /proc/*/fd, on demand, never per socket or per event. A
// socket may have several owners (after fork, or handed over); all are told, with their descriptor.
// Without rights only the caller's own processes can be looked into (proc(5): /proc/PID/fd needs
// ptrace access), which hides_some() admits.
#pragma once
#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace trama::host {

struct Process {
  pid_t pid = 0;
  std::string program;  // as the kernel keeps it (comm, at most 15 bytes); untrusted text
  int fd = -1;
  u32 uid = 0;  // the real user's
};

class Owners {
 public:
  static Owners read();  // what cannot be read is left out

  // Everybody who holds the socket with this inode, by pid and descriptor; empty where unknown.
  [[nodiscard]] std::span<const Process> of(u64 inode) const;
  // Some processes of others could not be looked into.
  [[nodiscard]] bool hides_some() const { return hides_some_; }

 private:
  std::vector<u64> inodes_;  // sorted, beside the process at the same place
  std::vector<Process> processes_;
  bool hides_some_ = false;
};

// The user's name from the system's database; the number as text where it has none.
std::string name_of_user(u32 uid);

}  // namespace trama::host
