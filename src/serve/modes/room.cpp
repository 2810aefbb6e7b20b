// What one client sends goes to all others, byte for byte.
#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class RoomTalk : public Talk {
 public:
  using Talk::Talk;
  void bytes(std::span<u8> text) override {
    if (hall_.company.size() > 1) hall_.company.send_to_others(me_, SharedText{{text}});
  }
};

}  // namespace

const Mode room_mode{.name = "room",
                     .help = N_("sends each client's bytes to all other clients"),
                     .start = start<RoomTalk>,
                     .meets = true};

}  // namespace trama::serve
