#include "serve/upper.h"

namespace trama::serve {

void Upper::operator()(std::span<u8> text) {
  constexpr u8 lead = 0xc3;
  constexpr u8 division = 0xb7;  // U+00F7, no letter though it stands among them
  u8 before = after_lead_ ? lead : 0;
  for (u8& byte : text) {
    const u8 here = byte;
    const bool ascii = here >= 'a' && here <= 'z';
    const bool latin = before == lead && here >= 0xa0 && here <= 0xbe && here != division;
    byte = static_cast<u8>(here - (ascii || latin ? 0x20 : 0));
    before = here;
  }
  after_lead_ = before == lead;
}

}  // namespace trama::serve
