#include "packet/dissect/value.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <ctime>
#include <iterator>

#include "base/address.h"
#include "base/terminal.h"

namespace trama::dissect {

using wire::Show;

namespace {

constexpr char digits[] = "0123456789abcdef";
constexpr i64 second = 1'000'000'000;

void append_hex_number(std::string& out, u64 value, unsigned width) {
  out += "0x";
  for (unsigned left = width; left > 0; --left) out += digits[value >> (4 * (left - 1)) & 15];
}

// "00" ... "99"
constexpr auto pairs = [] {
  std::array<char, 200> all{};
  for (std::size_t i = 0; i < 100; ++i) {
    all[2 * i] = static_cast<char>('0' + i / 10);
    all[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return all;
}();

char* write_pair(char* at, u64 below_100) {
  at[0] = pairs[2 * below_100];
  at[1] = pairs[2 * below_100 + 1];
  return at + 2;
}

char* write_fraction(char* at, u64 nanoseconds) {  // a point and nine digits
  *at++ = '.';
  *at++ = static_cast<char>('0' + nanoseconds / 100'000'000);
  at = write_pair(at, nanoseconds / 1'000'000 % 100);
  at = write_pair(at, nanoseconds / 10'000 % 100);
  at = write_pair(at, nanoseconds / 100 % 100);
  return write_pair(at, nanoseconds % 100);
}

// The text of each byte in decimal with a point behind it, and how long that is.
struct ByteText {
  std::array<char, 4> text;
};
struct ByteTexts {
  std::array<ByteText, 256> texts;
  std::array<u8, 256> sizes;
};
constexpr ByteTexts byte_texts = [] {
  ByteTexts all{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned at = 0;
    auto& text = all.texts[byte].text;
    if (byte >= 100) text[at++] = static_cast<char>('0' + byte / 100);
    if (byte >= 10) text[at++] = static_cast<char>('0' + byte / 10 % 10);
    text[at++] = static_cast<char>('0' + byte % 10);
    text[at++] = '.';
    all.sizes[byte] = static_cast<u8>(at);
  }
  return all;
}();

constexpr auto powers = [] {  // of ten
  std::array<u64, 20> all{1};
  for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * 10;
  return all;
}();

unsigned digits_of(u64 value) {  // in decimal
  const auto bits = static_cast<unsigned>(std::bit_width(value | 1));
  const unsigned about = bits * 1233 >> 12;  // times log10(2)
  return about + (about < powers.size() && value >= powers[about] ? 1U : 0U) +
         (value == 0 ? 1U : 0U);
}

// From the back on; where its first digit stands.
template <class Number>
char* write_pairs(char* end, Number value) {
  for (; value >= 100; value /= 100) write_pair(end -= 2, value % 100);
  if (value >= 10) return write_pair(end - 2, value) - 2;
  *--end = static_cast<char>('0' + value);
  return end;
}

char* write_group(char* at, unsigned group) {  // 16 bits in hex, no zeros before
  for (int shift = 12; shift >= 0; shift -= 4)
    if (shift == 0 || group >> shift != 0) *at++ = digits[group >> shift & 15];
  return at;
}

}  // namespace

char* write_number(char* at, u64 value) {
  char* const end = at + digits_of(value);
  if (value >> 32 == 0)
    write_pairs(end, static_cast<u32>(value));  // its divisions cost half
  else
    write_pairs(end, value);
  return end;
}

char* write_ipv4(char* at, u32 address) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    const u32 byte = address >> shift & 255;
    std::copy_n(byte_texts.texts[byte].text.data(), 4, at);
    at += byte_texts.sizes[byte];
  }
  return at - 1;  // no point behind the last
}

void append_number(std::string& out, u64 value) {
  char text[20];
  out.append(text, write_number(text, value));
}

void append_hex(std::string& out, Bytes bytes) {
  for (const u8 byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
}

void append_ether(std::string& out, u64 address) {
  for (int shift = 40; shift >= 0; shift -= 8) {
    const auto byte = static_cast<u8>(address >> shift);
    out += digits[byte >> 4];
    out += digits[byte & 15];
    if (shift > 0) out += ':';
  }
}

void append_ipv4(std::string& out, u32 address) {
  char text[20];
  out.append(text, write_ipv4(text, address));
}

char* write_ipv6(char* at, const u8* sixteen) {
  unsigned groups[8];
  for (std::size_t i = 0; i < 8; ++i) groups[i] = sixteen[2 * i] * 256U + sixteen[2 * i + 1];
  unsigned best = 8;  // the longest run of zeros, of two at least, is left out
  unsigned longest = 1;
  for (unsigned i = 0; i < 8;) {
    unsigned end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > longest) {
      longest = end - i;
      best = i;
    }
    i = end + 1;
  }
  const bool carries_v4 = best == 0 && (longest == 6 || (longest == 7 && groups[7] != 1) ||
                                        (longest == 5 && groups[5] == 0xffff));
  for (unsigned i = 0; i < 8; ++i) {
    if (i == best) *at++ = ':';
    if (best <= i && i < best + longest && best < 8) continue;
    if (i > 0) *at++ = ':';
    if (i == 6 && carries_v4) {
      at = write_ipv4(at, groups[6] << 16 | groups[7]);
      break;
    }
    at = write_group(at, groups[i]);
  }
  if (best < 8 && best + longest == 8) *at++ = ':';
  return at;
}

void append_ipv6(std::string& out, const u8* sixteen) {
  char text[46];
  out.append(text, write_ipv6(text, sixteen));
}

char* write_seconds(char* at, i64 nanoseconds) {
  const u64 magnitude =
      nanoseconds < 0 ? 0 - static_cast<u64>(nanoseconds) : static_cast<u64>(nanoseconds);
  if (nanoseconds < 0) *at++ = '-';
  return write_fraction(write_number(at, magnitude / second), magnitude % second);
}

void append_seconds(std::string& out, i64 nanoseconds) {
  char text[40];
  out.append(text, write_seconds(text, nanoseconds));
}

void append_moment(std::string& out, i64 nanoseconds, bool utc, bool with_date) {
  i64 seconds = nanoseconds / second;
  i64 fraction = nanoseconds % second;
  if (fraction < 0) {
    fraction += second;
    --seconds;
  }
  const time_t when = seconds;
  tm parts{};
  utc ? gmtime_r(&when, &parts) : localtime_r(&when, &parts);
  if (with_date)
    fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02} ", parts.tm_year + 1900,
                   parts.tm_mon + 1, parts.tm_mday);
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min,
                 parts.tm_sec);
  char text[10];
  out.append(text, write_fraction(text, static_cast<u64>(fraction)));
}

void append_day_moment(std::string& out, i64 nanoseconds, bool utc) {
  const time_t when = nanoseconds / second - (nanoseconds % second < 0 ? 1 : 0);
  tm parts{};
  utc ? gmtime_r(&when, &parts) : localtime_r(&when, &parts);
  fmt::format_to(std::back_inserter(out), "{}/{:03} ", parts.tm_year + 1900, parts.tm_yday + 1);
  append_moment(out, nanoseconds, utc, false);
}

void append_date(std::string& out, i64 nanoseconds, bool utc) {
  const i64 fraction = (nanoseconds % second + second) % second;
  const time_t when = (nanoseconds - fraction) / second;
  tm parts{};
  utc ? gmtime_r(&when, &parts) : localtime_r(&when, &parts);
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  fmt::format_to(std::back_inserter(out), "{} {:2}, {} {:02}:{:02}:{:02}.{:09} {}",
                 months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3), parts.tm_mday,
                 parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec, fraction,
                 utc ? "UTC" : parts.tm_zone);
}

namespace {

// Bytes of a broken code point that stand for one mark: the longest start of a right one.
std::size_t broken_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<u8>(text[i]); };
  const u8 first = byte(0);
  const std::size_t wanted = first >= 0xf0 && first < 0xf5   ? 4
                             : first >= 0xe0 && first < 0xf0 ? 3
                                                             : 1;
  if (wanted == 1 || text.size() < 2) return 1;
  const u8 low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const u8 high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 1;
  return wanted == 4 && text.size() > 2 && (byte(2) & 0xc0U) == 0x80 ? 3 : 2;
}

void append_control(std::string& out, u8 byte) {
  constexpr std::string_view letters = "abtnvfr";  // from \a, 7, on
  out += '\\';
  if (byte >= 7 && byte <= 13)
    out += letters[byte - 7U];
  else
    for (int shift = 6; shift >= 0; shift -= 3) out += digits[byte >> shift & 7];
}

}  // namespace

namespace {

// Code points that no one sees: they can hide what a text says.
bool is_invisible(std::string_view point) {
  for (const std::string_view start :
       {"\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x8e", "\xe2\x80\x8f",
        "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xc2\xad",
        "\xef\xbb\xbf"})
    if (point == start) return true;
  return point.starts_with("\xe2\x81") && static_cast<u8>(point[2]) >= 0xa0;
}

void append_escaped(std::string& out, std::string_view point) {
  const auto part = [&](std::size_t i) { return static_cast<u8>(point[i]) & 0x3fU; };
  const u32 value = point.size() == 2
                        ? (static_cast<u8>(point[0]) & 0x1fU) << 6 | part(1)
                        : (static_cast<u8>(point[0]) & 0x0fU) << 12 | part(1) << 6 | part(2);
  fmt::format_to(std::back_inserter(out), "\\u{:04X}", value);
}

}  // namespace

void append_text(std::string& out, std::string_view text, bool keep_invisible) {
  while (!text.empty()) {
    const auto byte = static_cast<u8>(text[0]);
    if (byte >= 0x20 && byte < 0x7f) {
      std::size_t plain = 1;
      while (plain < text.size() && text[plain] >= 0x20 && text[plain] < 0x7f) ++plain;
      out.append(text.substr(0, plain));
      text.remove_prefix(plain);
    } else if (byte < 0x80) {
      append_control(out, byte);
      text.remove_prefix(1);
    } else if (const unsigned length = utf8_length(text); length == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(broken_length(text));
    } else {
      const auto point = text.substr(0, length);
      const bool control = byte == 0xc2 && static_cast<u8>(text[1]) < 0xa0;
      if (control || (!keep_invisible && length < 4 && is_invisible(point)))
        append_escaped(out, point);
      else
        out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
}

void append_value(std::string& out, const Row& row) {
  switch (row.field->show) {
    case Show::dec:
      return append_number(out, row.value);
    case Show::signed_dec:
      fmt::format_to(std::back_inserter(out), "{}", static_cast<i64>(row.value));
      return;
    case Show::hex2:
      return append_hex_number(out, row.value, 2);
    case Show::hex4:
      return append_hex_number(out, row.value, 4);
    case Show::hex6:
      return append_hex_number(out, row.value, 6);
    case Show::hex8:
      return append_hex_number(out, row.value, 8);
    case Show::flag:
      out += row.value != 0 ? '1' : '0';
      return;
    case Show::ether:
      return append_ether(out, row.value);
    case Show::ipv4:
      return append_ipv4(out, static_cast<u32>(row.value));
    case Show::ipv6:
      if (row.size == 16) append_ipv6(out, row.data);
      return;
    case Show::bytes:
      if (row.size == 0) out += "<MISSING>";
      return append_hex(out, {row.data, row.size});
    case Show::text:
      return append_text(out, {reinterpret_cast<const char*>(row.data), row.size}, true);
    case Show::seconds:
      return append_seconds(out, static_cast<i64>(row.value));
    case Show::decimal:
      fmt::format_to(std::back_inserter(out), "{:.15g}",
                     static_cast<double>(static_cast<i64>(row.value)) / 1e9);
      return;
    case Show::moment:
      return append_date(out, static_cast<i64>(row.value), false);
    case Show::moment_utc:
      if (static_cast<i64>(row.value) == no_moment) {
        out += "NULL";
        return;
      }
      return append_date(out, static_cast<i64>(row.value), true);
    case Show::mark:
      out += '1';
      return;
    case Show::layer:
      out += row.field->label;
      return;
  }
}

void append_named_value(std::string& out, const Row& row) {
  append_value(out, row);
  for (const wire::Name& name : row.field->names)
    if (name.value == row.value) {
      fmt::format_to(std::back_inserter(out), " ({})", name.text);
      return;
    }
}

}  // namespace trama::dissect
