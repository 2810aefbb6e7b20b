#include "connect/run.h"

#include <csignal>

namespace trama::connect {

Result<void> HeardLoop::start() {
  auto made = net::Loop::make();
  if (!made) return fail(made);
  loop = std::move(*made);
  return loop->on_signals({SIGINT}, [this](int) { interrupted = true; });
}

}  // namespace trama::connect
