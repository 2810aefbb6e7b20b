// The modes of `serve`. Adding one: a file in serve/modes/ that defines `const Mode NAME_mode`, and
// a word here.
#pragma once
#include <span>

#include "serve/mode.h"

// clang-format off: one word a mode
#define TRAMA_MODES(mode)                                                                    \
  mode(upper) mode(echo) mode(log) mode(discard) mode(chat) mode(room) mode(file) mode(exec) \
      mode(http) mode(proxy)
// clang-format on

namespace trama::serve {

#define DECLARE(name) extern const Mode name##_mode;
TRAMA_MODES(DECLARE)
#undef DECLARE

std::span<const Mode* const> modes();

// nullptr where no mode has this name.
const Mode* mode_of(std::string_view name);

}  // namespace trama::serve
