// Any bytes as a PROXY header: every prefix of them, too. What was bad stays bad with more bytes,
// and what was whole stays the same.
#include <cstdlib>

#include "serve/proxy_header.h"

extern "C" int LLVMFuzzerTestOneInput(const trama::u8* data, std::size_t size) {
  using trama::serve::ProxyHeader;
  const trama::Bytes bytes{data, size};
  const auto all = trama::serve::parse_proxy_header(bytes);
  if (all.state == ProxyHeader::State::whole && all.size > size) std::abort();
  if (all.state == ProxyHeader::State::more && size >= ProxyHeader::longest) std::abort();
  for (std::size_t n = 0; n < size && n <= ProxyHeader::longest; ++n) {
    const auto part = trama::serve::parse_proxy_header(bytes.first(n));
    if (part.state == ProxyHeader::State::bad && all.state != ProxyHeader::State::bad) std::abort();
    if (part.state == ProxyHeader::State::whole && part.size != all.size) std::abort();
  }
  return 0;
}
