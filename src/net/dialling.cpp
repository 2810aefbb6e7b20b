#include "net/dialling.h"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

namespace trama::net {

Dialling::Dialling(Loop& loop, std::vector<Endpoint> peers, std::chrono::nanoseconds each,
                   Done done)
    : loop_(loop), peers_(std::move(peers)), each_(each), done_(std::move(done)) {
  limit_ = loop_.after({}, [this] {
    limit_.reset();
    next(EHOSTUNREACH);
  });
}

Dialling::~Dialling() {
  if (limit_) loop_.cancel(*limit_);
}

// Tries the address at at_; of those before, the last failed with `error`.
void Dialling::next(int error) {
  while (at_ < peers_.size()) {
    const Endpoint& peer = peers_[at_];
    auto socket = outgoing(Transport::tcp, peer.address.v6, {});
    error = socket ? start_connect(socket->get(), peer) : socket.error().number;
    if (error == 0 || error == EINPROGRESS) {
      socket_ = std::move(*socket);
      interest_.emplace(loop_, socket_.get(), [this](u32) { came(pending_error(socket_.get())); });
      interest_->want(EPOLLOUT);
      limit_ = loop_.after(each_, [this] {
        limit_.reset();
        came(ETIMEDOUT);
      });
      return;
    }
    ++at_;
  }
  const auto done = std::move(done_);
  done({}, peers_.empty() ? Endpoint{} : peers_.back(), error);
}

void Dialling::came(int error) {
  if (limit_) loop_.cancel(*std::exchange(limit_, {}));
  interest_.reset();
  // A port of the ephemeral range can meet itself: nobody listens there.
  if (error == 0 && local_of(socket_.get()) == peers_[at_]) error = ECONNREFUSED;
  if (error != 0) {
    socket_.close();
    ++at_;
    return next(error);
  }
  const auto done = std::move(done_);
  const Endpoint peer = peers_[at_];
  done(std::move(socket_), peer, 0);
}

}  // namespace trama::net
