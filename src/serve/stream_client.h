// One connection of the server: reads, gives what came to its talk, and keeps what the client does
// not take yet. Memory is bounded: before more answers wait than the queue may hold, reading stops
// until the client has taken them all; what others send is left out where the queue is full. The
// connection owns its socket; the server owns the connection and its watch in the loop.
#pragma once
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/fd.h"
#include "serve/allowance.h"
#include "serve/mode.h"
#include "serve/send_queue.h"
#include "serve/tls.h"

namespace trama::serve {

// What happens to a client whose queue has no room for what another client sent.
enum class Slow { drop, disconnect };  // drop: the oldest texts make room

struct Queueing {
  std::size_t limit = std::size_t{1024} * 1024;  // bytes, SendQueue::cost
  Slow slow = Slow::drop;
};

class StreamClient : public Member {
 public:
  static constexpr std::size_t most_read = std::size_t{64} * 1024;  // bytes at once

  enum class State {
    open,
    answered_all,  // the client sent FIN and has every answer: the server may close
    parting,       // the server sent FIN: the client's is to come
    over,          // ended, reset, or lost
  };

  // Others' texts put the client on the list `behind` of those that the server is to flush().
  // `allowance`: what its address may send; nullptr for as much as it likes.
  // `tls`: nullptr for a connection in plain text.
  StreamClient(Fd socket, Client who, const Queueing& queueing, std::vector<StreamClient*>& behind,
               Allowance* allowance, std::unique_ptr<TlsSession> tls)
      : socket_(std::move(socket)),
        allowance_(allowance),
        tls_(std::move(tls)),
        who_(std::move(who)),
        queueing_(queueing),
        behind_(behind) {}
  ~StreamClient() override;

  void join(const Mode& mode, Hall& hall);  // with TLS, when the handshake is done
  [[nodiscard]] bool greeted() const { return !tls_ || tls_->established(); }
  void leave();  // from the talk and the company; again and again without harm

  // Handles one readiness report. `space` is the server's read buffer, shared by all clients: its
  // contents are good during the call only.
  State ready(u32 events, std::span<u8> space, Audience& audience);
  // Sends what waits, after others put something there.
  State flush(Audience& audience);
  // Says no more after what waits: then FIN goes out. What still comes is thrown away.
  void part(Ending why) override;

  // The server ends, and nothing moves: true where its talk comes to an end by itself.
  bool drains() { return talk_ && talk_->drains(); }
  // The client has hung up, and its last bytes are held: nothing is to be waited for.
  [[nodiscard]] bool is_hung() const { return hung_ && held_; }

  // It has used up its allowance: it is not read until resume().
  [[nodiscard]] bool rests() const { return rests_ && reads_else(); }
  [[nodiscard]] std::chrono::nanoseconds rest() const { return allowance_->wait(); }
  void resume() { rests_ = false; }
  // Bytes wait for it of which the socket does not tell: ready() reads them.
  [[nodiscard]] bool has_unread() const {
    return alive() && reads() && tls_ && greeted() && tls_->has_read_more();
  }
  // Nothing waits to be sent to it.
  [[nodiscard]] bool has_all() const { return !writes(); }

  // The epoll events to wait for now: none of them spins while nothing can be done.
  [[nodiscard]] u32 wanted() const;

  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] const Client& who() const override { return who_; }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }
  [[nodiscard]] std::chrono::nanoseconds age() const {
    return std::chrono::steady_clock::now() - since_;
  }
  // Of State::over: an errno, or TlsSession::reason of Ending::tls.
  [[nodiscard]] int error() const {
    return error_ == EPROTO && tls_ ? static_cast<int>(tls_->reason()) : error_;
  }
  [[nodiscard]] Ending ending() const;  // of State::over

  void answer(Bytes text) override;
  void send(const SharedText& text) override;
  void send_file(int file) override;
  [[nodiscard]] bool has_room() const override { return !crowded_; }
  void hold(bool on) override;
  void send_part(Fd file, off_t from, u64 bytes) override;
  void finish() override;
  void cut() override;

 private:
  void begin();
  bool shake_hands();
  void read_once(std::span<u8> space, Audience& audience);
  void write(Audience& audience);
  void write_file();
  void queue_file();
  void file_ends(ssize_t last);
  void come_behind();  // onto the list of those that the server flushes
  [[nodiscard]] bool is_two_way() const { return mode_ != nullptr && mode_->two_way; }
  State state();
  [[nodiscard]] bool alive() const { return error_ == 0 && !too_slow_ && !cut_; }
  [[nodiscard]] bool reads_else() const { return !ended_ && !paused_ && !held_; }
  [[nodiscard]] bool reads() const { return reads_else() && !rests_; }
  [[nodiscard]] bool writes() const { return !queue_.empty() || file_ >= 0; }

  // What each message touches stands together: with many connections, memory is what costs.
  Fd socket_;
  bool is_behind_ = false;  // stands on the list
  bool paused_ = false;     // too much waits: not read until the queue is empty
  bool rests_ = false;      // its allowance is used up
  bool ended_ = false;      // the client sent FIN
  bool shut_ = false;       // FIN went out
  bool gone_ = false;       // its end is closed: of a Unix socket, or in the TLS handshake
  bool too_slow_ = false;
  bool crowded_ = false;     // two-way: answers wait, more are not wanted yet
  bool held_ = false;        // two-way: its talk takes nothing now
  bool hung_ = false;        // it hung up meanwhile
  bool finished_ = false;    // two-way: FIN goes out after what waits
  bool cut_ = false;         // RST goes out
  bool drops_ = false;       // texts were left out since the queue was empty
  bool drops_told_ = false;  // and the audience knows
  int error_ = 0;
  int file_ = -1;                // being sent, once the queue is empty; the server's
  std::optional<Ending> parts_;  // why the server parts from it
  Allowance* allowance_;
  std::unique_ptr<TlsSession> tls_;
  const Mode* mode_ = nullptr;
  std::unique_ptr<Talk> talk_;  // gone once it has ended
  Traffic traffic_;
  SendQueue queue_;

  Client who_;
  const Queueing& queueing_;
  std::vector<StreamClient*>& behind_;
  Hall* hall_ = nullptr;
  u64 dropped_told_ = 0;
  off_t file_at_ = 0;
  u64 file_left_ = 0;  // bytes, of a part
  Fd part_;            // the file of which a part is being sent: file_ is its number then
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace trama::serve
