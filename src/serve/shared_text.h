// Bytes that go to many clients: written once, never changed, counted by those who still have to
// send them, freed by the last. One allocation a text, however many clients get it. The count is
// plain: a server lives on one thread.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

#include "base/bytes.h"

namespace trama::serve {

class SharedText {
 public:
  // What holding one costs beyond its bytes: the block's head, the allocator's, the queue's entry.
  static constexpr std::size_t overhead = 48;

  SharedText() = default;
  // The parts, joined.
  explicit SharedText(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (const Bytes part : parts) size += part.size();
    block_ = static_cast<Block*>(::operator new(sizeof(Block) + size));
    *block_ = {1, size};
    u8* to = text();
    for (const Bytes part : parts) to = std::copy(part.begin(), part.end(), to);
  }
  SharedText(const SharedText& other) : block_(other.block_) {
    if (block_ != nullptr) ++block_->uses;
  }
  SharedText(SharedText&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedText& operator=(SharedText other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedText() {
    if (block_ != nullptr && --block_->uses == 0) ::operator delete(block_);
  }

  [[nodiscard]] std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  [[nodiscard]] Bytes bytes() const {
    return block_ == nullptr ? Bytes{} : Bytes{text(), block_->size};
  }

 private:
  struct Block {
    std::size_t uses, size;  // its bytes follow
  };
  [[nodiscard]] u8* text() const { return reinterpret_cast<u8*>(block_ + 1); }
  Block* block_ = nullptr;
};

}  // namespace trama::serve
