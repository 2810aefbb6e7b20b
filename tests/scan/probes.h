// Sockets to scan, on this machine's loopback.
#pragma once
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/fd.h"
#include "scan/connect_scan.h"

namespace trama::scan {

struct Opened {
  Fd fd;
  u16 port = 0;
};

inline Opened open_at(std::string_view address, int type, int backlog = -1) {
  const Address at = *parse_address(address);
  Fd fd{::socket(at.v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0)};
  auto name = to_sockaddr({at, 0});
  socklen_t size = size_of(name);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
  if (backlog >= 0) {
    EXPECT_EQ(listen(fd.get(), backlog), 0);
  }
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return {std::move(fd), to_endpoint(name).port};
}

inline ScanTarget this_machine(std::string_view address = "127.0.0.1") {
  return {{*parse_address(address)}, true};
}

// Moves this test into a network of its own, so that a wide scan disturbs no test beside it. False
// where user namespaces are forbidden.
inline bool enter_own_network() {
  static const bool entered = [] {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    const Fd fd{::socket(AF_INET, SOCK_DGRAM, 0)};
    ifreq loopback{};
    loopback.ifr_name[0] = 'l';
    loopback.ifr_name[1] = 'o';
    loopback.ifr_flags = IFF_UP;
    return ioctl(fd.get(), SIOCSIFFLAGS, &loopback) == 0;
  }();
  return entered;
}

}  // namespace trama::scan
