// The head of an HTTP/1 message: first line and header lines (RFC 9112 sections 3 to 5).
#include <algorithm>
#include <charconv>

#include "packet/parse/protocols/http.h"

namespace trama::parse::http_message {
namespace {

using wire::in;

// RFC 9110 section 9, WebDAV (RFC 4918, 3253, 5323), UPnP, and what Microsoft made.
constexpr std::string_view methods[] = {"GET",
                                        "PUT",
                                        "POST",
                                        "HEAD",
                                        "COPY",
                                        "LOCK",
                                        "MOVE",
                                        "POLL",
                                        "BCOPY",
                                        "BMOVE",
                                        "MKCOL",
                                        "TRACE",
                                        "PATCH",
                                        "LABEL",
                                        "MERGE",
                                        "DELETE",
                                        "SEARCH",
                                        "UNLOCK",
                                        "REPORT",
                                        "UPDATE",
                                        "BDELETE",
                                        "CONNECT",
                                        "OPTIONS",
                                        "CHECKIN",
                                        "PROPFIND",
                                        "CHECKOUT",
                                        "CCM_POST",
                                        "PROPPATCH",
                                        "BPROPFIND",
                                        "BPROPPATCH",
                                        "UNCHECKOUT",
                                        "MKACTIVITY",
                                        "MKWORKSPACE",
                                        "RPC_CONNECT",
                                        "VERSION-CONTROL",
                                        "RPC_IN_DATA",
                                        "RPC_OUT_DATA",
                                        "BASELINE-CONTROL",
                                        "SSTP_DUPLEX_POST"};
constexpr std::string_view notifications[] = {"NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE"};

constexpr wire::Name code_names[] = {
    {100, "Continue"                       },
    {101, "Switching Protocols"            },
    {102, "Processing"                     },
    {103, "Early Hints"                    },
    {199, "Informational - Others"         },
    {200, "OK"                             },
    {201, "Created"                        },
    {202, "Accepted"                       },
    {203, "Non-authoritative Information"  },
    {204, "No Content"                     },
    {205, "Reset Content"                  },
    {206, "Partial Content"                },
    {207, "Multi-Status"                   },
    {208, "Already Reported"               },
    {226, "IM Used"                        },
    {299, "Success - Others"               },
    {300, "Multiple Choices"               },
    {301, "Moved Permanently"              },
    {302, "Found"                          },
    {303, "See Other"                      },
    {304, "Not Modified"                   },
    {305, "Use Proxy"                      },
    {307, "Temporary Redirect"             },
    {308, "Permanent Redirect"             },
    {399, "Redirection - Others"           },
    {400, "Bad Request"                    },
    {401, "Unauthorized"                   },
    {402, "Payment Required"               },
    {403, "Forbidden"                      },
    {404, "Not Found"                      },
    {405, "Method Not Allowed"             },
    {406, "Not Acceptable"                 },
    {407, "Proxy Authentication Required"  },
    {408, "Request Time-out"               },
    {409, "Conflict"                       },
    {410, "Gone"                           },
    {411, "Length Required"                },
    {412, "Precondition Failed"            },
    {413, "Request Entity Too Large"       },
    {414, "Request-URI Too Long"           },
    {415, "Unsupported Media Type"         },
    {416, "Requested Range Not Satisfiable"},
    {417, "Expectation Failed"             },
    {418, "I'm a teapot"                   },
    {421, "Misdirected Request"            },
    {422, "Unprocessable Entity"           },
    {423, "Locked"                         },
    {424, "Failed Dependency"              },
    {426, "Upgrade Required"               },
    {428, "Precondition Required"          },
    {429, "Too Many Requests"              },
    {431, "Request Header Fields Too Large"},
    {499, "Client Error - Others"          },
    {500, "Internal Server Error"          },
    {501, "Not Implemented"                },
    {502, "Bad Gateway"                    },
    {503, "Service Unavailable"            },
    {504, "Gateway Time-out"               },
    {505, "HTTP Version Not Supported"     },
    {507, "Insufficient Storage"           },
    {508, "Loop Detected"                  },
    {511, "Network Authentication Required"},
    {599, "Server Error - Others"          },
};

struct Known {
  std::string_view name;
  const wire::Field* field;
};
// Header lines that have a field of their own.
constexpr Known known[] = {
    {"Authorization",            &in(http_fields, "http.authorization")           },
    {"Proxy-Authorization",      &in(http_fields, "http.proxy_authorization")     },
    {"Proxy-Authenticate",       &in(http_fields, "http.proxy_authenticate")      },
    {"WWW-Authenticate",         &in(http_fields, "http.www_authenticate")        },
    {"Content-Type",             &in(http_fields, "http.content_type")            },
    {"Content-Length",           &in(http_fields, "http.content_length_header")   },
    {"Content-Encoding",         &in(http_fields, "http.content_encoding")        },
    {"Transfer-Encoding",        &in(http_fields, "http.transfer_encoding")       },
    {"Upgrade",                  &in(http_fields, "http.upgrade")                 },
    {"User-Agent",               &in(http_fields, "http.user_agent")              },
    {"Host",                     &in(http_fields, "http.host")                    },
    {"Connection",               &in(http_fields, "http.connection")              },
    {"Cookie",                   &in(http_fields, "http.cookie")                  },
    {"Accept",                   &in(http_fields, "http.accept")                  },
    {"Referer",                  &in(http_fields, "http.referer")                 },
    {"Accept-Language",          &in(http_fields, "http.accept_language")         },
    {"Accept-Encoding",          &in(http_fields, "http.accept_encoding")         },
    {"Date",                     &in(http_fields, "http.date")                    },
    {"Cache-Control",            &in(http_fields, "http.cache_control")           },
    {"Server",                   &in(http_fields, "http.server")                  },
    {"Location",                 &in(http_fields, "http.location")                },
    {"Sec-WebSocket-Accept",     &in(http_fields, "http.sec_websocket_accept")    },
    {"Sec-WebSocket-Extensions", &in(http_fields, "http.sec_websocket_extensions")},
    {"Sec-WebSocket-Key",        &in(http_fields, "http.sec_websocket_key")       },
    {"Sec-WebSocket-Protocol",   &in(http_fields, "http.sec_websocket_protocol")  },
    {"Sec-WebSocket-Version",    &in(http_fields, "http.sec_websocket_version")   },
    {"Set-Cookie",               &in(http_fields, "http.set_cookie")              },
    {"Last-Modified",            &in(http_fields, "http.last_modified")           },
    {"X-Forwarded-For",          &in(http_fields, "http.x_forwarded_for")         },
};

// A token (RFC 9110 section 5.6.2).
bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view{"()<>@,;\\\"/[]?={}"}.find(c) == std::string_view::npos;
  });
}

std::string_view value_of(std::string_view line, std::size_t colon) {
  line.remove_prefix(colon + 1);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return line;
}

bool digits_of(std::string_view text, u64& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end != text.data();
}

void note(Head& head, std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (same_word(name, "Host")) head.host = value;
      return;
    case 7:
      if (same_word(name, "Upgrade")) head.upgrade = value;
      return;
    case 12:
      if (same_word(name, "Content-Type")) head.type = value;
      return;
    case 14:
      if (same_word(name, "Content-Length")) head.has_length = digits_of(value, head.length);
      return;
    case 16:
      if (same_word(name, "Content-Encoding")) head.encoding = value;
      return;
    case 17:
      if (same_word(name, "Transfer-Encoding")) {
        while (value.ends_with(' ') || value.ends_with('\t')) value.remove_suffix(1);
        if (value.size() >= 7 && same_word(value.substr(value.size() - 7), "chunked"))
          head.coding = Coding::chunked;
        else if (value.size() < 8 || !same_word(value.substr(0, 8), "identity"))
          head.coding = Coding::other;
      }
      return;
    default:
      return;
  }
}

void put_request(Message& message, const Head& head) {
  const u32 start = head.at;
  message.put_ascii(in(http_fields, "http.request.method"), start,
                    static_cast<u32>(head.method.size()));
  const auto place = [&](std::string_view part) {
    return static_cast<u32>(part.data() - reinterpret_cast<const char*>(message.data));
  };
  const auto put = [&](const wire::Field& field, std::string_view part) {
    message.put_ascii(field, place(part), static_cast<u32>(part.size()));
  };
  if (head.uri.data() != nullptr) put(in(http_fields, "http.request.uri"), head.uri);
  if (const auto question = head.uri.find('?'); question != head.uri.npos) {
    put(in(http_fields, "http.request.uri.path"), head.uri.substr(0, question));
    auto query = head.uri.substr(question + 1);
    put(in(http_fields, "http.request.uri.query"), query);
    while (!query.empty()) {
      const auto part = query.substr(0, query.find('&'));
      put(in(http_fields, "http.request.uri.query.parameter"), part);
      query.remove_prefix(std::min(part.size() + 1, query.size()));
    }
  }
  if (head.version.data() != nullptr) put(in(http_fields, "http.request.version"), head.version);
}

void put_response(Message& message, const Head& head) {
  message.put_ascii(in(http_fields, "http.response.version"), head.at,
                    static_cast<u32>(head.version.size()));
  auto rest = message.text(head.at, head.first.size);
  take_word(rest);
  const auto code = take_word(rest);
  if (code.size() < 3) return;
  const auto code_at = static_cast<u32>(code.data() - reinterpret_cast<const char*>(message.data));
  message.put(in(http_fields, "http.response.code"), code_at, 3, head.code);
  const auto* const name = std::find_if(std::begin(code_names), std::end(code_names),
                                        [&](const wire::Name& n) { return n.value == head.code; });
  message.put_text(in(http_fields, "http.response.code.desc"), code_at, 3,
                   name == std::end(code_names) ? "Unknown" : name->text);
  if (!rest.empty())
    message.put_ascii(in(http_fields, "http.response.phrase"),
                      static_cast<u32>(rest.data() - reinterpret_cast<const char*>(message.data)),
                      static_cast<u32>(rest.size()));
}

// RFC 7617: the word behind "Basic" in base64.
void put_basic(Message& message, u32 at, std::string_view value) {
  if (value.size() < 6 || !same_word(value.substr(0, 6), "Basic ")) return;
  std::string clear;
  u32 bits = 0;
  unsigned have = 0;
  for (const char c : value.substr(6)) {
    const auto digit =
        std::string_view{
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
            "0123456789+/"}
            .find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << 6 | static_cast<u32>(digit);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    clear += static_cast<char>(bits >> have & 0xff);
  }
  message.put_text(in(http_fields, "http.authbasic"), at, 0, clear);
}

void put_header(Message& message, const Head& head, const Line& line, std::size_t colon) {
  const auto text = message.text(line.at, line.size);
  const auto name = text.substr(0, colon);
  const auto value = value_of(text, colon);
  const auto value_at = line.at + static_cast<u32>(value.data() - text.data());
  const u32 whole = line.next - line.at;
  const auto* const row = std::find_if(std::begin(known), std::end(known),
                                       [&](const Known& k) { return same_word(k.name, name); });
  if (row != std::end(known)) {
    message.put_ascii(*row->field, line.at, whole, value);
    if (row->name == "Content-Length" && head.has_length)
      message.put(in(http_fields, "http.content_length"), line.at, whole, head.length);
    if (row->name == "Authorization") put_basic(message, line.at, value);
    if (row->name == "Cookie")
      for (std::size_t at = 0; at < value.size();) {
        at = std::min(value.find_first_not_of(" \t;", at), value.size());
        const auto end = std::min(value.find(';', at), value.size());
        if (end > at)
          message.put_ascii(in(http_fields, "http.cookie_pair"), value_at + static_cast<u32>(at),
                            static_cast<u32>(end - at));
        at = end;
      }
  }
  if (!is_token(name)) message.put(in(http_fields, "http.bad_header_name"), line.at, whole, 0);
  if (head.kind == Kind::request)
    message.put_ascii(in(http_fields, "http.request.line"), line.at, whole);
  else if (head.kind == Kind::response)
    message.put_ascii(in(http_fields, "http.response.line"), line.at, whole);
  else if (row == std::end(known))
    message.put_ascii(in(http_fields, "http.unknown_header"), line.at, whole);
}

}  // namespace

Kind kind_of(std::string_view line) {
  if (line.starts_with("M-")) line.remove_prefix(2);
  if (line.starts_with("HTTP/")) return Kind::response;
  const auto word = line.substr(0, line.find(' '));
  if (word == "ICY") return Kind::response;
  if (word.size() < 3 || word.size() > 16) return Kind::other;
  if (std::find(std::begin(methods), std::end(methods), word) != std::end(methods))
    return Kind::request;
  if (std::find(std::begin(notifications), std::end(notifications), word) !=
      std::end(notifications))
    return Kind::notification;
  return Kind::other;
}

Head read_head(const Message& message, u32 at) {
  Head head;
  head.at = at;
  head.body = at;
  head.first = line_at(message, at);
  const auto first = message.text(at, head.first.size);
  head.kind = kind_of(first);
  u32 next = at;
  bool stopped = false;  // a line that is no header's: what follows is not shown as the head
  if (head.kind != Kind::other) {
    auto rest = first;
    if (head.kind == Kind::response) {
      head.version = take_word(rest);
      const auto code = take_word(rest);
      u64 number = 0;
      if (code.size() >= 3 && digits_of(code.substr(0, 3), number))
        head.code = static_cast<u16>(number);
    } else {
      head.method = take_word(rest);
      // Two blanks: the URI is empty.
      if (rest.data() - first.data() > static_cast<std::ptrdiff_t>(head.method.size() + 1) &&
          rest.data() > first.data())
        rest = {rest.data() - 1, rest.size() + 1};
      head.uri = take_word(rest);
      head.version = rest;
    }
    head.lines = true;
    next = head.body = head.first.next;
    if (!head.first.ended) return head;
  }
  while (next < message.captured) {
    const Line line = line_at(message, next);
    const auto text = message.text(next, line.size);
    if (line.ended && line.size == 0) {
      head.ends = true;
      if (!stopped && head.lines) head.body = line.next;
      return head;
    }
    const auto colon = text.find(':');
    if (colon == text.npos && !stopped) {
      head.broken = head.lines && !line.ended;
      if (head.broken || head.kind == Kind::other) return head;
      stopped = true;
    }
    next = line.next;
    if (colon == text.npos) continue;
    note(head, text.substr(0, colon), value_of(text, colon));
    if (stopped) continue;
    head.lines = true;
    head.body = next;
  }
  return head;
}

void put_head(Message& message, const Head& head) {
  u32 next = head.at;
  if (head.kind != Kind::other) {
    next = head.first.next;
    message.put_bytes(in(http_fields, "http.chat"), head.at, next - head.at);
    if (head.kind == Kind::response)
      put_response(message, head);
    else
      put_request(message, head);
  }
  while (next < head.body) {
    const Line line = line_at(message, next);
    if (const auto colon = message.text(line.at, line.size).find(':');
        colon != std::string_view::npos)
      put_header(message, head, line, colon);
    next = line.next;
  }
}

}  // namespace trama::parse::http_message
