// Any bytes as an HTTP proxy's answers.
#include "proxy_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const trama::u8* data, std::size_t size) {
  trama::answer_all(trama::connect::Proxy::Kind::http, {data, size});
  return 0;
}
