// File Transfer Protocol (RFC 959, RFC 2428): commands and responses, and the data connections that
// they arrange.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/media.h"

namespace trama::parse {
namespace {

using wire::Field;
using wire::in;
using wire::Show;

constexpr auto fields = std::to_array<Field>({
    {"ftp.request",                   0, Show::flag, N_("it is from the client")              },
    {"ftp.response",                  0, Show::flag, N_("it is from the server")              },
    {"ftp.request.command",           0, Show::text, N_("what the client wants")              },
    {"ftp.request.arg",               0, Show::text, N_("what it wants it with")              },
    {"ftp.response.code",             0, Show::dec,  N_("how the command went")               },
    {"ftp.response.arg",              0, Show::text, N_("the same in words")                  },
    {"ftp.passive.ip",                0, Show::ipv4, N_("where the server waits for the data")},
    {"ftp.passive.port",              0, Show::dec,  N_("on which port it waits")             },
    {"ftp.active.cip",                0, Show::ipv4, N_("where the client waits for the data")},
    {"ftp.active.port",               0, Show::dec,  N_("on which port it waits")             },
    {"ftp.eprt.af",                   0, Show::dec,  N_("kind of address: 1 IPv4, 2 IPv6")    },
    {"ftp.eprt.ip",                   0, Show::ipv4, N_("where the client waits for the data")},
    {"ftp.eprt.ipv6",                 0, Show::ipv6, N_("where the client waits for the data")},
    {"ftp.eprt.port",                 0, Show::dec,  N_("on which port it waits")             },
    {"ftp.epsv.ip",                   0, Show::ipv4, N_("where the server waits for the data")},
    {"ftp.epsv.ipv6",                 0, Show::ipv6, N_("where the server waits for the data")},
    {"ftp.epsv.port",                 0, Show::dec,  N_("on which port it waits")             },
    {"ftp.current-working-directory", 0, Show::text, N_("folder in which the client is")      },
});

constexpr auto data_fields = std::to_array<Field>({
    {"ftp-data.setup-frame",               0, Show::dec,  N_("packet that arranged the connection")},
    {"ftp-data.setup-method",              0, Show::text, N_("command that arranged it")           },
    {"ftp-data.command",                   0, Show::text, N_("command whose data it is")           },
    {"ftp-data.command-frame",             0, Show::dec,  N_("packet with that command")           },
    {"ftp-data.current-working-directory", 0, Show::text, N_("folder in which the client is")      },
});

constexpr std::size_t longest = 1024;  // of what is remembered

// What was arranged for a data connection.
struct Arranged final : flow::Memory {
  std::string_view method;  // PASV, EPASV, PORT, EPRT
  u64 frame = 0, command_frame = 0;
  std::string command, folder;
};

struct Talk final : flow::Memory {
  bool secures = false;
  bool has_end = false;
  Endpoint end;  // of the data connection arranged last
  std::string folder;
  std::string wanted;  // where the newest CWD or CDUP goes
};

// Where "CWD to" leads from a folder.
void change_folder(Talk& talk, std::string_view to) {
  talk.wanted.clear();
  if (!to.starts_with('/')) {
    talk.wanted = talk.folder;
    if (to == "..") {
      talk.wanted.resize(std::min(talk.wanted.rfind('/'), talk.wanted.size()));
      if (talk.wanted.empty()) talk.wanted = "/";
      return;
    }
    if (!talk.wanted.ends_with('/')) talk.wanted += '/';
  }
  talk.wanted.append(to);
  if (talk.wanted.size() > longest) talk.wanted.resize(longest);
}

u64 digits(std::string_view& text) {
  u64 number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return ~u64{0};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

void arrange(Message& message, Talk* talk, const Address& address, u64 port,
             std::string_view method) {
  if (talk == nullptr || port > 0xffff) return;
  talk->end = {address, static_cast<u16>(port)};
  talk->has_end = true;
  auto arranged = std::make_unique<Arranged>();
  arranged->method = method;
  arranged->frame = message.around.packet.number;
  arranged->folder = talk->folder;
  message.arrange(talk->end, std::move(arranged));
  message.expect(talk->end, ftp_data);
  if (message.around.step == nullptr || method == "EPRT") return;  // tshark keeps no EPRT
  // The server's end and the client's address, or the client's end and the server's port 20.
  const auto& ends = message.around.step->segment;
  message.foretell(
      {talk->end, ends.to.address, method == "PORT" ? std::optional<u16>{20} : std::nullopt});
}

// "h1,h2,h3,h4,p1,p2" somewhere in the text (RFC 959 section 4.1.2).
void read_six(Message& message, u32 at, u32 size, Talk* talk, bool passive) {
  const auto whole = message.text(at, size);
  auto text = whole;
  const auto first = text.find_first_of("0123456789");
  if (first == text.npos) return;
  text.remove_prefix(first);
  u64 parts[6];
  std::size_t comma = 0;
  for (unsigned i = 0; i < 6; ++i) {
    parts[i] = digits(text);
    if (parts[i] > 255) return;
    if (i == 3) comma = whole.size() - text.size();
    if (i < 5 && !text.starts_with(',')) return;
    if (i < 5) text.remove_prefix(1);
  }
  const auto ip = static_cast<u32>(parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]);
  const u64 port = parts[4] << 8 | parts[5];
  const auto ip_at = static_cast<u32>(first);
  const auto port_at = static_cast<u32>(comma + 1);
  message.put(passive ? in(fields, "ftp.passive.ip") : in(fields, "ftp.active.cip"), at + ip_at,
              static_cast<u32>(comma) - ip_at, ip);
  message.put(passive ? in(fields, "ftp.passive.port") : in(fields, "ftp.active.port"),
              at + port_at, static_cast<u32>(whole.size() - text.size()) - port_at, port);
  const u8 bytes[] = {static_cast<u8>(ip >> 24), static_cast<u8>(ip >> 16),
                      static_cast<u8>(ip >> 8), static_cast<u8>(ip)};
  arrange(message, talk, address_of(bytes), port, passive ? "PASV" : "PORT");
}

void put_address(Message& message, const Field& v4, const Field& v6, u32 at, u32 count,
                 const Address& address) {
  const Bytes bytes = address.view();
  if (bytes.size() == 4)
    message.put(v4, at, count,
                u64{bytes[0]} << 24 | u64{bytes[1]} << 16 | u64{bytes[2]} << 8 | bytes[3]);
  else
    message.put_copy(v6, at, count, bytes);
}

// "|1|10.0.0.1|4000|" (RFC 2428 section 2).
void read_eprt(Message& message, u32 at, u32 size, Talk* talk) {
  const auto text = message.text(at, size);
  if (text.size() < 7) return;
  const char bar = text[0];
  const auto second = text.find(bar, 1);
  const auto third = second == text.npos ? second : text.find(bar, second + 1);
  if (third == text.npos) return;
  auto family = text.substr(1, second - 1);
  auto port = text.substr(third + 1);
  const u64 kind = digits(family);
  message.put(in(fields, "ftp.eprt.af"), at + 1, static_cast<u32>(second - 1), kind);
  const auto words = text.substr(second + 1, third - second - 1);
  const auto address = parse_address(words);
  if (!address) return;
  put_address(message, in(fields, "ftp.eprt.ip"), in(fields, "ftp.eprt.ipv6"),
              at + static_cast<u32>(second) + 1, static_cast<u32>(words.size()), *address);
  const u64 number = digits(port);
  if (number > 0xffff) return;
  message.put(in(fields, "ftp.eprt.port"), at + static_cast<u32>(third) + 1,
              static_cast<u32>(text.size() - third - 1 - port.size()), number);
  arrange(message, talk, *address, number, "EPRT");
}

// "(|||4000|)" (RFC 2428 section 3).
void read_epsv(Message& message, u32 at, u32 size, Talk* talk) {
  const auto text = message.text(at, size);
  const auto start = text.find('(');
  if (start == text.npos || text.size() - start < 6) return;
  auto port = text.substr(start + 4);
  const auto port_at = static_cast<u32>(start + 4);
  const auto before = port.size();
  const u64 number = digits(port);
  if (number > 0xffff || message.around.step == nullptr) return;
  const Address& server = message.around.step->segment.from.address;
  put_address(message, in(fields, "ftp.epsv.ip"), in(fields, "ftp.epsv.ipv6"), 0, 0, server);
  message.put(in(fields, "ftp.epsv.port"), at + port_at, static_cast<u32>(before - port.size()),
              number);
  arrange(message, talk, server, number, "EPASV");
}

void read_request(Message& message, const Line& line, Talk* talk) {
  auto rest = message.text(line.at, line.size);
  const auto command = take_word(rest);
  if (!command.empty())
    message.put_text(in(fields, "ftp.request.command"), line.at, static_cast<u32>(command.size()));
  const auto arg_at = line.at + line.size - static_cast<u32>(rest.size());
  if (!rest.empty())
    message.put_text(in(fields, "ftp.request.arg"), arg_at, static_cast<u32>(rest.size()));
  const auto size = static_cast<u32>(rest.size());
  if (same_word(command, "PORT")) return read_six(message, arg_at, size, talk, false);
  if (same_word(command, "EPRT")) return read_eprt(message, arg_at, size, talk);
  if (talk == nullptr) return;
  if (same_word(command, "AUTH")) talk->secures = true;
  talk->wanted.clear();
  if (same_word(command, "CWD") && !rest.empty()) change_folder(*talk, rest);
  if (same_word(command, "CDUP")) change_folder(*talk, "..");
  for (const std::string_view word : {"RETR", "STOR", "STOU", "APPE", "LIST", "NLST", "MLSD"})
    if (same_word(command, word) && talk->has_end)
      if (auto* arranged = message.arranged<Arranged>(talk->end); arranged != nullptr) {
        arranged->command.assign(message.text(line.at, std::min<u32>(line.size, longest)));
        arranged->command_frame = message.around.packet.number;
      }
}

void read_response(Message& message, const Line& line, Talk* talk) {
  const auto text = message.text(line.at, line.size);
  const bool coded = text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3,
                                                     [](char c) { return c >= '0' && c <= '9'; });
  u32 skip = 0;
  u64 code = 0;
  if (coded) {
    auto first = text.substr(0, 3);
    code = digits(first);
    message.put(in(fields, "ftp.response.code"), line.at, 3, code);
    skip = line.size >= 4 ? 4 : 3;
  }
  const u32 at = line.at + skip;
  const u32 size = line.size - skip;
  if (size != 0) message.put_text(in(fields, "ftp.response.arg"), at, size);
  if (code == 227) read_six(message, at, size, talk, true);
  if (code == 229) read_epsv(message, at, size, talk);
  if (talk == nullptr) return;
  if (code == 257)
    if (const auto open = text.find('"'); open != text.npos)
      if (const auto close = text.find('"', open + 1); close != text.npos)
        talk->folder.assign(text.substr(open + 1, std::min(close - open - 1, longest)));
  if (code == 250 && !talk->wanted.empty()) talk->folder = std::exchange(talk->wanted, {});
  if (code == 234 && talk->secures)
    if (const Parser* tls = find_parser("tls")) message.hand_over(*tls);
  if (coded) talk->secures = false;
}

bool read_ftp(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  const bool asks =
      message.around.to_port == 21 || (message.around.from_port != 21 && message.from_client());
  message.enter(ftp.header);
  message.protocol("FTP");
  const Line line = line_at(message, 0);
  message.info() = asks ? "Request: " : "Response: ";
  u32 size = line.size;  // a CR at the very end is no part of the words
  if (!line.ended && size != 0 && message.data[size - 1] == '\r') --size;
  dissect::append_text(message.info(), message.text(0, size));
  message.put_found(in(fields, "ftp.request"), asks ? 1 : 0);
  message.put_found(in(fields, "ftp.response"), asks ? 0 : 1);
  const Line words{0, size, line.next, line.ended};
  if (asks)
    read_request(message, words, talk);
  else
    read_response(message, words, talk);
  message.put_text(in(fields, "ftp.current-working-directory"), 0, 0,
                   talk == nullptr ? std::string_view{} : std::string_view{talk->folder});
  return true;
}

bool is_text(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.begin() + std::min<std::ptrdiff_t>(10, std::ssize(bytes)),
                     [](u8 c) { return (c >= 0x20 && c < 0x7f) || (c >= 9 && c <= 13); });
}

bool read_ftp_data(Message& message) {
  if (!message.around.tcp) return false;
  message.enter(ftp_data.header);
  message.protocol("FTP-DATA");
  auto& info = message.info();
  info.clear();
  fmt::format_to(std::back_inserter(info), "FTP Data: {} bytes", message.length);
  const Arranged* arranged = nullptr;
  if (message.around.step != nullptr) {
    const auto& segment = message.around.step->segment;
    arranged = message.arranged<Arranged>(segment.from);
    if (arranged == nullptr) arranged = message.arranged<Arranged>(segment.to);
  }
  if (arranged != nullptr) {
    fmt::format_to(std::back_inserter(info), " ({})", arranged->method);
    message.put_found(in(data_fields, "ftp-data.setup-frame"), arranged->frame);
    message.put_text(in(data_fields, "ftp-data.setup-method"), 0, 0, arranged->method);
    if (!arranged->command.empty()) {
      info += " (";
      dissect::append_text(info, arranged->command);
      info += ')';
      message.put_text(in(data_fields, "ftp-data.command"), 0, 0, arranged->command);
      message.put_found(in(data_fields, "ftp-data.command-frame"), arranged->command_frame);
    }
    message.put_text(in(data_fields, "ftp-data.current-working-directory"), 0, 0, arranged->folder);
  }
  if (is_text(message.bytes(0, message.captured)))
    message.carry(data_text_lines, message.data, message.captured);
  return true;
}

constexpr u16 ports[] = {21};
constexpr u16 data_ports[] = {20};

}  // namespace

const Parser ftp{
    .header = {.word = "ftp",
               .name = "File Transfer Protocol (FTP)",
               .layer = 7,
               .fields = {},
               .found = fields},
    .tcp_ports = ports,
    .moves_numbers = true,
    .read = read_ftp
};
const Parser ftp_data{
    .header =
        {.word = "ftp-data", .name = "FTP Data", .layer = 7, .fields = {}, .found = data_fields},
    .tcp_ports = data_ports,
    .read = read_ftp_data
};

}  // namespace trama::parse
