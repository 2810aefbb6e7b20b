// The colours of the packet list: rules in order, each an ordinary display filter; the first that a
// packet passes gives its line's colours. They mean what Wireshark's default rules mean.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "packet/filter/filter.h"

namespace trama::filter {

class ColourRules {
 public:
  // Reads the table; a rule whose words do not exist (yet) is left out.
  ColourRules();

  // What starts a line of this packet on a terminal; "" where no rule takes it.
  [[nodiscard]] std::string_view start_of(const dissect::Tree& tree) const;

 private:
  struct Rule {
    Filter filter;
    std::string start;  // the escape sequence
  };
  std::vector<Rule> rules_;
};

}  // namespace trama::filter
