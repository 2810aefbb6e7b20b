#include "kit/talk.h"

#include "packet/flow/segment.h"

namespace trama::tests {

using flow::TcpFlag;

void Talk::write(u32 ms, std::vector<u8> frame) {
  recording_.add(std::move(frame), static_cast<i64>(ms) * 1'000'000);
}

void Talk::tcp_segment(u32 ms, bool back, u32 seq, u32 ack, u16 flags, std::string payload) {
  TcpParts parts{.from = client, .to = port, .seq = seq, .ack = ack, .flags = flags};
  parts.window = window;
  parts.payload = std::move(payload);
  if (back) std::swap(parts.from, parts.to);
  write(ms, ethernet(0x0800, ipv4(6, tcp(parts), back), back));
}

void Talk::datagram(u32 ms, bool back, u16 to, std::string_view payload) {
  const auto frame = back ? udp(to, client, payload) : udp(client, to, payload);
  write(ms, ethernet(0x0800, ipv4(17, frame, back), back));
}

void Talk::open(u32 ms) {
  tcp_segment(ms, false, 100, 0, TcpFlag::syn);
  tcp_segment(ms + 10, true, 900, 101, TcpFlag::syn | TcpFlag::ack);
  tcp_segment(ms + 11, false, 101, 901, TcpFlag::ack);
}

}  // namespace trama::tests
