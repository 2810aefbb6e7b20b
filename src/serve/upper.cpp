#include "serve/upper.h"

#include <algorithm>

namespace trama::serve {
namespace {

constexpr std::size_t block = 32;  // bytes that one step of the compiler's vectors takes

// A block without a byte beyond ASCII, which most are, needs no look at the byte before; false:
// it has one, and stays as it is.
bool ascii_block(u8* text) {
  u8 all = 0;
  for (std::size_t i = 0; i < block; ++i) all |= text[i];
  if (all >= 0x80) return false;
  for (std::size_t i = 0; i < block; ++i)
    text[i] = static_cast<u8>(text[i] - (static_cast<u8>(text[i] - 'a') < 26 ? 0x20 : 0));
  return true;
}

constexpr u8 lead = 0xc3;

// `before`: the byte in front of the text. Gives the text's last byte, as it was.
u8 any_text(std::span<u8> text, u8 before) {
  constexpr u8 division = 0xb7;  // U+00F7, no letter though it stands among them
  for (u8& byte : text) {
    const u8 here = byte;
    const bool ascii = here >= 'a' && here <= 'z';
    const bool latin = before == lead && here >= 0xa0 && here <= 0xbe && here != division;
    byte = static_cast<u8>(here - (ascii || latin ? 0x20 : 0));
    before = here;
  }
  return before;
}

}  // namespace

void Upper::operator()(std::span<u8> text) {
  u8 before = after_lead_ ? lead : 0;
  for (; text.size() >= block; text = text.subspan(block))
    before = ascii_block(text.data()) ? 0 : any_text(text.first(block), before);
  after_lead_ = any_text(text, before) == lead;
}

}  // namespace trama::serve
