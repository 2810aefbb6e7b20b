// Room for the datagrams that one system call brings, and for their answers, which leave with
// another. One serves all of a server's ports, in turn.
#pragma once
#include <sys/socket.h>

#include <array>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace trama::serve {

class DatagramBatch {
 public:
  static constexpr unsigned most = 64;  // datagrams

  DatagramBatch();

  // Takes what waits. How many came; -1 and errno where none did. What the last call brought, and
  // answers to it that were not flushed, are gone.
  int receive(int socket);
  // A datagram of the last receive(), and who sent it; its contents may be changed.
  [[nodiscard]] std::span<u8> text(unsigned i) const {
    return {static_cast<u8*>(parts_[i].iov_base), came_[i].msg_len};
  }
  [[nodiscard]] msghdr& message(unsigned i) { return came_[i].msg_hdr; }

  // Keeps an answer for flush(), addressed back by its datagram's name and control data. False:
  // these bytes are not within a datagram of the last receive(), or there are too many answers.
  bool keep(Bytes answer);

  struct Flushed {
    u64 bytes = 0;   // sent
    u64 failed = 0;  // answers that the kernel did not take
  };
  Flushed flush(int socket);

 private:
  // The largest datagram, and a line of the cache, so that the starts of all do not share one.
  static constexpr std::size_t stride = std::size_t{65536} + 64;

  std::unique_ptr<u8[]> space_;  // pages that no datagram reaches are never touched
  std::array<sockaddr_storage, most> names_;
  struct alignas(cmsghdr) Control {
    std::array<u8, 64> bytes;
  };
  std::array<Control, most> controls_;
  std::array<iovec, most> parts_{}, answers_{};
  std::array<mmsghdr, most> came_{}, kept_{};
  unsigned count_ = most;  // of the last receive(); before the first all are to be made ready
  unsigned answered_ = 0;
};

}  // namespace trama::serve
