#include "base/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace trama {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (is_set(name)) {
      std::string value = std::getenv(name);
      std::transform(value.begin(), value.end(), value.begin(),
                     [](char c) { return static_cast<char>(std::tolower(c)); });
      return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
  return true;  // no locale at all (containers, cron): UTF-8 is what terminals speak today
}

constexpr std::string_view escape_of(Colour colour) {
  switch (colour) {
    case Colour::plain:
      return "";
    case Colour::bold:
      return "\x1b[1m";
    case Colour::dim:
      return "\x1b[2m";
    case Colour::red:
      return "\x1b[31m";
    case Colour::green:
      return "\x1b[32m";
    case Colour::yellow:
      return "\x1b[33m";
    case Colour::blue:
      return "\x1b[34m";
    case Colour::magenta:
      return "\x1b[35m";
    case Colour::cyan:
      return "\x1b[36m";
  }
  return "";
}

struct Range {
  char32_t first, last;
};

bool in(const Range& range, char32_t c) { return c >= range.first && c <= range.last; }

// Marks that reorder or hide what a line shows (Unicode TR36): never passed through.
constexpr Range hiding[] = {
    {0x200b, 0x200f},
    {0x202a, 0x202e},
    {0x2060, 0x2069},
    {0xfeff, 0xfeff}
};
constexpr Range combining[] = {
    {0x0300, 0x036f},
    {0x1ab0, 0x1aff},
    {0x20d0, 0x20ff},
    {0xfe20, 0xfe2f}
};
constexpr Range wide[] = {
    {0x1100,  0x115f },
    {0x2e80,  0xa4cf },
    {0xac00,  0xd7a3 },
    {0xf900,  0xfaff },
    {0xfe30,  0xfe6f },
    {0xff00,  0xff60 },
    {0xffe0,  0xffe6 },
    {0x1f300, 0x1faff}
};

template <std::size_t n>
bool any_of(const Range (&ranges)[n], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const Range& r) { return in(r, c); });
}

char32_t decode(std::string_view text, unsigned length) {
  const auto byte = [&](unsigned i) { return static_cast<u8>(text[i]); };
  switch (length) {
    case 1:
      return byte(0);
    case 2:
      return (byte(0) & 0x1fU) << 6 | (byte(1) & 0x3fU);
    case 3:
      return (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
    default:
      return (byte(0) & 0x07U) << 18 | (byte(1) & 0x3fU) << 12 | (byte(2) & 0x3fU) << 6 |
             (byte(3) & 0x3fU);
  }
}

}  // namespace

std::string Terminal::paint(Colour wanted, std::string_view text) const {
  if (!colour || wanted == Colour::plain) return std::string{text};
  return fmt::format("{}{}\x1b[0m", escape_of(wanted), text);
}

std::string Terminal::spell(std::string_view text) const {
  std::string out{text};
  if (utf8) return out;
  constexpr std::pair<std::string_view, std::string_view> spellings[] = {
      {"→", "->"},
      {"·",  "." }
  };
  for (const auto& [sign, ascii] : spellings)
    for (auto at = out.find(sign); at != out.npos; at = out.find(sign, at + ascii.size()))
      out.replace(at, sign.size(), ascii);
  return out;
}

Terminal terminal_of(int fd) {
  Terminal terminal;
  terminal.is_tty = isatty(fd) == 1;
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view{term} == "dumb";
  terminal.colour = terminal.is_tty && !dumb && !is_set("NO_COLOR");
  terminal.utf8 = speaks_utf8();
  winsize size{};
  const bool told = terminal.is_tty && ioctl(fd, TIOCGWINSZ, &size) == 0;
  const auto number = [](const char* name, int least, unsigned otherwise) {
    return is_set(name)
               ? static_cast<unsigned>(std::clamp(std::atoi(std::getenv(name)), least, 1000))
               : otherwise;
  };
  terminal.columns =
      told && size.ws_col > 0 ? size.ws_col : number("COLUMNS", 20, terminal.columns);
  terminal.rows = told && size.ws_row > 0 ? size.ws_row : number("LINES", 5, terminal.rows);
  return terminal;
}

unsigned utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const u8 first = static_cast<u8>(text[0]);
  const unsigned length = first < 0x80                    ? 1
                          : first >= 0xc2 && first < 0xe0 ? 2
                          : first >= 0xe0 && first < 0xf0 ? 3
                          : first >= 0xf0 && first < 0xf5 ? 4
                                                          : 0;
  if (length == 0 || text.size() < length) return 0;
  for (unsigned i = 1; i < length; ++i)
    if ((static_cast<u8>(text[i]) & 0xc0U) != 0x80) return 0;
  const char32_t c = decode(text, length);
  const bool shortest = length < 3 || (length == 3 ? c >= 0x800 : c >= 0x10000);
  return shortest && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? length : 0;
}

std::size_t plain_length(std::string_view text) {
  constexpr u64 ones = 0x0101010101010101;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    u64 eight;
    std::memcpy(&eight, text.data() + at, 8);
    const u64 below = (eight - ones * 0x20) & ~eight;  // top bits: a byte under 0x20 ...
    const u64 above = eight + ones;                    // ... one over 0x7e
    if (((below | above | eight) & ones * 0x80) != 0) break;
  }
  while (at < text.size() && text[at] >= ' ' && text[at] <= '~') ++at;
  return at;
}

std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_harmless(out, text);
  return out;
}

void append_harmless(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    const unsigned length = utf8_length(text);
    const char32_t c = length == 0 ? static_cast<u8>(text[0]) : decode(text, length);
    if (length != 0 && c >= 0x20 && c != 0x7f && (c < 0x80 || c > 0x9f) && !any_of(hiding, c)) {
      out.append(text.substr(0, length));
    } else if (length != 0 && c > 0xff) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<u32>(c));
    } else {
      switch (c) {
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<u32>(c));
      }
    }
    text.remove_prefix(std::max(1U, length));
  }
}

unsigned width(std::string_view text) {
  unsigned columns = 0;
  while (!text.empty()) {
    if (const auto plain = plain_length(text); plain > 0) {  // mostly all of it
      columns += static_cast<unsigned>(plain);
      text.remove_prefix(plain);
      continue;
    }
    const unsigned length = std::max(1U, utf8_length(text));
    const char32_t c = decode(text, length);
    columns += any_of(combining, c) ? 0 : any_of(wide, c) ? 2 : 1;
    text.remove_prefix(length);
  }
  return columns;
}

std::string padded(std::string_view text, unsigned columns) {
  std::string out{text};
  if (const unsigned taken = width(text); taken < columns) out.append(columns - taken, ' ');
  return out;
}

std::string padded_left(std::string_view text, unsigned columns) {
  const unsigned taken = width(text);
  return std::string(taken < columns ? columns - taken : 0, ' ').append(text);
}

}  // namespace trama
