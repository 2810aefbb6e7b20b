// The words for raw data that every room shares.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace trama {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

// A view of somebody else's bytes; it never outlives their owner.
using Bytes = std::span<const u8>;

}  // namespace trama
