#include "serve/http_request.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace trama::serve {
namespace {

constexpr std::size_t longest_line = std::size_t{8} * 1024;  // bytes, of method and target

// RFC 9110, section 5.6.2.
bool is_token_char(char c) {
  return std::isalnum(static_cast<u8>(c)) != 0 ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<u8>(x)) == std::tolower(static_cast<u8>(y));
  });
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The next line without its end, LF or CR LF; taken off the text.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end == text.npos ? text.size() : end + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return (static_cast<u8>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

// "close, x": whether one of the words of a list is this one.
bool lists(std::string_view field, std::string_view word) {
  while (!field.empty()) {
    const auto item = field.substr(0, field.find(','));
    if (is_same(trimmed(item), word)) return true;
    field.remove_prefix(std::min(field.size(), item.size() + 1));
  }
  return false;
}

// 0, or the status that refuses the line; `minor`: of HTTP/1.
unsigned take_request_line(std::string_view line, HttpRequest& request, unsigned& minor) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return line.size() > longest_line ? 414 : 400;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(request.method) || has_control(line)) return 400;
  if (line.size() > longest_line) return 414;
  if (request.target.empty() || request.target.find(' ') != line.npos) return 400;
  const bool shaped = version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' &&
                      std::isdigit(static_cast<u8>(version[5])) != 0 &&
                      std::isdigit(static_cast<u8>(version[7])) != 0;
  if (!shaped) return 400;
  if (version[5] != '1') return 505;
  minor = static_cast<unsigned>(version[7] - '0');
  return 0;
}

struct Fields {
  unsigned hosts = 0;
  bool body = false;
  bool close = false, keep = false;
};

// 0, or the status that refuses the field.
unsigned take_field(std::string_view line, HttpRequest& request, Fields& fields) {
  const auto colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return 400;  // folded lines too
  const auto name = line.substr(0, colon);
  const auto value = trimmed(line.substr(colon + 1));
  if (has_control(value)) return 400;
  if (is_same(name, "host")) ++fields.hosts;
  if (is_same(name, "transfer-encoding")) fields.body = true;
  if (is_same(name, "content-length")) {
    if (value.empty() || value.find_first_not_of("0123456789") != value.npos) return 400;
    fields.body = fields.body || value.find_first_not_of('0') != value.npos;
  }
  if (is_same(name, "connection")) {
    fields.close = fields.close || lists(value, "close");
    fields.keep = fields.keep || lists(value, "keep-alive");
  }
  if (is_same(name, "range")) request.range = value;
  if (is_same(name, "if-range")) request.if_range = value;
  if (is_same(name, "if-modified-since")) request.if_modified_since = value;
  if (is_same(name, "proxy-authorization")) request.proxy_authorization = value;
  return 0;
}

std::optional<u8> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<u8>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<u8>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<u8>(c - 'A' + 10);
  return {};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '%') {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return {};
    const auto high = hex_digit(text[1]), low = hex_digit(text[2]);
    if (!high || !low) return {};
    out += static_cast<char>(*high << 4U | *low);
    text.remove_prefix(3);
  }
  return out;
}

std::optional<u64> number_of(std::string_view text) {
  u64 number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::size_t head_size(std::string_view text, std::size_t from) {
  // Empty lines before the request line are passed over (RFC 9112, section 2.2).
  const auto start = text.find_first_not_of("\r\n");
  if (start == text.npos) return text.npos;
  for (auto at = text.find('\n', std::max(start, from < 3 ? 0 : from - 3)); at != text.npos;
       at = text.find('\n', at + 1)) {
    const auto rest = text.substr(at + 1);
    if (rest.starts_with('\n')) return at + 2;
    if (rest.starts_with("\r\n")) return at + 3;
  }
  return text.npos;
}

bool may_be_head(std::string_view text) {
  const auto start = text.find_first_not_of("\r\n");
  if (start == text.npos) return true;
  const auto word = text.substr(start, text.find(' ', start) - start);
  return std::all_of(word.begin(), word.end(), is_token_char) && word.size() < 64;
}

HttpRequest parse_request(std::string_view head) {
  HttpRequest request;
  head.remove_prefix(std::min(head.find_first_not_of("\r\n"), head.size()));
  unsigned minor = 0;
  request.status = take_request_line(next_line(head), request, minor);
  Fields fields;
  std::size_t count = 0;
  while (request.status == 0) {
    const auto line = next_line(head);
    if (line.empty()) break;
    request.status = ++count > most_fields ? 431 : take_field(line, request, fields);
  }
  if (request.status != 0) return request;
  if (fields.hosts > 1 || (minor >= 1 && fields.hosts == 0)) request.status = 400;
  // Where a body ends is never asked: after an answer to a request with one, nothing more is read.
  request.keep_alive =
      request.status == 0 && !fields.body && !fields.close && (minor >= 1 || fields.keep);
  return request;
}

std::optional<std::string> path_of_target(std::string_view target) {
  if (const auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/')) {
    const auto path = target.find_first_of("/?#", scheme + 3);
    target = path == target.npos || target[path] != '/' ? "/" : target.substr(path);
  }
  if (!target.starts_with('/')) return {};
  const auto decoded = percent_decoded(target.substr(0, target.find_first_of("?#")));
  if (!decoded || decoded->find('\0') != decoded->npos) return {};
  std::string path;  // with single slashes
  for (const char c : *decoded)
    if (c != '/' || (!path.empty() && path.back() != '/')) path += c;
  return path;
}

bool is_shown(std::string_view path) {
  return !path.starts_with('.') && path.find("/.") == path.npos;
}

RangeKind parse_range(std::string_view field, u64 file_size, ByteRange& range) {
  constexpr std::string_view unit = "bytes=";
  if (field.size() < unit.size() || !is_same(field.substr(0, unit.size()), unit))
    return RangeKind::none;
  field.remove_prefix(unit.size());
  const auto dash = field.find('-');
  if (dash == field.npos || field.find(',') != field.npos) return RangeKind::none;
  const auto from = trimmed(field.substr(0, dash)), to = trimmed(field.substr(dash + 1));
  const auto first = number_of(from), last = number_of(to);
  if ((!from.empty() && !first) || (!to.empty() && !last) || (!first && !last))
    return RangeKind::none;
  if (!first) {  // the last so many bytes
    if (*last == 0 || file_size == 0) return RangeKind::unsatisfiable;
    range.size = std::min(*last, file_size);
    range.first = file_size - range.size;
    return RangeKind::one;
  }
  if (last && *last < *first) return RangeKind::none;
  if (*first >= file_size) return RangeKind::unsatisfiable;
  range.first = *first;
  range.size = std::min(last ? *last : file_size - 1, file_size - 1) - *first + 1;
  return RangeKind::one;
}

}  // namespace trama::serve
