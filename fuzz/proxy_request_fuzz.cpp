// Any bytes as what a proxy's client says: cut in pieces, with and without a login. What is taken
// was there, what is left untaken is bounded, and the pieces make no difference.
#include <cstdlib>
#include <string>
#include <vector>

#include "serve/proxy_request.h"

namespace {

using namespace trama;

std::string said(Bytes bytes, const serve::ProxyLogin* login, std::size_t piece) {
  serve::ProxyDialogue dialogue{login};
  std::string all;
  std::vector<u8> came;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = bytes.subspan(at, std::min(piece, bytes.size() - at));
    came.insert(came.end(), part.begin(), part.end());
    for (;;) {
      const auto step = dialogue.take(came);
      if (step.taken > came.size()) std::abort();
      came.erase(came.begin(), came.begin() + static_cast<std::ptrdiff_t>(step.taken));
      all += step.answer;
      if (step.next == serve::ProxyDialogue::Next::end) return all;
      if (step.next == serve::ProxyDialogue::Next::connect) {
        const auto& target = dialogue.target();
        if (!target.address && target.name.empty()) std::abort();
        return all + "to " + to_string(target);
      }
      if (step.taken == 0) break;
    }
    if (came.size() > std::size_t{17} * 1024) std::abort();
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  static const serve::ProxyLogin login{"user", "secret"};
  for (const auto* known : {static_cast<const serve::ProxyLogin*>(nullptr), &login}) {
    const auto whole = said({data, size}, known, 1000);
    if (size < 1000 && said({data, size}, known, 1).substr(0, 2) != whole.substr(0, 2))
      std::abort();
  }
  return 0;
}
