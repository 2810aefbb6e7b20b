// Hypertext Transfer Protocol, version 1 (RFC 9110, RFC 9112): messages one after another, which
// request a response answers, and what follows CONNECT or Upgrade.
#include "packet/parse/protocols/http.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "packet/dissect/value.h"
#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

using namespace http_message;  // NOLINT: the parts of this parser
using wire::in;

constexpr std::size_t longest_uri = 4096;  // of what is remembered

constexpr u64 longest_channel = u64{128} << 10;

// A request and its response, as far as they were seen; 0: not.
struct Exchange {
  u64 request_in = 0, response_in = 0;
  i64 asked = no_time;
};

struct Talk final : flow::Memory {
  u32 exchanges = 0;
  Exchange newest, before;
  std::string method, uri, full_uri;  // of the newest request
  Share share;
  // After CONNECT or Upgrade: another protocol's bytes.
  bool tunnel = false, connected = false;
  const Parser* inside = nullptr;
  std::string host;
  u16 port = 0;

  void add() {
    before = newest;
    newest = {};
    ++exchanges;
  }
};

void keep_text(std::string& place, std::string_view text) {
  place.assign(text.substr(0, longest_uri));
}

// A response without a body, whatever its header says.
bool is_bare(const Head& head, const Talk* talk) {
  if (head.code / 100 == 1 || head.code == 204 || head.code == 304) return true;
  if (talk == nullptr || head.code / 100 != 2) return false;
  return talk->method == "HEAD" || talk->method == "CONNECT";
}

// The message at `at` is not whole: asks for the rest. False: it is whole, or no more will come.
bool wants_more(Message& message, const Head& head, const Talk* talk) {
  if (!message.waits()) return false;
  if (!head.ends) {
    message.need(head.at, 0);
    return true;
  }
  if (message.around.ends || (head.kind == Kind::response && is_bare(head, talk))) return false;
  const u32 here = message.captured - head.body;
  if (head.coding == Coding::chunked) {
    if (find_chunks(message, head.body).whole) return false;
    message.need(head.at, 0);
    return true;
  }
  if (head.has_length) {
    // A channel of RPC over HTTP: its length is how much it may carry.
    if (head.length > longest_channel &&
        (head.method == "RPC_IN_DATA" || head.method == "RPC_OUT_DATA"))
      return false;
    if (head.length <= here || head.length > std::numeric_limits<std::int32_t>::max()) return false;
    message.need(head.at, static_cast<u32>(head.length - here));
    return true;
  }
  if (head.kind != Kind::response) return false;
  message.need_all(head.at);
  return true;
}

// Remembers the request; the columns' and rows' words for what it asks.
void remember_request(Message& message, const Head& head, Talk* talk) {
  const bool absolute = head.method == "CONNECT" || head.uri.starts_with("http://") ||
                        head.uri.starts_with("https://");
  std::string_view host = head.host;
  while (host.ends_with(' ') || host.ends_with('\t')) host.remove_suffix(1);
  std::string full;
  if (absolute)
    full = plain_ascii(head.uri);
  else if (head.host.data() != nullptr && head.uri.data() != nullptr)
    full.append("http://").append(host.substr(0, host.find('\0'))).append(plain_ascii(head.uri));
  if (talk != nullptr) {
    if (head.kind == Kind::request) {
      talk->add();
      talk->newest.request_in = message.around.packet.number;
      talk->newest.asked = message.around.packet.time;
    }
    keep_text(talk->method, head.method);
    keep_text(talk->uri, head.uri);
    keep_text(talk->full_uri, full);
    if (!talk->share.cover(message, talk->uri.size() + talk->full_uri.size()))
      talk->uri = talk->full_uri = std::string{};
  }
  if (!full.empty()) message.put_text(in(http_fields, "http.request.full_uri"), 0, 0, full);
}

void put_place(Message& message, const Head& head, const Talk* talk) {
  const auto found = [&](const wire::Field& field, u64 value) {
    if (value != 0) message.put_found(field, value);
  };
  if (head.kind == Kind::notification) {
    message.put_found(in(http_fields, "http.notification"), 1);
    return;
  }
  const bool asks = head.kind == Kind::request;
  message.put_found(asks ? in(http_fields, "http.request") : in(http_fields, "http.response"), 1);
  if (talk == nullptr) return;
  message.put_found(
      asks ? in(http_fields, "http.request_number") : in(http_fields, "http.response_number"),
      talk->exchanges);
  if (!asks && talk->newest.asked != no_time)
    message.put_found(in(http_fields, "http.time"),
                      static_cast<u64>(message.around.packet.time - talk->newest.asked));
  found(in(http_fields, "http.prev_request_in"), talk->before.request_in);
  if (asks) return;
  found(in(http_fields, "http.prev_response_in"), talk->before.response_in);
  found(in(http_fields, "http.request_in"), talk->newest.request_in);
  const auto& uri = talk->full_uri.empty() ? talk->uri : talk->full_uri;
  if (!uri.empty()) message.put_text(in(http_fields, "http.response_for.uri"), 0, 0, uri);
}

const Parser* parser_of_port(u16 port) {
  for (const Parser* parser : parsers())
    if (std::find(parser->tcp_ports.begin(), parser->tcp_ports.end(), port) !=
        parser->tcp_ports.end())
      return parser;
  return nullptr;
}

// The server agreed to speak another protocol from here on.
void switch_protocol(const Head& head, Talk& talk) {
  if (head.code == 101 && !head.upgrade.empty()) {
    talk.tunnel = true;
    std::string word{head.upgrade};
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    talk.inside = word == "h2c" ? &http2 : find_parser(word);
  }
  if (head.code == 200 && talk.method == "CONNECT") {
    talk.tunnel = talk.connected = true;
    const auto colon = talk.uri.rfind(':');
    talk.host = talk.uri.substr(0, colon);
    if (colon != std::string::npos)
      std::from_chars(talk.uri.data() + colon + 1, talk.uri.data() + talk.uri.size(), talk.port);
    talk.inside = parser_of_port(talk.port);
  }
}

void read_tunnel(Message& message, const Talk& talk, u32 at) {
  if (!talk.connected) {
    if (at == 0) message.path("http");
  } else {
    message.enter(message.parser->header, at);
    message.put_text(in(http_fields, "http.proxy_connect_host"), 0, 0, talk.host);
    message.put_found(in(http_fields, "http.proxy_connect_port"), talk.port);
    message.leave();
  }
  const u8* bytes = message.data + at;
  const u32 count = message.captured - at;
  if (talk.inside != nullptr && message.carry(*talk.inside, bytes, count)) return;
  for (const Parser* parser : parsers())
    if (parser->looks != nullptr && parser != talk.inside && parser != &http && at == 0 &&
        parser->looks(message) && message.carry(*parser, bytes, count))
      return;
}

// Bytes that start no message: header lines of one whose start was not captured, or a body's rest.
bool read_other(Message& message, u32 at, const Talk* talk) {
  const bool seen = talk != nullptr && talk->exchanges != 0;
  const Head head = read_head(message, at);
  if (!seen && !head.lines) return false;
  message.enter(message.parser->header, at);
  put_head(message, head);
  if (seen) {
    message.protocol(message.around.tcp ? "HTTP" : "SSDP");
    message.info() += "Continuation";
  }
  if (head.broken) {
    message.malformed();
    message.leave();
    return true;
  }
  if (head.body < message.captured) read_body(message, head, message.captured - head.body);
  message.leave();
  return true;
}

// The message at `at`; where the next one starts, 0 where there is none to be read.
u32 read_one(Message& message, u32 at, Talk* talk) {
  if (message.captured - at > 2 && message.text(at, 2) == "\r\n") {
    const Line after = line_at(message, at + 2);
    if (kind_of(message.text(after.at, after.size)) != Kind::other) at += 2;
  }
  const Line first = line_at(message, at);
  const bool readable = message.data[at] >= 0x20 && message.data[at] < 0x7f;
  if (!first.ended && readable && message.waits()) {
    message.need(at, 0);
    return 0;
  }
  if (kind_of(message.text(at, first.size)) == Kind::other || !first.ended || !readable) {
    read_other(message, at, talk);
    return 0;
  }
  dissect::append_text(message.info(), message.text(at, first.size));
  message.info() += ' ';
  const Head head = read_head(message, at);
  if (wants_more(message, head, talk)) return 0;
  message.protocol(message.around.tcp ? "HTTP" : "SSDP");
  message.enter(message.parser->header, at, message.captured - at);
  if (message.rows()) put_head(message, head);
  if (head.kind != Kind::response) {
    remember_request(message, head, talk);
  } else if (talk != nullptr) {
    if (talk->exchanges == 0 || talk->newest.response_in != 0) talk->add();
    talk->newest.response_in = message.around.packet.number;
  }
  put_place(message, head, talk);
  if (head.broken) {
    message.malformed();
    message.leave();
    return 0;
  }
  u32 size = message.captured - head.body;
  if (head.has_length && head.coding == Coding::none)
    size = static_cast<u32>(std::min<u64>(size, head.length));
  else if ((head.kind == Kind::request && head.coding == Coding::none) ||
           (head.kind == Kind::response &&
            (head.code / 100 == 1 || head.code == 204 || head.code == 304)))
    size = 0;
  u32 next = head.body + size;
  if (size != 0) next = read_body(message, head, size);
  message.leave();
  if (head.kind == Kind::response && talk != nullptr) switch_protocol(head, *talk);
  return std::max(next, head.body);
}

// The client speaks HTTP/2 from its first byte on (RFC 9113 section 3.4).
bool begins_http2(const Message& message) {
  constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\n";
  return message.whole(0, preface.size()) && message.text(0, preface.size()) == preface;
}

bool read_http(Message& message) {
  auto* talk = message.memory<Talk>();
  u32 at = 0;
  if (talk != nullptr && !talk->tunnel && begins_http2(message)) {
    talk->tunnel = true;
    talk->inside = &http2;
  }
  while (at < message.captured) {
    if (talk != nullptr && talk->tunnel) {
      read_tunnel(message, *talk, at);
      return true;
    }
    const u32 next = read_one(message, at, talk);
    if (next <= at) return true;
    at = next;
  }
  return true;
}

// A first line that names HTTP/1, on any port.
bool looks_http(const Message& message) {
  if (!message.around.tcp) return false;
  const Line line = line_at(message, 0);
  if (!line.ended || line.size < 8 || line.size == 8) return false;
  return same_word(message.text(0, 7), "HTTP/1.") ||
         same_word(message.text(line.size - 8, 7), "HTTP/1.");
}

constexpr u16 ports[] = {80, 3128, 3132, 5985, 8080, 8088, 11371, 1900, 2869, 2710};
constexpr u16 udp_ports[] = {1900};
constexpr u16 sctp_ports[] = {80};

}  // namespace

const Parser http{
    .header = {.word = "http",
               .name = "Hypertext Transfer Protocol",
               .layer = 7,
               .fields = {},
               .found = http_fields},
    .tcp_ports = ports,
    .sctp_ports = sctp_ports,
    .looks = looks_http,
    .read = read_http
};

const Parser ssdp{
    .header = {.word = "ssdp",
               .name = "Simple Service Discovery Protocol",
               .layer = 7,
               .fields = {},
               .found = {}},
    .udp_ports = udp_ports,
    .read = read_http
};

}  // namespace trama::parse
