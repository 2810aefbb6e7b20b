#include "connect/proxy_dialogue.h"

#include <algorithm>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::connect {

Result<std::unique_ptr<ProxyDialogue>> dialogue_with(const Proxy& proxy,
                                                     const Destination& destination) {
  const auto& name = destination.name;
  // 255 bytes are what SOCKS5 can carry (RFC 1928 section 5), and more than any name of DNS has.
  if (!destination.address &&
      (name.empty() || name.size() > 255 ||
       std::any_of(name.begin(), name.end(), [](char c) { return static_cast<u8>(c) <= ' '; })))
    return fail(Exit::bad_input, say("\"{}\" is no name of a host", harmless(name)));
  const bool v6 = destination.address && destination.address->v6;
  switch (proxy.kind) {
    case Proxy::Kind::socks4:
    case Proxy::Kind::socks4a:
      if (v6)
        return fail(Exit::bad_input,
                    say("SOCKS4 knows no IPv6: write socks5:// if the proxy does"));
      return socks4(proxy, destination);
    case Proxy::Kind::socks5:
      return socks5(proxy, destination);
    case Proxy::Kind::http:
      break;
  }
  return http_connect(proxy, destination);
}

}  // namespace trama::connect
