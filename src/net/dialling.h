// A TCP connection being opened on a loop: a host's addresses one after the other, each for a time,
// until one answers.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include "net/interest.h"
#include "net/socket.h"

namespace trama::net {

class Dialling {
 public:
  // The connected, non-blocking socket and whose it is; or the errno of the last address. Never
  // called at once; the object may be destroyed in it.
  using Done = std::function<void(Fd socket, const Endpoint& peer, int error)>;

  // `each`: for one address.
  Dialling(Loop& loop, std::vector<Endpoint> peers, std::chrono::nanoseconds each, Done done);
  Dialling(const Dialling&) = delete;
  Dialling& operator=(const Dialling&) = delete;
  ~Dialling();

 private:
  void next(int error);
  void came(int error);
  Loop& loop_;
  std::vector<Endpoint> peers_;
  std::chrono::nanoseconds each_;
  Done done_;
  std::size_t at_ = 0;  // the address whose turn it is
  Fd socket_;
  std::optional<Interest> interest_;
  std::optional<Loop::Timer> limit_;
};

}  // namespace trama::net
