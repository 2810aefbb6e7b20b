#include "scan/error_queue.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "scan/local.h"

namespace trama::scan {

bool keep_errors(int fd, bool v6) {
  const int on = 1;
  return setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on) ==
         0;
}

PortState state_of(const Icmp& icmp, const Address& target) {
  const bool port_unreachable =
      icmp.v6 ? icmp.type == 1 && icmp.code == 4 : icmp.type == 3 && icmp.code == 3;
  return port_unreachable && icmp.from == target ? PortState::closed : PortState::filtered;
}

std::optional<QueuedError> take_error(int fd) {
  sockaddr_storage name{};
  alignas(cmsghdr) char control[512];
  char probe[1];  // our own payload comes back; nobody needs it
  iovec data{probe, sizeof probe};
  msghdr message{};
  message.msg_name = &name;
  message.msg_namelen = sizeof name;
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return {};
  QueuedError queued;
  if (message.msg_namelen > 0) queued.sent_to = to_endpoint(name);
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    const bool v4 = part->cmsg_level == SOL_IP && part->cmsg_type == IP_RECVERR;
    const bool v6 = part->cmsg_level == SOL_IPV6 && part->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(part), sizeof error);
    queued.error = static_cast<int>(error.ee_errno);
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
    sockaddr_storage offender{};  // follows the error (SO_EE_OFFENDER)
    std::memcpy(&offender, CMSG_DATA(part) + sizeof error,
                v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    queued.icmp = Icmp{error.ee_type, error.ee_code, error.ee_origin == SO_EE_ORIGIN_ICMP6,
                       to_endpoint(offender).address, is_local(to_endpoint(offender))};
  }
  return queued;
}

}  // namespace trama::scan
