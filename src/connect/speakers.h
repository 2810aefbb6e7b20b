// Who comes to a waiting netcat, and where each sender of datagrams gets a socket of its own: what
// it says afterwards comes there, while the door stays open for others.
#pragma once
#include <sys/socket.h>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "connect/await.h"
#include "net/interest.h"

namespace trama::connect {

struct Visitor {
  Fd socket;
  Endpoint peer;
  bool nameless = false;  // no answer finds it: a Unix datagram socket without a name
  std::vector<std::vector<u8>> early{};  // datagrams that came before the socket was its own
};

class Speakers {
 public:
  // UDP. The doors are at places; the request's options are for each speaker's socket, too.
  Speakers(const Run& run, const Request& request, const Waiting& waiting, std::vector<Fd> doors);

  // The next that may come in. Error: Exit::interrupted; Exit::no where the kernel gives no socket.
  Result<Visitor> next();

 private:
  struct Datagram {
    sockaddr_storage from;
    socklen_t size;  // of `from`
    std::vector<u8> bytes;
    int door;
  };
  void take_from(int socket, int door);
  [[nodiscard]] Result<Fd> socket_for(const Datagram& first) const;
  std::vector<std::vector<u8>> all_of(const sockaddr_storage& from);

  const Run& run_;
  const Request& request_;
  const Waiting& waiting_;
  std::vector<Fd> doors_;
  std::vector<std::unique_ptr<net::Interest>> interests_;
  std::deque<Datagram> early_;  // of those whose turn is to come
};

}  // namespace trama::connect
