// Writes a capture of many TCP connections to standard output, for what the flow table costs:
//   many_flows FLOWS ROUNDS BYTES [WINDOW]
// FLOWS connections send ROUNDS segments of BYTES each in turn, after the handshake's three. WINDOW
// of them (all, if not given) are under way at once: then the next ones follow, so that any length
// can be read from a pipe.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;

void put16(u8* at, u32 value) {
  at[0] = static_cast<u8>(value >> 8);
  at[1] = static_cast<u8>(value);
}
void put32(u8* at, u32 value) {
  put16(at, value >> 16);
  put16(at + 2, value);
}

class Capture {
 public:
  explicit Capture(u32 bytes) : frame_(16 + 54 + bytes) {
    const std::array<u32, 6> header{0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1};
    std::fwrite(header.data(), sizeof header, 1, stdout);
    u8* ethernet = frame_.data() + 16;
    put16(ethernet + 12, 0x0800);
    u8* ip = ethernet + 14;
    ip[0] = 0x45;
    ip[8] = 64;
    ip[9] = 6;
    ip[20 + 12] = 0x50;
  }
  void packet(u32 flow, bool back, u32 seq, u32 ack, u8 flags, u32 bytes) {
    const u32 size = 54 + bytes;
    const std::array<u32, 4> record{static_cast<u32>(count_ / 1'000'000),
                                    static_cast<u32>(count_ % 1'000'000), size, size};
    ++count_;
    std::memcpy(frame_.data(), record.data(), sizeof record);
    u8* ip = frame_.data() + 16 + 14;
    put16(ip + 2, size - 14);
    const u32 client = 0x0a000000U + flow / 20000;
    const u32 port = 10000 + flow % 20000;
    put32(ip + 12, back ? 0xc0000201U : client);
    put32(ip + 16, back ? client : 0xc0000201U);
    u8* tcp = ip + 20;
    put16(tcp, back ? 443 : port);
    put16(tcp + 2, back ? port : 443);
    put32(tcp + 4, seq);
    put32(tcp + 8, ack);
    tcp[13] = flags;
    put16(tcp + 14, 65000);
    std::fwrite(frame_.data(), 16 + size, 1, stdout);
  }

 private:
  std::vector<u8> frame_;
  std::uint64_t count_ = 0;
};

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  const auto number = [&](int at) {
    return static_cast<u32>(std::strtoul(words[at], nullptr, 10));
  };
  const u32 flows = number(1);
  const u32 rounds = number(2);
  const u32 bytes = number(3);
  const u32 window = count > 4 ? number(4) : flows;
  Capture capture{bytes};
  std::mt19937 random{1};  // NOLINT: the same file each time
  for (u32 first = 0; first < flows; first += window) {
    std::vector<u32> order(std::min(window, flows - first));
    for (u32 i = 0; i < order.size(); ++i) order[i] = first + i;
    std::shuffle(order.begin(), order.end(), random);
    for (const u32 flow : order) capture.packet(flow, false, 100, 0, 2, 0);
    for (const u32 flow : order) capture.packet(flow, true, 900, 101, 0x12, 0);
    for (const u32 flow : order) capture.packet(flow, false, 101, 901, 0x10, 0);
    for (u32 round = 0; round < rounds; ++round)
      for (const u32 flow : order)
        capture.packet(flow, false, 101 + round * bytes, 901, 0x18, bytes);
  }
}
