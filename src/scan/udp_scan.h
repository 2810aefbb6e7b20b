// UDP ports from one ordinary socket: the kernel keeps the ICMP errors that come back (error
// queue), each with the destination it belongs to, so that no right is needed. Silence proves
// nothing: it is open_or_filtered.
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "scan/connect_scan.h"

namespace trama::scan {

struct UdpAnswers {
  std::vector<Verdict> verdicts{};
  bool held_back = false;  // some ports are silent where others are closed: a limiter may hide more
};

// Sends `payload` (may be empty) to each port. As connect_scan otherwise. Where some ports of a
// remote target are closed and others silent, a patient pace asks the silent ones again, slowly.
Result<UdpAnswers> udp_scan(const ScanTarget& target, std::span<const u16> ports, const Pace& pace,
                            bool shuffled, std::string_view payload, Control& control);

}  // namespace trama::scan
