#include "lab/wire.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace trama::lab {
namespace {

constexpr std::size_t longest_frame = std::size_t{128} * 1024;  // more than any veth hands over
constexpr unsigned most_at_once = 64;  // then the other descriptors have their turn

i64 nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

i64 now_ns() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

i64 arrival_in(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(c), sizeof time);
    return nanoseconds(time);
  }
  return now_ns();
}

}  // namespace

Wire::Wire(net::Loop& loop, Fd client_side, Fd server_side, const WireRules& rules,
           WireWatcher& watcher)
    : loop_(loop),
      sides_{std::move(client_side), std::move(server_side)},
      rules_(rules),
      watcher_(watcher),
      luck_{std::mt19937_64{rules.seed}, std::mt19937_64{~rules.seed}},
      buffer_(longest_frame) {}

Wire::~Wire() {
  loop_.cancel(timer_);
  if (open_)
    for (const Fd& side : sides_) loop_.forget(side.get());
}

Result<void> Wire::open() {
  for (const Host host : {Host::client, Host::server})
    if (const auto watched = loop_.watch(sides_[static_cast<u8>(host)].get(), EPOLLIN,
                                         [this, host](u32) { take(host); });
        !watched)
      return fail(watched);
  open_ = true;
  return {};
}

void Wire::take(Host from) {
  const int fd = sides_[static_cast<u8>(from)].get();
  for (unsigned taken = 0; taken < most_at_once; ++taken) {
    iovec part{buffer_.data(), buffer_.size()};
    sockaddr_ll where{};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
    msghdr message{};
    message.msg_name = &where;
    message.msg_namelen = sizeof where;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t n = recvmsg(fd, &message, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // EAGAIN; ENETDOWN is told once and passes
    if (where.sll_pkttype == PACKET_OUTGOING) continue;
    Frame frame;
    frame.from = from;
    frame.bytes.assign(buffer_.data(), buffer_.data() + n);
    frame.caught_ns = arrival_in(message);
    catch_frame(std::move(frame));
  }
}

void Wire::catch_frame(Frame frame) {
  frame.id = next_id_++;
  ++counts_[static_cast<u8>(Fate::waiting)];
  watcher_.on_caught(frame);
  // 53 bits, as a double has; std's distributions may differ from library to library.
  const double luck = static_cast<double>(luck_[static_cast<u8>(frame.from)]() >> 11) * 0x1p-53;
  OnItsWay passing{std::move(frame), luck < rules_.loss};
  if (waiting_.size() >= rules_.most_frames ||
      bytes_ + passing.frame.bytes.size() > rules_.most_bytes)
    return end(passing.frame, Fate::crowded_out);
  if (!rules_.step && rules_.delay == Clock::duration::zero() && waiting_.empty())
    return deliver(std::move(passing));
  // Due from when it left its sender, not from when this loop came to see it.
  const auto age = std::chrono::nanoseconds{now_ns() - passing.frame.caught_ns};
  const bool sane = age >= Clock::duration::zero() && age < std::chrono::seconds{1};
  const Slot slot{Clock::now() + rules_.delay - (sane ? age : Clock::duration::zero()),
                  passing.frame.id};
  bytes_ += passing.frame.bytes.size();
  waiting_.emplace(slot, std::move(passing));
  if (!rules_.step) arm();
}

void Wire::arm() {
  if (waiting_.empty()) return;
  const auto due = waiting_.begin()->first.due;
  if (timer_ != 0 && armed_for_ <= due) return;
  loop_.cancel(timer_);
  armed_for_ = due;
  timer_ = loop_.after(due - Clock::now(), [this] {
    timer_ = 0;
    deliver_due();
  });
}

void Wire::deliver_due() {
  for (unsigned passed = 0;
       passed < most_at_once && !waiting_.empty() && waiting_.begin()->first.due <= Clock::now();
       ++passed)
    pass_next();
  arm();
}

bool Wire::pass_next() {
  if (waiting_.empty()) return false;
  OnItsWay passing = std::move(waiting_.extract(waiting_.begin()).mapped());
  bytes_ -= passing.frame.bytes.size();
  deliver(std::move(passing));
  return true;
}

void Wire::pass_freely() {
  rules_.step = false;
  arm();
}

void Wire::deliver(OnItsWay passing) {
  Frame& frame = passing.frame;
  if (passing.doomed) return end(frame, Fate::lost);
  watcher_.before_delivery(frame);
  const int fd = sides_[static_cast<u8>(other(frame.from))].get();
  frame.delivered_ns = now_ns();
  ssize_t n = 0;
  do n = send(fd, frame.bytes.data(), frame.bytes.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n < 0) frame.delivered_ns = 0;
  end(frame, n < 0 ? Fate::refused : Fate::delivered);
}

void Wire::end(Frame& frame, Fate fate) {
  frame.fate = fate;
  ++counts_[static_cast<u8>(fate)];
  watcher_.on_fate(frame);
}

u64 Wire::overrun() {
  for (const Fd& side : sides_) {  // reading resets the kernel's count
    tpacket_stats stats{};
    socklen_t length = sizeof stats;
    if (getsockopt(side.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &length) == 0)
      overrun_ += stats.tp_drops;
  }
  return overrun_;
}

}  // namespace trama::lab
