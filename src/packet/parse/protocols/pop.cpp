// Post Office Protocol 3 (RFC 1939): commands, responses, the mails themselves, and the change to
// TLS (RFC 2595). A mail is put together by the size that its response announced.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"pop.request", 0, Show::mark, N_("a line from the client")},
    {"pop.request.command", 0, Show::text, N_("what the client wants")},
    {"pop.request.parameter", 0, Show::text, N_("what it wants it with")},
    {"pop.response", 0, Show::mark, N_("a line from the server")},
    {"pop.response.indicator", 0, Show::text, N_("how the command went")},
    {"pop.response.description", 0, Show::text, N_("the same in words")},
    {"pop.response.data", 0, Show::text, N_("a line that follows")},
});
// clang-format on

struct Talk final : flow::Memory {
  bool wants_mail = false;  // the client asked for one
  bool secures = false;     // ... for TLS
  bool in_parts = false;    // the mail comes, `left` bytes of it
  u64 left = 0;
  WaitingBytes text;
};

void read_request(Message& message, Talk* talk) {
  auto rest = message.text(0, message.captured);
  const Line line = line_at(message, 0);
  rest = rest.substr(0, line.size);
  message.put(in(fields, "pop.request"), 0, line.next, 0);
  const auto command = take_word(rest);
  message.put_text(in(fields, "pop.request.command"), 0, static_cast<u32>(command.size()));
  if (!rest.empty())
    message.put_text(in(fields, "pop.request.parameter"),
                     static_cast<u32>(rest.data() - command.data()), static_cast<u32>(rest.size()));
  if (talk == nullptr) return;
  talk->wants_mail = same_word(command, "RETR");
  talk->secures = same_word(command, "STLS");
}

void read_response(Message& message, Talk* talk) {
  const Line first = line_at(message, 0);
  auto rest = message.text(0, first.size);
  const auto indicator = take_word(rest);
  message.put(in(fields, "pop.response"), 0, first.next, 0);
  message.put_text(in(fields, "pop.response.indicator"), 0, static_cast<u32>(indicator.size()));
  if (!rest.empty())
    message.put_text(in(fields, "pop.response.description"),
                     static_cast<u32>(rest.data() - indicator.data()),
                     static_cast<u32>(rest.size()));
  for (u32 at = first.next; at < message.captured;) {
    const Line line = line_at(message, at);
    message.put_text(in(fields, "pop.response.data"), line.at, line.next - line.at);
    at = line.next;
  }
  if (talk == nullptr) return;
  const bool good = indicator == "+OK";
  if (good && talk->secures)
    if (const Parser* tls = find_parser("tls")) message.hand_over(*tls);
  talk->in_parts = good && talk->wants_mail;
  talk->left = 0;
  if (talk->in_parts) std::from_chars(rest.data(), rest.data() + rest.size(), talk->left);
  talk->wants_mail = talk->secures = false;
  talk->text.forget();
}

void read_mail(Message& message, const u8* bytes, u32 count) {
  message.protocol("POP/IMF");
  message.info().clear();
  message.carry(imf, bytes, count);
}

// What the server sends of a mail or a list.
void read_data(Message& message, Talk* talk) {
  if (talk == nullptr || !talk->in_parts) return read_mail(message, message.data, message.captured);
  fmt::format_to(std::back_inserter(message.info()), "DATA fragment, {} bytes", message.captured);
  if (talk->left == 0) return;               // its size is unknown
  if (talk->text.size() < longest_gathered)  // of a longer one its beginning
    talk->text.add(message, message.bytes(0, message.captured));
  talk->left -= std::min<u64>(talk->left, message.captured);
  if (talk->left != 0) return;
  talk->in_parts = false;
  const Bytes text = talk->text.view();
  u8* mail = message.keep(text.size());
  std::copy(text.begin(), text.end(), mail);
  read_mail(message, mail, static_cast<u32>(text.size()));
  talk->text.forget();
}

bool read_pop(Message& message) {
  if (!message.around.tcp || message.captured == 0) return false;
  auto* talk = message.memory<Talk>();
  const bool request = message.around.to_port == 110;
  message.enter(pop.header);
  message.protocol("POP");
  auto& info = message.info();
  info = request ? "C: " : "S: ";
  const Line line = line_at(message, 0);
  const auto first = message.text(0, line.size);
  const bool data = !request && !first.starts_with("+OK") && !first.starts_with("-ERR");
  if (data) {
    read_data(message, talk);
    return true;
  }
  dissect::append_text(info, first);
  request ? read_request(message, talk) : read_response(message, talk);
  return true;
}

constexpr u16 ports[] = {110};

}  // namespace

const Parser pop{
    .header =
        {.word = "pop", .name = "Post Office Protocol", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .read = read_pop
};

}  // namespace trama::parse
