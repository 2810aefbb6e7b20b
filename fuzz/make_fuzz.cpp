// Any bytes as a scenario; what is one is played.
#include "packet/make/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trama;
  const auto lines = make::read_scenario({reinterpret_cast<const char*>(data), size}, "it");
  if (!lines) return 0;
  make::Player player;
  for (const make::Line& line : *lines) (void)player.play(line);
  return 0;
}
