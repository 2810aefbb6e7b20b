// One JSON object on one line: what `--json` of every verb writes (NDJSON). The first two members
// are always "v", the version of the format, and "type", which says what the line is about.
// Keys are never translated; text that is not UTF-8 is written with \u00NN for each such byte.
#pragma once
#include <fmt/core.h>

#include <concepts>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trama {

class JsonLine {
 public:
  static constexpr int version = 1;

  explicit JsonLine(std::string_view type);

  JsonLine& text(std::string_view key, std::string_view value);
  JsonLine& boolean(std::string_view key, bool value);
  template <std::integral T>
  JsonLine& number(std::string_view key, T value) {
    name(key);
    fmt::format_to(std::back_inserter(line_), "{}", value);
    return *this;
  }
  // Seconds, with nine decimals and no rounding.
  JsonLine& seconds(std::string_view key, i64 nanoseconds);
  JsonLine& null(std::string_view key);
  // A value that is JSON already.
  JsonLine& raw(std::string_view key, std::string_view json);

  JsonLine& open(std::string_view key, char bracket);  // '{' or '['
  JsonLine& close(char bracket);                       // '}' or ']'
  JsonLine& open_element();                            // an object inside an array
  JsonLine& element(std::string_view text);            // a string inside an array

  // The whole line, closed and with its newline. Call once.
  std::string& line();

 private:
  void name(std::string_view key);
  void comma();
  std::string line_;
};

// "text" with quotes and escapes (RFC 8259 section 7).
void append_json_text(std::string& out, std::string_view text);

}  // namespace trama
