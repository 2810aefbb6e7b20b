#include "packet/output/marked.h"

#include <algorithm>

#include "packet/dissect/value.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::append_number;

const u8* header_at(const Packet& packet, Place place) {
  return packet.data + packet.at[static_cast<unsigned>(place)];
}

bool has(const Packet& packet, HeaderId id) { return (packet.has >> id & 1) != 0; }

void append_word(std::string& text, std::string_view word, u64 value) {
  text += word;
  append_number(text, value);
}

// Writes a segment's options as they are walked; the other rows go nowhere.
class OptionText final : public Walk {
 public:
  OptionText(std::string& text, const u8* header, u32 base) : text_(text), base_(base) {
    data = header;
  }
  void put(const Field& field, u32 /*at*/, u32 /*count*/, u64 value) override {
    if (&field == &in(tcp_found, "tcp.options.wscale.multiplier")) {
      multiplier_ = value;
      return;
    }
    const bool sack = &field == &in(tcp_found, "tcp.options.sack_le") ||
                      &field == &in(tcp_found, "tcp.options.sack_re");
    append_tcp_option(text_, field, sack ? static_cast<u32>(value) - base_ : value);
  }
  void put_bytes(const Field& field, u32 /*at*/, u32 /*count*/) override {
    append_tcp_option(text_, field, 0);
  }
  void put_text(const Field& /*field*/, u32 /*at*/, u32 /*count*/,
                std::string_view /*text*/) override {}
  void fragment(u32 /*id*/, u32 /*at*/, bool /*more*/) override {}
  void malformed(u32 /*at*/) override {}
  void cut() override {}
  void end() {
    if (multiplier_ != 0) append_word(text_, " WS=", multiplier_);
  }

 private:
  std::string& text_;
  u32 base_;  // SACK blocks count from the peer's first sequence number
  u64 multiplier_ = 0;
};

}  // namespace

bool marks_tell(const Shown& shown) {
  constexpr u64 transports = u64{1} << id_tcp | u64{1} << id_udp;
  constexpr u64 networks = u64{1} << id_ip | u64{1} << id_ipv6;
  const Packet& packet = shown.packet;
  return !packet.deep && (packet.has & transports) != 0 && (packet.has & networks) != 0 &&
         shown.step != nullptr && !shown.step->icmp;
}

void append_marked_source(std::string& text, const Packet& packet) {
  const u8* header = header_at(packet, Place::network);
  if (has(packet, id_ip))
    dissect::append_ipv4(text, static_cast<u32>(read(in(ip_fields, "ip.src"), header)));
  else
    dissect::append_ipv6(text, header + in(ipv6_fields, "ipv6.src").byte());
}

void append_marked_destination(std::string& text, const Packet& packet) {
  const u8* header = header_at(packet, Place::network);
  if (has(packet, id_ip))
    dissect::append_ipv4(text, static_cast<u32>(read(in(ip_fields, "ip.dst"), header)));
  else
    dissect::append_ipv6(text, header + in(ipv6_fields, "ipv6.dst").byte());
}

void append_marked_info(std::string& text, const Shown& shown) {
  const Packet& packet = shown.packet;
  const flow::Step& step = *shown.step;
  const u8* header = header_at(packet, Place::transport);
  if (!has(packet, id_tcp)) {
    append_number(text, step.segment.from.port);
    append_word(text, " → ", step.segment.to.port);
    const u64 told = read(in(udp_fields, "udp.length"), header);
    u64 length = step.segment.length;  // of the IP packet's rest
    if (told >= 8) length = std::min(length, told - 8);
    append_word(text, " Len=", length);
    return;
  }
  append_tcp_line(
      text, {step.segment.from.port, step.segment.to.port, step.segment.flags, step.seq, step.ack,
             step.window, read(in(tcp_fields, "tcp.urgent_pointer"), header), step.segment.length});
  const u64 length = read(in(tcp_fields, "tcp.hdr_len"), header);
  if (length <= tcp.size()) return;
  const auto end = std::min<u64>(length, flow::transport_reach(packet).at_hand);
  OptionText options{text, header, step.conversation->ends[1 - step.from].base};
  walk_tcp_options(options, static_cast<u32>(end));
  options.end();
}

void append_tcp_line(std::string& text, const TcpLine& line) {
  append_number(text, line.from);
  append_word(text, " → ", line.to);
  text += " [";
  constexpr std::string_view names[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
  bool first = true;
  for (unsigned bit = 0; bit < std::size(names); ++bit) {
    if ((line.flags >> bit & 1) == 0) continue;
    if (!first) text += ", ";
    text += names[bit];
    first = false;
  }
  if ((line.flags & 0xe00) != 0)
    text += first ? "Reserved" : ", Reserved";
  else if (first)
    text += "<None>";
  append_word(text, "] Seq=", line.seq);
  if ((line.flags & flow::TcpFlag::ack) != 0) append_word(text, " Ack=", line.ack);
  append_word(text, " Win=", line.window);
  if ((line.flags & flow::TcpFlag::urg) != 0) append_word(text, " Urg=", line.urgent);
  append_word(text, " Len=", line.length);
}

void append_tcp_option(std::string& text, const Field& field, u64 value) {
  if (&field == &in(tcp_found, "tcp.options.mss_val")) append_word(text, " MSS=", value);
  if (&field == &in(tcp_found, "tcp.options.sack_perm")) text += " SACK_PERM";
  if (&field == &in(tcp_found, "tcp.options.timestamp.tsval")) append_word(text, " TSval=", value);
  if (&field == &in(tcp_found, "tcp.options.timestamp.tsecr")) append_word(text, " TSecr=", value);
  if (&field == &in(tcp_found, "tcp.options.sack_le")) append_word(text, " SLE=", value);
  if (&field == &in(tcp_found, "tcp.options.sack_re")) append_word(text, " SRE=", value);
}

}  // namespace trama::output
