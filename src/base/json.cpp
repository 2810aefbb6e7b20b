#include "base/json.h"

#include "base/terminal.h"

namespace trama {

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const unsigned length = utf8_length(text);
    const u8 first = static_cast<u8>(text[0]);
    if (length == 0 || first < 0x20 || first == 0x7f) {
      if (first == '\n')
        out += "\\n";
      else
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
    } else if (first == '"' || first == '\\') {
      out += '\\';
      out += text[0];
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

JsonLine::JsonLine(std::string_view type) {
  line_ = fmt::format("{{\"v\":{}", version);
  text("type", type);
}

void JsonLine::comma() {
  if (const char last = line_.back(); last != '{' && last != '[') line_ += ',';
}

void JsonLine::name(std::string_view key) {
  comma();
  append_json_text(line_, key);
  line_ += ':';
}

JsonLine& JsonLine::text(std::string_view key, std::string_view value) {
  name(key);
  append_json_text(line_, value);
  return *this;
}

JsonLine& JsonLine::boolean(std::string_view key, bool value) {
  return raw(key, value ? "true" : "false");
}

JsonLine& JsonLine::seconds(std::string_view key, i64 nanoseconds) {
  name(key);
  const auto magnitude =
      nanoseconds < 0 ? 0 - static_cast<u64>(nanoseconds) : static_cast<u64>(nanoseconds);
  fmt::format_to(std::back_inserter(line_), "{}{}.{:09}", nanoseconds < 0 ? "-" : "",
                 magnitude / 1'000'000'000, magnitude % 1'000'000'000);
  return *this;
}

JsonLine& JsonLine::null(std::string_view key) { return raw(key, "null"); }

JsonLine& JsonLine::raw(std::string_view key, std::string_view json) {
  name(key);
  line_ += json;
  return *this;
}

JsonLine& JsonLine::open(std::string_view key, char bracket) {
  name(key);
  line_ += bracket;
  return *this;
}

JsonLine& JsonLine::close(char bracket) {
  line_ += bracket;
  return *this;
}

JsonLine& JsonLine::open_element() {
  comma();
  line_ += '{';
  return *this;
}

JsonLine& JsonLine::element(std::string_view value) {
  comma();
  append_json_text(line_, value);
  return *this;
}

std::string& JsonLine::line() {
  line_ += "}\n";
  return line_;
}

}  // namespace trama
