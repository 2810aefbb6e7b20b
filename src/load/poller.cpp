#include "load/poller.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>

#include "base/say.h"

namespace trama::load {
namespace {

constexpr u64 signal_word = ~u64{0};
constexpr i64 second = 1'000'000'000;

}  // namespace

Result<Poller> Poller::make() {
  Fd epoll{epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll.is_open()) return fail(Exit::no, say("no event loop: {}", errno_text(errno)), errno);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd signals{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);  // 50 us otherwise
  Poller poller{std::move(epoll), std::move(signals)};
  if (const int error = poller.add(poller.signals_.get(), EPOLLIN, signal_word); error != 0)
    return fail(Exit::no, say("no signal descriptor: {}", errno_text(error)), error);
  return poller;
}

int Poller::add(int fd, u32 events, u64 word) {
  epoll_event event{.events = events, .data = {.u64 = word}};
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

void Poller::change(int fd, u32 events, u64 word) {
  epoll_event event{.events = events, .data = {.u64 = word}};
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Poller::forget(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::span<const epoll_event> Poller::wait(i64 most) {
  most = std::clamp<i64>(most, 0, second);
  const timespec time{.tv_sec = most / second, .tv_nsec = most % second};
  const auto room = static_cast<int>(events_.size());
  int n = epoll_pwait2(epoll_.get(), events_.data(), room, &time, nullptr);
  if (n < 0 && errno == ENOSYS)  // before Linux 5.11
    n = epoll_wait(epoll_.get(), events_.data(), room,
                   static_cast<int>((most + 999'999) / 1'000'000));
  auto ready = std::span{events_}.first(static_cast<std::size_t>(std::max(n, 0)));
  // Ctrl-C ends all: what else is ready does not matter any more.
  interrupted_ = interrupted_ || std::any_of(ready.begin(), ready.end(), [](const auto& event) {
                   return event.data.u64 == signal_word;
                 });
  return interrupted_ ? ready.first(0) : ready;
}

}  // namespace trama::load
