// A capture made by hand: one side after the other says what a test wants. Times are told in
// milliseconds since the capture's first packet.
#pragma once
#include <string>

#include "kit/recording.h"

namespace trama::tests {

class Talk {
 public:
  explicit Talk(const std::string& path) : recording_(path) {}

  // A TCP segment of 10.0.0.1:40000 with 10.0.0.2:`port`, `back` from the server.
  void tcp_segment(u32 ms, bool back, u32 seq, u32 ack, u16 flags, std::string payload = {});
  void datagram(u32 ms, bool back, u16 port, std::string_view payload);
  // The three packets that open; then data counts from 101 (client) and 901 (server).
  void open(u32 ms = 0);
  u16 port = 80;
  u16 client = 40000;
  u16 window = 64240;

 private:
  void write(u32 ms, std::vector<u8> frame);

  Recording recording_;
};

}  // namespace trama::tests
