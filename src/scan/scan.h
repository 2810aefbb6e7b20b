// A scan of some ports of some hosts, host after host: resolves names, chooses the pace, runs the
// TCP and the UDP scan, joins the socket table for this machine's own addresses.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/connect_scan.h"
#include "scan/local.h"
#include "scan/ports.h"

namespace trama::scan {

struct Host {
  std::string name;  // as typed
  ScanTarget target;
};

enum class Family : u8 { any, ipv4, ipv6 };

// A name or an address; of a name's addresses an IPv4 one is preferred, as nmap does.
// Errors: no such host; a block of addresses; "host:port".
Result<Host> resolve(std::string_view host, Family family);

struct Plan {
  Ports ports;
  unsigned timing = 3;               // -T0 to -T5
  std::optional<double> max_rate{};  // probes a second
  std::optional<unsigned> retries{};
  std::optional<Clock::duration> host_timeout{};
  bool in_order = false;  // else ports are probed in random order
  std::string payload{};  // of UDP probes
};

struct HostResult {
  std::vector<Verdict> verdicts;  // by transport and port
  std::vector<Local> locals;      // at the same places
  std::size_t asked = 0;          // ports; more than verdicts where the scan was cut short
  bool held_back = false;         // the host limits its ICMP errors: silence may mean closed
  Clock::duration took{0};
};

Result<HostResult> scan_host(const Host& host, const Plan& plan, Control& control);

}  // namespace trama::scan
