// Runs programs for a test: starts them, waits for a line instead of sleeping, ends them. Every
// wait has a deadline and fails the test with what was printed so far.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace trama::tests {

using namespace std::chrono_literals;

// Whether the programs are built with AddressSanitizer, which keeps freed memory for a while.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

struct Ended {
  int status = -1;  // the exit status; 128 + the signal's number where one ended it
  std::string out, err;
};

class Program {
 public:
  // `environment` rows ("LANG=pt_BR.UTF-8") are added to a clean one: PATH, LC_ALL=C.UTF-8.
  explicit Program(std::vector<std::string> command, std::vector<std::string> environment = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();  // kills what still runs

  void type(std::string_view text);  // into its standard input
  void close_input();
  // Reads standard output until it holds the text behind what earlier waits found; returns all
  // output so far. Fails the test after `limit`.
  std::string wait_for(std::string_view text, std::chrono::milliseconds limit = 20s);
  std::string wait_for_error(std::string_view text, std::chrono::milliseconds limit = 20s);
  void signal(int number) const;
  // Waits for its end and gives all that it printed.
  Ended wait(std::chrono::milliseconds limit = 20s);
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  struct Stream {
    Fd fd;
    std::string text;
    std::size_t seen = 0;
  };
  bool read_some(std::chrono::steady_clock::time_point deadline);
  std::string wait_in(Stream& stream, std::string_view text, std::chrono::milliseconds limit);

  std::vector<std::string> command_;
  pid_t pid_ = -1;
  Fd input_;
  Stream out_, err_;
};

// trama itself, as built: {"serve", "tcp", "0"} becomes {".../trama", "serve", "tcp", "0"}.
std::vector<std::string> trama(const std::vector<std::string>& arguments);

// Runs a program to its end with the given standard input.
Ended run(std::vector<std::string> command, std::string_view input = {},
          std::vector<std::string> environment = {});

// The port behind the first "127.0.0.1:" or "[::1]:" at or after `after` in the text; 0 if none.
unsigned short port_in(std::string_view text, std::string_view after = {});

// The path of a file of the source tree.
std::string source(std::string_view relative);
std::string read_file(const std::string& path);

// A directory that is removed with all in it when the test ends.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::string path(std::string_view name = {}) const;

 private:
  std::string path_;
};

}  // namespace trama::tests
