// EAP over a LAN (IEEE 802.1X): who comes in proves who he is, and both ends make keys.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr Name eapol_type_names[] = {
    {0, "EAP Packet"            },
    {1, "Start"                 },
    {2, "Logoff"                },
    {3, "Key"                   },
    {4, "Encapsulated ASF Alert"}
};
inline constexpr Name eap_code_names[] = {
    {1, "Request" },
    {2, "Response"},
    {3, "Success" },
    {4, "Failure" },
    {5, "Initiate"},
    {6, "Finish"  }
};

inline constexpr auto eapol_fields = lay_out<4>({
    {"eapol.version", 8,  Show::dec, N_("version of the protocol")},
    named(eapol_type_names, {"eapol.type",    8,  Show::dec, N_("kind of message")        }
    ),
    {"eapol.len",     16, Show::dec, N_("bytes of the message")   },
});

inline constexpr auto eapol_found = std::to_array<Field>({
    named(eap_code_names, {"eap.code",                        0, Show::dec,   N_("kind of message")                      }
     ),
    {"eap.id",                          0, Show::dec,   N_("pairs question and answer")            },
    {"eap.len",                         0, Show::dec,   N_("bytes of the message")                 },
    {"eap.type",                        0, Show::dec,   N_("how it is proved")                     },
    {"eap.identity",                    0, Show::text,  N_("who wants to come in")                 },
    {"eapol.keydes.type",               0, Show::dec,   N_("kind of key")                          },
    {"wlan_rsna_eapol.keydes.key_info", 0, Show::hex4,  N_("the flags together")                   },
    {"eapol.keydes.key_len",            0, Show::dec,   N_("bytes of the key")                     },
    {"eapol.keydes.replay_counter",     0, Show::dec,   N_("number of the message")                },
    {"wlan_rsna_eapol.keydes.nonce",    0, Show::bytes, N_("number that is used once")             },
    {"wlan_rsna_eapol.keydes.mic",      0, Show::bytes, N_("proof that nobody changed the message")},
    {"wlan_rsna_eapol.keydes.data_len", 0, Show::dec,   N_("bytes of what is sent with the key")   },
    {"wlan_rsna_eapol.keydes.msgnr",    0, Show::dec,   N_("which of the four messages")           },
});

// Which message of the handshake of IEEE 802.11 it is, by its flags; 0: none of it.
constexpr u64 eapol_message(u64 flags, u64 data_size) {
  const bool pairwise = (flags & 0x08) != 0;
  const bool asks = (flags & 0x80) != 0;
  const bool proved = (flags & 0x100) != 0;
  const bool secure = (flags & 0x200) != 0;
  if (!pairwise) return 0;
  if (asks) return proved ? 3 : 1;
  return secure || data_size == 0 ? 4 : 2;
}

inline void walk_eapol_key(Walk& walk) {
  if (!walk.whole(4, 95)) return walk.cut();
  walk.put(in(eapol_found, "eapol.keydes.type"), 4, 1, walk.data[4]);
  if (walk.data[4] != 2 && walk.data[4] != 254) return;
  const u64 flags = walk.number(5, 2);
  const u64 size = walk.number(97, 2);
  if (const u64 number = eapol_message(flags, size); number != 0)
    walk.put(in(eapol_found, "wlan_rsna_eapol.keydes.msgnr"), 5, 2, number);
  walk.put(in(eapol_found, "wlan_rsna_eapol.keydes.key_info"), 5, 2, flags);
  walk.put(in(eapol_found, "eapol.keydes.key_len"), 7, 2, walk.number(7, 2));
  walk.put(in(eapol_found, "eapol.keydes.replay_counter"), 9, 8, walk.number(9, 8));
  walk.put_bytes(in(eapol_found, "wlan_rsna_eapol.keydes.nonce"), 17, 32);
  walk.put_bytes(in(eapol_found, "wlan_rsna_eapol.keydes.mic"), 81, 16);
  walk.put(in(eapol_found, "wlan_rsna_eapol.keydes.data_len"), 97, 2, size);
}

inline void walk_eap(Walk& walk) {
  if (!walk.whole(4, 4)) return walk.cut();
  const auto size = static_cast<u32>(walk.number(6, 2));
  walk.put(in(eapol_found, "eap.code"), 4, 1, walk.data[4]);
  walk.put(in(eapol_found, "eap.id"), 5, 1, walk.data[5]);
  walk.put(in(eapol_found, "eap.len"), 6, 2, size);
  if (walk.data[4] > 2 || size < 5) return;
  if (!walk.whole(4, size)) return walk.cut();
  walk.put(in(eapol_found, "eap.type"), 8, 1, walk.data[8]);
  if (walk.data[8] == 1 && size > 5) walk.put_bytes(in(eapol_found, "eap.identity"), 9, size - 5);
}

inline void walk_eapol(Walk& walk) {
  if (!walk.whole(0, 4)) return walk.cut();
  const u8 type = walk.data[1];
  const auto told = static_cast<u32>(walk.number(2, 2));
  if (told + 4 < walk.length) walk.length = told + 4;
  walk.has_payload = type != 0 && type != 3;
  if (type == 0) walk_eap(walk);
  if (type == 3) walk_eapol_key(walk);
}

inline constexpr Header eapol{.word = "eapol",
                              .name = "802.1X Authentication",
                              .layer = 2,
                              .place = Place::network,
                              .fields = eapol_fields,
                              .found = eapol_found,
                              .walk = walk_eapol,
                              .deep = Deep::always};

}  // namespace trama::wire
