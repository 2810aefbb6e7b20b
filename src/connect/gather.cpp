#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <list>

#include "base/say.h"
#include "connect/await.h"
#include "connect/input.h"
#include "connect/judge.h"
#include "net/interest.h"
#include "net/output.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t buffer = std::size_t{64} * 1024;

struct Guest {
  Fd socket;
  Endpoint peer;
  std::unique_ptr<Channel> channel;
  std::unique_ptr<net::Interest> interest;
  std::size_t at = 0;  // of what is being sent to all
  bool fin_sent = false;
  bool gone = false;
};

class Gathering {
 public:
  Gathering(const Run& run, const Request& request, const Waiting& waiting, std::vector<Fd> doors)
      : run_(run),
        request_(request),
        waiting_(waiting),
        doors_(std::move(doors)),
        in_(request.input, request.crlf),
        out_(request.output),
        input_(run.loop, request.input, [this](u32) { read_input(); }),
        output_(run.loop, out_.fd(), [this](u32) { write_down(); }) {
    for (const Fd& door : doors_) {
      interests_.push_back(std::make_unique<net::Interest>(
          run.loop, door.get(), [this, fd = door.get()](u32) { accept_from(fd); }));
      interests_.back()->want(EPOLLIN);
    }
  }
  Gathering(const Gathering&) = delete;
  Gathering& operator=(const Gathering&) = delete;
  ~Gathering() {
    run_.loop.cancel(idle_);
    run_.loop.cancel(rest_);
  }

  Result<Exit> run() {
    if (request_.idle) arm_idle();
    while (!over_) {
      guests_.remove_if([](const Guest& guest) { return guest.gone; });
      send_up();
      want();
      if (!over_) run_.loop.run_once(1min);
      if (run_.interrupted) return fail(Exit::interrupted, {}, EINTR);
    }
    if (lost_ != 0)
      return fail(Exit::lost_output, say("output was lost: {}", errno_text(lost_)), lost_);
    if (request_.ends.input_is_lost(in_.error())) return input_lost(in_.error());
    if (idled_) return fail(Exit::no, say("nothing moved within the time of {}", "-i"), ETIMEDOUT);
    return Exit::yes;
  }

 private:
  void want() {
    // Before its handshake is done a guest gets nothing, and keeps nobody waiting.
    for (Guest& guest : guests_)
      if (!guest.channel->established()) guest.at = up_.size();
    const bool sent = std::all_of(guests_.begin(), guests_.end(),
                                  [&](const Guest& guest) { return guest.at == up_.size(); });
    const bool reads = !input_ended_ && !request_.receive_only && sent && !guests_.empty();
    if (sent && input_ended_ && request_.send_only && !guests_.empty()) over_ = true;
    input_.want(reads ? u32{EPOLLIN} : 0U);
    output_.want(down_.empty() ? 0U : u32{EPOLLOUT});
    for (Guest& guest : guests_) {
      if (guest.gone) continue;
      guest.interest->want((down_.empty() ? u32{EPOLLIN} : 0U) |
                           (guest.at < up_.size() || owes_fin(guest) ? u32{EPOLLOUT} : 0U));
    }
  }

  void accept_from(int door) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Guest guest;
    guest.socket =
        Fd{accept4(door, reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!guest.socket.is_open()) return rest_from(errno);
    const int fd = guest.socket.get();
    if (request_.path.empty()) {
      guest.peer = to_endpoint(from);
      run_.audience.came(Transport::tcp, guest.peer, net::local_of(fd));
    } else {
      run_.audience.came_to(request_.path);
    }
    const bool denied = waiting_.allows && request_.path.empty() && !waiting_.allows(guest.peer);
    const bool full = waiting_.most != 0 && guests_.size() >= waiting_.most;
    if (denied || full) return run_.audience.turned_away(guest.peer, full && !denied);
    guest.channel =
        waiting_.tls != nullptr ? waiting_.tls->channel(fd) : std::make_unique<Channel>(fd);
    if (!guest.channel) return;
    guest.at = up_.size();
    Guest& place = guests_.emplace_back(std::move(guest));
    place.interest = std::make_unique<net::Interest>(
        run_.loop, fd, [this, &place](u32 events) { ready(place, events); });
  }

  // Without a free descriptor the doors would report the same guest again and again.
  void rest_from(int error) {
    if (error != EMFILE && error != ENFILE && error != ENOBUFS && error != ENOMEM) return;
    for (const auto& interest : interests_) interest->want(0);
    run_.loop.cancel(rest_);
    rest_ = run_.loop.after(1s, [this] {
      for (const auto& interest : interests_) interest->want(EPOLLIN);
    });
  }

  void ready(Guest& guest, u32 events) {
    if ((events & (EPOLLERR | EPOLLHUP | EPOLLIN)) != 0) receive(guest);
    if ((events & EPOLLOUT) != 0) send_to(guest);
  }

  void receive(Guest& guest) {
    do {
      if (guest.gone || !down_.empty()) return;
      down_.resize(buffer);
      const ssize_t n = guest.channel->read(down_);
      const int error = errno;
      down_.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
      down_at_ = 0;
      if (n > 0) {
        moved_ = Clock::now();
        run_.journal.received(down_);
        if (request_.send_only) down_.clear();
        write_down();
      } else if (n == 0 || (error != EAGAIN && error != EINTR)) {
        return leave(guest);
      } else {
        return;
      }
    } while (guest.channel->has_more());
  }

  void leave(Guest& guest) {
    guest.gone = true;
    guest.at = up_.size();
    guest.interest->want(0);
  }

  void read_input() {
    if (!in_.read_up_to(up_, buffer)) {
      input_ended_ = true;
      if (request_.ends.input_is_lost(in_.error())) over_ = true;
      up_.clear();
    }
    for (Guest& guest : guests_) guest.at = 0;
    if (!up_.empty()) run_.journal.sent(up_);
    send_up();
  }

  void send_up() {
    for (Guest& guest : guests_) send_to(guest);
  }

  void send_to(Guest& guest) {
    if (!guest.channel->established()) return;
    while (!guest.gone && guest.at < up_.size()) {
      const ssize_t n = guest.channel->write(Bytes{up_}.subspan(guest.at));
      if (n >= 0) {
        guest.at += static_cast<std::size_t>(n);
        moved_ = Clock::now();
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        return leave(guest);
      }
    }
    if (owes_fin(guest)) guest.fin_sent = guest.channel->end_sending();
  }

  [[nodiscard]] bool owes_fin(const Guest& guest) const {
    return input_ended_ && request_.ends.half_close && !guest.gone && !guest.fin_sent &&
           guest.channel->established();
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
    down_at_ = 0;
  }

  void arm_idle() {
    const auto left = moved_ + *request_.idle - Clock::now();
    if (left > 0ns) {
      idle_ = run_.loop.after(left, [this] { arm_idle(); });
      return;
    }
    over_ = idled_ = true;
  }

  using Clock = net::Loop::Clock;
  const Run& run_;
  const Request& request_;
  const Waiting& waiting_;
  std::vector<Fd> doors_;
  std::vector<std::unique_ptr<net::Interest>> interests_;
  std::list<Guest> guests_;
  Input in_;
  net::Output out_;
  net::Interest input_, output_;
  std::vector<u8> up_, down_;  // to all guests; from one of them to the output, from down_at_ on
  std::size_t down_at_ = 0;
  bool input_ended_ = false;
  bool over_ = false;
  bool idled_ = false;
  int lost_ = 0;
  net::Loop::Timer idle_ = 0, rest_ = 0;
  Clock::time_point moved_ = Clock::now();
};

}  // namespace

Result<Exit> gather(const Request& request, const Waiting& waiting, Audience& audience,
                    Journal& journal) {
  return at_open_doors(request, waiting, audience, journal, [&](const Run& run, auto doors) {
    return Gathering{run, request, waiting, std::move(doors)}.run();
  });
}

}  // namespace trama::connect
