#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "connect/await.h"
#include "connect/input.h"
#include "connect/judge.h"
#include "connect/udp_talk.h"
#include "net/interest.h"
#include "net/output.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

class Datagrams {
 public:
  Datagrams(const Run& run, const Request& request, const Waiting& waiting, std::vector<Fd> doors)
      : run_(run),
        request_(request),
        waiting_(waiting),
        doors_(std::move(doors)),
        in_(request.input, request.crlf),
        out_(request.output),
        input_(run.loop, request.input, [this](u32) { send_line(); }),
        output_(run.loop, out_.fd(), [this](u32) { write_down(); }) {
    for (const Fd& door : doors_)
      interests_.push_back(std::make_unique<net::Interest>(
          run.loop, door.get(), [this, fd = door.get()](u32) { receive(fd); }));
  }
  Datagrams(const Datagrams&) = delete;
  Datagrams& operator=(const Datagrams&) = delete;
  ~Datagrams() { run_.loop.cancel(idle_); }

  Result<Exit> run() {
    if (request_.idle) arm_idle();
    while (!over_) {
      for (const auto& interest : interests_) interest->want(down_.empty() ? u32{EPOLLIN} : 0U);
      output_.want(down_.empty() ? 0U : u32{EPOLLOUT});
      const bool reads = last_ >= 0 && !input_ended_ && !request_.receive_only;
      input_.want(reads ? u32{EPOLLIN} : 0U);
      run_.loop.run_once(1min);
      if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
    }
    if (lost_ != 0)
      return fail(Exit::lost_output, say("output was lost: {}", errno_text(lost_)), lost_);
    if (request_.ends.input_is_lost(in_.error())) return input_lost(in_.error());
    if (idled_) return fail(Exit::no, say("nothing moved within the time of {}", "-i"), ETIMEDOUT);
    return Exit::yes;
  }

 private:
  using Clock = net::Loop::Clock;

  void receive(int door) {
    if (!down_.empty()) return;
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    down_.resize(space_for_next(door, !request_.path.empty()));
    const ssize_t n = recvfrom(door, down_.data(), down_.size(), MSG_DONTWAIT,
                               reinterpret_cast<sockaddr*>(&from), &size);
    down_.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    down_at_ = 0;
    if (n < 0) return;
    const bool known = last_ >= 0 && size == last_size_ && to_endpoint(from) == to_endpoint(from_);
    if (request_.path.empty() && !known) {
      const auto peer = to_endpoint(from);
      run_.audience.came(Transport::udp, peer, net::local_of(door));
      if (waiting_.allows && !waiting_.allows(peer)) {
        run_.audience.turned_away(peer, false);
        return down_.clear();
      }
    }
    last_ = door;
    from_ = from;
    last_size_ = size;
    moved_ = Clock::now();
    run_.journal.received(down_);
    write_down();
    if (request_.most_reads != 0 && ++reads_ >= request_.most_reads) over_ = true;
  }

  void send_line() {
    constexpr std::size_t most = std::size_t{32} * 1024;  // CR LF may double it
    if (!in_.read_up_to(up_, most)) {
      input_ended_ = true;
      if (request_.ends.input_is_lost(in_.error())) over_ = true;
      return;
    }
    sendto(last_, up_.data(), up_.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&from_),
           last_size_);
    run_.journal.sent(up_);
    moved_ = Clock::now();
  }

  void write_down() {
    while (down_at_ < down_.size()) {
      const auto n = out_.write(Bytes{down_}.subspan(down_at_));
      if (out_.error() != 0) {
        over_ = true;
        lost_ = out_.error() == EPIPE ? 0 : out_.error();
        return;
      }
      if (n == 0) return;
      down_at_ += n;
    }
    down_.clear();
  }

  void arm_idle() {
    const auto left = moved_ + *request_.idle - Clock::now();
    if (left > 0ns) {
      idle_ = run_.loop.after(left, [this] { arm_idle(); });
      return;
    }
    over_ = idled_ = true;
  }

  const Run& run_;
  const Request& request_;
  const Waiting& waiting_;
  std::vector<Fd> doors_;
  std::vector<std::unique_ptr<net::Interest>> interests_;
  Input in_;
  net::Output out_;
  net::Interest input_, output_;
  std::vector<u8> up_, down_;
  std::size_t down_at_ = 0;
  sockaddr_storage from_{};  // who spoke last, at the door last_
  socklen_t last_size_ = 0;
  int last_ = -1;
  u64 reads_ = 0;
  bool input_ended_ = false;
  bool over_ = false;
  bool idled_ = false;
  int lost_ = 0;
  net::Loop::Timer idle_ = 0;
  Clock::time_point moved_ = Clock::now();
};

}  // namespace

Result<Exit> gather_datagrams(const Request& request, const Waiting& waiting, Audience& audience,
                              Journal& journal) {
  return at_open_doors(request, waiting, audience, journal, [&](const Run& run, auto doors) {
    return Datagrams{run, request, waiting, std::move(doors)}.run();
  });
}

}  // namespace trama::connect
