// MySQL's protocol: greeting, login, the change to TLS, commands and how they went. What a query
// found is not read.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr Name command_names[] = {
    {0, "SLEEP"}, {1, "Quit"}, {2, "Use Database"}, {3, "Query"}, {4, "Show Fields"},
    {5, "Create Database"}, {6, "Drop Database"}, {7, "Refresh"}, {8, "Shutdown"},
    {9, "Statistics"}, {10, "Process List"}, {11, "Connect"}, {12, "Kill Server Thread"},
    {13, "Dump Debuginfo"}, {14, "Ping"}, {15, "Time"}, {16, "Insert Delayed"},
    {17, "Change User"}, {18, "Send Binlog"}, {19, "Send Table"}, {20, "Slave Connect"},
    {21, "Register Slave"}, {22, "Prepare Statement"}, {23, "Execute Statement"},
    {24, "Send BLOB"}, {25, "Close Statement"}, {26, "Reset Statement"}, {27, "Set Option"},
    {28, "Fetch Data"}, {29, "Daemon"}, {30, "Send Binlog GTID"}, {31, "Reset Connection"},
    {250, "Execute Bulk Statement"},
};
constexpr auto fields = std::to_array<Field>({
    {"mysql.packet_length", 0, Show::dec, N_("bytes of the message")},
    {"mysql.packet_number", 0, Show::dec, N_("number of the message")},
    {"mysql.protocol", 0, Show::dec, N_("version of the protocol")},
    {"mysql.version", 0, Show::text, N_("version of the server")},
    {"mysql.thread_id", 0, Show::dec, N_("number of the connection at the server")},
    {"mysql.caps.client", 0, Show::hex4, N_("what the client can do")},
    {"mysql.max_packet", 0, Show::dec, N_("largest packet in bytes")},
    {"mysql.user", 0, Show::text, N_("who wants to come in")},
    {"mysql.passwd", 0, Show::bytes, N_("proof of who speaks")},
    {"mysql.schema", 0, Show::text, N_("which database")},
    named(command_names, {"mysql.command", 0, Show::dec, N_("what the client wants")}),
    {"mysql.query", 0, Show::text, N_("the query")},
    {"mysql.response_code", 0, Show::hex2, N_("how the command went")},
    {"mysql.error_code", 0, Show::dec, N_("what went wrong")},
    {"mysql.error.message", 0, Show::text, N_("the same in words")},
});
// clang-format on

enum Capability : u64 { with_database = 0x08, protocol_41 = 0x200, ssl = 0x800, secure = 0x8000 };
enum class Awaits : u8 { response, prepared, rows, login };

struct Talk final : flow::Memory {
  Awaits awaits = Awaits::response;
};

// Text up to a zero byte, or to the end.
std::string_view take_string(Message& message, Reader& reader, const Field& field) {
  const auto rest = message.text(reader.at(), reader.left());
  const auto size = std::min(rest.find('\0'), rest.size());
  const auto text = reader.ascii(field, size);
  if (size < rest.size()) reader.skip(1);
  return text;
}

void read_error(Message& message, Reader& reader) {
  const u64 code = reader.little(in(fields, "mysql.error_code"), 2);
  fmt::format_to(std::back_inserter(message.info()), " Error {} ", code);
  if (reader.more() && message.data[reader.at()] == '#') reader.skip(6);  // SQL's state
  if (reader.more()) reader.ascii(in(fields, "mysql.error.message"), reader.left());
}

void read_greeting(Message& message, Reader& reader, Talk* talk) {
  auto& info = message.info();
  info += "Server Greeting ";
  if (reader.more() && message.data[reader.at()] == 0xff) {
    reader.number(in(fields, "mysql.response_code"), 1);
    return read_error(message, reader);
  }
  const u64 protocol = reader.number(in(fields, "mysql.protocol"), 1);
  const auto version = take_string(message, reader, in(fields, "mysql.version"));
  fmt::format_to(std::back_inserter(info), " proto={} version=", protocol);
  dissect::append_text(info, version);
  info += ' ';
  reader.little(in(fields, "mysql.thread_id"), 4);
  if (talk != nullptr) talk->awaits = Awaits::login;
}

void read_login(Message& message, Reader& reader, Talk* talk) {
  const u64 flags = reader.little(in(fields, "mysql.caps.client"), 2);
  const bool new_kind = (flags & protocol_41) != 0;
  if (new_kind) reader.skip(2);
  reader.little(in(fields, "mysql.max_packet"), new_kind ? 4 : 3);
  if (new_kind) reader.skip(24);
  auto& info = message.info();
  info += (flags & ssl) != 0 ? "Response: SSL Handshake user=" : "Login Request user=";
  dissect::append_text(info, take_string(message, reader, in(fields, "mysql.user")));
  info += ' ';
  if (talk != nullptr) talk->awaits = Awaits::response;
  if ((flags & secure) != 0 && reader.more()) {
    reader.bytes(in(fields, "mysql.passwd"), reader.take(1));
  } else if (reader.more()) {
    const auto rest = message.text(reader.at(), reader.left());
    reader.bytes(in(fields, "mysql.passwd"), std::min(rest.find('\0'), rest.size()));
    if (reader.more()) reader.skip(1);
  }
  if ((flags & with_database) != 0 && reader.more()) {
    info += "db=";
    dissect::append_text(info, take_string(message, reader, in(fields, "mysql.schema")));
    info += ' ';
  }
  if ((flags & ssl) != 0)
    if (const Parser* next = find_parser("tls")) message.hand_over(*next);
}

void read_request(Message& message, Reader& reader, Talk* talk) {
  const u64 command = reader.number(in(fields, "mysql.command"), 1);
  const auto* known = std::find_if(std::begin(command_names), std::end(command_names),
                                   [&](const Name& one) { return one.value == command; });
  auto& info = message.info();
  info += "Request";
  if (known == std::end(command_names))
    fmt::format_to(std::back_inserter(info), " Unknown ({}) ", command);
  else
    info.append(" ").append(known->text);
  if (command == 2 && reader.more()) reader.ascii(in(fields, "mysql.schema"), reader.left());
  if ((command == 3 || command == 22) && reader.more())
    reader.ascii(in(fields, "mysql.query"), reader.left());
  if (talk != nullptr)
    talk->awaits =
        command == 22 || command == 4 || command == 9 ? Awaits::prepared : Awaits::response;
}

void read_response(Message& message, Reader& reader, Talk* talk) {
  constexpr u8 end_of_rows = 0xfe;
  constexpr u8 failed = 0xff;
  auto& info = message.info();
  info += "Response ";
  if (!reader.more()) return;
  const u8 code = message.data[reader.at()];
  const bool rows = talk != nullptr && talk->awaits != Awaits::response;
  if (rows && code != failed) return;
  if (code == failed || code == 0 || code == end_of_rows)
    reader.number(in(fields, "mysql.response_code"), 1);
  if (code == failed) {
    read_error(message, reader);
  } else if (code == 0) {
    info += " OK ";
  } else if (code != end_of_rows) {
    info += "TABULAR ";
    if (talk != nullptr) talk->awaits = Awaits::rows;
  }
}

bool is_server(const Around& around) { return around.from_port == 3306; }

bool read_mysql(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  const bool server =
      is_server(message.around) || (message.around.to_port != 3306 && !message.from_client());
  std::string before;  // what stays of the column
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    if (left < 4) {
      if (message.waits()) message.need(at, 0);
      return message.waits() || at != 0;
    }
    const u8* head = message.data + at;
    const u32 size =
        4 + (head[0] | static_cast<u32>(head[1]) << 8 | static_cast<u32>(head[2]) << 16);
    if (size > left && message.waits()) {
      message.need(at, size - left);
      return true;
    }
    const u32 end = at + std::min(size, left);
    message.enter(mysql.header, at, end - at);
    message.protocol("MySQL");
    message.info() = before;
    message.put(in(fields, "mysql.packet_length"), at, 3, size - 4);
    message.put(in(fields, "mysql.packet_number"), at + 3, 1, head[3]);
    Reader reader{message, at + 4, end};
    const bool login = talk != nullptr && talk->awaits == Awaits::login;
    if (server && head[3] == 0 && end > at + 4 && (head[4] == 10 || head[4] == 0xff))
      read_greeting(message, reader, talk);
    else if (server)
      read_response(message, reader, talk);
    else if (login)
      read_login(message, reader, talk);
    else
      read_request(message, reader, talk);
    if (message.info().ends_with("TABULAR ")) before = message.info();
    if (!reader.good()) message.malformed();
    message.leave();
    at = end;
  }
  return true;
}

constexpr u16 ports[] = {3306};

}  // namespace

const Parser mysql{
    .header =
        {.word = "mysql", .name = "MySQL Protocol", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .read = read_mysql
};

}  // namespace trama::parse
