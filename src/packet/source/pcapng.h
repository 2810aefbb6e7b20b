// The numbers of pcapng (draft-ietf-opsawg-pcapng), for the reader and the writer, and the walk
// over a block's options.
#pragma once
#include "base/bytes.h"
#include "packet/source/load.h"

namespace trama::source::pcapng {

inline constexpr u32 section_header = 0x0a0d0d0a;  // the same in both byte orders
inline constexpr u32 interface_description = 1;
inline constexpr u32 packet = 2;  // obsolete
inline constexpr u32 simple_packet = 3;
inline constexpr u32 name_resolution = 4;
inline constexpr u32 interface_statistics = 5;
inline constexpr u32 enhanced_packet = 6;
inline constexpr u32 journal_export = 9;
inline constexpr u32 decryption_secrets = 10;
inline constexpr u32 custom = 0xbad, private_custom = 0x40000bad;
inline constexpr u32 byte_order_magic = 0x1a2b3c4d;
inline constexpr u32 least_block = 12;  // type, length, length again

inline constexpr u16 opt_end = 0, opt_comment = 1;
inline constexpr u16 shb_userappl = 4;
inline constexpr u16 if_name = 2, if_description = 3, if_speed = 8, if_tsresol = 9, if_tzone = 10;
inline constexpr u16 if_filter = 11, if_tsoffset = 14, if_hardware = 15, if_txspeed = 16,
                     if_rxspeed = 17;
inline constexpr u16 epb_flags = 2, epb_dropcount = 4, epb_packetid = 5, epb_queue = 6;
inline constexpr u16 epb_verdict = 7;
inline constexpr u8 verdict_hardware = 0, verdict_tc = 1, verdict_xdp = 2;
inline constexpr u16 name_end = 0, name_ipv4 = 1, name_ipv6 = 2;
inline constexpr u16 isb_ifrecv = 4, isb_ifdrop = 5, isb_osdrop = 7;
inline constexpr u16 isb_starttime = 2, isb_endtime = 3, isb_filteraccept = 6, isb_usrdeliv = 8;
// Their values start with a Private Enterprise Number in the section's byte order.
constexpr bool is_custom(u16 code) {
  return code == 2988 || code == 2989 || code == 19372 || code == 19373;
}
// Those that no copy of the file may have.
constexpr bool is_private(u16 code) { return code == 19372 || code == 19373; }

struct PlainOption {
  u16 code = opt_end;
  Bytes value;
};

// Takes the next option off `left`. False at the end of the options; `whole` becomes false where
// one is longer than what is there.
inline bool next_option(Bytes& left, bool big_endian, PlainOption& option, bool& whole) {
  if (left.size() < 4) return false;
  option.code = load16(left.data(), big_endian);
  const u16 length = load16(left.data() + 2, big_endian);
  if (option.code == opt_end) return false;
  if (padded4(length) + 4 > left.size()) {
    whole = false;
    return false;
  }
  option.value = left.subspan(4, length);
  left = left.subspan(4 + padded4(length));
  return true;
}

}  // namespace trama::source::pcapng
