// The other end of a two-way talk: a stream socket (a program's, or a destination's) joined to the
// client. Each direction goes on by itself: what one side does not take is kept, up to a bound,
// while the other is not read; an end of one direction is passed on.
#pragma once
#include <functional>
#include <vector>

#include "base/fd.h"
#include "net/interest.h"
#include "serve/mode.h"

namespace trama::serve {

class FarSide {
 public:
  // `ended`: it says no more (0), or it is lost (errno). Called once; the far side may be gone
  // afterwards. The socket is non-blocking.
  FarSide(net::Loop& loop, Fd socket, Member& me, std::function<void(int error)> ended);
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;
  // RST, unless it got all that the client said, with the client's FIN: nobody is to take a part
  // for the whole.
  ~FarSide();

  void write(Bytes text);      // from the client
  void no_more();              // the client's FIN, after what waits
  void cut() { cut_ = true; }  // the client is lost, whatever it said: RST goes out at the end
  void room();                 // the client took its answers: there is room for more
  [[nodiscard]] bool is_over() const { return over_; }

 private:
  void ready(u32 events);
  void send();
  void read_once();
  void end(int error);
  void want();

  Fd socket_;
  Member& me_;
  std::function<void(int)> ended_;
  net::Interest interest_;
  std::vector<u8> waiting_;  // for the far side; the client is held meanwhile
  std::size_t sent_ = 0;     // of it
  bool deaf_ = false;        // it reads no more: what comes for it is thrown away
  bool no_more_ = false;
  bool cut_ = false;
  bool over_ = false;
};

}  // namespace trama::serve
