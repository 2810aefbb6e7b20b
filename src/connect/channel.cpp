#include "connect/channel.h"

#include <sys/socket.h>

namespace trama::connect {

ssize_t Channel::read(std::span<u8> space) {
  return recv(socket_, space.data(), space.size(), MSG_DONTWAIT);
}

ssize_t Channel::write(Bytes bytes) {
  return send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool Channel::end_sending() {
  shutdown(socket_, SHUT_WR);
  return true;
}

}  // namespace trama::connect
