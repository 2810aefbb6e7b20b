// The bytes of a connected socket as a conversation uses them: plain, or through TLS.
#pragma once
#include <sys/types.h>

#include <span>
#include <string>

#include "base/bytes.h"

namespace trama::connect {

class Channel {
 public:
  explicit Channel(int socket) : socket_(socket) {}  // the socket stays the caller's
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;
  [[nodiscard]] int socket() const { return socket_; }

  // As recv(2) and send(2) that never wait: -1 and errno, EAGAIN where it would have to.
  virtual ssize_t read(std::span<u8> space);
  virtual ssize_t write(Bytes bytes);
  // FIN. False: the farewell before it waits for room; to be called again once there is some.
  virtual bool end_sending();
  // False: what is written waits for the peer's part of a handshake, and not for room.
  [[nodiscard]] virtual bool established() const { return true; }
  // The socket carries the bytes as they are.
  [[nodiscard]] virtual bool is_plain() const { return true; }
  // Bytes are there of which the socket's readiness does not tell.
  [[nodiscard]] virtual bool has_more() const { return false; }
  // The peer's end may have come before all that it had to say (a FIN without TLS's farewell).
  [[nodiscard]] virtual bool cut_off() const { return false; }
  // Why read or write failed, where errno cannot say it; else "".
  [[nodiscard]] virtual std::string failure() const { return {}; }

 private:
  int socket_;
};

}  // namespace trama::connect
