// The lab's fixed plan: who has which address. Documented, so that exercises can rely on it.
#pragma once
#include "lab/frame.h"
#include "net/rtnetlink.h"

namespace trama::lab {

inline constexpr std::string_view interface_name = "eth0";  // the same in both hosts

struct Place {
  std::string_view v4, v6;
  unsigned prefix_v4, prefix_v6;
  net::Mac mac;
};

// Locally administered addresses (RFC 1918, RFC 4193, IEEE 802's "local" bit).
inline constexpr Place client_place{
    "10.9.0.1", "fd00:9::1", 24, 64, {0x02, 0x00, 0x00, 0x09, 0x00, 0x01}
};
inline constexpr Place server_place{
    "10.9.0.2", "fd00:9::2", 24, 64, {0x02, 0x00, 0x00, 0x09, 0x00, 0x02}
};
// The wire's own two ends: never in a frame.
inline constexpr net::Mac wire_client_mac{0x02, 0x00, 0x00, 0x09, 0x00, 0xf1};
inline constexpr net::Mac wire_server_mac{0x02, 0x00, 0x00, 0x09, 0x00, 0xf2};

constexpr const Place& place_of(Host host) {
  return host == Host::client ? client_place : server_place;
}

}  // namespace trama::lab
