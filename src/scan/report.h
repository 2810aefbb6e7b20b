// A scan's results as a person reads them (port lines as nmap's) and as JSON lines.
#pragma once
#include "base/out.h"
#include "base/terminal.h"
#include "scan/scan.h"

namespace trama::scan {

struct Tally {
  std::size_t hosts = 0, open = 0, closed = 0, filtered = 0, open_or_filtered = 0, not_probed = 0;
  void add(const HostResult& result);
};

// "localhost (127.0.0.1), this machine"
std::string title_of(const Host& host);

// The host's line, its ports, what was left out and why. `only_open`: nothing but open ports.
void write_host(Out& out, const Terminal& terminal, const Host& host, const HostResult& result,
                bool only_open);
void write_end(Out& out, const Tally& tally, Clock::duration took, bool interrupted);

// scan.start, scan.port and scan.end lines; every port has one, whatever its state.
std::string start_json(const Host& host, const Plan& plan);
void write_host_json(Out& out, const Host& host, const HostResult& result, bool only_open);
std::string end_json(const Tally& tally, Clock::duration took, bool interrupted);

// "\r 45 % ..." for a terminal; "" while the scan is younger than a second.
std::string progress_line(const Control& control, Clock::duration since);

}  // namespace trama::scan
