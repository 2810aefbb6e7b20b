// SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): a client asks a proxy for a connection, then talks
// through it. What it talks is read by the port it asked for, or by its looks.
#include <algorithm>
#include <utility>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/socks_fields.h"
#include "wire/protocols/data.h"

namespace trama::parse {
namespace {

using wire::in;

consteval const wire::Field& field(std::string_view word) { return in(socks_fields, word); }

constexpr u8 granted_4 = 90;

enum class Turn : u8 { start, method, login, login_answer, request, answer, talk };

struct Session final : flow::Memory {
  Turn turn = Turn::start;
  u8 version = 0;
  u8 command = 0;
  u16 port = 0;  // that was asked for
  bool refused = false;
  bool spoken = false;  // something went through
  const Parser* inner = nullptr;
};

std::string_view name_of(u8 command) {
  for (const auto& [value, text] : socks_command_names)
    if (value == command) return text;
  return "Unknown";
}

// Reads one message of the dialogue from its start to its end. Where bytes are missing, all later
// calls do nothing, and whole() tells.
class Reader {
 public:
  Reader(Message& message, u32 at) : message_(message), at_(at) {}

  u8 number(const wire::Field* field) { return static_cast<u8>(number(field, 1)); }
  u64 number(const wire::Field* field, u32 size) {  // nullptr: no row
    if (!take(size)) return 0;
    if (field != nullptr) message_.put_number(*field, at_, size);
    const u64 value = message_.number(at_, size);
    at_ += size;
    return value;
  }
  void text(const wire::Field& field, u32 size) {
    if (!take(size)) return;
    message_.put_ascii(field, at_, size);
    at_ += size;
  }
  // Up to a zero byte.
  void string(const wire::Field& field) {
    if (!whole_) return;
    const auto rest = message_.text(at_, message_.captured - at_);
    const auto size = rest.find('\0');
    if (size == rest.npos) return lacks();
    text(field, static_cast<u32>(size));
    ++at_;
  }
  void address(u8 type) {
    if (type == 1) {
      number(&field("socks.dst"), 4);
    } else if (type == 4) {
      if (!take(16)) return;
      message_.put_bytes(field("socks.dstV6"), at_, 16);
      at_ += 16;
    } else if (type == 3) {
      const u32 size = number(nullptr);
      text(field("socks.remote_name"), size);
    } else {
      whole_ = sound_ = false;
    }
  }
  [[nodiscard]] bool whole() const { return whole_; }
  [[nodiscard]] bool sound() const { return sound_; }
  [[nodiscard]] u32 at() const { return at_; }

 private:
  bool take(u32 size) {
    if (whole_ && !message_.whole(at_, size)) lacks();
    return whole_;
  }
  void lacks() { whole_ = false; }

  Message& message_;
  u32 at_;
  bool whole_ = true;
  bool sound_ = true;  // it can still be of this protocol
};

void ask_4(Reader& reader, Session& session) {
  reader.number(&field("socks.version"));
  session.command = reader.number(&field("socks.command"));
  session.port = static_cast<u16>(reader.number(&field("socks.dstport"), 2));
  const u64 address = reader.number(&field("socks.dst"), 4);
  reader.string(field("socks.username"));
  if (address != 0 && address < 256) reader.string(field("socks.v4a_dns_name"));
}

void offer(Reader& reader) {
  reader.number(&field("socks.version"));
  const u8 count = reader.number(&field("socks.auth_method_count"));
  for (unsigned i = 0; i < count && reader.whole(); ++i) reader.number(&field("socks.auth_method"));
}

void ask_5(Reader& reader, Session& session) {
  reader.number(&field("socks.version"));
  session.command = reader.number(&field("socks.command"));
  reader.number(&field("socks.reserved"));
  reader.address(reader.number(&field("socks.address_type")));
  session.port = static_cast<u16>(reader.number(&field("socks.port"), 2));
}

void answer(Reader& reader, Session& session) {
  reader.number(&field("socks.version"));
  const u8 result = reader.number(&field("socks.results"));
  session.refused = session.version == 4 && result != granted_4;
  if (session.version == 4) {
    reader.number(&field("socks.dstport"), 2);
    reader.number(&field("socks.dst"), 4);
  } else {
    reader.number(&field("socks.reserved"));
    reader.address(reader.number(&field("socks.address_type")));
    reader.number(&field("socks.port"), 2);
  }
}

// Reads what stands at `session`'s turn, which goes on; the text of the info column.
std::string_view read_turn(Message& message, Reader& reader, Session& session) {
  switch (session.turn) {
    case Turn::start:
      session.version = message.data[reader.at()];
      session.turn = session.version == 4 ? Turn::answer : Turn::method;
      session.version == 4 ? ask_4(reader, session) : offer(reader);
      return "Connect to server request";
    case Turn::method: {
      reader.number(&field("socks.version"));
      const u8 method = reader.number(&field("socks.auth_accepted_method"));
      session.turn = method == 2 ? Turn::login : Turn::request;
      return "Connect to server response";
    }
    case Turn::login:
      reader.number(&field("socks.subnegotiation_version"));
      reader.text(field("socks.username"), reader.number(nullptr));
      reader.text(field("socks.password"), reader.number(nullptr));
      session.turn = Turn::login_answer;
      return "User authentication request";
    case Turn::login_answer:
      reader.number(&field("socks.subnegotiation_version"));
      reader.number(&field("socks.auth_status"));
      session.turn = Turn::request;
      return "User authentication reply";
    case Turn::request:
      ask_5(reader, session);
      session.turn = Turn::answer;
      return "Command Request - ";
    case Turn::answer:
      answer(reader, session);
      session.turn = Turn::talk;
      return session.version == 4 ? "Connect Response" : "Command Response - ";
    case Turn::talk:
      break;
  }
  return {};
}

bool asks(Turn turn) { return turn == Turn::start || turn == Turn::login || turn == Turn::request; }

void tell(Message& message, const Session& session, std::string_view text) {
  message.protocol("Socks");
  auto& info = message.info();
  info = session.version == 4 ? "Version: 4 " : "Version: 5 ";
  info += text;
  if (text.ends_with("- ")) info += name_of(session.command);
}

// By the port that was asked for; by its looks where the bytes are all of the message.
const Parser* inner_parser(const Message& message, const Session& session, u32 at) {
  if (const Parser* expected = message.parser_of(session.port)) return expected;
  if (at != 0) return nullptr;
  const auto all = parsers();
  const auto meant = std::find_if(all.begin(), all.end(), [&](const Parser* parser) {
    return parser->looks != nullptr && parser->looks(message);
  });
  return meant == all.end() ? nullptr : *meant;
}

// What goes through the proxy once it is open, from `at` on.
void read_inside(Message& message, Session& session, u32 at) {
  if (!std::exchange(session.spoken, true)) message.skip_tcp_number();
  message.enter(socks.header, at, 0);
  message.put_found(field("socks.version"), session.version);
  message.put_found(field("socks.command"), session.command);
  message.put_found(session.version == 4 ? field("socks.dstport") : field("socks.port"),
                    session.port);
  message.leave();
  if (session.inner == nullptr) session.inner = inner_parser(message, session, at);
  if (session.inner != nullptr && session.inner != &socks &&
      message.carry(*session.inner, message.data + at, message.captured - at))
    return;
  tell(message, session, {});
  message.enter(wire::data, at);
  message.put_bytes(in(wire::data_found, "data.data"), at, message.captured - at);
  message.put_found(in(wire::data_found, "data.len"), message.captured - at);
}

// The next turn's message, if it is the sender's and whole; where it ends. 0: it is not.
u32 read_next(Message& message, Session& session, u32 at) {
  const Turn turn = session.turn;
  message.enter(socks.header, at);
  Reader reader{message, at};
  const auto text = read_turn(message, reader, session);
  if (reader.whole()) {
    tell(message, session, text);
    message.leave();
    return reader.at();
  }
  session.turn = turn;
  if (message.waits() && reader.sound())
    message.need(at, 0);
  else
    message.malformed();
  return 0;
}

bool read_socks(Message& message) {
  auto* session = message.memory<Session>();
  if (session == nullptr || message.captured == 0 || session->refused) return false;
  if (session->turn == Turn::start && message.data[0] != 4 && message.data[0] != 5) return false;
  if (session->turn != Turn::talk && asks(session->turn) != message.from_client()) return false;
  for (u32 at = 0; at < message.captured;) {
    if (session->turn == Turn::talk) {
      read_inside(message, *session, at);
      return true;
    }
    if (asks(session->turn) != message.from_client()) {  // it waits for the other's turn
      if (message.waits()) message.need(at, 0);
      return true;
    }
    at = read_next(message, *session, at);
    if (at == 0) return true;
  }
  return true;
}

constexpr u16 ports[] = {1080};

}  // namespace

const Parser socks{
    .header = {.word = "socks",
               .name = "SOCKS protocol",
               .layer = 5,
               .fields = {},
               .found = socks_fields},
    .tcp_ports = ports,
    .moves_numbers = true,
    .read = read_socks
};

}  // namespace trama::parse
