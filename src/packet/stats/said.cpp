#include "packet/stats/said.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/dissect/value.h"

namespace trama::stats {
namespace {

constexpr std::string_view names[] = {"ascii", "ebcdic", "hex", "raw", "yaml"};

bool is_plain(char c) { return c >= 0x20 && c < 0x7f; }

// What the bytes 0x20 to 0x7e are in EBCDIC; as tshark has it, which knows no more of them.
constexpr std::string_view from_ebcdic =
    " !\"#$%&'()*+,-./"
    "..23456789:;<=.?"
    " ...........<(+|"
    "&.........!$*);^"
    "-/........|,%_>?"
    "..........:#@'=";

void append_text(std::string& text, Form form, const Said& said) {
  fmt::format_to(std::back_inserter(text), "{}{}\n", said.node == 1 ? "\t" : "", said.bytes.size());
  for (const char c : said.bytes) {
    if (c == '\n' || c == '\r')
      text += c;
    else if (!is_plain(c))
      text += '.';
    else
      text += form == Form::ebcdic ? from_ebcdic[static_cast<std::size_t>(c - 0x20)] : c;
  }
  text += '\n';
}

void append_hex_rows(std::string& text, const Said& said) {
  for (std::size_t at = 0; at < said.bytes.size(); at += 16) {
    const auto row = said.bytes.substr(at, 16);
    fmt::format_to(std::back_inserter(text), "{}{:08X}  ", said.node == 1 ? "\t" : "",
                   said.before + at);
    for (std::size_t i = 0; i < 16; ++i) {
      if (i < row.size())
        fmt::format_to(std::back_inserter(text), "{:02x} ", static_cast<u8>(row[i]));
      else
        text += "   ";
      if (i == 7) text += ' ';
    }
    text += ' ';
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == 8) text += ' ';
      text += is_plain(row[i]) ? row[i] : '.';
    }
    if (row.size() > 8 && row.back() == ' ') text.pop_back();  // as tshark
    text += '\n';
  }
}

// RFC 4648 section 4.
void append_base64(std::string& text, std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    u32 bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < count ? static_cast<u8>(bytes[at + i]) : 0U);
    for (unsigned i = 0; i < 4; ++i) text += i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
}

void append_yaml(std::string& text, const Said& said) {
  constexpr std::size_t a_line = 57;  // 76 characters of base64
  constexpr i64 second = 1'000'000'000;
  const i64 time = said.stamp.time == no_time ? 0 : said.stamp.time;
  // Seconds as tshark adds them, digit for digit.
  const double seconds =
      static_cast<double>(time / second) + static_cast<double>(time % second) / 1e9;
  fmt::format_to(std::back_inserter(text),
                 "  - packet: {}\n    peer: {}\n    timestamp: {:.9f}\n    data: !!binary |\n",
                 said.stamp.packet, said.node, seconds);
  for (std::size_t at = 0; at < said.bytes.size(); at += a_line) {
    text += "      ";
    append_base64(text, said.bytes.substr(at, a_line));
    text += '\n';
  }
}

}  // namespace

std::string_view name_of(Form form) { return names[static_cast<unsigned>(form)]; }

std::optional<Form> form_named(std::string_view name) {
  const auto* const at = std::find(std::begin(names), std::end(names), name);
  if (at == std::end(names)) return {};
  return static_cast<Form>(at - std::begin(names));
}

void append_said(std::string& text, Form form, const Said& said) {
  switch (form) {
    case Form::ascii:
    case Form::ebcdic:
      return append_text(text, form, said);
    case Form::hex:
      return append_hex_rows(text, said);
    case Form::raw:
      if (said.node == 1) text += '\t';
      dissect::append_hex(text,
                          {reinterpret_cast<const u8*>(said.bytes.data()), said.bytes.size()});
      text += '\n';
      return;
    case Form::yaml:
      return append_yaml(text, said);
  }
}

}  // namespace trama::stats
