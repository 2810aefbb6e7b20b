#include "net/loop.h"

#include <pthread.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/say.h"

namespace trama::net {

namespace {

// The kernel hands back which watch an event belongs to. The descriptor alone does not say it: a
// callback may close one and open another that gets the same number, while events of the closed one
// still wait in the round.
epoll_event event_of(int fd, u32 events, u32 generation) {
  return {.events = events, .data = {.u64 = u64{generation} << 32 | static_cast<u32>(fd)}};
}

}  // namespace

Result<std::unique_ptr<Loop>> Loop::make() {
  Fd epoll{epoll_create1(EPOLL_CLOEXEC)};
  if (!epoll.is_open()) return fail(Exit::no, say("no event loop: {}", errno_text(errno)), errno);
  return std::unique_ptr<Loop>{new Loop{std::move(epoll)}};
}

Loop::~Loop() = default;

Result<void> Loop::watch(int fd, u32 events, Ready ready) {
  epoll_event event = event_of(fd, events, ++generation_);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail(Exit::no, say("cannot watch a descriptor: {}", errno_text(errno)), errno);
  const auto slot = static_cast<std::size_t>(fd);
  if (slot >= watches_.size()) watches_.resize(std::max(slot + 1, watches_.size() * 2));
  watches_[slot] = std::make_unique<Watch>(Watch{std::move(ready), generation_});
  ++watched_;
  return {};
}

void Loop::change(int fd, u32 events) {
  const auto slot = static_cast<std::size_t>(fd);
  if (slot >= watches_.size() || !watches_[slot]) return;
  epoll_event event = event_of(fd, events, watches_[slot]->generation);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
  const auto slot = static_cast<std::size_t>(fd);
  if (slot >= watches_.size() || !watches_[slot]) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  ended_.push_back(
      std::move(watches_[slot]));  // it may be running: it is destroyed after the round
  --watched_;
}

Loop::Timer Loop::after(Clock::duration delay, std::function<void()> call) {
  const Timer id = next_timer_++;
  due_.push({Clock::now() + delay, id});
  calls_.emplace_back(id, std::move(call));
  return id;
}

void Loop::cancel(Timer timer) {
  const auto at = std::lower_bound(calls_.begin(), calls_.end(), timer,
                                   [](const auto& call, Timer id) { return call.first < id; });
  if (at != calls_.end() && at->first == timer) calls_.erase(at);
}

void Loop::fire_timers() {
  if (due_.empty()) return;
  const auto now = Clock::now();
  while (!due_.empty() && due_.top().at <= now) {
    const Timer id = due_.top().id;
    due_.pop();
    const auto at =
        std::lower_bound(calls_.begin(), calls_.end(), id,
                         [](const auto& call, Timer wanted) { return call.first < wanted; });
    if (at == calls_.end() || at->first != id) continue;  // cancelled
    const auto call = std::move(at->second);
    calls_.erase(at);
    call();
  }
}

int Loop::wait_ms(Clock::duration most) const {
  auto wait = most;
  if (!due_.empty()) wait = std::min(wait, due_.top().at - Clock::now());
  if (wait <= Clock::duration::zero()) return 0;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::min<long long>(ms, 60'000));
}

void Loop::run_once(Clock::duration most) {
  std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled
  const int n = epoll_wait(epoll_.get(), events.data(), events.size(), wait_ms(most));
  for (int i = 0; i < n; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    const auto slot = static_cast<std::size_t>(event.data.u64 & 0xffff'ffff);
    Watch* watch = watches_[slot].get();
    if (watch == nullptr || watch->generation != event.data.u64 >> 32)
      continue;  // forgotten in this very round
    watch->ready(event.events);
  }
  ended_.clear();
  fire_timers();
}

void Loop::run() {
  running_ = true;
  while (running_ && (watched_ > (signals_.is_open() ? 1U : 0U) || !calls_.empty()))
    run_once(std::chrono::minutes{1});
}

Result<void> Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> call) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = Fd{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!signals_.is_open())
    return fail(Exit::no, say("no signal descriptor: {}", errno_text(errno)), errno);
  return watch(signals_.get(), EPOLLIN, [this, call = std::move(call)](u32) {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof info) == sizeof info)
      call(static_cast<int>(info.ssi_signo));
  });
}

}  // namespace trama::net
