#include <algorithm>
#include <charconv>
#include <optional>

#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/sdp.h"

namespace trama::parse {
namespace {

constexpr unsigned most_media = 64;  // of one description

// "IN IP4 10.0.0.1", perhaps with "/TTL".
std::optional<Address> address_in(std::string_view value) {
  take_word(value);
  take_word(value);
  return parse_address(value.substr(0, value.find_first_of("/ ")));
}

u16 port_in(std::string_view text) {
  u16 port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

// A medium's lines, and those of the session before it (RFC 8866 section 5.7: a medium's own
// address counts before the session's).
class Media {
 public:
  explicit Media(Message& message) : message_(message) {}

  void line(char type, std::string_view value) {
    if (type == 'm') {
      announce();
      begin(value);
    } else if (type == 'c') {
      (begun_ ? address_ : session_) = address_in(value);
    } else if (type == 'a' && begun_ && value.starts_with("rtcp:")) {
      control_ = port_in(value.substr(5));
    }
  }
  void announce() {
    const auto& address = address_ ? address_ : session_;
    if (!begun_ || !address || port_ == 0 || count_++ >= most_media) return;
    const Endpoint end{*address, port_};
    if (rtp_ || fax_) message_.announce(end);
    const int control = control_ != 0 ? control_ : port_ + 1;  // RFC 3605
    const Endpoint control_end{*address, static_cast<u16>(control)};
    if (rtp_ && control <= 65535) message_.announce(control_end);
    if (!rtp_ || message_.around.tcp) return;
    message_.expect(end, rtp);
    if (control <= 65535) message_.expect(control_end, rtcp);
  }

 private:
  void begin(std::string_view value) {
    begun_ = true;
    take_word(value);
    port_ = port_in(take_word(value));
    const auto carrier = take_word(value);
    rtp_ = carrier.find("RTP/") != carrier.npos;
    fax_ = same_word(carrier, "udptl");
    address_.reset();
    control_ = 0;
  }

  Message& message_;
  std::optional<Address> session_, address_;
  bool begun_ = false, rtp_ = false, fax_ = false;
  u16 port_ = 0, control_ = 0;
  unsigned count_ = 0;
};

}  // namespace

void announce_media(Message& message, std::string_view description) {
  Media media{message};
  while (!description.empty()) {
    const auto end = std::min(description.find('\n'), description.size());
    auto line = description.substr(0, end);
    description.remove_prefix(std::min(description.size(), end + 1));
    while (line.ends_with('\r') || line.starts_with(' '))
      line.ends_with('\r') ? line.remove_suffix(1) : line.remove_prefix(1);
    if (line.size() >= 2 && line[1] == '=') media.line(line[0], line.substr(2));
  }
  media.announce();
}

}  // namespace trama::parse
