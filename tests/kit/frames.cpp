#include "kit/frames.h"

namespace trama::tests {

Kept::Kept(std::vector<u8> bytes, u64 number, i64 time) : bytes_(std::move(bytes)) {
  packet_.captured = packet_.wire = static_cast<u32>(bytes_.size());
  bytes_.resize(bytes_.size() + padding);
  packet_.data = bytes_.data();
  packet_.number = number;
  packet_.time = time;
}

}  // namespace trama::tests
