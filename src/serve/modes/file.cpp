// Sends one file to every client, then closes.
#include "base/say.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

class FileTalk : public Talk {
 public:
  using Talk::Talk;
  void begins() override { me_.send_file(hall_.file); }
  void bytes(std::span<u8>) override {}  // a request, perhaps: the answer is the file
};

}  // namespace

const Mode file_mode{.name = "file",
                     .help = N_("sends the file of --file to every client, then closes"),
                     .start = start<FileTalk>,
                     .datagrams = false};

}  // namespace trama::serve
