#include "net/rtnetlink.h"

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>
#include <span>
#include <vector>

#include "base/say.h"

namespace trama::net {
namespace {

template <class T>
Bytes bytes_of(const T& value) {
  return {reinterpret_cast<const u8*>(&value), sizeof value};
}

Bytes bytes_of_text(const std::string& text) {  // with its closing zero, as the kernel wants names
  return {reinterpret_cast<const u8*>(text.c_str()), text.size() + 1};
}

ifinfomsg interface(const std::string& name) {
  ifinfomsg info{};
  info.ifi_index = static_cast<int>(if_nametoindex(name.c_str()));
  return info;
}

tl::unexpected<Error> refused(const std::string& name, int number) {
  return fail(Exit::no, say("the kernel refused the interface {}: {}", name, errno_text(number)),
              number);
}

}  // namespace

// One message: a header, the family's own struct, then attributes, which may hold others.
class Rtnetlink::Request {
 public:
  template <class T>
  Request(u16 type, u16 flags, const T& body) : bytes_(NLMSG_HDRLEN) {
    header().nlmsg_type = type;
    header().nlmsg_flags = static_cast<u16>(NLM_F_REQUEST | NLM_F_ACK | flags);
    append(bytes_of(body));
  }
  void append(Bytes value) {
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  void add(u16 type, Bytes value) {
    const std::size_t at = open(type);
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    close(at);
  }
  std::size_t open(u16 type) {
    const std::size_t at = bytes_.size();
    append(bytes_of(rtattr{0, type}));
    return at;
  }
  void close(std::size_t at) {
    const auto length = static_cast<u16>(bytes_.size() - at);
    std::memcpy(bytes_.data() + at, &length, sizeof length);  // rta_len is the first member
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  std::span<const u8> finish(u32 sequence) {
    header().nlmsg_seq = sequence;
    header().nlmsg_len = static_cast<u32>(bytes_.size());
    return bytes_;
  }

 private:
  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  std::vector<u8> bytes_;
};

Result<Rtnetlink> Rtnetlink::open() {
  Fd fd{socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
  if (!fd.is_open()) return fail(Exit::no, say("no rtnetlink: {}", errno_text(errno)), errno);
  return Rtnetlink{std::move(fd)};
}

int Rtnetlink::ask(Request& request) {
  const auto bytes = request.finish(++sequence_);
  if (send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return errno;
  alignas(nlmsghdr) char answer[8192];
  for (;;) {
    const ssize_t n = recv(fd_.get(), answer, sizeof answer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    const auto* header = reinterpret_cast<const nlmsghdr*>(answer);
    if (!NLMSG_OK(header, static_cast<u32>(n)) || header->nlmsg_seq != sequence_) continue;
    if (header->nlmsg_type != NLMSG_ERROR) continue;
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
  }
}

Result<void> Rtnetlink::add_veth(const VethEnd& here, const VethEnd& there, pid_t pid) {
  Request request{RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{}};
  request.add(IFLA_IFNAME, bytes_of_text(here.name));
  request.add(IFLA_ADDRESS, here.mac);
  const auto link = request.open(IFLA_LINKINFO);
  request.add(IFLA_INFO_KIND, bytes_of_text("veth"));
  const auto data = request.open(IFLA_INFO_DATA);
  const auto peer = request.open(VETH_INFO_PEER);
  request.append(bytes_of(ifinfomsg{}));
  request.add(IFLA_IFNAME, bytes_of_text(there.name));
  request.add(IFLA_ADDRESS, there.mac);
  request.add(IFLA_NET_NS_PID, bytes_of(static_cast<u32>(pid)));
  request.close(peer);
  request.close(data);
  request.close(link);
  const int error = ask(request);
  if (error == EOPNOTSUPP)
    return fail(Exit::no,
                say("this kernel has no virtual cable (veth); sudo modprobe veth loads it"), error);
  if (error != 0) return refused(here.name, error);
  return {};
}

Result<void> Rtnetlink::make_no_ipv6_address(const std::string& name) {
  Request request{RTM_NEWLINK, 0, interface(name)};
  const auto families = request.open(IFLA_AF_SPEC);
  const auto family = request.open(AF_INET6);
  request.add(IFLA_INET6_ADDR_GEN_MODE, bytes_of(static_cast<u8>(IN6_ADDR_GEN_MODE_NONE)));
  request.close(family);
  request.close(families);
  const int error = ask(request);
  // A kernel without IPv6 makes no such address either.
  if (error != 0 && error != EAFNOSUPPORT && error != EOPNOTSUPP) return refused(name, error);
  return {};
}

Result<void> Rtnetlink::set_up(const std::string& name) {
  ifinfomsg info = interface(name);
  info.ifi_flags = IFF_UP;
  info.ifi_change = IFF_UP;
  Request request{RTM_NEWLINK, 0, info};
  if (const int error = ask(request); error != 0) return refused(name, error);
  return {};
}

Result<void> Rtnetlink::add_address(const std::string& name, const Address& address,
                                    unsigned prefix) {
  ifaddrmsg message{};
  message.ifa_family = address.v6 ? AF_INET6 : AF_INET;
  message.ifa_prefixlen = static_cast<u8>(prefix);
  message.ifa_flags = address.v6 ? IFA_F_NODAD : 0;
  message.ifa_index = if_nametoindex(name.c_str());
  Request request{RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, message};
  request.add(IFA_LOCAL, address.view());
  request.add(IFA_ADDRESS, address.view());
  if (const int error = ask(request); error != 0) return refused(name, error);
  return {};
}

Result<void> Rtnetlink::add_neighbour(const std::string& name, const Address& address,
                                      const Mac& mac) {
  ndmsg message{};
  message.ndm_family = address.v6 ? AF_INET6 : AF_INET;
  message.ndm_ifindex = interface(name).ifi_index;
  message.ndm_state = NUD_PERMANENT;
  Request request{RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, message};
  request.add(NDA_DST, address.view());
  request.add(NDA_LLADDR, mac);
  if (const int error = ask(request); error != 0) return refused(name, error);
  return {};
}

Result<void> turn_off_offloads(const std::string& name) {
  const Fd any{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  // Only checksums are insisted on: a frame with half a one is dropped by its receiver.
  for (const u32 command : {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM}) {
    ethtool_value value{command, 0};
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&value);
    if (ioctl(any.get(), SIOCETHTOOL, &request) != 0 && command == ETHTOOL_STXCSUM)
      return refused(name, errno);
  }
  return {};
}

}  // namespace trama::net
