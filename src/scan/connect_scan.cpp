#include "scan/connect_scan.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/fd.h"
#include "base/say.h"
#include "scan/error_queue.h"

namespace trama::scan {
namespace {

constexpr unsigned spare_descriptors = 32;  // for the loop, the tables, the terminal
constexpr unsigned most_give_backs = 1000;  // with nothing in flight: the shortage is not ours

unsigned descriptor_budget() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto most = std::min<rlim_t>(limit.rlim_cur, 65536);
  return static_cast<unsigned>(most > rlim_t{2} * spare_descriptors
                                   ? most - spare_descriptors
                                   : std::max<rlim_t>(most / 2, 1));
}

class Scan {
 public:
  Scan(const ScanTarget& target, std::span<const u16> ports, const Pace& pace, bool shuffled,
       Control& control)
      : target_(target),
        control_(control),
        schedule_(ports, pace, shuffled),
        tries_(ports.size()),
        resent_(ports.size()) {
    schedule_.narrow(descriptor_budget());
    verdicts_.reserve(ports.size());
  }

  Result<std::vector<Verdict>> run() {
    std::vector<Schedule::Expired> expired;
    unsigned since_pause = 0;
    while (schedule_.left() > 0 && !control_.is_over()) {
      auto now = Clock::now();
      while (const auto slot = schedule_.next(now)) {
        if (!probe(*slot)) {
          schedule_.give_back(*slot);
          if (schedule_.in_flight() == 0 && ++give_backs_ > most_give_backs)
            return fail(Exit::no, say("cannot open a socket to probe with: {}", errno_text(errno)),
                        errno);
          break;
        }
        if (++since_pause == 64) break;  // a look at answers, signals and progress
        now = Clock::now();
      }
      if (schedule_.left() == 0) break;
      const bool hurry = since_pause == 64;
      since_pause = 0;
      control_.pause(hurry ? Clock::duration::zero() : schedule_.until_due(Clock::now()));
      expired.clear();
      schedule_.expire(Clock::now(), expired);
      for (const auto& [slot, final] : expired) give_up(slot, final);
    }
    for (const Fd& fd : tries_)
      if (fd.is_open()) control_.loop.forget(fd.get());
    return std::move(verdicts_);
  }

 private:
  Fd open_socket() {
    if (refused_.is_open()) return std::move(refused_);
    const bool v6 = target_.at.address.v6;
    Fd fd{socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (fd.is_open()) keep_errors(fd.get(), v6);
    return fd;
  }

  // Starts a connection. False where this machine has no means for it just now.
  bool probe(std::size_t slot) {
    const u16 port = schedule_.slot(slot).port;
    Fd fd = open_socket();
    if (!fd.is_open()) {
      if (errno == EMFILE || errno == ENFILE) schedule_.narrow(schedule_.in_flight());
      return false;
    }
    Endpoint at = target_.at;
    at.port = port;
    const auto name = to_sockaddr(at);
    const auto try_once = [&] {
      return connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), size_of(name)) == 0
                 ? 0
                 : errno;
    };
    int error = try_once();
    // This machine's own kernel has answered by now: asking again tells, without a wait.
    if (error == EINPROGRESS && target_.local) error = try_once();
    if (error == EINPROGRESS || error == EALREADY) return watch(slot, std::move(fd));
    if (error == EAGAIN || error == EADDRNOTAVAIL || error == ENOBUFS || error == ENOMEM) {
      errno = error;
      return false;
    }
    settle(slot, fd, error == EISCONN ? 0 : error);
    // connect() has put a refused socket back as it was: the next probe may have it, which saves
    // 40 % of the CPU for 65,535 ports.
    if (error == ECONNREFUSED) refused_ = std::move(fd);
    return true;
  }

  bool watch(std::size_t slot, Fd fd) {
    const auto watched =
        control_.loop.watch(fd.get(), EPOLLOUT, [this, slot](u32) { ready(slot); });
    if (!watched) return false;
    tries_[slot] = std::move(fd);
    return true;
  }

  void ready(std::size_t slot) {
    Fd fd = std::move(tries_[slot]);
    control_.loop.forget(fd.get());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    int error = 0;
    if (getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
      // Taking the error off the queue clears SO_ERROR, so that is read first.
      socklen_t length = sizeof error;
      getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
      if (error == 0) error = EHOSTUNREACH;
    }
    settle(slot, fd, error);
  }

  void settle(std::size_t slot, Fd& fd, int error) {
    if (error == 0 && is_connected_to_itself(fd)) {  // two of our own ends met: nobody listens
      fd.close();
      schedule_.give_back(slot);
      return;
    }
    const auto now = Clock::now();
    Verdict verdict = begun(slot);
    verdict.took = now - schedule_.slot(slot).last;
    if (error == 0) {
      verdict.state = PortState::open;
      verdict.proof = Proof::syn_ack;
      const linger at_once{1, 0};  // a RST, so that a scan leaves no thousands of TIME_WAIT behind
      setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    } else if (const auto queued = take_error(fd.get()); queued && queued->icmp) {
      verdict.proof = Proof::icmp;
      verdict.icmp = *queued->icmp;
      verdict.state = state_of(verdict.icmp, target_.at.address);
    } else if (error == ECONNREFUSED || error == ECONNRESET) {
      verdict.state = PortState::closed;
      verdict.proof = Proof::rst;
    } else {
      verdict.state = PortState::filtered;
      verdict.proof = error == ETIMEDOUT ? Proof::silence : Proof::local_error;
      verdict.error = error;
    }
    schedule_.answered(slot, now);
    finish(verdict);
  }

  void give_up(std::size_t slot, bool final) {
    Fd fd = std::move(tries_[slot]);
    control_.loop.forget(fd.get());
    tcp_info info{};
    socklen_t size = sizeof info;
    getsockopt(fd.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
    resent_[slot] += info.tcpi_total_retrans;
    if (!final) return;
    Verdict verdict = begun(slot);
    verdict.state = PortState::filtered;
    verdict.proof = Proof::silence;
    verdict.probes += resent_[slot];
    verdict.took = Clock::now() - schedule_.slot(slot).first;
    finish(verdict);
  }

  [[nodiscard]] Verdict begun(std::size_t slot) const {
    Verdict verdict;
    verdict.transport = host::Transport::tcp;
    verdict.port = schedule_.slot(slot).port;
    verdict.probes = schedule_.slot(slot).tries;
    return verdict;
  }

  void finish(const Verdict& verdict) {
    control_.count(verdict);
    verdicts_.push_back(verdict);
  }

  // RFC 9293 section 3.5, simultaneous open: the kernel may give a probe the very port it probes.
  [[nodiscard]] bool is_connected_to_itself(const Fd& fd) const {
    if (!target_.local) return false;
    sockaddr_storage here{};
    sockaddr_storage there{};
    socklen_t size = sizeof here;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&here), &size);
    size = sizeof there;
    getpeername(fd.get(), reinterpret_cast<sockaddr*>(&there), &size);
    return to_endpoint(here) == to_endpoint(there);
  }

  ScanTarget target_;
  Control& control_;
  Schedule schedule_;
  std::vector<Fd> tries_;  // by slot; the connection under way
  std::vector<Verdict> verdicts_;
  Fd refused_;               // to be used again
  std::vector<u32> resent_;  // by slot; SYNs that the kernel sent again by itself
  unsigned give_backs_ = 0;
};

}  // namespace

Result<std::vector<Verdict>> connect_scan(const ScanTarget& target, std::span<const u16> ports,
                                          const Pace& pace, bool shuffled, Control& control) {
  return Scan{target, ports, pace, shuffled, control}.run();
}

}  // namespace trama::scan
