#include "serve/events.h"

#include "base/result.h"
#include "base/say.h"
#include "base/terminal.h"
#include "serve/tls.h"

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
    case Ending::idle:
      return {"idle", N_("closed by the server: idle for too long")};
    case Ending::drained:
      return {"drained", N_("closed by the server, which ends")};
    case Ending::tls:
      return {"tls", {}};
    case Ending::answered:
      return {"answered", N_("closed by the server: the last answer was sent")};
    case Ending::cut:
      return {"cut", N_("reset by the server (RST): the rest cannot come")};
    case Ending::program:
      return {"program", N_("closed by the server: its program has ended")};
    case Ending::not_started:
      return {"not_started", N_("closed by the server: its program could not start")};
    case Ending::handshake_late:
      return {"handshake_late",
              N_("closed by the server: the TLS handshake was not finished in time")};
    case Ending::request_late:
      return {"request_late",
              N_("closed by the server: the request for the proxy was not finished in time")};
    case Ending::error:
      break;
  }
  return {"error", {}};
}

constexpr Row row_of(Refusal why) {
  switch (why) {
    case Refusal::denied:
      return {"denied", N_("--allow and --deny keep this address out")};
    case Refusal::full:
      return {"full", N_("the server is full, try again later")};
    case Refusal::peer_full:
      return {"peer_full", N_("this address has too many connections already")};
    case Refusal::too_fast:
      return {"too_fast", N_("this address sends faster than --rate")};
    case Refusal::untrusted:
      return {"untrusted", N_("only the proxies of --proxy-from may come here")};
    case Refusal::no_header:
      return {"no_header", N_("a connection has to begin with a PROXY header here")};
    case Refusal::header_late:
      return {"header_late", N_("no PROXY header came in time")};
    case Refusal::too_long:
      break;
  }
  return {"too_long", N_("a datagram has more than the 65,536 bytes that are taken here")};
}

}  // namespace

std::string peer_text(const Client& client) {
  if (net::is_unix(client.transport)) return harmless(client.unix_peer);
  return to_string(Endpoint{client.peer.address.unmapped(), client.peer.port, client.peer.scope});
}

std::string local_text(const Client& client) {
  if (net::is_unix(client.transport)) return harmless(client.unix_local);
  return to_string(
      Endpoint{client.local.address.unmapped(), client.local.port, client.local.scope});
}

std::string ending_text(Ending ending, int error) {
  if (ending == Ending::error) return say("lost: {}", errno_text(error));
  if (ending == Ending::tls) return say("TLS failed: {}", tls_reason(static_cast<u32>(error)));
  return std::string{translated(row_of(ending).text)};
}

std::string_view json_word(Ending ending) { return row_of(ending).word; }

std::string refusal_text(Refusal why) { return std::string{translated(row_of(why).text)}; }

std::string_view json_word(Refusal why) { return row_of(why).word; }

}  // namespace trama::serve
