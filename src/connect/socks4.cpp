// SOCKS 4 (Ying-Da Lee, "SOCKS: A protocol for TCP proxy across firewalls") and its extension 4A,
// in which the proxy looks the name up.
#include "base/say.h"
#include "connect/proxy_dialogue.h"

namespace trama::connect {
namespace {

constexpr std::size_t answer_size = 8;  // 0, code, port, address

std::string refusal(u8 code) {
  switch (code) {
    case 91:
      return say("it rejected the request, or could not connect (code 91)");
    case 92:
      return say(
          "it wants to ask this machine's ident service who you are, and finds none (code "
          "92)");
    case 93:
      return say("the ident service named another user than the request (code 93)");
    default:
      return say("it answered with the unknown code {}", code);
  }
}

class Socks4 : public ProxyDialogue {
 public:
  Socks4(const Proxy& proxy, const Destination& destination) {
    opening_ = {4, 1, static_cast<char>(destination.port >> 8),
                static_cast<char>(destination.port & 0xff)};
    if (destination.address)
      for (const u8 byte : destination.address->view()) opening_ += static_cast<char>(byte);
    else
      opening_.append("\0\0\0\1", 4);  // 4A: an address of 0.0.0.x, and the name at the end
    if (proxy.login) opening_ += proxy.login->user;
    opening_ += '\0';
    if (!destination.address) opening_.append(destination.name).push_back('\0');
  }

  [[nodiscard]] std::string opening() const override { return opening_; }
  [[nodiscard]] std::size_t wants() const override { return open_ ? 0 : answer_size; }
  Result<std::string> take(Bytes piece) override {
    if (piece.size() != answer_size || piece[0] != 0)
      return fail(Exit::no, say("it does not speak SOCKS4"));
    if (piece[1] != 90) return fail(Exit::no, refusal(piece[1]));
    open_ = true;
    return std::string{};
  }

 private:
  std::string opening_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<ProxyDialogue> socks4(const Proxy& proxy, const Destination& destination) {
  return std::make_unique<Socks4>(proxy, destination);
}

}  // namespace trama::connect
