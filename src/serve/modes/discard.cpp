// RFC 863: what comes is read and thrown away; of each message only its arrival is counted.
#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class DiscardTalk : public Talk {
 public:
  using Talk::Talk;
  void bytes(std::span<u8>) override {}
};

}  // namespace

const Mode discard_mode{.name = "discard",
                        .help = N_("reads and throws away, without a line for each message"),
                        .start = start<DiscardTalk>,
                        .tells_messages = false};

}  // namespace trama::serve
