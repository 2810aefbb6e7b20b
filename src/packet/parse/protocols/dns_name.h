// Domain names as they stand in messages (RFC 1035 section 4.1.4): labels, and pointers to names
// that came before. Bounded: 256 pointers, 253 characters.
#pragma once
#include <array>
#include <string_view>

#include "base/bytes.h"

namespace trama::parse {

class DomainName {
 public:
  // Reads the name at `at` of a message. False where it runs beyond the message. Where it breaks
  // the rules in another way, text() says how, in brackets.
  bool read(Bytes message, u32 at);

  // "www.example.org" with the labels' bytes as they came; "<Root>" for the empty name.
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }
  [[nodiscard]] u32 taken() const { return taken_; }  // bytes where the name stands

 private:
  static constexpr u32 longest = 253;
  void say(std::string_view what);

  std::array<char, longest + 3> text_;
  u32 size_ = 0, taken_ = 0;
};

}  // namespace trama::parse
