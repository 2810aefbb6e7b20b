// An HTTP proxy's CONNECT (RFC 9110 section 9.3.6), with Basic authentication (RFC 7617).
#include <algorithm>
#include <charconv>

#include "base/say.h"
#include "base/terminal.h"
#include "connect/proxy_dialogue.h"
#include "net/base64.h"

namespace trama::connect {
namespace {

constexpr std::size_t longest_answer = std::size_t{16} * 1024;  // status line and fields

std::string refusal(unsigned status, std::string_view reason, bool had_login) {
  const auto said = fmt::format("{} {}", status, harmless(reason));
  switch (status) {
    case 407:
      return had_login ? say("it refused the user or the password ({})", said)
                       : say("it wants a login: write USER:PASS@ before its host ({})", said);
    case 403:
      return say("its rules forbid this connection ({})", said);
    case 400:
    case 405:
    case 501:
      return say("it does not do CONNECT ({})", said);
    case 502:
    case 503:
      return say("it could not connect to the host ({})", said);
    case 504:
      return say("the host did not answer it in time ({})", said);
    default:
      return say("it refused ({})", said);
  }
}

class HttpConnect : public ProxyDialogue {
 public:
  HttpConnect(const Proxy& proxy, const Destination& destination) : login_(proxy.login) {
    const auto target = to_string(destination);
    opening_ = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    if (login_)
      opening_ += fmt::format("Proxy-Authorization: Basic {}\r\n",
                              net::base64(login_->user + ":" + login_->password));
    opening_ += "\r\n";
  }

  [[nodiscard]] std::string opening() const override { return opening_; }
  // Where the fields end shows only at their end: byte by byte.
  [[nodiscard]] std::size_t wants() const override { return open_ ? 0 : 1; }
  Result<std::string> take(Bytes piece) override {
    answer_.append(piece.begin(), piece.end());
    if (answer_.size() > longest_answer)
      return fail(Exit::no, say("its answer is longer than {} bytes", longest_answer));
    const auto cut = std::min(start.size(), answer_.size());
    if (answer_.compare(0, cut, start, 0, cut) != 0)
      return fail(Exit::no, say("it does not speak HTTP"));
    // A line may end with LF alone (RFC 9112 section 2.2).
    if (!answer_.ends_with("\r\n\r\n") && !answer_.ends_with("\n\n")) return std::string{};
    return judge();
  }

 private:
  static constexpr std::string_view start = "HTTP/1.";

  // "HTTP/1.1 200 Connection established" (RFC 9112 section 4).
  Result<std::string> judge() {
    std::string_view line{answer_};
    line = line.substr(0, line.find_first_of("\r\n"));
    line.remove_prefix(std::min(line.size(), line.find(' ')));
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
    unsigned status = 0;
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), status);
    if (error != std::errc{} || end != line.data() + 3)
      return fail(Exit::no, say("it does not speak HTTP"));
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
    if (status / 100 != 2) return fail(Exit::no, refusal(status, line, login_.has_value()));
    open_ = true;
    return std::string{};
  }

  std::optional<Login> login_;
  std::string opening_, answer_;
  bool open_ = false;
};

}  // namespace

std::unique_ptr<ProxyDialogue> http_connect(const Proxy& proxy, const Destination& destination) {
  return std::make_unique<HttpConnect>(proxy, destination);
}

}  // namespace trama::connect
