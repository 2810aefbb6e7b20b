// Capture files made by hand, byte by byte, and what a reader gives for them.
#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kit/program.h"
#include "packet/source/file.h"

namespace trama::tests {

// Appends numbers in the byte order of the file.
struct Made {
  bool big_endian = false;
  std::string bytes = {};

  Made& n(u64 value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
      bytes += static_cast<char>(value >> 8 * (big_endian ? size - 1 - i : i) & 0xffU);
    return *this;
  }
  Made& n16(u16 value) { return n(value, 2); }
  Made& n32(u32 value) { return n(value, 4); }
  Made& n64(u64 value) { return n(value, 8); }
  Made& text(std::string_view more) {
    bytes += more;
    return *this;
  }
  Made& pad() {
    bytes.append((4 - bytes.size() % 4) % 4, '\0');
    return *this;
  }

  // pcap
  Made& pcap(u32 magic = 0xa1b2c3d4, u32 network = 1, u32 snap = 65535, u16 major = 2,
             u16 minor = 4) {
    return n32(magic).n16(major).n16(minor).n32(0).n32(0).n32(snap).n32(network);
  }
  Made& record(u32 seconds, u32 fraction, std::string_view data,
               std::optional<u32> wire = std::nullopt, std::string_view more = {}) {
    const auto size = static_cast<u32>(data.size());
    return n32(seconds).n32(fraction).n32(size).n32(wire.value_or(size)).text(more).text(data);
  }

  // pcapng
  Made& block(u32 type, std::string_view body) {
    const auto length = static_cast<u32>(12 + (body.size() + 3) / 4 * 4);
    return n32(type).n32(length).text(body).pad().n32(length);
  }
  [[nodiscard]] Made part() const { return {big_endian}; }
  Made& shb(u16 major = 1) {
    return block(0x0a0d0d0a, part().n32(0x1a2b3c4d).n16(major).n16(0).n64(~u64{0}).bytes);
  }
  Made& option(u16 code, std::string_view value) {
    return n16(code).n16(static_cast<u16>(value.size())).text(value).pad();
  }
  Made& idb(u16 link_type = 1, u32 snap = 0, std::string_view options = {}) {
    return block(1, part().n16(link_type).n16(0).n32(snap).text(options).bytes);
  }
  Made& epb(u32 interface, u64 time, std::string_view data, std::optional<u32> wire = std::nullopt,
            std::string_view options = {}) {
    const auto size = static_cast<u32>(data.size());
    return block(6, part()
                        .n32(interface)
                        .n32(static_cast<u32>(time >> 32))
                        .n32(static_cast<u32>(time))
                        .n32(size)
                        .n32(wire.value_or(size))
                        .text(data)
                        .pad()
                        .text(options)
                        .bytes);
  }
};

struct Got {
  std::string data;
  u32 wire;
  i64 time;
  u16 interface;
  std::string options;
};

struct Read {
  std::vector<Got> packets;
  std::deque<source::Interface> interfaces;  // their options are gone with the source
  std::string trouble;                       // what open or trouble() said; "" where all was well
  bool opened = false;
};

inline Read drain(source::Source& source) {
  Read read;
  read.opened = true;
  Batch batch;
  u64 number = 0;
  while (source.next(batch)) {
    EXPECT_LE(batch.count, Batch::most);
    EXPECT_EQ(batch.kept, Batch::mask(batch.count));
    for (unsigned i = 0; i < batch.count; ++i) {
      const Packet& packet = batch.packets[i];
      EXPECT_EQ(packet.number, ++number);
      u8 sum = 0;  // AddressSanitizer looks whether the padding may be read
      for (unsigned at = 0; at < padding; ++at) sum ^= packet.data[packet.captured + at];
      EXPECT_EQ(sum, sum);
      read.packets.push_back({
          {packet.data,              packet.data + packet.captured},
          packet.wire,
          packet.time,
          packet.interface,
          {packet.options().begin(), packet.options().end()       }
      });
    }
  }
  EXPECT_EQ(batch.count, 0U);
  read.interfaces = source.interfaces();
  if (source.trouble()) {
    read.trouble = source.trouble()->sentence;
    EXPECT_EQ(source.trouble()->exit, Exit::bad_input);
  }
  return read;
}

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

inline Read read_bytes(std::string_view file, std::size_t window = source::Window::usual) {
  auto opened = source::open_stream(source::stream_of(bytes_of(file)), "it", window);
  if (opened) return drain(**opened);
  EXPECT_EQ(opened.error().exit, Exit::bad_input);
  Read read;
  read.trouble = opened.error().sentence;
  return read;
}

inline void expect_says(const std::string& sentence, std::string_view part) {
  EXPECT_NE(sentence.find(part), std::string::npos) << sentence << "\nlacks: " << part;
}

constexpr i64 second = 1'000'000'000;

}  // namespace trama::tests
