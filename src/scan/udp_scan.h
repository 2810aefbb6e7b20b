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
  std::vector<Verdict> verdicts;
  bool held_back = false;  // ICMP errors came only for later tries: the target limits their rate
};

// Sends `payload` (may be empty) to each port. As connect_scan otherwise.
Result<UdpAnswers> udp_scan(const ScanTarget& target, std::span<const u16> ports, const Pace& pace,
                            bool shuffled, std::string_view payload, Control& control);

}  // namespace trama::scan
