#include "serve/modes.h"

namespace trama::serve {

std::span<const Mode* const> modes() {
#define ROW(name) &name##_mode,
  static constexpr const Mode* all[] = {TRAMA_MODES(ROW)};
#undef ROW
  return all;
}

const Mode* mode_of(std::string_view name) {
  for (const Mode* mode : modes())
    if (mode->name == name) return mode;
  return nullptr;
}

}  // namespace trama::serve
