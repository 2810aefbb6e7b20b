// What comes is told, as in every mode, and answered by nothing.
#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class LogTalk : public Talk {
 public:
  using Talk::Talk;
  void bytes(std::span<u8>) override {}
};

}  // namespace

const Mode log_mode{.name = "log",
                    .help = N_("only tells what comes, and answers nothing"),
                    .start = start<LogTalk>};

}  // namespace trama::serve
