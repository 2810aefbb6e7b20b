// The head of an HTTP/1 request (RFC 9112), for servers that take no bodies. Bytes in, a request or
// the status that refuses it out; nothing is kept between calls.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trama::serve {

constexpr std::size_t longest_head = std::size_t{16} * 1024;  // bytes
constexpr std::size_t most_fields = 100;

// How long the head is, with the empty line that ends it; npos where that has not come. `from`: how
// many bytes were looked at before.
std::size_t head_size(std::string_view text, std::size_t from = 0);

// Whether a head can begin so: anything but TLS and other protocols' first bytes.
bool may_be_head(std::string_view text);

struct HttpRequest {
  unsigned status = 0;      // 0, or what is wrong: 400, 414, 431, 505
  std::string_view method;  // views of the head
  std::string_view target;
  bool keep_alive = false;  // the connection may go on after the answer
  // Fields; "" where they are not there.
  std::string_view range, if_range, if_modified_since, proxy_authorization;
};

// `head`: as head_size() measured it.
HttpRequest parse_request(std::string_view head);

// The path of a target ("/a%20b/c?d" or "http://host/a") below the folder that is served: "a b/c",
// "" for the folder itself. Nothing for what is no path, or has a NUL.
std::optional<std::string> path_of_target(std::string_view target);

// Whether each part of the path may be served: none is hidden, none is "..".
bool is_shown(std::string_view path);

struct ByteRange {
  u64 first = 0, size = 0;
};
enum class RangeKind { none, one, unsatisfiable };

// "bytes=0-99", "bytes=100-", "bytes=-100" of a file of so many bytes (RFC 9110, section 14).
// Others (several ranges, other units, bad ones) count as none: the whole file is the answer.
RangeKind parse_range(std::string_view field, u64 file_size, ByteRange& range);

}  // namespace trama::serve
