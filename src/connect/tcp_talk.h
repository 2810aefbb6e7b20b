// The conversation over a connected socket of TCP, or a Unix stream: standard input to the peer,
// the peer to standard output, with back-pressure both ways and one bounded buffer a direction.
// Each side's FIN ends its own direction only: the talk ends when both have closed. A person at a
// terminal is not asked for more once the peer has closed.
#pragma once
#include <vector>

#include "connect/channel.h"
#include "connect/drain.h"
#include "connect/input.h"
#include "connect/run.h"
#include "connect/shortcut.h"
#include "net/interest.h"
#include "net/output.h"

namespace trama::connect {

class TcpTalk {
 public:
  // The channel stays the caller's.
  TcpTalk(const Run& run, Channel& channel, const Request& request);

  TcpTalk(const TcpTalk&) = delete;
  TcpTalk& operator=(const TcpTalk&) = delete;
  ~TcpTalk();

  Report run();

 private:
  using Clock = net::Loop::Clock;

  void read_input();
  void move_input();
  void end_input();
  void finish_sending();
  void send_up();
  void socket_ready(u32 events);
  void receive();
  void write_down();
  bool drain_down();
  [[nodiscard]] bool fetch_down();
  void wait_for_what_is_left();
  void arm_idle();
  void arm_quit();
  void rest();
  void answer_telnet();
  void output_gone(int error);
  void end(Ending ending, int error = 0);
  void end_where_done();
  [[nodiscard]] bool input_wanted() const;
  [[nodiscard]] bool only_farewell_refused() const;
  [[nodiscard]] bool has_to_write() const { return !down_.empty() || drain_.waiting() > 0; }
  [[nodiscard]] bool has_to_send() const { return !up_.empty() || up_waits_ || fin_waits_; }
  [[nodiscard]] std::optional<std::chrono::nanoseconds> limit() const;

  net::Loop& loop_;
  const Run& run_;
  Channel& channel_;
  const Request& request_;
  Input in_;
  net::Output out_;
  Fd input_again_;  // where input and output are one descriptor: the loop knows each only once
  net::Interest input_, output_, peer_;

  // A buffer, and what of it is still to go.
  struct Piece {
    std::vector<u8> space;
    std::size_t at = 0, end = 0;
    [[nodiscard]] bool empty() const { return at == end; }
    [[nodiscard]] Bytes left() const { return Bytes{space}.subspan(at, end - at); }
    void hold(std::size_t bytes) {
      at = 0;
      end = bytes;
    }
  };
  Piece up_, down_;  // not sent yet, not written yet
  Shortcut shortcut_;
  Drain drain_;
  bool up_waits_ = false;  // the shortcut: the socket takes nothing now
  // A person types, or the input is for the next connection too: nothing more is read for this one
  // once the peer has closed.
  const bool leaves_with_peer_;
  bool input_ended_ = false;
  bool fin_sent_ = false;
  bool fin_waits_ = false;  // it is the next to be sent: for room, or for the end of a handshake
  bool last_word_ = false;  // a farewell behind the peer's: that it is refused means nothing
  bool peer_ended_ = false;
  bool broken_ = false;  // the kernel reported an error or a hang-up: sending waits no more
  int send_error_ = 0;
  int receive_error_ = 0;
  bool over_ = false;
  bool rests_ = false;        // Request::pace: the next line waits
  bool enough_ = false;       // Request::most_reads
  bool output_told_ = false;  // the program knows that the peer has ended
  u64 reads_ = 0;
  net::Loop::Timer idle_ = 0, quit_ = 0, rest_ = 0;
  Clock::time_point moved_ = Clock::now();  // when bytes last moved
  Report report_;
};

}  // namespace trama::connect
