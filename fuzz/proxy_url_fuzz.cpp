// Any text as the value of --proxy.
#include <cstdlib>

#include "connect/proxy.h"

extern "C" int LLVMFuzzerTestOneInput(const trama::u8* data, std::size_t size) {
  const auto proxy = trama::connect::parse_proxy({reinterpret_cast<const char*>(data), size});
  if (proxy && (proxy->host.empty() || proxy->port == 0)) std::abort();
  return 0;
}
