// What a conversation's bytes were, kept in files: -x as hexadecimal lines with arrows and each
// direction's own offsets, -o as the bytes themselves in the order in which they moved. A file that
// takes no more (disk full) never disturbs the conversation; close() tells it.
#pragma once
#include <array>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/out.h"

namespace trama::connect {

class Journal {
 public:
  // Opens and empties the files (`append`: keeps what they have); "" for none. Error
  // (Exit::lost_output): a file that cannot be written.
  Result<void> open(const std::string& hex_path, const std::string& raw_path, bool append = false);
  [[nodiscard]] bool is_open() const { return hex_ || raw_; }
  void sent(Bytes bytes) { keep(0, bytes); }
  void received(Bytes bytes) { keep(1, bytes); }
  // Error (Exit::lost_output): a file that misses bytes, and why.
  Result<void> close();

 private:
  struct File {
    std::string path;
    Fd fd;
    Out out;
    File(std::string name, Fd opened)
        : path(std::move(name)), fd(std::move(opened)), out(fd.get()) {}
  };
  static Result<std::unique_ptr<File>> open_one(const std::string& path, bool append);
  void keep(unsigned direction, Bytes bytes);

  std::unique_ptr<File> hex_, raw_;
  std::array<u64, 2> offsets_{};
};

// "> 00000010  68 69 0a                                          |hi.|", 16 bytes a line; the
// arrow shows the way: '>' to the peer, '<' from it. `offset` is that of the first byte.
void append_hex_lines(std::string& out, char arrow, u64 offset, Bytes bytes);

}  // namespace trama::connect
