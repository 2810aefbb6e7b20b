#include "lab/frame.h"

namespace trama::lab {

std::string_view name_of(const EndState& end) {
  switch (end.kind) {
    case EndState::Kind::unknown:
      return "";
    case EndState::Kind::no_socket:
      return "no socket";
    case EndState::Kind::tcp:
      return host::name_of(end.state);
    case EndState::Kind::udp_bound:
      return "bound";
    case EndState::Kind::udp_connected:
      return "connected";
  }
  return "";
}

std::string_view name_of(Fate fate) {
  constexpr std::string_view names[] = {"waiting", "delivered", "lost", "crowded_out", "refused"};
  return names[static_cast<u8>(fate)];
}

}  // namespace trama::lab
