// Internet Message Access Protocol 4 (RFC 9051): lines of commands and answers, mails between them
// by their size, and the change to TLS.
#include <algorithm>
#include <charconv>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"imap.isrequest", 0, Show::flag, N_("it is a question")},
    {"imap.line", 0, Show::text, N_("a line")},
    {"imap.request", 0, Show::text, N_("a line from the client")},
    {"imap.request_tag", 0, Show::text, N_("pairs question and answer")},
    {"imap.request.command", 0, Show::text, N_("what the client wants")},
    {"imap.response", 0, Show::text, N_("a line from the server")},
    {"imap.response_tag", 0, Show::text, N_("pairs question and answer")},
    {"imap.response.status", 0, Show::text, N_("how the command went")},
});
// clang-format on

constexpr u32 longest_mail = 8U << 20;
constexpr u32 large_mail = 64U << 10;  // up to it what stands behind is waited for, too

struct Talk final : flow::Memory {
  bool secures = false;  // the client asked for TLS
};

// The bytes that a line announces at its end, "{120}"; 0: none.
u32 literal_of(std::string_view line) {
  const auto open = line.rfind('{');
  if (!line.ends_with('}') || open == line.npos) return 0;
  u32 size = 0;
  const auto* end = line.data() + line.size() - 1;
  const auto [stop, error] = std::from_chars(line.data() + open + 1, end, size);
  return error == std::errc{} && stop == end ? size : 0;
}

bool is_mail(std::string_view line) {
  return line.find("BODY[") != line.npos || line.find("RFC822") != line.npos;
}

void put_words(Message& message, const Line& line, bool request) {
  auto rest = message.text(line.at, line.size);
  const auto put = [&](const Field& field, std::string_view word) {
    if (!word.empty())
      message.put_text(field,
                       line.at + static_cast<u32>(word.data() - message.text(line.at, 0).data()),
                       static_cast<u32>(word.size()));
  };
  message.put_text(request ? in(fields, "imap.request") : in(fields, "imap.response"), line.at,
                   line.size);
  put(request ? in(fields, "imap.request_tag") : in(fields, "imap.response_tag"), take_word(rest));
  put(request ? in(fields, "imap.request.command") : in(fields, "imap.response.status"),
      take_word(rest));
}

// What follows the lines of one direction's bytes.
class Reading {
 public:
  Reading(Message& message, Talk* talk, bool request)
      : message_(message), talk_(talk), request_(request) {}

  void read() {
    while (at_ < message_.captured && read_line()) {
    }
    if (mails_ != 0 || at_ == 0) return;
    auto& info = message_.info();
    info = request_ ? "Request: " : "Response: ";
    const Line& told = tagged_.size != 0 ? tagged_ : first_;
    dissect::append_text(info, message_.text(told.at, told.size));
    const bool several = !request_ && tagged_.size == 0 && first_.next < message_.captured;
    if (several) info += "\\r";  // as tshark cuts them
  }

 private:
  // False: it asked for more.
  bool read_line() {
    const Line line = line_at(message_, at_);
    const auto text = message_.text(line.at, line.size);
    if (!line.ended && message_.waits()) {
      message_.need(at_, 0);
      return false;
    }
    const u32 mail = request_ ? 0 : literal_of(text);
    if (mail > longest_mail) return finish(line);
    const u32 left = message_.captured - line.next;
    if (mail > left && message_.waits()) {
      message_.need_here(at_, mail > large_mail ? mail - left : 0);
      return false;
    }
    if (first_.next == 0) first_ = line;
    message_.put_text(in(fields, "imap.line"), line.at, line.next - line.at);
    const bool tagged = request_ || (!text.starts_with('*') && !text.starts_with('+') &&
                                     text.find(' ') != text.npos && !text.starts_with(')'));
    if (tagged) {
      if (tagged_.size == 0) tagged_ = line;
      put_words(message_, line, request_);
      learn(text);
    }
    at_ = line.next;
    if (mail != 0) read_mail(text, std::min(mail, left));
    return true;
  }

  bool finish(const Line& line) {
    at_ = line.next;
    return true;
  }

  void learn(std::string_view text) {
    if (talk_ == nullptr) return;
    auto rest = text;
    take_word(rest);
    const auto word = take_word(rest);
    if (request_) {
      talk_->secures = same_word(word, "STARTTLS");
    } else if (std::exchange(talk_->secures, false) && same_word(word, "OK")) {
      if (const Parser* tls = find_parser("tls")) message_.hand_over(*tls);
    }
  }

  void read_mail(std::string_view line, u32 size) {
    if (is_mail(line)) {
      if (mails_++ == 0) message_.info().clear();
      message_.protocol(mails_ == 1 ? "IMAP/IMF" : "IMAP/IMF/IMF");
      message_.carry(imf, message_.data + at_, size);
    }
    at_ += size;
  }

  Message& message_;
  Talk* talk_;
  bool request_;
  u32 at_ = 0;
  unsigned mails_ = 0;
  Line first_, tagged_;
};

bool read_imap(Message& message) {
  if (!message.around.tcp) return false;
  const bool request = message.around.to_port == 143;
  message.enter(imap.header);
  message.protocol("IMAP");
  message.put_found(in(fields, "imap.isrequest"), request ? 1 : 0);
  Reading{message, message.memory<Talk>(), request}.read();
  return true;
}

constexpr u16 ports[] = {143};

}  // namespace

const Parser imap{
    .header = {.word = "imap",
               .name = "Internet Message Access Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = ports,
    .read = read_imap
};

}  // namespace trama::parse
