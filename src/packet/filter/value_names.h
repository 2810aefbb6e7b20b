// What the values of a field are called in filters. Mostly as in the list; where Wireshark has a
// longer name for the same value, its filters take only that one.
#pragma once
#include <span>
#include <string_view>

#include "wire/field.h"

namespace trama::filter {

class ValueNames {
 public:
  ValueNames() = default;
  explicit ValueNames(const wire::Field& field);

  // As the list shows them.
  [[nodiscard]] std::span<const wire::Name> shown() const { return names_; }
  // What a filter calls the value of this one, a row of shown().
  [[nodiscard]] std::string_view of(const wire::Name& name) const;

 private:
  std::span<const wire::Name> names_, longer_;
};

}  // namespace trama::filter
