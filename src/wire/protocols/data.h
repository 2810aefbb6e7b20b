// Bytes that no protocol here reads.
#pragma once
#include "wire/walk.h"

namespace trama::wire {

inline constexpr auto data_found = std::to_array<Field>({
    told({"data.data", 0, Show::bytes, N_("the bytes")}),
    told({"data.len", 0, Show::dec, N_("how many")}),
});

inline constexpr Header data{.word = "data",
                             .name = "Data",
                             .layer = 7,
                             .place = Place::transport,
                             .fields = {},
                             .found = data_found,
                             .deep = Deep::always};

}  // namespace trama::wire
