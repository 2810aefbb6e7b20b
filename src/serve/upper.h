// The answer of `serve`: upper case of ASCII and of the Latin-1 letters in UTF-8 (U+00E0 to U+00FE
// without the division sign become U+00C0 to U+00DE). ÿ and ß stay: their upper case is not
// Latin-1. Length never changes, so a stream is answered in place.
#pragma once
#include <span>

#include "base/bytes.h"

namespace trama::serve {

// One stream of bytes. A letter of two bytes may be split over two calls.
class Upper {
 public:
  void operator()(std::span<u8> text);

 private:
  bool after_lead_ = false;  // the last byte was 0xC3, which starts U+00C0 to U+00FF
};

}  // namespace trama::serve
