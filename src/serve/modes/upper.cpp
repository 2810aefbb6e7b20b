// The exercise's server: every message comes back in upper case.
#include "serve/upper.h"

#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class UpperTalk : public Talk {
 public:
  using Talk::Talk;
  void bytes(std::span<u8> text) override {
    upper_(text);
    me_.answer(text);
  }
  void datagram(std::span<u8> text) override {
    Upper{}(text);
    me_.answer(text);
  }

 private:
  Upper upper_;
};

}  // namespace

const Mode upper_mode{
    .name = "upper", .help = N_("answers in upper case"), .start = start<UpperTalk>};

}  // namespace trama::serve
