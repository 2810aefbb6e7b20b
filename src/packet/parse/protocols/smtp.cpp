// Simple Mail Transfer Protocol (RFC 5321): commands, responses, the mail itself, and the change to
// TLS (RFC 3207).
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/media.h"
#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

using wire::Field;
using wire::in;
using wire::Show;

constexpr auto fields = std::to_array<Field>({
    {"smtp.req",                    0, Show::flag, N_("it is from the client")      },
    {"smtp.rsp",                    0, Show::flag, N_("it is from the server")      },
    {"smtp.command_line",           0, Show::text, N_("a line from the client")     },
    {"smtp.req.command",            0, Show::text, N_("what the client wants")      },
    {"smtp.req.parameter",          0, Show::text, N_("what it wants it with")      },
    {"smtp.response",               0, Show::text, N_("a line from the server")     },
    {"smtp.response.code",          0, Show::dec,  N_("how the command went")       },
    {"smtp.rsp.parameter",          0, Show::text, N_("the same in words")          },
    {"smtp.auth.username",          0, Show::text, N_("who logs in, as it was sent")},
    {"smtp.auth.password",          0, Show::text, N_("password, as it was sent")   },
    {"smtp.auth.username_password", 0, Show::text,
     N_("who logs in and password, as they were sent")                              },
    {"smtp.eom",                    0, Show::mark, N_("the mail ends here")         },
});

enum class Login : u8 { none, name, password, both };

struct Talk final : flow::Memory {
  bool mail = false;     // the client sends the mail's text
  bool secures = false;  // it asked for TLS
  Login login = Login::none;
  WaitingBytes text;  // of the mail, as far as it came
};

bool is_command(std::string_view line) {
  return line.size() == 4 || (line.size() > 4 && line[4] == ' ') ||
         (line.size() == 8 && same_word(line, "STARTTLS"));
}

void add_line(Message& message, bool& first, std::string_view text) {
  if (!first) message.info() += " | ";
  first = false;
  dissect::append_text(message.info(), text);
}

// What the client sends to log in, a line by itself.
void read_login(Message& message, const Line& line, Talk& talk) {
  const Field* field = &in(fields, "smtp.auth.username_password");
  if (talk.login == Login::name) {
    field = &in(fields, "smtp.auth.username");
    message.info() += "User: ";
  } else if (talk.login == Login::password) {
    field = &in(fields, "smtp.auth.password");
    message.info() += "Pass: ";
  }
  message.put_text(*field, line.at, line.size);
  dissect::append_text(message.info(), message.text(line.at, line.size));
  talk.login = talk.login == Login::name ? Login::password : Login::none;
}

void read_command(Message& message, const Line& line, Talk* talk) {
  const auto text = message.text(line.at, line.size);
  message.put_text(in(fields, "smtp.command_line"), line.at, line.next - line.at);
  message.put_text(in(fields, "smtp.req.command"), line.at, 4);
  if (line.size > 5) message.put_text(in(fields, "smtp.req.parameter"), line.at + 5, line.size - 5);
  if (talk == nullptr) return;
  const auto word = text.substr(0, 4);
  talk->mail = same_word(word, "DATA");
  if (line.size == 8 && same_word(text, "STARTTLS")) talk->secures = true;
  if (!same_word(word, "AUTH") || line.size < 10) return;
  const auto way = text.substr(5);
  if (same_word(way, "LOGIN")) talk->login = Login::name;
  if (same_word(way, "PLAIN")) talk->login = Login::both;
  if (way.size() > 6 && same_word(way.substr(0, 6), "PLAIN "))
    message.put_text(in(fields, "smtp.auth.username_password"), line.at + 11, line.size - 11);
}

void read_mail(Message& message, u32 from, u32 to, bool ended, Talk* talk) {
  auto& info = message.info();
  fmt::format_to(std::back_inserter(info), "{}DATA fragment, {} bytes",
                 info.size() > 3 ? " | " : "", to - from);
  if (talk != nullptr && talk->text.size() < longest_gathered)  // of a longer one its beginning
    talk->text.add(message, message.bytes(from, to - from));
  if (!ended) {
    message.carry(data_text_lines, message.data + from, to - from);
    return;
  }
  message.put(in(fields, "smtp.eom"), from, to - from, 0);
  message.protocol("SMTP/IMF");
  info.clear();
  const Bytes text = talk->text.view();
  u8* mail = message.keep(text.size());
  std::copy(text.begin(), text.end(), mail);
  message.carry(imf, mail, static_cast<u32>(text.size()));
  talk->text.forget();
}

// All that the client sent. False: it asked for more.
bool read_client(Message& message, Talk* talk) {
  bool first = true;
  for (u32 at = 0; at < message.captured;) {
    const Line line = line_at(message, at);
    if (at == 0 && !line.ended && message.waits()) return false;
    if (at == 0) {
      message.enter(smtp.header);
      message.protocol("SMTP");
      message.info() = "C: ";
    }
    const auto text = message.text(line.at, line.size);
    const bool mail = talk != nullptr && talk->mail;
    if (!mail && talk != nullptr && talk->login != Login::none) {
      message.put_found(in(fields, "smtp.req"), 1);
      read_login(message, line, *talk);
      at = line.next;
      first = false;
      continue;
    }
    if (!mail && is_command(text) && !same_word(text.substr(0, 4), "BDAT")) {
      message.put_found(in(fields, "smtp.req"), 1);
      add_line(message, first, text);
      read_command(message, line, talk);
      at = line.next;
      continue;
    }
    // The mail's text up to the line with a dot alone.
    const u32 from = at;
    bool ended = false;
    while (at < message.captured && !ended) {
      const Line more = line_at(message, at);
      ended = mail && more.ended && more.size == 1 && message.data[more.at] == '.';
      at = more.next;
    }
    if (ended) talk->mail = false;
    read_mail(message, from, at, ended, mail ? talk : nullptr);
    first = false;
  }
  return true;
}

bool read_server(Message& message, Talk* talk) {
  bool first = true;
  bool goes_on = false;  // the line before said that another one follows
  for (u32 at = 0; at < message.captured;) {
    const Line line = line_at(message, at);
    if (at == 0 && !line.ended && message.waits()) return false;
    if (at == 0) {
      message.enter(smtp.header);
      message.protocol("SMTP");
      message.info() = "S: ";
    }
    at = line.next;
    const auto text = message.text(line.at, line.size);
    const bool coded = text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3,
                                                       [](char c) { return c >= '0' && c <= '9'; });
    if (line.at == 0) message.put_found(in(fields, "smtp.rsp"), 1);
    if (!goes_on) {
      if (!coded) continue;
      message.put_text(in(fields, "smtp.response"), line.at, line.next - line.at);
      message.put(in(fields, "smtp.response.code"), line.at, 3,
                  static_cast<u64>(text[0] - '0') * 100 + static_cast<u64>(text[1] - '0') * 10 +
                      static_cast<u64>(text[2] - '0'));
    }
    if (!coded) continue;
    add_line(message, first, goes_on ? text.substr(std::min<std::size_t>(4, text.size())) : text);
    if (text.size() >= 4)
      message.put_text(in(fields, "smtp.rsp.parameter"), line.at + 4, line.size - 4);
    goes_on = text.size() > 3 && text[3] == '-';
    if (talk == nullptr || goes_on) continue;
    if (talk->secures && text.starts_with("220"))
      if (const Parser* tls = find_parser("tls")) message.hand_over(*tls);
    talk->secures = false;
    if (talk->login != Login::none && !text.starts_with("334")) talk->login = Login::none;
  }
  return true;
}

bool read_smtp(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  const bool server = message.around.from_port == 25 ||
                      (message.around.from_port == 587 && message.around.to_port != 25);
  const bool asks = message.around.to_port == 25 || message.around.to_port == 587;
  const bool client = asks || (!server && message.from_client());
  if (!(client ? read_client(message, talk) : read_server(message, talk))) message.need(0, 0);
  return true;
}

constexpr u16 ports[] = {25, 587};

}  // namespace

const Parser smtp{
    .header = {.word = "smtp",
               .name = "Simple Mail Transfer Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = ports,
    .read = read_smtp
};

}  // namespace trama::parse
