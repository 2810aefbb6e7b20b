// Domain Name System (RFC 1035) over UDP and TCP, and the two that speak its language on the local
// link: mDNS (RFC 6762) and LLMNR (RFC 4795). Pairs answers with questions, by conversation and
// number; what was asked is remembered for so many numbers of a conversation (asked.h).
#include "packet/parse/protocols/dns.h"

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/asked.h"
#include "packet/parse/protocols/dns_fields.h"

namespace trama::parse {
namespace {

using namespace dns_table;  // NOLINT: a table of fields

// tshark shows this one in hex where it is mDNS's.
constexpr auto mdns_fields = std::to_array<Field>({
    {"dns.rr.udp_payload_size", 0, Show::hex4, N_("bytes of a datagram that the sender takes")},
});

enum class Flavour : u8 { dns, mdns, llmnr };

constexpr u64 response = 0x8000;
constexpr u64 update = 5;  // opcode

struct Question {
  u64 asked, answered;  // packets; answered 0: not yet
  i64 time;
};

struct Questions final : flow::Memory {
  Asked<u16, Question> asked;
};

// What the message is among those before it.
struct Pair {
  u64 response_to = 0, same_question = 0, same_answer = 0;
  i64 time = 0;
  bool unsolicited = false;
};

Pair pair_of(Message& message, u16 id, bool answer) {
  constexpr i64 patience = 5'000'000'000;  // a question that comes again later is a new one
  Pair pair;
  const Packet& packet = message.around.packet;
  auto* questions = message.memory<Questions>();
  if (questions == nullptr) return pair;
  Question* const found = questions->asked.find(id);
  if (!answer) {
    if (found != nullptr && found->answered == 0 && packet.time - found->time <= patience)
      pair.same_question = found->asked;
    else
      questions->asked.note(message, id, {packet.number, 0, packet.time});
    return pair;
  }
  if (found == nullptr) {
    pair.unsolicited = true;
  } else if (found->answered != 0) {
    pair.same_answer = found->answered;
  } else {
    found->answered = packet.number;
    pair.response_to = found->asked;
    pair.time = packet.time - found->time;
  }
  return pair;
}

void put_flags(Message& message, u32 at, u64 flags, Flavour flavour) {
  if (!message.rows()) return;
  const auto bit = [&](const Field& field, u64 mask) {
    message.put(field, at, 2, (flags & mask) != 0 ? 1 : 0);
  };
  const bool answer = (flags & response) != 0;
  message.put(in(fields, "dns.flags"), at, 2, flags);
  bit(in(fields, "dns.flags.response"), response);
  message.put(in(fields, "dns.flags.opcode"), at, 2, flags >> 11 & 15);
  if (flavour == Flavour::llmnr) {
    bit(in(fields, "dns.flags.conflict"), 0x400);
    bit(in(fields, "dns.flags.truncated"), 0x200);
    bit(in(fields, "dns.flags.tentative"), 0x100);
  } else {
    if (answer) bit(in(fields, "dns.flags.authoritative"), 0x400);
    bit(in(fields, "dns.flags.truncated"), 0x200);
    bit(in(fields, "dns.flags.recdesired"), 0x100);
    if (answer) bit(in(fields, "dns.flags.recavail"), 0x80);
    bit(in(fields, "dns.flags.z"), 0x40);
    if (answer || (flags & 0x20) != 0) bit(in(fields, "dns.flags.authenticated"), 0x20);
    bit(in(fields, "dns.flags.checkdisable"), 0x10);
  }
  if (answer) message.put(in(fields, "dns.flags.rcode"), at, 2, flags & 15);
}

void append_start(std::string& info, u64 id, u64 flags) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto named = [&](std::span<const Name> names, u64 value, std::string_view unknown) {
    for (const Name& name : names)
      if (name.value == value) {
        info += name.text;
        return;
      }
    info.append(unknown).append(" (").append(std::to_string(value)) += ')';
  };
  named(opcode_names, flags >> 11 & 15, "Unknown operation");
  info += (flags & response) != 0 ? " response 0x" : " 0x";
  for (int shift = 12; shift >= 0; shift -= 4) info += digits[id >> shift & 15];
  if ((flags & response) == 0 || (flags & 15) == 0) return;
  info += ' ';
  named(rcode_names, flags & 15, "Unknown error");
}

void read_question(DnsReader& reader, Flavour flavour) {
  Message& message = reader.message;
  std::string& info = message.info();
  const u32 at = reader.at;
  DomainName name;
  if (!reader.take(name)) return;
  const auto type = static_cast<u16>(reader.take(2));
  const u64 all = reader.take(2);
  if (!reader.ok) return;
  const bool mdns = flavour == Flavour::mdns;
  info += ' ';
  append_type(info, type);
  info += ' ';
  dissect::append_text(info, name.text());
  if (mdns) info += (all & 0x8000) != 0 ? ", \"QU\" question" : ", \"QM\" question";
  if (!message.rows()) return;
  const u64 size = name.text().size();
  u64 labels = 1;
  for (const char c : name.text()) labels += c == '.' ? 1 : 0;
  put_name(message, in(fields, "dns.qry.name"), at, name);
  message.put(in(fields, "dns.qry.name.len"), at, name.taken(), size > 1 ? size : 0);
  message.put(in(fields, "dns.count.labels"), at, name.taken(), size > 1 ? labels : 0);
  message.put(in(fields, "dns.qry.type"), reader.at - 4, 2, type);
  message.put(in(fields, "dns.qry.class"), reader.at - 2, 2, mdns ? all & 0x7fff : all);
  if (mdns) message.put(in(fields, "dns.qry.qu"), reader.at - 2, 2, all >> 15);
}

// "_sip._tcp.example.org" of a SRV record: service, transport, domain.
void put_service(Message& message, const DomainName& name, u32 at) {
  auto rest = name.text();
  for (const Field* field : {&in(fields, "dns.srv.service"), &in(fields, "dns.srv.proto")}) {
    const auto part = rest.substr(0, rest.find('.'));
    message.put_text(*field, at, name.taken(), part);
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (rest.empty()) return;
  }
  message.put_text(in(fields, "dns.srv.name"), at, name.taken(), rest);
}

void read_record(DnsReader& reader, Flavour flavour) {
  constexpr u16 srv = 33;
  constexpr u16 opt = 41;
  Message& message = reader.message;
  std::string& info = message.info();
  const u32 at = reader.at;
  DomainName name;
  if (!reader.take(name)) return;
  const u32 head = reader.at;
  const auto type = static_cast<u16>(reader.take(2));
  const u64 all = reader.take(2);
  const u64 ttl = reader.take(4);
  const auto size = static_cast<u32>(reader.take(2));
  if (!reader.ok) return;
  const u32 data = reader.at;
  const bool flushes = flavour == Flavour::mdns && type != opt && (all & 0x8000) != 0;
  info += ' ';
  append_type(info, type);
  if (flushes) info += ", cache flush";
  if (size > reader.end - data) {
    reader.ok = false;
    return;
  }
  if (message.rows()) {
    if (type == srv)
      put_service(message, name, at);
    else
      put_name(message, in(fields, "dns.resp.name"), at, name);
    message.put(in(fields, "dns.resp.type"), head, 2, type);
    if (type == opt) {
      const bool mdns = flavour == Flavour::mdns;
      mdns ? message.put(in(mdns_fields, "dns.rr.udp_payload_size"), head + 2, 2, all & 0x7fff)
           : message.put(in(fields, "dns.rr.udp_payload_size"), head + 2, 2, all);
      if (mdns) message.put(in(fields, "dns.resp.cache_flush"), head + 2, 2, all >> 15);
      message.put(in(fields, "dns.resp.ext_rcode"), head + 4, 1, ttl >> 24);
      message.put(in(fields, "dns.resp.edns0_version"), head + 5, 1, ttl >> 16 & 0xff);
      message.put(in(fields, "dns.resp.z"), head + 6, 2, ttl & 0xffff);
      message.put(in(fields, "dns.resp.z.do"), head + 6, 2, ttl >> 15 & 1);
      message.put(in(fields, "dns.resp.z.reserved"), head + 6, 2, ttl & 0x7fff);
    } else {
      const bool mdns = flavour == Flavour::mdns;
      message.put(in(fields, "dns.resp.class"), head + 2, 2, mdns ? all & 0x7fff : all);
      if (mdns) message.put(in(fields, "dns.resp.cache_flush"), head + 2, 2, all >> 15);
      message.put(in(fields, "dns.resp.ttl"), head + 4, 4, ttl);
    }
    message.put(in(fields, "dns.resp.len"), head + 8, 2, size);
  }
  read_record_data(reader, type, size, name.text());
  if (reader.ok) reader.at = data + size;
}

void put_pair(Message& message, const Pair& pair) {
  const auto found = [&](const Field& field, u64 value) {
    if (value != 0) message.put_found(field, value);
  };
  found(in(fields, "dns.response_to"), pair.response_to);
  if (pair.response_to != 0) message.put_found(in(fields, "dns.time"), static_cast<u64>(pair.time));
  found(in(fields, "dns.retransmit_request_in"), pair.same_question);
  found(in(fields, "dns.retransmit_request"), pair.same_question);
  found(in(fields, "dns.retransmit_response_in"), pair.same_answer);
  found(in(fields, "dns.retransmit_response"), pair.same_answer);
  found(in(fields, "dns.retransmission"), pair.same_question | pair.same_answer);
  found(in(fields, "dns.unsolicited"), pair.unsolicited ? 1 : 0);
}

// One message, in the bytes [start, end) of the payload.
bool read_whole(Message& message, u32 start, u32 end, Flavour flavour) {
  DnsReader reader{message, start, end};
  const u64 id = reader.take(2);
  const u64 flags = reader.take(2);
  if (!reader.ok) return false;
  message.put(in(fields, "dns.id"), start, 2, id);
  const bool answer = (flags & response) != 0;
  append_start(message.info(), id, flags);
  const Pair pair = pair_of(message, static_cast<u16>(id), answer);
  put_flags(message, reader.at - 2, flags, flavour);
  const bool updates = (flags >> 11 & 15) == update;
  const u64 questions =
      reader.number(updates ? in(fields, "dns.count.zones") : in(fields, "dns.count.queries"), 2);
  u64 records = reader.number(
      updates ? in(fields, "dns.count.prerequisites") : in(fields, "dns.count.answers"), 2);
  records +=
      reader.number(updates ? in(fields, "dns.count.updates") : in(fields, "dns.count.auth_rr"), 2);
  records += reader.number(in(fields, "dns.count.add_rr"), 2);
  for (u64 i = 0; i < questions && reader.ok; ++i) read_question(reader, flavour);
  for (u64 i = 0; i < records && reader.ok; ++i) read_record(reader, flavour);
  if (!reader.ok) return false;
  put_pair(message, pair);
  if (reader.at < end) {
    const u32 left = end - reader.at;
    message.put_bytes(in(fields, "dns.extraneous.data"), reader.at, left);
    message.put(in(fields, "dns.extraneous.length"), reader.at, left, left);
  }
  return true;
}

bool read_datagram(Message& message, const wire::Header& header, std::string_view column,
                   Flavour flavour) {
  message.protocol(column);
  if (message.captured < 4) {  // neither id nor flags: tshark does not call it DNS in filters
    message.path(header.word);
    message.info().clear();
    message.malformed();
    return true;
  }
  message.enter(header);
  message.info().clear();
  if (!read_whole(message, 0, message.captured, flavour)) message.malformed();
  return true;
}

// Over TCP two bytes with its length stand before each message.
bool read_stream(Message& message) {
  u32 at = 0;
  while (at < message.captured) {
    if (!message.whole(at, 2) && message.waits()) {
      message.need(at, 0);
      return true;
    }
    const u32 length = message.whole(at, 2) ? 2 + static_cast<u32>(message.number(at, 2)) : 2;
    const u32 left = message.captured - at;
    if (left < length && message.waits()) {
      message.need(at, length - left);
      return true;
    }
    const u32 here = std::min(length, left);
    message.enter(dns.header, at, here);
    message.protocol("DNS");
    message.info().clear();
    if (here >= 2) message.put_number(in(fields, "dns.length"), at, 2);
    if (here < 2 || !read_whole(message, at + 2, at + here, Flavour::dns)) message.malformed();
    message.leave();
    at += here;
  }
  return true;
}

bool read_dns(Message& message) {
  if (message.around.tcp) return read_stream(message);
  return read_datagram(message, dns.header, "DNS", Flavour::dns);
}

bool read_mdns(Message& message) {
  return read_datagram(message, mdns.header, "MDNS", Flavour::mdns);
}

bool read_llmnr(Message& message) {
  return read_datagram(message, llmnr.header, "LLMNR", Flavour::llmnr);
}

// A question with nothing else in it, or a plain answer.
bool looks_like_dns(const Message& message) {
  constexpr u16 nbns = 137;  // looks like DNS, and is another protocol
  const Around& around = message.around;
  if (around.tcp || around.from_port == nbns || around.to_port == nbns) return false;
  if (message.length <= 12 || !message.whole(0, 12)) return false;
  const u64 flags = message.number(2, 2);
  const u64 questions = message.number(4, 2);
  const u64 answers = message.number(6, 2);
  const u64 authorities = message.number(8, 2);
  const u64 additional = message.number(10, 2);
  if ((flags >> 11 & 15) != 0) return false;
  if ((flags & response) == 0)
    return questions == 1 && answers == 0 && authorities == 0 && additional <= 10;
  return questions <= 1 && answers <= 100 && authorities <= 10 && additional <= 10;
}

constexpr u16 dns_udp[] = {53};
constexpr u16 dns_tcp[] = {53, 5353};
constexpr u16 mdns_udp[] = {5353};
constexpr u16 llmnr_udp[] = {5355};

}  // namespace

const Parser dns{
    .header =
        {.word = "dns", .name = "Domain Name System", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = dns_tcp,
    .udp_ports = dns_udp,
    .looks = looks_like_dns,
    .read = read_dns
};

const Parser mdns{
    .header = {.word = "mdns",
               .name = "Multicast Domain Name System",
               .layer = 7,
               .fields = {},
               .found = mdns_fields},
    .udp_ports = mdns_udp,
    .read = read_mdns
};

const Parser llmnr{
    .header = {.word = "llmnr",
               .name = "Link-local Multicast Name Resolution",
               .layer = 7,
               .fields = {}},
    .udp_ports = llmnr_udp,
    .read = read_llmnr
};

}  // namespace trama::parse
