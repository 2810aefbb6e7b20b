// Any bytes as a request's head: a request, or a status; its target and range are read on.
#include <cstdlib>
#include <string_view>

#include "serve/http_request.h"

extern "C" int LLVMFuzzerTestOneInput(const trama::u8* data, std::size_t size) {
  using namespace trama::serve;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto end = head_size(text);
  if (end != text.npos && (end > size || head_size(text, end - 1) != end)) std::abort();
  may_be_head(text);
  const auto request = parse_request(text.substr(0, end));
  if (request.status != 0 && request.keep_alive) std::abort();
  if (const auto path = path_of_target(request.target); path && is_shown(*path)) {
    const auto whole = "/" + *path;
    if (whole.find("/../") != whole.npos || whole.ends_with("/..")) std::abort();
  }
  ByteRange range;
  if (parse_range(request.range, 1000, range) == RangeKind::one &&
      (range.size == 0 || range.first + range.size > 1000))
    std::abort();
  return 0;
}
