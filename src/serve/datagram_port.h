// One datagram socket of the server. Who sends to it is a peer, numbered, with a talk of its own;
// what it is sent comes from the address to which it sent. The most recent max_peers are
// remembered, so that memory stays bounded whatever addresses somebody makes up.
#pragma once
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <list>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>

#include "base/fd.h"
#include "serve/datagram_batch.h"
#include "serve/door.h"
#include "serve/mode.h"

namespace trama::serve {

class DatagramPort {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t max_peers = std::size_t{16} * 1024;

  DatagramPort(Fd socket, Place place, u32& next_number, const Mode& mode, Hall& hall, Door& door);

  // Takes what waits, a batch at most so that other clients get their turn, and sends the answers.
  // False: nothing waits any more.
  bool ready(DatagramBatch& batch, Audience& audience);
  // Forgets peers that have sent nothing since then: they leave the company.
  void forget_silent_since(Clock::time_point then);

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const Place& place() const { return place_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] u64 peers() const { return peers_; }
  [[nodiscard]] u64 unanswered() const { return unanswered_; }
  [[nodiscard]] u64 refused() const { return refused_; }

 private:
  // A sender's address, as the kernel gives and takes it (sockaddr).
  struct Name {
    sockaddr_storage bytes{};
    socklen_t size = sizeof(sockaddr_storage);
    [[nodiscard]] std::string_view view() const {
      return {reinterpret_cast<const char*>(&bytes), size};
    }
  };
  class Peer : public Member {
   public:
    Peer(DatagramPort& port, const Name& from, Client client)
        : name_(from), who_(std::move(client)), port_(port) {}
    [[nodiscard]] const Client& who() const override { return who_; }
    void answer(Bytes text) override { port_.answer(*this, text); }
    void send(const SharedText& text) override { port_.send(*this, text.bytes()); }
    void send_file(int) override {}

    Name name_;
    Client who_;
    std::unique_ptr<Talk> talk;
    Clock::time_point last;                   // heard; in modes where clients meet
    alignas(8) std::array<u8, 64> control{};  // names the address to send from
    std::size_t control_size = 0;

   private:
    DatagramPort& port_;
  };
  static Name name_in(const msghdr& message);
  [[nodiscard]] Client client_of(const Name& name) const;  // without a number
  Peer& peer_at(const Name& name);
  void forget_last();
  void refuse(const Name& from, Refusal why, Audience& audience);
  void take(std::span<u8> text, msghdr& message, Audience& audience);
  void answer(const Peer& peer, Bytes text);
  void flush(DatagramBatch& batch);
  void send(const Peer& peer, Bytes text);

  Fd socket_;
  Place place_;
  u32& next_number_;
  const Mode& mode_;
  Hall& hall_;
  Door& door_;
  std::list<Peer> recent_;  // the last one that sent stands first
  std::unordered_map<std::string_view, std::list<Peer>::iterator> known_;  // by Peer::name_
  Traffic traffic_;
  u64 peers_ = 0;
  u64 unanswered_ = 0;
  u64 refused_ = 0;
  std::size_t longest_;                // bytes of a datagram that it sends
  bool joins_ = false;                 // answers may leave joined
  DatagramBatch* batch_ = nullptr;     // while its datagrams are given to their talks
  std::array<bool, refusals> told_{};  // by Refusal
};

}  // namespace trama::serve
