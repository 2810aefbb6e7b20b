// NetBIOS Name Service (RFC 1002 section 4.2): who has which name in a Windows network. Messages
// are built like those of DNS.
#include <algorithm>
#include <iterator>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/dns_name.h"
#include "packet/parse/protocols/netbios_name.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name opcode_names[] = {
    {0,  "Name query"                },
    {5,  "Registration"              },
    {6,  "Release"                   },
    {7,  "Wait for acknowledgment"   },
    {8,  "Refresh"                   },
    {9,  "Refresh (alternate opcode)"},
    {15, "Multi-homed registration"  }
};
constexpr Name reply_names[] = {
    {0, "No error"                       },
    {1, "Request was invalidly formatted"},
    {2, "Server failure"                 },
    {3, "Requested name does not exist"  },
    {4, "Request is not implemented"     },
    {5, "Request was refused"            },
    {6, "Name is owned by another node"  },
    {7, "Name is in conflict"            }
};
constexpr Name type_names[] = {
    {32, "NB"    },
    {33, "NBSTAT"}
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"nbns.id", 0, Show::hex4, N_("pairs question and answer")},
    {"nbns.flags", 0, Show::hex4, N_("the flags together")},
    {"nbns.flags.response", 0, Show::flag, N_("it is an answer")},
    named(opcode_names, {"nbns.flags.opcode", 0, Show::dec, N_("kind of message")}),
    {"nbns.flags.authoritative", 0, Show::flag, N_("the one who answers has the name")},
    {"nbns.flags.truncated", 0, Show::flag, N_("it did not fit")},
    {"nbns.flags.recdesired", 0, Show::flag, N_("the server shall ask others")},
    {"nbns.flags.recavail", 0, Show::flag, N_("the server can ask others")},
    {"nbns.flags.broadcast", 0, Show::flag, N_("it went to all")},
    named(reply_names, {"nbns.flags.rcode", 0, Show::dec, N_("how it went")}),
    {"nbns.count.queries", 0, Show::dec, N_("questions")},
    {"nbns.count.answers", 0, Show::dec, N_("answers")},
    {"nbns.count.auth_rr", 0, Show::dec, N_("records of who knows")},
    {"nbns.count.add_rr", 0, Show::dec, N_("additional records")},
    {"nbns.name", 0, Show::text, N_("name that it is about")},
    named(type_names, {"nbns.type", 0, Show::dec, N_("kind of record")}),
    {"nbns.class", 0, Show::dec, N_("always 1, the Internet")},
    {"nbns.ttl", 0, Show::dec, N_("seconds that it holds")},
    {"nbns.data_length", 0, Show::dec, N_("bytes of the record's data")},
    {"nbns.nb_flags", 0, Show::hex4, N_("kind of name and node")},
    {"nbns.nb_flags.group", 0, Show::flag, N_("several hosts have the name")},
    {"nbns.nb_flags.ont", 0, Show::dec, N_("kind of node")},
    {"nbns.addr", 0, Show::ipv4, N_("address of the name")},
    {"nbns.number_of_names", 0, Show::dec, N_("how many names the host has")},
    {"nbns.netbios_name", 0, Show::text, N_("a name of the host")},
    {"nbns.unit_id", 0, Show::ether, N_("hardware address of the host")},
});
// clang-format on

constexpr u64 type_nb = 32;
constexpr u64 type_nbstat = 33;

std::string_view name_of(std::span<const Name> names, u64 value, std::string_view none) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const Name& one) { return one.value == value; });
  return found == names.end() ? none : found->text;
}

void read_flags(Message& message, u64 flags) {
  const auto flag = [&](const Field& field, unsigned shift) {
    message.put(field, 2, 2, flags >> shift & 1);
  };
  const bool answer = (flags >> 15) != 0;
  flag(in(fields, "nbns.flags.response"), 15);
  message.put(in(fields, "nbns.flags.opcode"), 2, 2, flags >> 11 & 15);
  if (answer) flag(in(fields, "nbns.flags.authoritative"), 10);
  flag(in(fields, "nbns.flags.truncated"), 9);
  flag(in(fields, "nbns.flags.recdesired"), 8);
  if (answer) flag(in(fields, "nbns.flags.recavail"), 7);
  flag(in(fields, "nbns.flags.broadcast"), 4);
  if (answer) message.put(in(fields, "nbns.flags.rcode"), 2, 2, flags & 15);
}

// The name at the reader's place, in letters; it is not put as a row yet.
std::string take_name(Message& message, Reader& reader) {
  DomainName name;
  if (!name.read(message.bytes(0, message.captured), reader.at()) || !reader.skip(name.taken())) {
    reader.fail();
    return {};
  }
  auto known = netbios_name(name.text());
  return known.empty() ? std::string{name.text()} : known;
}

// The last byte of the name: what stands in the first "<..>" from the end of the first label.
u8 kind_of(std::string_view name) {
  const auto from = name.substr(0, name.find(">.") + 1).rfind('<');
  const auto at = name.find(">.") == name.npos ? name.rfind('<') : from;
  if (at == name.npos || at + 3 >= name.size()) return 0;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  return static_cast<u8>(digit(name[at + 1]) << 4 | digit(name[at + 2]));
}

void read_question(Message& message, Reader& reader) {
  const u32 at = reader.at();
  const auto name = take_name(message, reader);
  const u64 type = reader.take(2);
  reader.take(2);
  if (!reader.good()) return;
  message.put_text(in(fields, "nbns.name"), at, reader.at() - 4 - at, name);
  message.put(in(fields, "nbns.type"), reader.at() - 4, 2, type);
  message.put(in(fields, "nbns.class"), reader.at() - 2, 2, message.number(reader.at() - 2, 2));
  auto& info = message.info();
  info.append(" ").append(name_of(type_names, type, "Unknown")) += ' ';
  dissect::append_text(info, name);
}

void read_addresses(Message& message, Reader& reader, u32 end, bool tells) {
  bool first = true;
  while (reader.good() && reader.at() + 6 <= end) {
    const u32 at = reader.at();
    const u64 flags = reader.number(in(fields, "nbns.nb_flags"), 2);
    message.put(in(fields, "nbns.nb_flags.group"), at, 2, flags >> 15);
    message.put(in(fields, "nbns.nb_flags.ont"), at, 2, flags >> 13 & 3);
    reader.number(in(fields, "nbns.addr"), 4);
    if (tells && first && reader.good())
      message.info().append(" ").append(to_string(address_of(message.bytes(at + 2, 4))));
    first = false;
  }
}

void read_status(Message& message, Reader& reader, u32 end) {
  u64 left = reader.number(in(fields, "nbns.number_of_names"), 1);
  for (; reader.good() && left != 0 && reader.at() + 18 <= end; --left) {
    const u32 at = reader.at();
    if (!reader.skip(18)) return;
    const Bytes raw = message.bytes(at, 16);
    auto name = netbios_name(raw);
    name.append(" (").append(netbios_kind(raw[15])) += ')';
    message.put_text(in(fields, "nbns.netbios_name"), at, 16, name);
  }
  if (left == 0 && reader.at() + 6 <= end) reader.number(in(fields, "nbns.unit_id"), 6);
}

void read_record(Message& message, Reader& reader, bool tells) {
  const u32 at = reader.at();
  auto name = take_name(message, reader);
  const u32 name_end = reader.at();
  const u64 type = reader.take(2);
  reader.take(2);
  if (!reader.good()) return;
  if (type == type_nb) name.append(" (").append(netbios_kind(kind_of(name))) += ')';
  message.put_text(in(fields, "nbns.name"), at, name_end - at, name);
  message.put(in(fields, "nbns.type"), name_end, 2, type);
  message.put(in(fields, "nbns.class"), name_end + 2, 2, message.number(name_end + 2, 2));
  if (tells) message.info().append(" ").append(name_of(type_names, type, "Unknown"));
  reader.number(in(fields, "nbns.ttl"), 4);
  const u64 size = reader.number(in(fields, "nbns.data_length"), 2);
  if (!reader.good() || size > reader.left()) return reader.fail();
  const u32 end = reader.at() + static_cast<u32>(size);
  if (type == type_nb) read_addresses(message, reader, end, tells);
  if (type == type_nbstat) read_status(message, reader, end);
  if (reader.good() && reader.at() < end) reader.skip(end - reader.at());
}

bool read_nbns(Message& message) {
  if (message.around.tcp) return false;
  message.enter(nbns.header);
  message.protocol("NBNS");
  Reader reader{message, 0, message.captured};
  reader.number(in(fields, "nbns.id"), 2);
  const u64 flags = reader.number(in(fields, "nbns.flags"), 2);
  if (reader.good()) {
    const bool answer = (flags >> 15) != 0;
    const u64 opcode = flags >> 11 & 15;
    auto& info = message.info();
    const auto known = name_of(opcode_names, opcode, "");
    info =
        known.empty() ? "Unknown operation (" + std::to_string(opcode) + ")" : std::string{known};
    if (answer) info += " response";
    if (answer && (flags & 15) != 0)
      info.append(", ").append(name_of(reply_names, flags & 15, "Unknown error"));
    read_flags(message, flags);
    const u64 questions = reader.number(in(fields, "nbns.count.queries"), 2);
    const u64 answers = reader.number(in(fields, "nbns.count.answers"), 2);
    const u64 others = reader.number(in(fields, "nbns.count.auth_rr"), 2) +
                       reader.number(in(fields, "nbns.count.add_rr"), 2);
    for (u64 i = 0; i < questions && reader.good(); ++i) read_question(message, reader);
    for (u64 i = 0; i < answers && reader.good(); ++i) read_record(message, reader, opcode != 7);
    for (u64 i = 0; i < others && reader.good(); ++i) read_record(message, reader, false);
  }
  if (!reader.good()) message.malformed();
  return true;
}

constexpr u16 ports[] = {137};

}  // namespace

const Parser nbns{
    .header =
        {.word = "nbns", .name = "NetBIOS Name Service", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .read = read_nbns
};

}  // namespace trama::parse
