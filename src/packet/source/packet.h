// What travels through the packet rooms: batches of up to 64 packets. A packet is a plain value;
// its bytes belong to the source and stay valid until the source is asked for the next batch.
#pragma once
#include <array>
#include <limits>

#include "base/bytes.h"
#include "wire/header.h"

namespace trama {

// So many bytes behind a packet's data may be read (their content means nothing): the loads of
// header fields need no bounds checks once the header is known to be whole.
inline constexpr unsigned padding = 64;

// A packet without a timestamp (pcapng's Simple Packet Block).
inline constexpr i64 no_time = std::numeric_limits<i64>::min();

// What a capture file's record is; those that are no packets are numbered like them, as in tshark.
enum class Record : u8 {
  packet,
  old_packet,  // pcapng's obsolete block; 18 bytes before the data stand the drops (16 bits)
  custom,      // a custom block that may be copied; its enterprise number stands before the data
  private_custom,  // one that may not
  journal,         // an entry of the systemd journal
};

// 72 bytes: a batch stays in the first-level cache.
struct Packet {
  const u8* data = nullptr;     // `captured` bytes, then `padding` readable ones
  u32 captured = 0;             // bytes at hand
  u32 wire = 0;                 // bytes that were on the wire
  i64 time = no_time;           // nanoseconds since 1970-01-01 UTC
  u64 number = 0;               // 1 for the capture's first
  u32 option_bytes = 0;         // pcapng: of the block's options, which stand behind the data
  u16 interface = 0;            // index into Source::interfaces(), which gives the link type
  bool big_endian : 1 = false;  // of the options, and of what stands before the data
  Record record : 7 = Record::packet;

  // What dissect marks. A bit of `has` says that a header's fixed part is whole; `at` where it
  // starts, by its place. `deep`: these marks do not tell all (tunnel, fragment, quoted or cut
  // header).
  bool deep = false;
  u64 has = 0;
  std::array<u16, wire::places> at{};
  i64 since_first = 0;     // nanoseconds since the capture's first packet
  i64 since_previous = 0;  // nanoseconds since the packet before

  [[nodiscard]] Bytes bytes() const { return {data, captured}; }
  // pcapng: the block's options as they stood, big or little endian.
  [[nodiscard]] Bytes options() const {
    return {data + ((u64{captured} + 3) & ~u64{3}), option_bytes};
  }
};
static_assert(sizeof(Packet) == 72);

struct Batch {
  static constexpr unsigned most = 64;
  std::array<Packet, most> packets;
  unsigned count = 0;
  u64 kept = 0;  // bit i: packet i passes the filter; a source sets all bits below count
  u64 deep = 0;  // bit i: packet i is marked deep

  [[nodiscard]] static u64 mask(unsigned count) {
    return count >= most ? ~u64{0} : (u64{1} << count) - 1;
  }
};

}  // namespace trama
