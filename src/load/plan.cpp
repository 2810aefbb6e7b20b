#include "load/plan.h"

#include <algorithm>
#include <array>

namespace trama::load {

bool is_private(const Address& address) {
  constexpr std::array blocks{"127.0.0.0/8",    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                              "169.254.0.0/16", "::1",        "fc00::/7",      "fe80::/10"};
  const Address here = address.unmapped();
  // The unspecified address connects to this machine.
  return here.is_any() || std::any_of(blocks.begin(), blocks.end(), [&](const char* block) {
           return parse_cidr(block)->contains(here);
         });
}

}  // namespace trama::load
