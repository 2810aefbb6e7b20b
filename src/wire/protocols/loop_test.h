// Configuration Test Protocol of Ethernet (EtherType 0x9000): what is sent comes back.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto loop_test_fields = lay_out<2>({
    {"", 16, Show::dec, N_("bytes to step over")},
});

inline constexpr Name loop_test_function_names[] = {
    {1, "Reply"       },
    {2, "Forward Data"}
};

inline constexpr auto loop_test_found = std::to_array<Field>({
    {"loop.skipcount",          0, Show::dec,   N_("bytes to step over")                 },
    named(loop_test_function_names,
          {"loop.function",           0, Show::dec,   N_("whether it goes on or is the answer")}
    ),
    {"loop.receipt_number",     0, Show::dec,   N_("pairs question and answer")          },
    {"loop.forwarding_address", 0, Show::ether, N_("where it goes next")                 },
});

// Numbers have the low byte first. Stations follow one another up to the reply.
inline void walk_loop_test(Walk& walk) {
  const auto number = [&](u32 at) { return walk.data[at] + walk.data[at + 1] * u64{256}; };
  if (!walk.whole(0, 2)) return walk.cut();
  walk.put(in(loop_test_found, "loop.skipcount"), 0, 2, number(0));
  u32 at = 2;
  for (;;) {
    walk.header_length = at;
    if (!walk.whole(at, 2)) return;
    const u64 function = number(at);
    walk.put(in(loop_test_found, "loop.function"), at, 2, function);
    at += 2;
    walk.header_length = at;
    if (function == 1 && walk.whole(at, 2)) {
      walk.put(in(loop_test_found, "loop.receipt_number"), at, 2, number(at));
      walk.header_length = at + 2;
    }
    if (function != 2 || !walk.whole(at, 6)) return;
    walk.put(in(loop_test_found, "loop.forwarding_address"), at, 6, walk.number(at, 6));
    at += 6;
  }
}

inline constexpr Header loop_test{.word = "loop",
                                  .name = "Configuration Test Protocol (loopback)",
                                  .layer = 2,
                                  .place = Place::network,
                                  .fields = loop_test_fields,
                                  .found = loop_test_found,
                                  .walk = walk_loop_test,
                                  .deep = Deep::always};

}  // namespace trama::wire
