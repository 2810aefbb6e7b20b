// Standard output without blocking, and without O_NONBLOCK on what the shell shares with other
// programs: the flag belongs to the open file, which is theirs too. A pipe or terminal is opened
// anew with a flag of our own, sockets are asked call by call, files never block for long.
#pragma once
#include <functional>
#include <string>

#include "base/bytes.h"
#include "base/fd.h"
#include "net/interest.h"

namespace trama::net {

class Output {
 public:
  explicit Output(int fd);
  [[nodiscard]] int fd() const { return own_.is_open() ? own_.get() : fd_; }

  // How many bytes were taken, perhaps 0: then wait until fd() is writable.
  std::size_t write(Bytes bytes);
  [[nodiscard]] int error() const { return error_; }  // errno, EPIPE where the reader left; else 0

 private:
  enum class Kind { plain, socket, pipe };
  int fd_;
  Fd own_;  // the same pipe or terminal, opened anew with a flag of our own
  Kind kind_ = Kind::plain;
  int error_ = 0;
};

// Where lines go: they are appended, and written when they can be.
class Lines {
 public:
  virtual ~Lines() = default;
  virtual std::string& buffer() = 0;  // append here; then flush()
  // False: too much waits already. The caller leaves things out, and counts them.
  [[nodiscard]] virtual bool has_room() const = 0;
  // Writes what can be written now.
  virtual void flush() = 0;
};

// Lines that wait to be written. Where writing fails the rest is lost, but a line that was begun is
// ended before the next one.
class KeptLines {
 public:
  std::string text;
  void written(std::size_t bytes);
  void lose();

 private:
  bool within_a_line_ = false;  // what was written ends so
};

// The same for a program that must not wait for its reader: what the reader does not take yet is
// kept, up to a bound, and written when it does.
class PatientOutput : public Lines {
 public:
  static constexpr std::size_t most_kept = std::size_t{4} * 1024 * 1024;

  PatientOutput(Loop& loop, int fd);

  std::string& buffer() override { return kept_.text; }
  [[nodiscard]] bool has_room() const override { return kept_.text.size() < most_kept; }
  void flush() override;
  // Writes the rest, waiting for the reader at most so long.
  void finish(std::chrono::milliseconds most);
  [[nodiscard]] int error() const { return out_.error(); }

 private:
  Output out_;
  Interest interest_;
  KeptLines kept_;
};

}  // namespace trama::net
