#include "serve/events.h"

#include "base/result.h"
#include "base/say.h"

namespace trama::serve {
namespace {

struct Row {
  std::string_view word;  // in JSON
  std::string_view text;  // a key of the catalogue
};

constexpr Row row_of(Ending ending) {
  switch (ending) {
    case Ending::fin:
      return {"fin", N_("closed by the client (FIN)")};
    case Ending::reset:
      return {"reset", N_("reset by the client (RST)")};
    case Ending::answer_refused:
      return {"answer_refused", N_("closed by the client (FIN), which refused the answer (RST)")};
    case Ending::slow:
      return {"slow", N_("closed by the server: the client reads too slowly")};
    case Ending::sent:
      return {"sent", N_("closed by the server: the file was sent")};
    case Ending::error:
      break;
  }
  return {"error", {}};
}

}  // namespace

std::string peer_text(const Client& client) { return to_string(client.peer); }

std::string ending_text(Ending ending, int error) {
  if (ending == Ending::error) return say("lost: {}", errno_text(error));
  return std::string{translated(row_of(ending).text)};
}

std::string_view json_word(Ending ending) { return row_of(ending).word; }

}  // namespace trama::serve
