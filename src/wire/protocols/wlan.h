// The frames of wireless networks (IEEE 802.11-2020 section 9): numbers have their low byte first,
// and how many addresses there are the kind of frame says. What is not encrypted and no fragment
// carries LLC.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

// By Wireshark's number of kind and subtype: management 0x00, control 0x10, data 0x20.
inline constexpr Name wlan_type_names[] = {
    {0x00, "Association Request"            },
    {0x01, "Association Response"           },
    {0x02, "Reassociation Request"          },
    {0x03, "Reassociation Response"         },
    {0x04, "Probe Request"                  },
    {0x05, "Probe Response"                 },
    {0x06, "Measurement Pilot"              },
    {0x08, "Beacon frame"                   },
    {0x09, "ATIM"                           },
    {0x0a, "Disassociate"                   },
    {0x0b, "Authentication"                 },
    {0x0c, "Deauthentication"               },
    {0x0d, "Action"                         },
    {0x0e, "Action No Ack"                  },
    {0x0f, "Aruba Management"               },
    {0x12, "Trigger"                        },
    {0x14, "Beamforming Report Poll"        },
    {0x15, "VHT/HE NDP Announcement"        },
    {0x16, "Control Frame Extension"        },
    {0x17, "Control Wrapper"                },
    {0x18, "802.11 Block Ack Req"           },
    {0x19, "802.11 Block Ack"               },
    {0x1a, "Power-Save poll"                },
    {0x1b, "Request-to-send"                },
    {0x1c, "Clear-to-send"                  },
    {0x1d, "Acknowledgement"                },
    {0x1e, "CF-End (Control-frame)"         },
    {0x1f, "CF-End + CF-Ack (Control-frame)"},
    {0x20, "Data"                           },
    {0x21, "Data + CF-Ack"                  },
    {0x22, "Data + CF-Poll"                 },
    {0x23, "Data + CF-Ack + CF-Poll"        },
    {0x24, "Null function (No data)"        },
    {0x25, "Acknowledgement (No data)"      },
    {0x26, "CF-Poll (No data)"              },
    {0x27, "CF-Ack/Poll (No data)"          },
    {0x28, "QoS Data"                       },
    {0x29, "QoS Data + CF-Acknowledgment"   },
    {0x2a, "QoS Data + CF-Poll"             },
    {0x2b, "QoS Data + CF-Ack + CF-Poll"    },
    {0x2c, "QoS Null function (No data)"    },
    {0x2e, "QoS CF-Poll (No Data)"          },
    {0x2f, "QoS CF-Ack + CF-Poll (No data)" },
    {0x30, "DMG Beacon"                     },
};

inline constexpr auto wlan_found = std::to_array<Field>({
    named(wlan_type_names, {"wlan.fc.type_subtype",  0, Show::hex4,  N_("kind of frame")                                   }
     ),
    {"wlan.fc",               0, Show::hex4,  N_("what the frame is and how it goes")               },
    {"wlan.fc.version",       0, Show::dec,   N_("version, always 0")                               },
    {"wlan.fc.type",          0, Show::dec,   N_("0 manages, 1 controls, 2 carries data")           },
    {"wlan.fc.subtype",       0, Show::dec,   N_("which of these")                                  },
    {"wlan.flags",            0, Show::hex2,  N_("all flags as one number")                         },
    {"wlan.fc.ds",            0, Show::hex2,  N_("to and from the wired side, as one number")       },
    {"wlan.fc.tods",          0, Show::flag,  N_("goes to the access point")                        },
    {"wlan.fc.fromds",        0, Show::flag,  N_("comes from the access point")                     },
    {"wlan.fc.frag",          0, Show::flag,  N_("more fragments follow")                           },
    {"wlan.fc.retry",         0, Show::flag,  N_("sent again")                                      },
    {"wlan.fc.pwrmgt",        0, Show::flag,  N_("the sender goes to sleep")                        },
    {"wlan.fc.moredata",      0, Show::flag,  N_("the access point keeps more for the receiver")    },
    {"wlan.fc.protected",     0, Show::flag,  N_("the payload is encrypted")                        },
    {"wlan.fc.order",         0, Show::flag,  N_("four bytes of HT Control follow, or strict order")},
    {"wlan.duration",         0, Show::dec,   N_("microseconds that the exchange still takes")      },
    {"wlan.aid",              0, Show::dec,   N_("the station's number at its access point")        },
    {"wlan.ra",               0, Show::ether, N_("who receives it on the air")                      },
    {"wlan.ta",               0, Show::ether, N_("who sends it on the air")                         },
    {"wlan.da",               0, Show::ether, N_("whom it is for")                                  },
    {"wlan.sa",               0, Show::ether, N_("whom it is from")                                 },
    {"wlan.bssid",            0, Show::ether, N_("the network's access point")                      },
    {"wlan.staa",             0, Show::ether, N_("the station, not the access point")               },
    {"wlan.addr",             0, Show::ether, N_("any hardware address")                            },
    {"wlan.frag",             0, Show::dec,   N_("number of the fragment")                          },
    {"wlan.seq",              0, Show::dec,   N_("number of the frame")                             },
    {"wlan.qos",              0, Show::hex4,  N_("how urgent it is, and how it is acknowledged")    },
    {"wlan.qos.tid",          0, Show::dec,   N_("which queue")                                     },
    {"wlan.qos.priority",     0, Show::dec,   N_("priority")                                        },
    {"wlan.qos.ack",          0, Show::hex4,  N_("how it is acknowledged")                          },
    {"wlan.qos.amsdupresent", 0, Show::flag,  N_("several frames stand in one")                     },
    {"wlan.ssid",             0, Show::bytes, N_("the network's name")                              },
    {"wlan.fixed.beacon",     0, Show::dec,   N_("time units of 1024 microseconds between beacons") },
    {"wlan.fcs",              0, Show::hex8,  N_("check sequence of the frame")                     },
    {"wlan.fcs.status",       0, Show::dec,   N_("2: nobody checked it")                            },
});

constexpr u64 wlan_kind(const u8* header) {
  return (u64{header[0]} << 2 & 0x30) | u64{header[0]} >> 4;
}

class WlanReader {
 public:
  explicit WlanReader(Walk& walk)
      : walk_(walk), kind_(wlan_kind(walk.data)), flags_(walk.data[1]) {}

  void read() {
    put_control();
    const bool data = kind_ >> 4 == 2;
    if (kind_ >> 4 == 1) return control();
    if (kind_ >> 4 == 3) return stop();
    if (walk_.whole(4, 6)) address("wlan.ra", 4);
    if (!walk_.whole(0, 24)) return cut_short();
    address("wlan.ta", 10);
    if (data)
      put_data_addresses(has_several());
    else
      put_ends(4, 10, 16);
    const u64 sequence = little(22);
    walk_.put(in(wlan_found, "wlan.frag"), 22, 2, sequence & 15);
    walk_.put(in(wlan_found, "wlan.seq"), 22, 2, sequence >> 4);
    at_ = 24;
    if (data) return read_data();
    put("wlan.addr", 16, 6);
    read_management();
  }

 private:
  enum Flag : u8 { to_ds = 1, from_ds = 2, more_fragments = 4, secret = 0x40, order = 0x80 };

  [[nodiscard]] bool has(Flag flag) const { return (flags_ & flag) != 0; }
  [[nodiscard]] u64 little(u32 at) const { return walk_.data[at] | u64{walk_.data[at + 1]} << 8; }

  void put(std::string_view word, u32 at, u32 count) {
    for (const Field& field : wlan_found)
      if (field.word == word) walk_.put(field, at, count, walk_.number(at, count));
  }
  void address(std::string_view word, u32 at) {
    put(word, at, 6);
    put("wlan.addr", at, 6);
  }

  void stop() {
    walk_.space = Space::none;
    walk_.has_payload = false;
    walk_.header_length = std::min(walk_.captured, walk_.length);
  }
  void cut_short() {
    stop();
    walk_.cut();
  }

  void put_control() {
    walk_.put(in(wlan_found, "wlan.fc.type_subtype"), 0, 2, kind_);
    walk_.put(in(wlan_found, "wlan.fc"), 0, 2, walk_.number(0, 2));
    walk_.put(in(wlan_found, "wlan.fc.version"), 0, 1, walk_.data[0] & 3);
    walk_.put(in(wlan_found, "wlan.fc.type"), 0, 1, kind_ >> 4);
    walk_.put(in(wlan_found, "wlan.fc.subtype"), 0, 1, kind_ & 15);
    walk_.put(in(wlan_found, "wlan.flags"), 1, 1, flags_);
    walk_.put(in(wlan_found, "wlan.fc.ds"), 1, 1, flags_ & 3);
    constexpr std::string_view bits[] = {"wlan.fc.tods",      "wlan.fc.fromds", "wlan.fc.frag",
                                         "wlan.fc.retry",     "wlan.fc.pwrmgt", "wlan.fc.moredata",
                                         "wlan.fc.protected", "wlan.fc.order"};
    for (unsigned bit = 0; bit < 8; ++bit)
      for (const Field& field : wlan_found)
        if (field.word == bits[bit]) walk_.put(field, 1, 1, flags_ >> bit & 1);
    if (!walk_.whole(2, 2)) return;
    const u64 duration = little(2);
    if (kind_ == 0x1a)
      walk_.put(in(wlan_found, "wlan.aid"), 2, 2, duration & 0x3fff);
    else if (duration <= 0x7fff)
      walk_.put(in(wlan_found, "wlan.duration"), 2, 2, duration);
  }

  // Two addresses, or one.
  void control() {
    if (!walk_.whole(4, 6)) return cut_short();
    const bool poll = kind_ == 0x1a;
    address(poll ? "wlan.bssid" : "wlan.ra", 4);
    if (poll) put("wlan.ra", 4, 6);
    const bool one =
        kind_ == 0x1c || kind_ == 0x1d || kind_ < 0x12 || kind_ == 0x16 || kind_ == 0x17;
    if (one) return stop();
    if (!walk_.whole(10, 6)) return cut_short();
    address(kind_ == 0x1e ? "wlan.bssid" : "wlan.ta", 10);
    stop();
  }

  void put_ends(u32 to, u32 from, u32 bssid) {
    put("wlan.da", to, 6);
    put("wlan.sa", from, 6);
    put("wlan.bssid", bssid, 6);
  }
  // Several frames in one have their own ends.
  void put_data_addresses(bool several) {
    const u32 to = has(to_ds) ? 16 : 4;
    if (!several) put("wlan.da", to, 6);
    if (has(to_ds) && has(from_ds)) {
      if (walk_.whole(24, 6)) put("wlan.sa", 24, 6);
      return;
    }
    put("wlan.sa", has(from_ds) ? 16 : 10, 6);
    put("wlan.bssid", has(to_ds) ? 4 : has(from_ds) ? 10 : 16, 6);
    if (has(to_ds) || has(from_ds)) put("wlan.staa", has(to_ds) ? 10 : 4, 6);
  }
  [[nodiscard]] bool has_several() const {
    const u32 at = has(to_ds) && has(from_ds) ? 30 : 24;
    return (kind_ & 0x38) == 0x28 && walk_.whole(at, 2) && (walk_.data[at] & 0x80) != 0;
  }

  // Skips what stands before encrypted bytes: eight bytes of WPA, four of WEP, which has four
  // behind them, too. They are data.
  void hide() {
    walk_.space = Space::none;
    const bool extended = walk_.whole(at_, 4) && (walk_.data[at_ + 3] & 0x20) != 0;
    walk_.header_length = at_ + (extended ? 8 : 4);
    if (!extended && walk_.length >= at_ + 8) walk_.length -= 4;
  }

  void read_data() {
    if (has(to_ds) && has(from_ds)) {
      if (!walk_.whole(24, 6)) return cut_short();
      put("wlan.addr", 24, 6);
      at_ = 30;
    }
    const bool several = has_several();
    if (!several) put("wlan.addr", 16, 6);
    if ((kind_ & 8) != 0) {  // QoS
      if (!walk_.whole(at_, 2)) return cut_short();
      const u64 quality = little(at_);
      walk_.put(in(wlan_found, "wlan.qos"), at_, 2, quality);
      walk_.put(in(wlan_found, "wlan.qos.tid"), at_, 2, quality & 15);
      walk_.put(in(wlan_found, "wlan.qos.priority"), at_, 2, quality & 7);
      walk_.put(in(wlan_found, "wlan.qos.ack"), at_, 2, quality >> 5 & 3);
      walk_.put(in(wlan_found, "wlan.qos.amsdupresent"), at_, 2, quality >> 7 & 1);
      at_ += has(order) ? 6 : 2;
    }
    walk_.header_length = at_;
    if ((kind_ & 4) != 0) return stop();  // no data
    if (has(secret)) return hide();
    walk_.space = Space::none;
    if (has(more_fragments) || (walk_.data[22] & 15) != 0) return;
    if (several && !enter_first()) return;
    payload();
  }

  // Of the frames that stand in one only the first is read on.
  bool enter_first() {
    if (!walk_.whole(at_, 14)) {
      cut_short();
      return false;
    }
    put("wlan.da", at_, 6);
    put("wlan.sa", at_ + 6, 6);
    const auto size = static_cast<u32>(walk_.number(at_ + 12, 2));
    at_ += 14;
    walk_.header_length = at_;
    walk_.length = std::min(walk_.length, at_ + size);
    return true;
  }

  void payload() {
    const auto byte = [&](u32 i) { return walk_.whole(at_ + i, 1) ? walk_.data[at_ + i] : 0; };
    if (byte(0) == 0xff && byte(1) == 0xff) return;  // IPX without LLC
    walk_.even_empty = true;
    walk_.space = Space::llc_sap;
    walk_.selector = 0x100;
  }

  // What stands before the elements, by subtype (section 9.3.3); more than a frame: none follow.
  [[nodiscard]] u32 fixed() const {
    switch (kind_) {
      case 0x00:
        return 4;
      case 0x01:
      case 0x03:
      case 0x0b:
        return 6;
      case 0x02:
        return 10;
      case 0x04:
        return 0;
      case 0x0a:
      case 0x0c:
        return 2;
      case 0x05:
      case 0x08:
        return 12;
      default:
        return 0x10000;
    }
  }

  void read_management() {
    if (has(order)) at_ += 4;
    walk_.header_length = at_;
    if (has(secret)) return hide();
    const u32 end = std::min(walk_.captured, walk_.length);
    if (fixed() == 12 && walk_.whole(at_ + 8, 2))
      walk_.put(in(wlan_found, "wlan.fixed.beacon"), at_ + 8, 2, little(at_ + 8));
    for (u32 at = at_ + fixed(); at + 2 <= end && at + 2 + walk_.data[at + 1] <= end;
         at += 2 + walk_.data[at + 1])
      if (walk_.data[at] == 0)
        walk_.put_bytes(in(wlan_found, "wlan.ssid"), at + 2, walk_.data[at + 1]);
    stop();
  }

  Walk& walk_;
  u64 kind_;
  u8 flags_;
  u32 at_ = 0;
};

inline void walk_wlan(Walk& walk) {
  walk.space = Space::none;
  if (!walk.whole(0, 2)) return walk.cut();
  if ((walk.data[0] & 3) != 0) {  // version 1: short frames
    walk.has_payload = false;
    return;
  }
  WlanReader{walk}.read();
}

// The check sequence ends the frame.
inline void walk_wlan_fcs(Walk& walk) {
  const u32 end = walk.length;
  if (end >= 4) {
    if (walk.whole(end - 4, 4)) {
      const u8* fcs = walk.data + end - 4;
      walk.put(in(wlan_found, "wlan.fcs"), end - 4, 4,
               fcs[0] | u64{fcs[1]} << 8 | u64{fcs[2]} << 16 | u64{fcs[3]} << 24);
      walk.put(in(wlan_found, "wlan.fcs.status"), end - 4, 4, 2);
    }
    walk.length = end - 4;
    walk.captured = std::min(walk.captured, walk.length);
  }
  walk_wlan(walk);
}

inline constexpr Header wlan{.word = "wlan",
                             .name = "IEEE 802.11",
                             .layer = 2,
                             .place = Place::link,
                             .fields = {},
                             .found = wlan_found,
                             .walk = walk_wlan,
                             .deep = Deep::always};

inline constexpr Header wlan_fcs{.word = "wlan",
                                 .name = "IEEE 802.11",
                                 .layer = 2,
                                 .place = Place::link,
                                 .fields = {},
                                 .found = wlan_found,
                                 .walk = walk_wlan_fcs,
                                 .deep = Deep::always};

}  // namespace trama::wire
