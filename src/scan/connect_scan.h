// TCP ports by connect(), as anybody may: many at once, each socket closed (reset) as soon as its
// verdict is known. The error queue tells a RST from an ICMP error and names its sender.
#pragma once
#include <span>
#include <vector>

#include "scan/control.h"
#include "scan/schedule.h"

namespace trama::scan {

struct ScanTarget {
  Endpoint at;         // port unused
  bool local = false;  // an address of this machine
};

// One verdict a port, in no order; ports without one were not reached before control.is_over().
// Errors: no socket can be had at all.
Result<std::vector<Verdict>> connect_scan(const ScanTarget& target, std::span<const u16> ports,
                                          const Pace& pace, bool shuffled, Control& control);

}  // namespace trama::scan
