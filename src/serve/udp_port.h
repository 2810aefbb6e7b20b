// One UDP port of the server: each datagram is answered to its sender, from the address to which it
// was sent. Senders are numbered; the most recent max_senders are remembered, so that memory stays
// bounded whatever addresses somebody makes up.
#pragma once
#include <list>
#include <span>
#include <unordered_map>

#include "base/fd.h"
#include "serve/events.h"

namespace trama::serve {

class UdpPort {
 public:
  static constexpr std::size_t max_senders = std::size_t{16} * 1024;

  UdpPort(Fd socket, u32& next_number);

  // Takes what waits, at most so many datagrams that other clients get their turn.
  // `space` must hold the largest datagram (64 KiB); its contents are good during the call only.
  void ready(std::span<u8> space, Audience& audience);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const Endpoint& local() const { return local_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] u64 senders() const { return senders_; }
  [[nodiscard]] u64 unanswered() const { return unanswered_; }

 private:
  struct Hash {
    std::size_t operator()(const Endpoint& endpoint) const;
  };
  const Client& sender(const Endpoint& peer);

  Fd socket_;
  Endpoint local_;
  u32& next_number_;
  std::list<Client> recent_;  // the last one that sent stands first
  std::unordered_map<Endpoint, std::list<Client>::iterator, Hash> known_;
  Traffic traffic_;
  u64 senders_ = 0;
  u64 unanswered_ = 0;
};

}  // namespace trama::serve
