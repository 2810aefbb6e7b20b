// Locator/ID Separation Protocol, the data packets (RFC 9300): IP inside UDP.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto lisp_data_fields = lay_out<8>({
    {"lisp-data.flags", 8,  Show::hex2, N_("the flags together")         },
    {"lisp-data.nonce", 24, Show::dec,  N_("what the answer must repeat")},
    {"lisp-data.lsb",   32, Show::hex8, N_("which locators are up")      },
});

inline void walk_lisp_data(Walk& walk) {
  walk.space = Space::ip_version;
  if (walk.whole(8, 1)) walk.selector = walk.data[8] >> 4;
}

inline constexpr Header lisp_data{.word = "lisp-data",
                                  .name = "Locator/ID Separation Protocol (Data)",
                                  .layer = 3,
                                  .place = Place::tag,
                                  .fields = lisp_data_fields,
                                  .walk = walk_lisp_data,
                                  .deep = Deep::always};

}  // namespace trama::wire
