#include "packet/output/marked.h"

#include <algorithm>
#include <utility>

#include "packet/dissect/value.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::write_number;

const u8* header_at(const Packet& packet, Place place) {
  return packet.data + packet.at[static_cast<unsigned>(place)];
}

bool has(const Packet& packet, HeaderId id) {
  return id < presence_bits && (packet.has >> id & 1) != 0;
}

char* write(char* at, std::string_view text) { return std::copy(text.begin(), text.end(), at); }

char* write_word(char* at, std::string_view word, u64 value) {
  return write_number(write(at, word), value);
}

// Writes a segment's options as they are walked; the other rows go nowhere.
class OptionText final : public Walk {
 public:
  OptionText(char* at, const u8* header, u32 size, u32 base) : at_(at), base_(base) {
    data = header;
    captured = length = size;
  }
  void put(const Field& field, u32 /*at*/, u32 /*count*/, u64 value) override {
    const bool sack = &field == &in(tcp_found, "tcp.options.sack_le") ||
                      &field == &in(tcp_found, "tcp.options.sack_re");
    at_ = write_tcp_option(at_, field, sack ? static_cast<u32>(value) - base_ : value);
  }
  void put_bytes(const Field& field, u32 /*at*/, u32 /*count*/) override {
    at_ = write_tcp_option(at_, field, 0);
  }
  void put_text(const Field& /*field*/, u32 /*at*/, u32 /*count*/,
                std::string_view /*text*/) override {}
  void fragment(u32 /*id*/, u32 /*at*/, bool /*more*/) override {}
  void malformed(u32 /*at*/) override {}
  void cut() override {}
  [[nodiscard]] char* end() const { return at_; }

 private:
  char* at_;
  u32 base_;  // SACK blocks count from the peer's first sequence number
};

u32 number_at(const u8* at) { return static_cast<u32>(load8(at) >> 32); }

// Two NOPs and a timestamp: what nearly every segment carries that carries options (RFC 7323
// appendix A).
bool is_timestamp_alone(const u8* options) { return number_at(options) == 0x0101080a; }

}  // namespace

bool marks_tell(const Shown& shown) {
  constexpr u64 transports = u64{1} << id_tcp | u64{1} << id_udp;
  constexpr u64 networks = u64{1} << id_ip | u64{1} << id_ipv6;
  const Packet& packet = shown.packet;
  return !packet.deep && (packet.has & transports) != 0 && (packet.has & networks) != 0 &&
         shown.step != nullptr && !shown.step->icmp;
}

bool marks_tell_info(const Shown& shown) {
  const Packet& packet = shown.packet;
  const u8* header = header_at(packet, Place::transport);
  const flow::Reach reach = flow::transport_reach(packet);
  if (has(packet, id_tcp)) return read(in(tcp_fields, "tcp.hdr_len"), header) <= reach.at_hand;
  const bool checked = has(packet, id_ip) || read(in(udp_fields, "udp.checksum"), header) != 0;
  return checked && read(in(udp_fields, "udp.length"), header) <= reach.on_wire;
}

char* write_marked_source(char* at, const Packet& packet) {
  const u8* header = header_at(packet, Place::network);
  return has(packet, id_ip)
             ? dissect::write_ipv4(at, static_cast<u32>(read(in(ip_fields, "ip.src"), header)))
             : dissect::write_ipv6(at, header + in(ipv6_fields, "ipv6.src").byte());
}

char* write_marked_destination(char* at, const Packet& packet) {
  const u8* header = header_at(packet, Place::network);
  return has(packet, id_ip)
             ? dissect::write_ipv4(at, static_cast<u32>(read(in(ip_fields, "ip.dst"), header)))
             : dissect::write_ipv6(at, header + in(ipv6_fields, "ipv6.dst").byte());
}

std::string_view marked_protocol(const Packet& packet) {
  return has(packet, id_tcp) ? "TCP" : "UDP";
}

char* write_marked_info(char* at, const Shown& shown) {
  const Packet& packet = shown.packet;
  const flow::Step& step = *shown.step;
  const u8* header = header_at(packet, Place::transport);
  if (!has(packet, id_tcp)) {
    at = write_number(at, step.segment.from.port);
    at = write_word(at, " → ", step.segment.to.port);
    const u64 told = read(in(udp_fields, "udp.length"), header);
    u64 length = step.segment.length;  // of the IP packet's rest
    if (told >= 8) length = std::min(length, told - 8);
    return write_word(at, " Len=", length);
  }
  at = write_tcp_line(
      at, {step.segment.from.port, step.segment.to.port, step.segment.flags, step.seq, step.ack,
           step.window, read(in(tcp_fields, "tcp.urgent_pointer"), header), step.segment.length});
  const u64 length = read(in(tcp_fields, "tcp.hdr_len"), header);
  if (length <= tcp.size()) return at;
  const u8* options_at = header + tcp.size();
  if (length == tcp.size() + 12 &&
      is_timestamp_alone(options_at)) {  // it is at hand: marks_tell_info()
    at = write_word(at, " TSval=", number_at(options_at + 4));
    return write_word(at, " TSecr=", number_at(options_at + 8));
  }
  const auto end = std::min<u64>(length, flow::transport_reach(packet).at_hand);
  OptionText options{at, header, static_cast<u32>(end),
                     step.conversation->ends[1 - step.from].base};
  walk_tcp_options(options, static_cast<u32>(end));
  return options.end();
}

char* write_tcp_flags(char* at, u64 flags) {
  constexpr std::string_view names[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
  bool first = true;
  for (unsigned bit = 0; bit < std::size(names); ++bit) {
    if ((flags >> bit & 1) == 0) continue;
    if (!first) at = write(at, ", ");
    at = write(at, names[bit]);
    first = false;
  }
  if ((flags & 0xe00) != 0) return write(at, first ? "Reserved" : ", Reserved");
  return first ? write(at, "<None>") : at;
}

char* write_tcp_line(char* at, const TcpLine& line) {
  at = write_number(at, line.from);
  at = write_word(at, " → ", line.to);
  at = write_tcp_flags(write(at, " ["), line.flags);
  at = write_word(at, "] Seq=", line.seq);
  if ((line.flags & flow::TcpFlag::ack) != 0) at = write_word(at, " Ack=", line.ack);
  at = write_word(at, " Win=", line.window);
  if ((line.flags & flow::TcpFlag::urg) != 0) at = write_word(at, " Urg=", line.urgent);
  return line.measured ? write_word(at, " Len=", line.length) : at;
}

char* write_tcp_option(char* at, const Field& field, u64 value) {
  static constexpr std::pair<const Field*, std::string_view> words[] = {
      {&in(tcp_found, "tcp.options.timestamp.tsval"),   " TSval="},
      {&in(tcp_found, "tcp.options.timestamp.tsecr"),   " TSecr="},
      {&in(tcp_found, "tcp.options.wscale.multiplier"), " WS="   },
      {&in(tcp_found, "tcp.options.mss_val"),           " MSS="  },
      {&in(tcp_found, "tcp.options.sack_le"),           " SLE="  },
      {&in(tcp_found, "tcp.options.sack_re"),           " SRE="  },
  };
  if (&field == &in(tcp_found, "tcp.options.sack_perm")) return write(at, " SACK_PERM");
  for (const auto& [known, word] : words)
    if (known == &field) return write_word(at, word, value);
  return at;
}

}  // namespace trama::output
