// The messages of a load and their right answers, made once: lines of letters that begin with their
// number, the same again and again after some. A stream's bytes are looked up by position, a
// datagram's by number.
#pragma once
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "load/plan.h"

namespace trama::load {

class Texts {
 public:
  // `count`: different messages, at most 65536.
  Texts(std::size_t size, u32 count, Expect expect);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] u32 count() const { return count_; }
  // All of them, one behind the other, for ever: so many bytes from this one on. `bytes` is at most
  // size() * count().
  [[nodiscard]] Bytes questions(u64 position, u64 bytes) const {
    return part(questions_, position, bytes);
  }
  [[nodiscard]] Bytes answers(u64 position, u64 bytes) const {
    return part(answers_, position, bytes);
  }
  // Whether these are the answers' bytes from `position` on.
  [[nodiscard]] bool are_answers(u64 position, Bytes bytes) const;

  [[nodiscard]] Bytes question(u32 number) const { return questions(u64{number} * size_, size_); }
  [[nodiscard]] Bytes answer(u32 number) const { return answers(u64{number} * size_, size_); }
  // Which message this answers, by its first four letters.
  [[nodiscard]] std::optional<u32> number_of(Bytes answer) const;

 private:
  [[nodiscard]] Bytes part(const std::vector<u8>& ring, u64 position, u64 bytes) const {
    return Bytes{ring}.subspan(position % (size_ * count_), bytes);
  }
  std::size_t size_;
  u32 count_;
  std::vector<u8> questions_, answers_;  // each message twice, so that a part never wraps
};

}  // namespace trama::load
