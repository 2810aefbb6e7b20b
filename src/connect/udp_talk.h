// The exchange over a connected UDP socket, or a Unix socket of datagrams: each read of standard
// input is one datagram, each datagram's bytes go to standard output. UDP proves nothing by itself,
// so the report says what was seen: an answer, an ICMP message (IP_RECVERR, ip(7)), or silence. No
// byte is sent that was not typed.
#pragma once
#include <vector>

#include "connect/input.h"
#include "connect/run.h"
#include "net/interest.h"
#include "net/output.h"

namespace trama::connect {

// How many bytes the next datagram may have: UDP's most, or the size of the one that waits at a
// Unix socket, which may be larger (64 MiB at most).
[[nodiscard]] std::size_t space_for_next(int socket, bool unix_socket);

class UdpTalk {
 public:
  // The socket stays the caller's.
  UdpTalk(const Run& run, int socket, const Request& request);
  UdpTalk(const UdpTalk&) = delete;
  UdpTalk& operator=(const UdpTalk&) = delete;
  ~UdpTalk() { loop_.cancel(silence_); }

  Report run();

 private:
  using Clock = net::Loop::Clock;

  void read_input();
  void send_up();
  void socket_ready(u32 events);
  void hear_early();
  void receive();
  void heard();
  void read_error_queue();
  void socket_error(int number);
  void write_down();
  void wait_for_what_is_left();
  void arm_silence();
  void end(Ending ending, int error = 0);

  net::Loop& loop_;
  const Run& run_;
  int socket_;
  const Request& request_;
  Input in_;
  net::Output out_;
  Fd input_again_;  // where input and output are one descriptor: the loop knows each only once
  net::Interest input_, output_, peer_;
  std::vector<u8> up_, down_;
  std::size_t down_at_ = 0;
  std::size_t early_ = 0;  // so many of the request's are heard
  bool up_waits_ = false;  // up_ is a datagram that the kernel has no room for yet
  bool input_ended_;
  bool over_ = false;
  net::Loop::Timer silence_ = 0;
  Clock::time_point moved_ = Clock::now();
  Report report_;
};

}  // namespace trama::connect
