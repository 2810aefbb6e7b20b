// What one evaluation needs for a moment, kept so that packet after packet allocates nothing: a
// stack of values, and texts that functions and slices make.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "packet/filter/values.h"

namespace trama::filter {

class Scratch {
 public:
  std::vector<Value> stack;

  void clear() {
    stack.clear();
    used_ = 0;
  }
  // A text that stays until clear().
  std::string& text() {
    if (used_ == texts_.size()) texts_.emplace_back();
    std::string& fresh = texts_[used_++];
    fresh.clear();
    return fresh;
  }
  void push_bytes(std::string_view bytes) {
    Value value;
    value.data = reinterpret_cast<const u8*>(bytes.data());
    value.size = static_cast<u32>(bytes.size());
    stack.push_back(value);
  }
  void push_number(i64 number) { stack.push_back({.number = number}); }

 private:
  std::deque<std::string> texts_;
  std::size_t used_ = 0;
};

}  // namespace trama::filter
