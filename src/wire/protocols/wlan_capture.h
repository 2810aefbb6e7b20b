// What captures of wireless networks put before the frame: radiotap (radiotap.org), PPI (CACE
// Technologies' Per-Packet Information), Prism and AVS. Each may hold a length and flags; the
// frame's own bytes follow.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

// Rows of carries: who follows.
enum WlanInside : u64 { frame_of_wlan = 10, frame_with_fcs = 11 };

inline constexpr auto radiotap_found = std::to_array<Field>({
    {"radiotap.version",       0, Show::dec,        N_("version, always 0")                   },
    {"radiotap.pad",           0, Show::dec,        N_("not used")                            },
    {"radiotap.length",        0, Show::dec,        N_("bytes of the header")                 },
    {"radiotap.present.word",  0, Show::hex8,       N_("what the header tells")               },
    {"radiotap.mactime",       0, Show::dec,        N_("microseconds by the receiver's clock")},
    {"radiotap.flags",         0, Show::hex2,       N_("how the frame was sent or received")  },
    {"radiotap.channel.freq",  0, Show::dec,        N_("frequency, in MHz")                   },
    {"radiotap.channel.flags", 0, Show::hex4,       N_("kind of channel")                     },
    {"radiotap.dbm_antsignal", 0, Show::signed_dec, N_("strength of the signal, in dBm")      },
    {"radiotap.dbm_antnoise",  0, Show::signed_dec, N_("strength of the noise, in dBm")       },
});

inline u64 little_number(const Walk& walk, u32 at, u32 count) {  // all at hand
  u64 value = 0;
  for (u32 i = count; i-- > 0;) value = value << 8 | walk.data[at + i];
  return value;
}

// The first fields of a radiotap header, in the order of their bits.
class RadiotapReader {
 public:
  RadiotapReader(Walk& walk, u32 at, u32 end, u64 present)
      : walk_(walk), at_(at), end_(end), present_(present) {}

  // Returns the flags, 0 where there are none.
  u64 read() {
    if (has(0)) number(in(radiotap_found, "radiotap.mactime"), 8, 8);
    const u64 flags = has(1) ? number(in(radiotap_found, "radiotap.flags"), 1, 1) : 0;
    if (has(2)) at_ += 1;  // rate
    if (has(3)) {
      number(in(radiotap_found, "radiotap.channel.freq"), 2, 2);
      number(in(radiotap_found, "radiotap.channel.flags"), 2, 2);
    }
    if (has(4)) at_ += 2;  // hopping
    if (has(5)) strength(in(radiotap_found, "radiotap.dbm_antsignal"));
    if (has(6)) strength(in(radiotap_found, "radiotap.dbm_antnoise"));
    return flags;
  }

 private:
  [[nodiscard]] bool has(unsigned bit) const { return (present_ >> bit & 1) != 0; }
  u64 number(const Field& field, u32 count, u32 align) {
    at_ = (at_ + align - 1) / align * align;
    if (at_ + count > end_ || !walk_.whole(at_, count)) {
      at_ = end_;
      return 0;
    }
    const u64 value = little_number(walk_, at_, count);
    walk_.put(field, at_, count, value);
    at_ += count;
    return value;
  }
  void strength(const Field& field) {
    if (at_ + 1 > end_ || !walk_.whole(at_, 1)) return;
    walk_.put(field, at_, 1, static_cast<u64>(i64{static_cast<std::int8_t>(walk_.data[at_])}));
    ++at_;
  }

  Walk& walk_;
  u32 at_, end_;
  u64 present_;
};

inline void walk_radiotap(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 8)) return walk.cut();
  const auto length = static_cast<u32>(little_number(walk, 2, 2));
  walk.put(in(radiotap_found, "radiotap.version"), 0, 1, walk.data[0]);
  walk.put(in(radiotap_found, "radiotap.pad"), 1, 1, walk.data[1]);
  walk.put(in(radiotap_found, "radiotap.length"), 2, 2, length);
  const u64 present = little_number(walk, 4, 4);
  u32 at = 4;
  for (bool more = true; more && at + 4 <= length && walk.whole(at, 4); at += 4) {
    const u64 word = little_number(walk, at, 4);
    walk.put(in(radiotap_found, "radiotap.present.word"), at, 4, word);
    more = (word >> 31 & 1) != 0;
  }
  walk.header_length = std::max(length, 8U);
  const u64 flags = RadiotapReader{walk, at, length, present}.read();
  walk.space = Space::inside;
  walk.selector = (flags & 0x10) != 0 ? frame_with_fcs : frame_of_wlan;
  walk.even_empty = true;
}

inline constexpr Header radiotap{.word = "radiotap",
                                 .name = "Radiotap Header",
                                 .layer = 0,
                                 .place = Place::link,
                                 .fields = {},
                                 .found = radiotap_found,
                                 .walk = walk_radiotap,
                                 .deep = Deep::always,
                                 .path = "radiotap:wlan_radio"};

inline constexpr auto ppi_found = std::to_array<Field>({
    {"ppi.version",         0, Show::dec,  N_("version, always 0")             },
    {"ppi.flags",           0, Show::hex2, N_("how the fields are aligned")    },
    {"ppi.flags.alignment", 0, Show::flag, N_("fields start at multiples of 4")},
    {"ppi.flags.reserved",  0, Show::hex2, N_("not used")                      },
    {"ppi.length",          0, Show::dec,  N_("bytes of the header")           },
    {"ppi.dlt",             0, Show::dec,  N_("link type of what follows")     },
    {"ppi.field_type",      0, Show::dec,  N_("what the field tells")          },
    {"ppi.field_len",       0, Show::dec,  N_("length of the field")           },
});

// The header of the link type that PPI names; what is none of these is data.
inline u64 ppi_inside(u64 link_type, bool fcs) {
  switch (link_type) {
    case 1:
      return 0;
    case 9:
      return 1;
    case 105:
      return fcs ? frame_with_fcs : frame_of_wlan;
    default:
      return ~u64{0};
  }
}

inline void walk_ppi(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 8)) return walk.cut();
  const auto length = static_cast<u32>(little_number(walk, 2, 2));
  const u64 link_type = little_number(walk, 4, 4);
  walk.put(in(ppi_found, "ppi.version"), 0, 1, walk.data[0]);
  walk.put(in(ppi_found, "ppi.flags"), 1, 1, walk.data[1]);
  walk.put(in(ppi_found, "ppi.flags.alignment"), 1, 1, walk.data[1] & 1);
  walk.put(in(ppi_found, "ppi.flags.reserved"), 1, 1, walk.data[1] & 0xfe);
  walk.put(in(ppi_found, "ppi.length"), 2, 2, length);
  walk.put(in(ppi_found, "ppi.dlt"), 4, 4, link_type);
  bool fcs = false;
  for (u32 at = 8; at + 4 <= length && walk.whole(at, 4);) {
    const u64 type = little_number(walk, at, 2);
    const auto size = static_cast<u32>(little_number(walk, at + 2, 2));
    walk.put(in(ppi_found, "ppi.field_type"), at, 2, type);
    walk.put(in(ppi_found, "ppi.field_len"), at + 2, 2, size);
    if (type == 2 && size >= 10 && walk.whole(at + 4, 10))  // 802.11-Common: its flags
      fcs = (walk.data[at + 12] & 1) != 0;
    at += 4 + size;
    if ((walk.data[1] & 1) != 0) at = (at + 3) / 4 * 4;
  }
  walk.header_length = std::max(length, 8U);
  walk.path = link_type == 105 ? "ppi:wlan_radio" : "ppi:pcap_pktdata";
  walk.selector = ppi_inside(link_type, fcs);
  if (walk.selector != ~u64{0}) walk.space = Space::inside;
}

inline constexpr Header ppi{.word = "ppi",
                            .name = "PPI Packet Header",
                            .layer = 0,
                            .place = Place::link,
                            .fields = {},
                            .found = ppi_found,
                            .walk = walk_ppi,
                            .deep = Deep::always};

inline constexpr auto wlancap_found = std::to_array<Field>({
    {"wlancap.magic",   0, Show::hex8, N_("marks the header")   },
    {"wlancap.version", 0, Show::dec,  N_("version")            },
    {"wlancap.length",  0, Show::dec,  N_("bytes of the header")},
});

inline constexpr u64 avs_magic = 0x80211000;

inline void walk_wlancap(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 8)) return walk.cut();
  walk.put(in(wlancap_found, "wlancap.magic"), 0, 4, walk.number(0, 4) >> 4);
  walk.put(in(wlancap_found, "wlancap.version"), 0, 4, walk.number(0, 4) & 15);
  walk.put(in(wlancap_found, "wlancap.length"), 4, 4, walk.number(4, 4));
  walk.header_length = static_cast<u32>(std::max<u64>(walk.number(4, 4), 8));
  walk.space = Space::inside;
  walk.selector = frame_of_wlan;
}

inline constexpr Header wlancap{.word = "wlancap",
                                .name = "AVS WLAN Capture header",
                                .layer = 0,
                                .place = Place::link,
                                .fields = {},
                                .found = wlancap_found,
                                .walk = walk_wlancap,
                                .deep = Deep::always,
                                .path = "wlancap:wlan_radio"};

inline constexpr auto prism_found = std::to_array<Field>({
    {"prism.msgcode", 0, Show::hex8, N_("kind of header")                },
    {"prism.msglen",  0, Show::dec,  N_("bytes of the header")           },
    {"prism.devname", 0, Show::text, N_("device that captured the frame")},
});

// Numbers have the byte order of the machine that captured. AVS's header came under this link
// type, too.
inline void walk_prism(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 8)) return walk.cut();
  if ((walk.number(0, 4) & ~u64{15}) == avs_magic) {
    walk.path = "wlancap:wlan_radio";
    return walk_wlancap(walk);
  }
  const bool big = walk.data[0] == 0;
  const auto number = [&](u32 at) { return big ? walk.number(at, 4) : little_number(walk, at, 4); };
  walk.put(in(prism_found, "prism.msgcode"), 0, 4, number(0));
  walk.put(in(prism_found, "prism.msglen"), 4, 4, number(4));
  if (!walk.whole(8, 16)) return walk.cut();
  u32 letters = 0;
  while (letters < 16 && walk.data[8 + letters] != 0) ++letters;
  walk.put_bytes(in(prism_found, "prism.devname"), 8, letters);
  walk.header_length = 144;
  walk.space = Space::inside;
  walk.selector = frame_of_wlan;
}

inline constexpr Header prism{.word = "prism",
                              .name = "Prism capture header",
                              .layer = 0,
                              .place = Place::link,
                              .fields = {},
                              .found = prism_found,
                              .walk = walk_prism,
                              .deep = Deep::always,
                              .path = "prism:wlan_radio"};

}  // namespace trama::wire
