// SOCKS 5 (RFC 1928) with user and password (RFC 1929).
#include "base/say.h"
#include "connect/proxy_dialogue.h"

namespace trama::connect {
namespace {

// RFC 1928 section 3: methods of proving who one is.
constexpr u8 no_login = 0, with_password = 2, none_of_them = 0xff;
// RFC 1928 section 5: types of addresses.
constexpr u8 ipv4 = 1, a_name = 3, ipv6 = 4;

// RFC 1928 section 6: REP.
std::string refusal(u8 code) {
  switch (code) {
    case 1:
      return say("it failed for a reason of its own (REP 1): its log says more");
    case 2:
      return say("its rules forbid this connection (REP 2)");
    case 3:
      return say("it knows no way to that network (REP 3)");
    case 4:
      return say("it cannot reach that host (REP 4), or does not find its name");
    case 5:
      return say("the host refused its connection (REP 5): no program listens there");
    case 6:
      return say("the host is too far away for it: the TTL expired (REP 6)");
    case 7:
      return say("it does not do CONNECT (REP 7)");
    case 8:
      return say("it takes no address of that type (REP 8): try a name or the other family");
    default:
      return say("it answered with the unknown code {}", code);
  }
}

class Socks5 : public ProxyDialogue {
 public:
  Socks5(const Proxy& proxy, const Destination& destination) : login_(proxy.login) {
    request_ = {5, 1, 0};  // version, CONNECT, reserved
    if (destination.address) {
      request_ += static_cast<char>(destination.address->v6 ? ipv6 : ipv4);
      for (const u8 byte : destination.address->view()) request_ += static_cast<char>(byte);
    } else {
      request_ += static_cast<char>(a_name);
      append_counted(request_, destination.name);
    }
    request_ += static_cast<char>(destination.port >> 8);
    request_ += static_cast<char>(destination.port & 0xff);
  }

  [[nodiscard]] std::string opening() const override {
    return login_ ? std::string{5, 2, no_login, with_password} : std::string{5, 1, no_login};
  }
  [[nodiscard]] std::size_t wants() const override { return wants_; }
  Result<std::string> take(Bytes piece) override {
    if (piece.size() != wants_ || piece.empty()) return foreign();
    switch (step_) {
      case Step::method:
        return take_method(piece);
      case Step::password:
        if (piece[1] != 0)
          return fail(Exit::no, say("it refused the user or the password (status {})", piece[1]));
        return ask();
      case Step::answer:
        return take_answer(piece);
      case Step::name_size:
        return rest_is(std::size_t{piece[0]} + 2);
      case Step::rest:
        break;
    }
    wants_ = 0;
    return std::string{};
  }

 private:
  enum class Step { method, password, answer, name_size, rest };

  static void append_counted(std::string& text, const std::string& part) {
    text += static_cast<char>(part.size());
    text += part;
  }
  static tl::unexpected<Error> foreign() { return fail(Exit::no, say("it does not speak SOCKS5")); }

  Result<std::string> take_method(Bytes piece) {
    if (piece[0] != 5) return foreign();
    if (piece[1] == no_login) return ask();
    if (piece[1] == none_of_them)
      return fail(Exit::no, login_ ? say("it takes no user and password, and nothing else offered")
                                   : say("it wants a login: write USER:PASS@ before its host"));
    if (piece[1] != with_password || !login_) return foreign();
    step_ = Step::password;
    std::string sent{1};  // RFC 1929 section 2: the version of this part
    append_counted(sent, login_->user);
    append_counted(sent, login_->password);
    return sent;
  }
  Result<std::string> ask() {
    step_ = Step::answer;
    wants_ = 4;
    return request_;
  }
  Result<std::string> take_answer(Bytes piece) {
    if (piece[0] != 5) return foreign();
    if (piece[1] != 0) return fail(Exit::no, refusal(piece[1]));
    if (piece[3] == ipv4) return rest_is(4 + 2);
    if (piece[3] == ipv6) return rest_is(16 + 2);
    if (piece[3] != a_name) return foreign();
    step_ = Step::name_size;
    wants_ = 1;
    return std::string{};
  }
  // The proxy's own address and port follow, which nobody needs.
  Result<std::string> rest_is(std::size_t bytes) {
    step_ = Step::rest;
    wants_ = bytes;
    return std::string{};
  }

  std::optional<Login> login_;
  std::string request_;
  Step step_ = Step::method;
  std::size_t wants_ = 2;
};

}  // namespace

std::unique_ptr<ProxyDialogue> socks5(const Proxy& proxy, const Destination& destination) {
  return std::make_unique<Socks5>(proxy, destination);
}

}  // namespace trama::connect
