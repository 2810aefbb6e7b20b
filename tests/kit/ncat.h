// trama in the place of ncat, as a test starts it.
#pragma once
#include <string>
#include <vector>

#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {

inline std::vector<std::string> ncat(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ncat");
  return trama(arguments);
}

// ncat with -l -v and more, listening at a port of its own.
struct NcatListener {
  explicit NcatListener(std::vector<std::string> more = {}) : program{command(std::move(more))} {
    program.wait_for_error("Ncat: Listening on 127.0.0.1:" + port + "\n");
  }
  [[nodiscard]] std::vector<std::string> command(std::vector<std::string> more) const {
    more.insert(more.end(), {"-l", "-v", "127.0.0.1", port});
    return ncat(more);
  }
  std::string port = free_port();
  Program program;
};

}  // namespace trama::tests
