// Encapsulating Security Payload of IPsec (RFC 4303): all behind the header is encrypted.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto esp_fields = lay_out<8>({
    {"esp.spi",      32, Show::hex8, N_("which security association")},
    {"esp.sequence", 32, Show::dec,  N_("number of this packet")     },
});

inline void walk_esp(Walk& walk) { walk.has_payload = false; }

inline constexpr Header esp{.word = "esp",
                            .name = "Encapsulating Security Payload",
                            .layer = 3,
                            .place = Place::transport,
                            .fields = esp_fields,
                            .walk = walk_esp,
                            .deep = Deep::always};

}  // namespace trama::wire
