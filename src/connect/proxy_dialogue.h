// What is said to a proxy before the conversation, without a socket: each protocol is a dialogue
// that says what to send and how many bytes of the answer it wants next, never more than it needs,
// so that no byte of the conversation behind it is taken.
#pragma once
#include <memory>

#include "connect/proxy.h"

namespace trama::connect {

class ProxyDialogue {
 public:
  ProxyDialogue() = default;
  ProxyDialogue(const ProxyDialogue&) = delete;
  ProxyDialogue& operator=(const ProxyDialogue&) = delete;
  virtual ~ProxyDialogue() = default;

  [[nodiscard]] virtual std::string opening() const = 0;  // what to send first
  // How many bytes the next piece of the answer has; 0: the way is open.
  [[nodiscard]] virtual std::size_t wants() const = 0;
  // Takes a piece of wants() bytes; gives what to send now, perhaps nothing.
  // Error (Exit::no): the proxy refused, or it speaks something else.
  virtual Result<std::string> take(Bytes piece) = 0;
};

// SOCKS4 wants an address, an IPv4 one. Error (Exit::bad_input): a destination that the protocol
// cannot carry.
Result<std::unique_ptr<ProxyDialogue>> dialogue_with(const Proxy& proxy,
                                                     const Destination& destination);

// The protocols, each in a file of its own.
std::unique_ptr<ProxyDialogue> socks4(const Proxy& proxy, const Destination& destination);
std::unique_ptr<ProxyDialogue> socks5(const Proxy& proxy, const Destination& destination);
std::unique_ptr<ProxyDialogue> http_connect(const Proxy& proxy, const Destination& destination);

}  // namespace trama::connect
