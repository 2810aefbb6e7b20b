// Internet Relay Chat (RFC 1459, RFC 2812): lines of a command, its parameters and a trailer.
#include <algorithm>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"irc.request", 0, Show::text, N_("a line from the client")},
    {"irc.request.prefix", 0, Show::text, N_("who says it")},
    {"irc.request.command", 0, Show::text, N_("what the client wants")},
    {"irc.request.command_parameter", 0, Show::text, N_("what it wants it with")},
    {"irc.request.trailer", 0, Show::text, N_("the last parameter, which may have blanks")},
    {"irc.response", 0, Show::text, N_("a line from the server")},
    {"irc.response.prefix", 0, Show::text, N_("who says it")},
    {"irc.response.command", 0, Show::text, N_("what happened")},
    {"irc.response.num_command", 0, Show::dec, N_("the same as a number")},
    {"irc.response.command_parameter", 0, Show::text, N_("what it is about")},
    {"irc.response.trailer", 0, Show::text, N_("the last parameter, which may have blanks")},
});
// clang-format on

// The fields of one direction.
struct Words {
  const Field &line, &prefix, &command, &parameter, &trailer;
};
constexpr Words from_client{
    in(fields, "irc.request"), in(fields, "irc.request.prefix"), in(fields, "irc.request.command"),
    in(fields, "irc.request.command_parameter"), in(fields, "irc.request.trailer")};
constexpr Words from_server{in(fields, "irc.response"), in(fields, "irc.response.prefix"),
                            in(fields, "irc.response.command"),
                            in(fields, "irc.response.command_parameter"),
                            in(fields, "irc.response.trailer")};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void read_line(Message& message, u32 at, std::string_view line, bool request) {
  const Words& words = request ? from_client : from_server;
  const auto put = [&](const Field& field, std::string_view part) {
    message.put_ascii(field, at + static_cast<u32>(part.data() - line.data()),
                      static_cast<u32>(part.size()));
  };
  put(words.line, line);
  auto rest = line;
  if (rest.starts_with(':')) {
    const auto end = std::min(rest.find(' '), rest.size());
    put(words.prefix, rest.substr(1, end - 1));
    rest.remove_prefix(end);
  }
  const auto step = [&] { rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size())); };
  step();
  const auto command = rest.substr(0, rest.find(' '));
  if (command.empty()) return;
  rest.remove_prefix(command.size());
  put(words.command, command);
  message.info() += " (";
  dissect::append_text(message.info(), command);
  message.info() += ')';
  if (!request && command.size() == 3 && std::all_of(command.begin(), command.end(), is_digit))
    message.put(in(fields, "irc.response.num_command"),
                at + static_cast<u32>(command.data() - line.data()), 3,
                static_cast<unsigned>((command[0] - '0') * 100 + (command[1] - '0') * 10 +
                                      command[2] - '0'));
  for (step(); !rest.empty(); step()) {
    if (rest[0] == ':') return put(words.trailer, rest.substr(1));
    const auto parameter = rest.substr(0, rest.find(' '));
    put(words.parameter, parameter);
    rest.remove_prefix(parameter.size());
  }
}

bool read_irc(Message& message) {
  if (!message.around.tcp) return false;
  const bool request = message.around.to_port == 6667 || message.around.to_port == 57000;
  message.enter(irc.header);
  message.protocol("IRC");
  message.info() = request ? "Request" : "Response";
  const auto all = message.text(0, message.captured);
  for (std::size_t at = 0; at < all.size();) {
    const auto end = std::min(all.find_first_of("\r\n", at), all.size());
    const auto line = all.substr(at, end - at);
    if (!line.empty()) read_line(message, static_cast<u32>(at), line, request);
    at = end + 1;
  }
  return true;
}

constexpr u16 ports[] = {6667, 57000};

}  // namespace

const Parser irc{
    .header =
        {.word = "irc", .name = "Internet Relay Chat", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .read = read_irc
};

}  // namespace trama::parse
