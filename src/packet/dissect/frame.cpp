#include "packet/dissect/frame.h"

#include "packet/source/load.h"
#include "packet/source/pcapng.h"
#include "wire/encapsulations.h"
#include "wire/registry.h"

namespace trama::dissect {
namespace {

using namespace source::pcapng;
using source::load16, source::load32, source::load64;
using wire::frame_found;

std::string_view text_of(Bytes bytes) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return text.substr(0, text.find('\0'));
}

class FrameRows {
 public:
  FrameRows(Tree& tree, const Packet& packet) : tree_(tree), packet_(packet) {}

  void add_interface(const source::Interface& interface) {
    if (interface.section > 0) put(in(frame_found, "frame.section_number"), interface.section);
    if (interface.stand_in || interface.section == 0) return;
    put(in(frame_found, "frame.interface_id"), interface.id);
    put_text(in(frame_found, "frame.interface_name"), interface.label);
    put_text(in(frame_found, "frame.interface_description"), interface.description);
  }

  void add_options() {
    Bytes left = packet_.options();
    PlainOption option;
    bool whole = true;
    const bool big = packet_.big_endian;
    while (next_option(left, big, option, whole)) {
      const u8* value = option.value.data();
      const auto size = option.value.size();
      if (option.code == opt_comment) {
        put_text(in(frame_found, "frame.comment"), text_of(option.value));
        put(in(frame_found, "frame.comment.expert"), 1);
      }
      if (option.code == epb_flags && size == 4) add_flags(load32(value, big));
      if (option.code == epb_queue && size == 4)
        put(in(frame_found, "frame.interface_queue"), load32(value, big));
      if (option.code == epb_dropcount && size == 8)
        put(in(frame_found, "frame.drop_count"), load64(value, big));
      if (option.code == epb_packetid && size == 8)
        put(in(frame_found, "frame.packet_id"), load64(value, big));
      if (option.code == epb_verdict && size > 0) add_verdict(option.value);
    }
  }

  // What stands before the data of some records (source/packet.h).
  void add_record() {
    const bool big = packet_.big_endian;
    if (packet_.record == Record::old_packet)
      put(in(frame_found, "frame.drop_count"), load16(packet_.data - 18, big));
    if (packet_.record != Record::custom && packet_.record != Record::private_custom) return;
    put(in(frame_found, "frame.cb_pen"), load32(packet_.data - 4, big));
    put(in(frame_found, "frame.cb_copy"), packet_.record == Record::custom ? 1 : 0);
  }

  void add_times() {
    if (packet_.time == no_time) return;
    put(in(frame_found, "frame.time"), static_cast<u64>(packet_.time));
    put(in(frame_found, "frame.offset_shift"), 0);
    put(in(frame_found, "frame.time_epoch"), static_cast<u64>(packet_.time));
    put(in(frame_found, "frame.time_delta"), static_cast<u64>(packet_.since_previous));
    put(in(frame_found, "frame.time_relative"), static_cast<u64>(packet_.since_first));
  }

  void add_sizes() {
    put(in(frame_found, "frame.number"), packet_.number);
    put(in(frame_found, "frame.len"), packet_.wire);
    put(in(frame_found, "frame.cap_len"), packet_.captured);
    if (packet_.wire < packet_.captured) put(in(frame_found, "frame.len_lt_caplen"), 1);
    if (direction_ == 1 || direction_ == 2)
      put(in(frame_found, "frame.p2p_dir"), direction_ == 1 ? 1 : 0);
    put(in(frame_found, "frame.marked"), 0);
    put(in(frame_found, "frame.ignored"), 0);
  }

 private:
  void put(const wire::Field& field, u64 value) { tree_.add(field, 0, value); }
  void put_text(const wire::Field& field, std::string_view text) {
    if (!text.empty()) tree_.add_text(field, 0, text);
  }

  void add_flags(u32 flags) {
    direction_ = flags & 3;
    put(in(frame_found, "frame.packet_flags"), flags);
    put(in(frame_found, "frame.packet_flags_direction"), direction_);
    put(in(frame_found, "frame.packet_flags_reception_type"), flags >> 2 & 7);
    put(in(frame_found, "frame.packet_flags_fcs_length"), flags >> 5 & 15);
    put(in(frame_found, "frame.packet_flags_reserved"), flags >> 9 & 127);
    put(in(frame_found, "frame.packet_flags_crc_error"), flags >> 24 & 1);
    put(in(frame_found, "frame.packet_flags_packet_too_error"), flags >> 25 & 1);
    put(in(frame_found, "frame.packet_flags_packet_too_short_error"), flags >> 26 & 1);
    put(in(frame_found, "frame.packet_flags_wrong_inter_frame_gap_error"), flags >> 27 & 1);
    put(in(frame_found, "frame.packet_flags_unaligned_frame_error"), flags >> 28 & 1);
    put(in(frame_found, "frame.packet_flags_start_frame_delimiter_error"), flags >> 29 & 1);
    put(in(frame_found, "frame.packet_flags_preamble_error"), flags >> 30 & 1);
    put(in(frame_found, "frame.packet_flags_symbol_error"), flags >> 31);
  }

  void add_verdict(Bytes value) {
    const u8 by = value[0];
    value = value.subspan(1);
    if ((by == verdict_tc || by == verdict_xdp) && value.size() == 8)
      return put(by == verdict_tc ? in(frame_found, "frame.verdict.ebpf_tc")
                                  : in(frame_found, "frame.verdict.ebpf_xdp"),
                 load64(value.data(), packet_.big_endian));
    const wire::Field& field = by == verdict_hardware ? in(frame_found, "frame.verdict.hw")
                                                      : in(frame_found, "frame.verdict.unknown");
    tree_.add_row({&field, 0, 0, 0, 0, value.data(), static_cast<u32>(value.size())});
  }

  Tree& tree_;
  const Packet& packet_;
  u32 direction_ = 0;
};

}  // namespace

void add_frame(Tree& tree, const Packet& packet, const source::Interface& interface) {
  FrameRows rows{tree, packet};
  rows.add_interface(interface);
  if (packet.option_bytes > 0) rows.add_options();
  if (packet.record != Record::packet) rows.add_record();
  if (!interface.stand_in)
    tree.add(in(frame_found, "frame.encap_type"), 0, wire::encapsulation_of(interface.link_type));
  rows.add_times();
  rows.add_sizes();
}

}  // namespace trama::dissect
