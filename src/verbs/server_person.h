// The person at a server in whose mode clients meet: what is typed on standard input goes to all of
// them, line by line.
#pragma once
#include "connect/input.h"
#include "net/interest.h"
#include "serve/server.h"

namespace trama {

class ServerPerson {
 public:
  ServerPerson(net::Loop& loop, serve::Server& server, const serve::Mode& mode, bool crlf = false);

 private:
  void read();
  void say(std::string_view line);
  serve::Server& server_;
  const serve::Mode& mode_;
  connect::Input in_;
  net::Interest interest_;
  std::vector<u8> bytes_;
};

}  // namespace trama
