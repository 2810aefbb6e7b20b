// A message between the lab and the processes that hold its namespaces: bytes and descriptors over
// a SEQPACKET socket pair (unix(7), SCM_RIGHTS), one parcel a message.
#pragma once
#include <sys/types.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace trama::lab {

struct Parcel {
  std::string bytes;
  std::vector<Fd> fds;
  pid_t sender = 0;  // as its receiver's PID namespace numbers it
};

struct ParcelEnds {
  Fd here, there;
};

// Closed in programs that are started; `here` learns its senders' pids. Not open where it failed.
ParcelEnds make_parcel_ends();

// False with errno where the other end is gone or the parcel is too large.
bool send_parcel(int fd, std::string_view bytes, std::span<const int> fds = {});

// Waits for a parcel; nothing where the other end is gone, or with EAGAIN after SO_RCVTIMEO.
std::optional<Parcel> receive_parcel(int fd);

}  // namespace trama::lab
