// Network interfaces made and set up through rtnetlink(7), so that no program `ip` is needed. A
// Rtnetlink speaks to the network namespace in which it was opened; its owner needs CAP_NET_ADMIN
// there. Every call waits for the kernel's answer; an Error carries its errno.
#pragma once
#include <sys/types.h>

#include <array>
#include <string>

#include "base/address.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::net {

using Mac = std::array<u8, 6>;

struct VethEnd {
  std::string name;
  Mac mac;
};

class Rtnetlink {
 public:
  static Result<Rtnetlink> open();

  // A virtual cable (veth(4)): one end here, the other in the namespace of the process `pid`.
  Result<void> add_veth(const VethEnd& here, const VethEnd& there, pid_t pid);
  // No IPv6 address of the kernel's own making, hence no router solicitations. Before set_up().
  Result<void> make_no_ipv6_address(const std::string& name);
  Result<void> set_up(const std::string& name);
  // Usable at once: IPv6 addresses skip duplicate detection (RFC 4862 section 5.4).
  Result<void> add_address(const std::string& name, const Address& address, unsigned prefix);
  // A permanent row of the neighbour table: no ARP, no neighbour discovery for it.
  Result<void> add_neighbour(const std::string& name, const Address& address, const Mac& mac);

 private:
  explicit Rtnetlink(Fd fd) : fd_(std::move(fd)) {}
  class Request;
  // The kernel's errno, 0 where it agreed.
  int ask(Request& request);

  Fd fd_;
  u32 sequence_ = 0;
};

// Turns off what would make frames on a veth differ from frames on a cable: checksums left for the
// hardware, and segments larger than the MTU (TSO, GSO, GRO).
Result<void> turn_off_offloads(const std::string& name);

}  // namespace trama::net
