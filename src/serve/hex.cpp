#include "serve/hex.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

namespace trama::serve {
namespace {

constexpr std::size_t bytes_a_line = 16;

}  // namespace

void append_hex(std::string& out, Bytes bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += bytes_a_line) {
    const Bytes row = bytes.subspan(at, std::min(bytes_a_line, bytes.size() - at));
    fmt::format_to(std::back_inserter(out), "  {:04x} ", at);
    for (std::size_t i = 0; i < bytes_a_line; ++i) {
      if (i == bytes_a_line / 2) out += ' ';
      if (i < row.size())
        fmt::format_to(std::back_inserter(out), " {:02x}", row[i]);
      else
        out += "   ";
    }
    out += "  ";
    for (const u8 byte : row) out += byte >= ' ' && byte <= '~' ? static_cast<char>(byte) : '.';
    out += '\n';
  }
}

}  // namespace trama::serve
