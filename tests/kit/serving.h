// The server as a test meets it: the real program, and sockets that talk to it.
#pragma once
#include <netinet/in.h>

#include <fstream>
#include <string>
#include <vector>

#include "kit/program.h"
#include "kit/sockets.h"

namespace trama::tests {

// Waits for the server's FIN (true) or RST (false).
inline bool ends_with_fin(const Fd& socket) {
  char byte = 0;
  pollfd ready{socket.get(), POLLIN, 0};
  return poll(&ready, 1, 20'000) == 1 && recv(socket.get(), &byte, 1, 0) == 0;
}

inline long resident_kib(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  return 0;
}

struct Server : Program {
  explicit Server(std::vector<std::string> arguments, std::vector<std::string> environment = {})
      : Program{[&] {
                  arguments.insert(arguments.begin(), "serve");
                  return trama(arguments);
                }(),
                std::move(environment)} {}
  unsigned short port(std::string_view transport) {
    return port_in(wait_for("this machine only"), transport);
  }
};

// Reads up to and with the text; gives up after 20 s.
inline std::string take_until(const Fd& socket, std::string_view text) {
  std::string got;
  while (got.find(text) == got.npos) {
    const auto byte = take(socket, 1);
    if (byte.empty()) {
      ADD_FAILURE() << "\"" << text << "\" never came; there came: " << got;
      return got;
    }
    got += byte;
  }
  return got;
}

}  // namespace trama::tests
