// Session Initiation Protocol (RFC 3261): who calls whom. Its words are in sip_fields.h.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/sdp.h"
#include "packet/parse/protocols/sip_described.h"
#include "packet/parse/protocols/sip_fields.h"
#include "packet/parse/protocols/sip_names.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields
using sip_words::all;

constexpr std::string_view methods[] = {"ACK",     "BYE",    "CANCEL",   "INFO",      "INVITE",
                                        "MESSAGE", "NOTIFY", "OPTIONS",  "PRACK",     "PUBLISH",
                                        "REFER",   "DO",     "REGISTER", "SUBSCRIBE", "UPDATE",
                                        "QAUTH",   "SPRACK", "COMET",    "BENOTIFY"};

// What of a message its summary tells.
struct Summary {
  std::string_view method, uri, cseq_method;
  std::string_view call_id, cseq;
  u32 status = 0;
  std::string_view phrase;
  bool to_tag = false, any_contact = false, all_contacts = false;
  unsigned contacts = 0, removed = 0;
  std::optional<u32> expires;
  std::string_view content_type;
  std::optional<u32> content_length;
};

class Reader {
 public:
  explicit Reader(Message& message) : message_(message) {}

  // The header part, from `at`; where the body starts.
  u32 read(u32 at, u32 end, bool request, Summary& summary) {
    const u32 first = at;
    for (u32 line_end = 0; at < end; at = line_end) {
      line_end = line_after(at, end);
      const auto line = trimmed(text(at, line_end));
      if (line.empty()) {
        at = line_end;
        break;
      }
      // A line that starts with a space continues the one before it.
      while (line_end < end && (message_.data[line_end] == ' ' || message_.data[line_end] == '\t'))
        line_end = line_after(line_end, end);
      header(at, line_end, request, summary);
    }
    put("sip.msg_hdr", text(first, at));
    return at;
  }

  void uri(std::string_view word, std::string_view address) {
    const std::string base{word};
    const auto colon = address.find(':');
    if (colon == address.npos) return;
    auto rest = address.substr(colon + 1);
    rest = rest.substr(0, rest.find_first_of(";?>"));
    if (const auto at = rest.find('@'); at != rest.npos) {
      part(base, ".user", rest.substr(0, at));
      rest.remove_prefix(at + 1);
    }
    const auto port = rest.starts_with('[') ? rest.find(':', rest.find(']')) : rest.find(':');
    part(base, ".host", rest.substr(0, port));
    if (port != rest.npos) part(base, ".port", rest.substr(port + 1));
  }

  void put(std::string_view word, std::string_view value) {
    if (!message_.rows()) return;
    for (const Field& field : all)
      if (field.word == word) {
        const auto at = static_cast<u32>(reinterpret_cast<const u8*>(value.data()) - message_.data);
        message_.put_text(field, at, static_cast<u32>(value.size()));
        return;
      }
  }
  void put(std::string_view word, std::string_view where, u64 value) {
    if (!message_.rows()) return;
    for (const Field& field : all)
      if (field.word == word) {
        const auto at = static_cast<u32>(reinterpret_cast<const u8*>(where.data()) - message_.data);
        message_.put(field, at, static_cast<u32>(where.size()), value);
        return;
      }
  }

  [[nodiscard]] u32 line_after(u32 at, u32 end) const {
    const auto newline = text(at, end).find('\n');
    return newline == std::string_view::npos ? end : at + static_cast<u32>(newline) + 1;
  }
  [[nodiscard]] std::string_view text(u32 at, u32 end) const { return message_.text(at, end - at); }

 private:
  void part(const std::string& base, std::string_view name, std::string_view value) {
    if (message_.rows() && !value.empty()) put(base + std::string{name}, value);
  }

  void header(u32 at, u32 end, bool request, Summary& summary) {
    const auto line = text(at, end);
    const auto colon = line.find(':');
    if (colon == line.npos) return;
    const auto value = trimmed(line.substr(colon + 1));
    const Field* field = header_field(trimmed(line.substr(0, colon)));
    if (field == nullptr) return;
    const auto name = field->word.substr(4);
    if (field->show == Show::dec) {
      if (const auto number = number_in(value)) put(field->word, value, *number);
    } else {
      put(field->word, value);
    }
    if (name == "From" || name == "To")
      person(value, name == "From" ? "sip.from" : "sip.to", summary);
    if (name == "Call-ID") put("sip.call_id_generated", summary.call_id = value);
    if (name == "CSeq") sequence(summary.cseq = value, summary);
    if (name == "Via") via(value);
    if (name == "Contact") contacts(value, request, summary);
    if (name == "Expires") summary.expires = number_in(value);
    if (name == "Content-Type") summary.content_type = value.substr(0, value.find(';'));
    if (name == "Content-Length") summary.content_length = number_in(value);
  }

  // "Bob" <sip:bob@host>;tag=1, or without brackets: then parameters are the header's.
  void person(std::string_view value, const std::string& base, Summary& summary) {
    const auto open = value.find('<');
    std::string_view address;
    std::string_view parameters;
    if (open != value.npos) {
      const auto close = value.find('>', open);
      address = value.substr(open + 1, close == value.npos ? close : close - open - 1);
      if (close != value.npos) parameters = value.substr(close + 1);
      const auto name = trimmed(value.substr(0, open));
      if (!name.empty()) {
        put("sip.display.info", name);
        put(base + ".display.info", name);
      }
    } else {
      address = value.substr(0, value.find(';'));
      parameters = value.substr(address.size());
    }
    put(base + ".addr", address);
    uri(base, address);
    if (const auto tag = parameter(parameters, "tag"); !tag.empty()) {
      put(base + ".tag", tag);
      put("sip.tag", tag);
      if (base == "sip.to") summary.to_tag = true;
    }
  }

  static std::string_view parameter(std::string_view parameters, std::string_view name) {
    for (auto at = parameters.find(';'); at != parameters.npos; at = parameters.find(';', at + 1)) {
      const auto one = trimmed(parameters.substr(at + 1, parameters.find(';', at + 1) - at - 1));
      const auto equals = one.find('=');
      if (equals != one.npos && same(trimmed(one.substr(0, equals)), name))
        return trimmed(one.substr(equals + 1));
    }
    return {};
  }

  void sequence(std::string_view value, Summary& summary) {
    const auto space = value.find(' ');
    const auto digits = value.substr(0, space);
    if (const auto number = number_in(digits)) put("sip.CSeq.seq", digits, *number);
    if (space == value.npos) return;
    summary.cseq_method = trimmed(value.substr(space));
    put("sip.CSeq.method", summary.cseq_method);
  }

  void via(std::string_view value) {
    const auto space = value.find(' ');
    const auto slash = value.rfind('/', space);
    if (space == value.npos || slash == value.npos) return;
    put("sip.Via.transport", trimmed(value.substr(slash + 1, space - slash - 1)));
    const auto by = trimmed(value.substr(space, value.find(';') - space));
    const auto colon = by.starts_with('[') ? by.find(':', by.find(']')) : by.find(':');
    put("sip.Via.sent-by.address", by.substr(0, colon));
    if (colon != by.npos)
      if (const auto port = number_in(by.substr(colon + 1)))
        put("sip.Via.sent-by.port", by.substr(colon + 1), *port);
    for (const auto& [name, word] : {
             std::pair{"branch",   "sip.Via.branch"  },
             std::pair{"received", "sip.Via.received"},
             std::pair{"rport",    "sip.Via.rport"   }
    })
      if (const auto found = parameter(value, name); !found.empty()) put(word, found);
  }

  void contacts(std::string_view value, bool request, Summary& summary) {
    summary.any_contact = true;
    if (value == "*") {
      summary.all_contacts = true;
      return;
    }
    for (auto rest = value; !rest.empty();) {
      // A comma between brackets or quotes separates nothing.
      std::size_t end = 0;
      bool quoted = false;
      bool bracketed = false;
      for (; end < rest.size(); ++end) {
        if (rest[end] == '"') quoted = !quoted;
        if (!quoted && rest[end] == '<') bracketed = true;
        if (!quoted && rest[end] == '>') bracketed = false;
        if (rest[end] == ',' && !quoted && !bracketed) break;
      }
      const auto one = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
      const auto open = one.find('<');
      const auto close = one.find('>');
      const bool angled = open != one.npos && close != one.npos && close > open;
      const auto address =
          angled ? one.substr(open + 1, close - open - 1) : one.substr(0, one.find(';'));
      put("sip.contact.uri", address);
      uri("sip.contact", address);
      const auto expires = parameter(angled ? one.substr(close + 1) : one, "expires");
      const bool gone = expires == "0" || (expires.empty() && request && summary.expires == 0U);
      ++(gone ? summary.removed : summary.contacts);
    }
  }

  Message& message_;
};

void summarise(Message& message, const Summary& summary) {
  auto& info = message.info();
  const auto print = [&]<class... Args>(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(info), format, std::forward<Args>(args)...);
  };
  const auto plural = [](unsigned count) { return count == 1 ? "" : "s"; };
  if (summary.status == 0) {
    const bool known =
        std::find(std::begin(methods), std::end(methods), summary.method) != std::end(methods);
    print("{}: {} {}", known ? "Request" : "Unknown request", summary.method, summary.uri);
    if (summary.method == "INVITE" && summary.to_tag) info += ", in-dialog";
    if (summary.method == "REGISTER") {
      const bool gone = summary.expires == 0U;
      const unsigned contacts = summary.contacts + summary.removed;
      const bool none_left = summary.removed > 0 && summary.contacts == 0;
      if (!summary.any_contact)
        info += "  (fetch bindings)";
      else if (summary.all_contacts)
        info += "  (remove all bindings)";
      else if (gone || none_left)
        print("  (remove {} binding{})", contacts, plural(contacts));
      else
        print("  ({} binding{})", contacts, plural(contacts));
    }
  } else {
    print("Status: {} {}", summary.status, summary.phrase);
    if (summary.status == 200 && !summary.cseq_method.empty()) print(" ({})", summary.cseq_method);
    if (summary.status == 200 && summary.cseq_method == "REGISTER") {
      if (summary.removed > 0)
        print("  (removed {} binding{}) ({} binding{} kept)", summary.removed,
              plural(summary.removed), summary.contacts, plural(summary.contacts));
      else
        print("  ({} binding{})", summary.contacts, plural(summary.contacts));
    }
  }
  info += " | ";
}

// How many bytes of [at, ...) the message takes; 0: not whole yet.
u32 message_size(const Message& message, u32 at, const Reader& reader) {
  const auto rest = message.text(at, message.captured - at);
  auto head = rest.find("\r\n\r\n");
  std::size_t gap = 4;
  if (head == rest.npos) {
    head = rest.find("\n\n");
    gap = 2;
  }
  if (head == rest.npos) return 0;
  u32 body = 0;
  const u32 end = at + static_cast<u32>(head);
  for (u32 line = at; line < end;) {
    const u32 next = reader.line_after(line, end);
    const auto row = reader.text(line, next);
    const auto colon = row.find(':');
    if (colon != row.npos)
      if (const Field* field = header_field(trimmed(row.substr(0, colon)));
          field != nullptr && field->word == "sip.Content-Length")
        body = std::min<u32>(number_in(trimmed(row.substr(colon + 1))).value_or(0), 1U << 24);
    line = next;
  }
  return static_cast<u32>(head + gap) + body;
}

// The first line of a request or an answer.
bool is_sip(std::string_view text) {
  const auto line = trimmed(text.substr(0, text.find('\n')));
  if (same(line.substr(0, 8), "SIP/2.0 ")) return line.size() >= 11;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  return first != line.npos && last > first && same(line.substr(last + 1), "SIP/2.0") &&
         first > 0 && line.find(' ', first + 1) == last;
}

// What a method or "SIP" starts with (RFC 3261 section 25.1: a token). Asked of every payload that
// is nobody's, so most are told by this alone.
bool starts_token(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view{"-.!%*_+`'~"}.find(c) != std::string_view::npos;
}

bool looks_like_sip(const Message& message) {
  if (message.captured <= 20) return false;
  const auto text = message.text(0, message.captured);
  return starts_token(text[0]) && is_sip(text);
}

bool read_one(Message& message, u32 at, u32 size, Reader& reader) {
  const u32 end = at + size;
  const u32 line_end = reader.line_after(at, end);
  const auto line = trimmed(reader.text(at, line_end));
  Summary summary;
  message.enter(sip.header, at, size);
  message.protocol("SIP");
  const bool request = !same(line.substr(0, 8), "SIP/2.0 ");
  if (request) {
    const auto first = line.find(' ');
    summary.method = line.substr(0, first);
    summary.uri = line.substr(first + 1, line.rfind(' ') - first - 1);
    reader.put("sip.Request-Line", line);
    reader.put("sip.Method", summary.method);
    reader.put("sip.r-uri", summary.uri);
    reader.uri("sip.r-uri", summary.uri);
  } else {
    const auto code = line.substr(8, 3);
    summary.status = number_in(code).value_or(0);
    summary.phrase = line.size() > 12 ? line.substr(12) : std::string_view{};
    reader.put("sip.Status-Line", line);
    reader.put("sip.Status-Code", code, summary.status);
  }
  u32 body = reader.read(line_end, end, request, summary);
  summarise(message, summary);
  u32 body_end = end;
  if (summary.content_length) body_end = std::min(end, body + *summary.content_length);
  if (body < body_end) {
    reader.put("sip.msg_body", reader.text(body, body_end), 1);
    const Parser* inner = same(summary.content_type, "application/sdp") ? &sdp
                          : summary.content_type.starts_with("text/")
                              ? find_parser("data-text-lines")
                              : nullptr;
    if (inner == &sdp && describes_anew(message, summary.status, summary.call_id, summary.cseq))
      announce_media(message, reader.text(body, body_end));
    if (inner != nullptr && message.carry(*inner, message.data + body, body_end - body)) {
      if (inner != &sdp)
        fmt::format_to(std::back_inserter(message.info()), " ({})", summary.content_type);
      message.protocol(inner == &sdp ? "SIP/SDP" : "SIP");
    }
  }
  message.leave();
  return true;
}

bool read_sip(Message& message) {
  Reader reader{message};
  if (!is_sip(message.text(0, message.captured))) return false;
  if (!message.around.tcp) return read_one(message, 0, message.captured, reader);
  for (u32 at = 0; at < message.captured;) {
    const auto rest = message.text(at, message.captured - at);
    const u32 size = message_size(message, at, reader);
    if ((size == 0 || size > message.captured - at) && message.waits()) {
      message.need(at, size == 0 ? 0 : size - (message.captured - at));
      return true;
    }
    if (!is_sip(rest)) break;
    const u32 here = size == 0 ? message.captured - at : std::min(size, message.captured - at);
    read_one(message, at, here, reader);
    at += here;
  }
  return true;
}

constexpr u16 ports[] = {5060};

}  // namespace

const Parser sip{
    .header = {.word = "sip",
               .name = "Session Initiation Protocol",
               .layer = 7,
               .fields = {},
               .found = all},
    .tcp_ports = ports,
    .udp_ports = ports,
    .moves_numbers = true,
    .looks = looks_like_sip,
    .read = read_sip
};

}  // namespace trama::parse
