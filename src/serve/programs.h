// The programs that `--exec` runs, one a connection: started with a socket as standard input and
// output, counted, told when they end, and ended with the server. None is left behind.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fd.h"
#include "net/loop.h"
#include "serve/events.h"

namespace trama::serve {

// What a command line means without a shell: words between spaces; '...' and "..." keep spaces; a
// backslash, but within '...', takes the next character as it is.
// Error (Exit::bad_input): an open quote, no word.
Result<std::vector<std::string>> split_words(std::string_view line);

// Where the first of the words is, as execvp(3) looks for it. Error (Exit::bad_input): nowhere.
Result<std::string> find_program(const std::string& name);

// What the program finds in its environment: this server's own, NCAT_REMOTE_ADDR and its like.
std::vector<std::string> environment_for(const Client& client);

class Programs {
 public:
  // `command`: the program's path first.
  Programs(net::Loop& loop, Audience& audience, std::vector<std::string> command, std::size_t most)
      : loop_(loop), audience_(audience), command_(std::move(command)), most_(most) {}
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();  // kills what still runs

  struct Started {
    pid_t pid = -1;
    Fd socket;  // our end
  };
  // Errors (Exit::no): too many run already (EAGAIN), or the kernel's.
  Result<Started> start(const Client& client);
  void ask_to_end(pid_t pid);  // SIGTERM, to what it has started too; gone ones are passed over
  void abandon(pid_t pid);     // the same, and SIGKILL some time later
  // Waits until none runs; kills those that still do after so long.
  void end_all(std::chrono::nanoseconds most);
  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  struct Running {
    Fd watched;  // pidfd
    Client client;
    net::Loop::Timer limit = 0;
  };
  void ended(pid_t pid);
  void wait_until(std::chrono::steady_clock::time_point end);

  net::Loop& loop_;
  Audience& audience_;
  std::vector<std::string> command_;
  std::size_t most_;
  std::unordered_map<pid_t, Running> running_;
};

}  // namespace trama::serve
