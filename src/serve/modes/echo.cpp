// RFC 862: what comes goes back as it is.
#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class EchoTalk : public Talk {
 public:
  using Talk::Talk;
  void bytes(std::span<u8> text) override { me_.answer(text); }
};

}  // namespace

const Mode echo_mode{
    .name = "echo", .help = N_("sends back what comes, as it is"), .start = start<EchoTalk>};

}  // namespace trama::serve
