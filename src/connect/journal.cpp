#include "connect/journal.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::connect {

void append_hex_lines(std::string& out, char arrow, u64 offset, Bytes bytes) {
  constexpr std::size_t a_line = 16;
  auto into = std::back_inserter(out);
  while (!bytes.empty()) {
    const auto row = bytes.first(std::min(a_line, bytes.size()));
    fmt::format_to(into, "{} {:08x} ", arrow, offset);
    for (std::size_t i = 0; i < a_line; ++i) {
      if (i == a_line / 2) out += ' ';
      if (i < row.size())
        fmt::format_to(into, " {:02x}", row[i]);
      else
        out += "   ";
    }
    out += "  |";
    for (const u8 byte : row) out += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
    out += "|\n";
    offset += row.size();
    bytes = bytes.subspan(row.size());
  }
}

Result<std::unique_ptr<Journal::File>> Journal::open_one(const std::string& path, bool append) {
  if (path.empty()) return nullptr;
  const int fate = append ? O_APPEND : O_TRUNC;
  Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | fate | O_CLOEXEC, 0666)};
  if (!fd.is_open())
    return fail(Exit::lost_output, say("cannot write {}: {}", harmless(path), errno_text(errno)),
                errno);
  return std::make_unique<File>(path, std::move(fd));
}

Result<void> Journal::open(const std::string& hex_path, const std::string& raw_path, bool append) {
  auto hex = open_one(hex_path, append);
  if (!hex) return fail(hex);
  auto raw = open_one(raw_path, append);
  if (!raw) return fail(raw);
  hex_ = std::move(*hex);
  raw_ = std::move(*raw);
  return {};
}

void Journal::keep(unsigned direction, Bytes bytes) {
  if (hex_ && hex_->out.is_open()) {
    append_hex_lines(hex_->out.buffer(), direction == 0 ? '>' : '<', offsets_[direction], bytes);
    hex_->out.flush();
  }
  if (raw_ && raw_->out.is_open()) {
    raw_->out.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    raw_->out.flush();
  }
  offsets_[direction] += bytes.size();
}

Result<void> Journal::close() {
  for (const auto* file : {&hex_, &raw_}) {
    if (!*file || (*file)->out.is_open()) continue;
    const int error = (*file)->out.failed() != 0 ? (*file)->out.failed() : EPIPE;
    return fail(Exit::lost_output,
                say("the log {} is not complete: {}", harmless((*file)->path), errno_text(error)),
                error);
  }
  return {};
}

}  // namespace trama::connect
