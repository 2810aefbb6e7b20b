#include "load/load.h"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "load/accept_load.h"
#include "load/datagram_load.h"
#include "load/opening.h"
#include "load/stream_load.h"

namespace trama::load {
namespace {

constexpr u64 own_descriptors = 16;  // standard ones, epoll, signals, what the caller left open

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool answers(const Plan& plan) {
  int error = 0;
  const Fd socket = start_connection(plan, error);
  if (error != EINPROGRESS) return error == 0;
  pollfd done{socket.get(), POLLOUT, 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(plan.patience).count();
  return poll(&done, 1, static_cast<int>(ms)) == 1 && net::pending_error(socket.get()) == 0;
}

}  // namespace

Endpoint reachable(const Plan& plan, std::span<const Endpoint> peers) {
  if (plan.transport != Transport::tcp || peers.size() == 1) return peers.front();
  const auto at = std::find_if(peers.begin(), peers.end(), [&](const Endpoint& peer) {
    Plan trial = plan;
    trial.peer = peer;
    return answers(trial);
  });
  return at == peers.end() ? peers.front() : *at;
}

Result<Report> run(const Plan& plan, Poller& poller) {
  if (const u64 limit = net::raise_descriptor_limit();
      limit != 0 && plan.connections + own_descriptors > limit)
    return fail(Exit::bad_input,
                say("{} connections are more than the {} descriptors that one program may have "
                    "here: fewer --connections, or raise the limit (ulimit -Hn)",
                    plan.connections, limit));
  Report report;
  const double before = processor_seconds();
  if (plan.transport == Transport::udp)
    DatagramLoad{plan, poller, report}.run();
  else if (plan.accepts)
    AcceptLoad{plan, poller, report}.run();
  else
    StreamLoad{plan, poller, report}.run();
  report.processor = processor_seconds() - before;
  report.interrupted = poller.interrupted();
  return report;
}

}  // namespace trama::load
