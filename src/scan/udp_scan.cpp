#include "scan/udp_scan.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/fd.h"
#include "base/say.h"
#include "scan/error_queue.h"
#include "scan/ports.h"

namespace trama::scan {
namespace {

constexpr unsigned most_refusals = 64;   // pending errors in the way of one send
constexpr int receive_buffer = 4 << 20;  // errors beyond the socket's buffer would be dropped

class Scan {
 public:
  Scan(const ScanTarget& target, std::span<const u16> ports, const Pace& pace, bool shuffled,
       std::string_view payload, int fd, Control& control)
      : target_(target),
        payload_(payload),
        fd_(fd),
        control_(control),
        schedule_(ports, pace, shuffled) {
    verdicts_.reserve(ports.size());
  }

  Result<std::vector<Verdict>> run() {
    if (auto watched = control_.loop.watch(fd_, EPOLLIN, [this](u32) { receive(); }); !watched)
      return fail(watched);
    std::vector<Schedule::Expired> expired;
    while (schedule_.left() > 0 && !control_.is_over()) {
      unsigned sent = 0;
      bool blocked = false;
      while (const auto slot = schedule_.next(Clock::now())) {
        if (!probe(*slot)) {
          schedule_.give_back(*slot);
          blocked = true;
          break;
        }
        if (target_.local) take_errors(1);  // they are there by now; the queue must not overflow
        if (++sent == 64) break;
      }
      if (schedule_.left() == 0) break;
      using namespace std::chrono_literals;
      control_.pause(sent == 64 ? 0ms : blocked ? 1ms : schedule_.until_due(Clock::now()));
      receive();
      expired.clear();
      schedule_.expire(Clock::now(), expired);
      for (const auto& [slot, final] : expired)
        if (final) give_up(slot);
    }
    control_.loop.forget(fd_);
    return std::move(verdicts_);
  }

 private:
  // Sends the datagram. False where the buffers are full just now.
  bool probe(std::size_t slot) {
    Endpoint at = target_.at;
    at.port = schedule_.slot(slot).port;
    const auto name = to_sockaddr(at);
    for (unsigned refused = 0;;) {
      if (sendto(fd_, payload_.data(), payload_.size(), 0, reinterpret_cast<const sockaddr*>(&name),
                 size_of(name)) >= 0)
        return true;
      const int error = errno;
      if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) return false;
      // An error that an earlier probe caused makes this send fail, once each: take it, go on.
      if ((take_errors(most_refusals) > 0 || error == ECONNREFUSED) && ++refused < most_refusals)
        continue;
      if (schedule_.slot(slot).done) return true;
      Verdict verdict = begun(slot);
      verdict.state = PortState::filtered;
      verdict.proof = Proof::local_error;
      verdict.error = error;
      settle(slot, verdict);
      return true;
    }
  }

  void receive() {
    take_errors(~0U);
    std::array<char, 65536> bytes;
    for (;;) {
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const ssize_t n = recvfrom(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT,
                                 reinterpret_cast<sockaddr*>(&from), &size);
      if (n < 0 && errno == EAGAIN) return;
      if (n < 0 && take_errors(~0U) == 0) return;  // else a pending error was in the way
      if (n >= 0) answer(to_endpoint(from), static_cast<u32>(n));
    }
  }

  void answer(const Endpoint& from, u32 bytes) {
    const auto slot = schedule_.slot_of(from.port);
    if (from.address != target_.at.address || !slot || schedule_.slot(*slot).done ||
        schedule_.slot(*slot).tries == 0)
      return;
    Verdict verdict = begun(*slot);
    verdict.state = PortState::open;
    verdict.proof = Proof::answer;
    verdict.bytes = bytes;
    settle(*slot, verdict);
  }

  // Takes at most so many errors off the queue; returns how many there were.
  unsigned take_errors(unsigned most) {
    unsigned taken = 0;
    while (taken < most) {
      const auto queued = take_error(fd_);
      if (!queued) break;
      ++taken;
      const auto slot = schedule_.slot_of(queued->sent_to.port);
      if (queued->sent_to.address != target_.at.address || !slot || schedule_.slot(*slot).done)
        continue;
      Verdict verdict = begun(*slot);
      if (queued->icmp) {
        verdict.proof = Proof::icmp;
        verdict.icmp = *queued->icmp;
        verdict.state = state_of(*queued->icmp, target_.at.address);
      } else {
        verdict.proof = Proof::local_error;
        verdict.error = queued->error;
      }
      settle(*slot, verdict);
    }
    return taken;
  }

  [[nodiscard]] Verdict begun(std::size_t slot) const {
    Verdict verdict;
    verdict.transport = host::Transport::udp;
    verdict.port = schedule_.slot(slot).port;
    verdict.probes = schedule_.slot(slot).tries;
    verdict.took = Clock::now() - schedule_.slot(slot).last;
    return verdict;
  }

  void settle(std::size_t slot, const Verdict& verdict) {
    schedule_.answered(slot, Clock::now());
    control_.count(verdict);
    verdicts_.push_back(verdict);
  }

  void give_up(std::size_t slot) {
    Verdict verdict = begun(slot);
    verdict.state = PortState::open_or_filtered;
    verdict.took = Clock::now() - schedule_.slot(slot).first;
    control_.count(verdict);
    verdicts_.push_back(verdict);
  }

  ScanTarget target_;
  std::string_view payload_;
  int fd_;
  Control& control_;
  Schedule schedule_;
  std::vector<Verdict> verdicts_;
};

Fd open_socket(bool v6) {
  Fd fd{socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd.is_open()) return fd;
  keep_errors(fd.get(), v6);
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const auto any = to_sockaddr({Address{.v6 = v6}});
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&any), size_of(any)) != 0) return Fd{};
  return fd;
}

u16 port_of(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
  return to_endpoint(name).port;
}

// One pass over the ports, of which each is probed at least once.
Result<std::vector<Verdict>> pass(const ScanTarget& target, std::vector<u16> left, const Pace& pace,
                                  bool shuffled, std::string_view payload, Control& control) {
  std::vector<Verdict> all;
  while (!left.empty() && !control.is_over()) {
    const Fd fd = open_socket(target.at.address.v6);
    if (!fd.is_open())
      return fail(Exit::no, say("cannot open a socket to probe with: {}", errno_text(errno)),
                  errno);
    // A probe of the scan's own port would answer itself: that port is left to the next socket.
    std::vector<u16> own;
    if (const u16 port = port_of(fd.get()); target.local && std::erase(left, port) > 0)
      own.push_back(port);
    auto some = Scan{target, left, pace, shuffled, payload, fd.get(), control}.run();
    if (!some) return some;
    all.insert(all.end(), some->begin(), some->end());
    left = std::move(own);
  }
  return all;
}

// Linux answers a peer with one ICMP error a second, after a burst of six (icmp(7)): behind such a
// limiter closed ports look silent. They are asked again at that rate, those with a name first.
constexpr auto limiter_gap = std::chrono::milliseconds{1050};
constexpr std::size_t most_asked_again = 300;  // five minutes
constexpr std::size_t enough_silence = 6;      // slow probes without one answer: no limiter

Result<void> ask_again(const ScanTarget& target, std::string_view payload, UdpAnswers& answers,
                       Control& control) {
  std::vector<std::size_t> silent;
  for (std::size_t i = 0; i < answers.verdicts.size(); ++i)
    if (answers.verdicts[i].proof == Proof::silence) silent.push_back(i);
  std::stable_partition(silent.begin(), silent.end(), [&](std::size_t i) {
    return service_name(host::Transport::udp, answers.verdicts[i].port) != "unknown";
  });
  const std::size_t asked = std::min(silent.size(), most_asked_again);
  // The earlier verdicts were counted as done; these will be counted again.
  control.done -= asked;
  Pace pace;
  pace.retries = 0;
  pace.first_timeout = pace.most_timeout = pace.least_timeout = limiter_gap;
  pace.window = pace.start_window = 1;
  std::size_t at = 0;
  std::size_t answered = 0;
  for (; at < asked && !control.is_over(); ++at) {
    if (answered == 0 && at == enough_silence) break;
    const auto next = Clock::now() + limiter_gap;
    while (Clock::now() < next && !control.is_over()) control.pause(next - Clock::now());
    Verdict& verdict = answers.verdicts[silent[at]];
    const auto again = pass(target, {verdict.port}, pace, false, payload, control);
    if (!again) return fail(again);
    if (again->empty()) break;
    const Verdict& newer = again->front();
    if (newer.proof == Proof::silence) {
      verdict.probes += newer.probes;
      verdict.took += newer.took;
    } else {
      verdict = newer;
      ++answered;
    }
  }
  control.done += asked - at;
  answers.held_back = answered > 0 && at < silent.size();
  return {};
}

}  // namespace

Result<UdpAnswers> udp_scan(const ScanTarget& target, std::span<const u16> ports, const Pace& pace,
                            bool shuffled, std::string_view payload, Control& control) {
  auto verdicts = pass(target, {ports.begin(), ports.end()}, pace, shuffled, payload, control);
  if (!verdicts) return fail(verdicts);
  UdpAnswers answers{std::move(*verdicts)};
  const auto some = [&](auto&& holds) {
    return std::any_of(answers.verdicts.begin(), answers.verdicts.end(), holds);
  };
  const bool closed = some([](const Verdict& v) { return v.state == PortState::closed; });
  const bool silent = some([](const Verdict& v) { return v.proof == Proof::silence; });
  if (!target.local && closed && silent) {
    answers.held_back = true;
    if (pace.patient)
      if (auto asked = ask_again(target, payload, answers, control); !asked) return fail(asked);
  }
  return answers;
}

}  // namespace trama::scan
