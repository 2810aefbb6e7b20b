#include "kit/crowd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/fd.h"

namespace trama::tests {
namespace {

using Clock = std::chrono::steady_clock;

struct Member {
  Fd socket;
  unsigned number = 0, sent = 0, answered = 0;
  std::string expected, got;
  Clock::time_point asked;
};

std::string question(unsigned member, unsigned message) {
  return fmt::format("cliente {} diz olá {} vezes ÿ\n", member, message);
}
std::string answer(unsigned member, unsigned message) {
  return fmt::format("CLIENTE {} DIZ OLÁ {} VEZES ÿ\n", member, message);
}

Fd connected(unsigned short port) {
  Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr address{};
  std::memcpy(&address, &at, sizeof at);
  if (!socket.is_open() || connect(socket.get(), &address, sizeof at) != 0) return Fd{};
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

bool ask(Member& member) {
  const auto text = question(member.number, member.sent);
  member.expected = answer(member.number, member.sent++);
  member.got.clear();
  member.asked = Clock::now();
  return send(member.socket.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

CrowdResult run_crowd(const Crowd& crowd, std::chrono::milliseconds limit) {
  rlimit open_files{};
  getrlimit(RLIMIT_NOFILE, &open_files);
  open_files.rlim_cur = open_files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &open_files);

  CrowdResult result;
  const auto deadline = Clock::now() + limit;
  const Fd epoll{epoll_create1(EPOLL_CLOEXEC)};
  std::vector<Member> members(crowd.clients);
  for (unsigned i = 0; i < crowd.clients; ++i) {
    members[i].number = i;
    members[i].socket = connected(crowd.port);
    epoll_event event{.events = EPOLLIN, .data = {.u32 = i}};
    if (!members[i].socket.is_open() ||
        epoll_ctl(epoll.get(), EPOLL_CTL_ADD, members[i].socket.get(), &event) != 0) {
      result.wrong = fmt::format("client {} cannot connect: {}", i, std::strerror(errno));
      return result;
    }
  }
  const auto round = [&](unsigned until) {
    unsigned busy = 0;
    for (Member& member : members)
      if (member.answered < until && ++busy && !ask(member)) result.wrong = "send failed";
    while (busy > 0 && result.wrong.empty()) {
      epoll_event events[256];
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
      const int n = left <= 0 ? 0 : epoll_wait(epoll.get(), events, 256, static_cast<int>(left));
      if (n <= 0) result.wrong = fmt::format("{} clients still wait at the deadline", busy);
      for (int i = 0; i < n; ++i) {
        Member& member = members[events[i].data.u32];
        char bytes[4096];
        const ssize_t got = recv(member.socket.get(), bytes, sizeof bytes, 0);
        if (got <= 0) {
          result.wrong = fmt::format("client {} lost its connection", member.number);
          break;
        }
        member.got.append(bytes, static_cast<std::size_t>(got));
        if (member.got.size() < member.expected.size()) continue;
        if (member.got != member.expected) {
          result.wrong = fmt::format("client {} expected {} and got {}", member.number,
                                     member.expected, member.got);
          break;
        }
        ++result.right;
        result.slowest =
            std::max<std::chrono::nanoseconds>(result.slowest, Clock::now() - member.asked);
        if (++member.answered == until)
          --busy;
        else if (!ask(member))
          result.wrong = "send failed";
      }
    }
  };
  if (crowd.pause_after > 0) {
    round(crowd.pause_after);
    crowd.at_pause();
  }
  round(crowd.messages);
  return result;
}

}  // namespace trama::tests
