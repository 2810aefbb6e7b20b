#include "kit/frames.h"

namespace trama::tests {
namespace {

void put(std::vector<u8>& out, u64 value, unsigned count) {
  while (count > 0) out.push_back(static_cast<u8>(value >> (8 * --count)));
}

void append(std::vector<u8>& out, const std::vector<u8>& more) {
  out.insert(out.end(), more.begin(), more.end());
}

}  // namespace

std::vector<u8> ethernet(u16 type, const std::vector<u8>& payload, bool back) {
  std::vector<u8> out;
  put(out, back ? 0x020000000001 : 0x020000000002, 6);
  put(out, back ? 0x020000000002 : 0x020000000001, 6);
  put(out, type, 2);
  append(out, payload);
  return out;
}

std::vector<u8> ipv4(u8 protocol, const std::vector<u8>& payload, bool back) {
  std::vector<u8> out;
  put(out, 0x4500, 2);
  put(out, 20 + payload.size(), 2);
  put(out, 0x00004000, 4);
  put(out, 64, 1);
  put(out, protocol, 1);
  put(out, 0, 2);
  put(out, back ? 0x0a000002 : 0x0a000001, 4);
  put(out, back ? 0x0a000001 : 0x0a000002, 4);
  append(out, payload);
  return out;
}

std::vector<u8> ipv6(u8 next, const std::vector<u8>& payload, bool back) {
  std::vector<u8> out;
  put(out, 0x60000000, 4);
  put(out, payload.size(), 2);
  put(out, next, 1);
  put(out, 64, 1);
  for (const int last : {back ? 2 : 1, back ? 1 : 2}) {
    put(out, 0xfd00'0000'0000'0000, 8);
    put(out, static_cast<u64>(last), 8);
  }
  append(out, payload);
  return out;
}

std::vector<u8> tcp(const TcpParts& parts) {
  std::vector<u8> out;
  put(out, parts.from, 2);
  put(out, parts.to, 2);
  put(out, parts.seq, 4);
  put(out, parts.ack, 4);
  put(out, (20 + parts.options.size()) / 4 << 12 | parts.flags, 2);
  put(out, parts.window, 2);
  put(out, 0, 4);
  append(out, parts.options);
  out.insert(out.end(), parts.payload.begin(), parts.payload.end());
  return out;
}

std::vector<u8> udp(u16 from, u16 to, std::string_view payload) {
  std::vector<u8> out;
  put(out, from, 2);
  put(out, to, 2);
  put(out, 8 + payload.size(), 2);
  put(out, 0, 2);
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

std::vector<u8> icmp_error(u8 type, u8 code, const std::vector<u8>& quoted) {
  std::vector<u8> out{type, code};
  put(out, 0, 6);
  append(out, quoted);
  return out;
}

Kept::Kept(std::vector<u8> bytes, u64 number, i64 time) : bytes_(std::move(bytes)) {
  packet_.captured = packet_.wire = static_cast<u32>(bytes_.size());
  bytes_.resize(bytes_.size() + padding);
  packet_.data = bytes_.data();
  packet_.number = number;
  packet_.time = time;
}

}  // namespace trama::tests
