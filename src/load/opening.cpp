#include "load/opening.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "load/pace.h"

namespace trama::load {
namespace {

constexpr u32 crowd = 100;  // connections asked for at once

struct Asked {
  Fd socket;
  bool waits = false;
};

}  // namespace

Fd start_connection(const Plan& plan, int& error) {
  auto socket = net::outgoing(Transport::tcp, plan.peer.address.v6, {});
  if (!socket) {
    error = socket.error().number;
    return {};
  }
  constexpr int on = 1;  // a message is to leave at once
  setsockopt(socket->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  error = net::start_connect(socket->get(), plan.peer);
  return std::move(*socket);
}

void open_connections(const Plan& plan, Poller& poller, Report& report,
                      const std::function<void(Fd)>& opened) {
  const i64 start = now();
  u32 asked = 0;
  while (asked < plan.connections && !poller.interrupted()) {
    const u32 left = plan.connections - asked;
    std::vector<Asked> group(left == 1 ? 1 : std::min(crowd, left - 1));
    std::size_t waiting = 0;
    for (auto& one : group) {
      int error = 0;
      one.socket = start_connection(plan, error);
      one.waits = error == EINPROGRESS;
      if (one.waits) error = poller.add(one.socket.get(), EPOLLOUT, &one - group.data());
      if (error == EINPROGRESS) error = 0;
      waiting += one.waits ? 1 : 0;
      if (error == 0) continue;
      report.count_error(error);
      one = {};
    }
    const i64 deadline = now() + plan.patience.count();
    while (waiting > 0 && now() < deadline && !poller.interrupted())
      for (const auto& event : poller.wait(deadline - now())) {
        auto& one = group[event.data.u64];
        if (!one.waits) continue;
        one.waits = false;
        --waiting;
        poller.forget(one.socket.get());
        if (const int error = net::pending_error(one.socket.get()); error != 0) {
          report.count_error(error);
          one.socket.close();
        }
      }
    for (auto& one : group) {
      if (one.waits && !poller.interrupted()) ++report.timed_out;
      if (one.waits || !one.socket.is_open()) continue;
      ++report.opened;
      opened(std::move(one.socket));
    }
    asked += static_cast<u32>(group.size());
    if (report.opened == 0) break;  // nobody is there
  }
  report.opening = now() - start;
}

}  // namespace trama::load
