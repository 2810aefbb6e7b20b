// Any bytes as a SOCKS5 proxy's answers.
#include "proxy_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const trama::u8* data, std::size_t size) {
  trama::answer_all(trama::connect::Proxy::Kind::socks5, {data, size});
  return 0;
}
