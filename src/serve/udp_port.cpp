#include "serve/udp_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <string_view>

#include "serve/upper.h"

namespace trama::serve {
namespace {

constexpr unsigned turn = 64;  // datagrams a round

// The received IP_PKTINFO names the address that the client used; sent back as it is, it makes that
// address the answer's source. The interface is left to the routing table, but for link-local.
void answer_from_there(msghdr& message) {
  for (cmsghdr* row = CMSG_FIRSTHDR(&message); row != nullptr; row = CMSG_NXTHDR(&message, row))
    if (row->cmsg_level == IPPROTO_IP && row->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(row), sizeof info);
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(row), &info, sizeof info);
    }
}

}  // namespace

UdpPort::UdpPort(Fd socket, u32& next_number)
    : socket_(std::move(socket)), local_(net::local_of(socket_.get())), next_number_(next_number) {
  // With one address bound, that one is the source already.
  if (!local_.address.is_any()) return;
  constexpr int on = 1;
  if (local_.address.v6)
    setsockopt(socket_.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  else
    setsockopt(socket_.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

std::size_t UdpPort::Hash::operator()(const Endpoint& endpoint) const {
  const auto& bytes = endpoint.address.bytes;
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), 16}) ^
         (std::size_t{endpoint.port} << 20) ^ endpoint.scope;
}

const Client& UdpPort::sender(const Endpoint& peer) {
  if (const auto known = known_.find(peer); known != known_.end()) {
    recent_.splice(recent_.begin(), recent_, known->second);
    return recent_.front();
  }
  if (recent_.size() >= max_senders) {
    known_.erase(recent_.back().peer);
    recent_.pop_back();
  }
  ++senders_;
  recent_.push_front({next_number_++, Transport::udp, peer, local_});
  known_.emplace(peer, recent_.begin());
  return recent_.front();
}

void UdpPort::ready(std::span<u8> space, Audience& audience) {
  for (unsigned i = 0; i < turn; ++i) {
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<u8, 128> control{};
    iovec part{space.data(), space.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = recvmsg(socket_.get(), &message, 0);
    if (n < 0) {
      if (errno == EAGAIN) return;
      continue;  // an ICMP error of an earlier answer: told to nobody, its client is gone
    }
    const auto text = space.first(static_cast<std::size_t>(n));
    ++traffic_.messages;
    traffic_.bytes_in += text.size();
    audience.message(sender(to_endpoint(from)), text);
    Upper{}(text);
    part.iov_len = text.size();
    answer_from_there(message);
    message.msg_flags = 0;
    if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0)
      ++unanswered_;
    else
      traffic_.bytes_out += text.size();
  }
}

}  // namespace trama::serve
