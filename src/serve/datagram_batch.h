// Room for the datagrams that one system call brings, and for their answers, which leave with
// another. Both ways the kernel may handle several datagrams of one peer as one (UDP_GRO,
// UDP_SEGMENT; udp(7)): they come side by side, and their answers leave so. One batch serves all of
// a server's ports, in turn.
#pragma once
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace trama::serve {

// From now on the kernel may hand over several datagrams of one peer at once to this UDP socket.
// True where answers may leave joined, too.
bool join_datagrams(int socket);

class DatagramBatch {
 public:
  static constexpr unsigned most = 64;  // arrivals
  // Bytes that are taken of one: more than UDP has; Unix datagrams may have more.
  static constexpr std::size_t longest_datagram = std::size_t{64} * 1024;

  DatagramBatch();

  // Takes what waits. How many came; -1 and errno where none did. What the last call brought, and
  // answers to it that were not flushed, are gone. `joins`: answers may leave joined.
  int receive(int socket, bool joins = false);
  // The bytes of an arrival of the last receive(), and who sent them; they may be changed.
  [[nodiscard]] std::span<u8> text(unsigned i) const {
    return {static_cast<u8*>(parts_[i].iov_base), came_[i].msg_len};
  }
  // It was longer than longest_datagram: its end is lost.
  [[nodiscard]] bool is_cut(unsigned i) const {
    return (came_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
  }
  [[nodiscard]] msghdr& message(unsigned i) { return came_[i].msg_hdr; }
  // Calls `take` with each datagram of an arrival.
  template <class Take>
  void each(unsigned i, Take&& take) const {
    std::span<u8> rest = text(i);
    do {
      const auto size = segments_[i] == 0 ? rest.size() : std::min(rest.size(), segments_[i]);
      take(rest.first(size));
      rest = rest.subspan(size);
    } while (!rest.empty());
  }

  // Keeps an answer for flush(), addressed back by its arrival's name and control data. False:
  // these bytes are not within an arrival of the last receive(), or there are too many answers.
  bool keep(Bytes answer);

  struct Flushed {
    u64 bytes = 0;   // sent
    u64 failed = 0;  // answers that the kernel did not take
  };
  Flushed flush(int socket);

 private:
  // A line of the cache more, so that the starts of all do not share one.
  static constexpr std::size_t stride = longest_datagram + 64;
  // Answers that leave as one: so many, of at most so many bytes each (the path's MTU cuts longer
  // ones), and altogether net::longest_udp_payload.
  static constexpr unsigned most_joined = 64;
  static constexpr std::size_t longest_joined = 1452;

  struct alignas(cmsghdr) Control {
    std::array<u8, 64> bytes;
  };
  // What answers that leave as one have in common.
  struct Joined {
    unsigned arrival = 0;     // the first one's
    unsigned count = 0;       // answers
    std::size_t segment = 0;  // bytes of each but the last
    std::size_t bytes = 0;    // altogether
    bool open = false;        // more may follow
  };

  [[nodiscard]] bool continues(const Joined& last, unsigned arrival, std::size_t size) const;
  void prepare(unsigned message);
  void send_alone(int socket, unsigned message, Flushed& flushed);

  std::unique_ptr<u8[]> space_;  // pages that no datagram reaches are never touched
  std::array<sockaddr_storage, most> names_;
  std::array<Control, most> controls_, answer_controls_;
  std::array<iovec, most> parts_{}, answers_{};
  std::array<mmsghdr, most> came_{}, kept_{};
  std::array<std::size_t, most> segments_{};  // of arrivals that are several datagrams; else 0
  std::array<Joined, most> joined_{};
  unsigned count_ = most;  // of the last receive(); before the first all are to be made ready
  unsigned pieces_ = 0, answered_ = 0;  // of answers_, of kept_
  bool joins_ = false;
  std::size_t longest_ = longest_joined;
};

}  // namespace trama::serve
