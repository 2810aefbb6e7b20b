// A capture file that a test writes frame by frame.
#pragma once
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "kit/frames.h"
#include "packet/source/writer.h"

namespace trama::tests {

class Recording {
 public:
  static constexpr i64 start = 1'700'000'000'000'000'000;  // nanoseconds since 1970

  explicit Recording(const std::string& path) : interfaces_(1) {
    auto writer = source::Writer::open(path);
    EXPECT_TRUE(writer) << writer.error().sentence;
    writer_ = std::move(*writer);
  }
  ~Recording() { EXPECT_TRUE(writer_->close()); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

  // `since`: nanoseconds since `start`.
  void add(std::vector<u8> frame, i64 since) {
    const Kept kept{std::move(frame), ++number_, start + since};
    ASSERT_TRUE(writer_->write(kept.packet(), interfaces_));
  }
  [[nodiscard]] u64 count() const { return number_; }

 private:
  std::unique_ptr<source::Writer> writer_;
  std::deque<source::Interface> interfaces_;
  u64 number_ = 0;
};

}  // namespace trama::tests
