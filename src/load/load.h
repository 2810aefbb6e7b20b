// `trama load`: asks a server as often as it answers (a closed loop), or as often as wanted (an
// open one), and tells how fast and how rightly it answered. One thread; nothing is allocated for a
// message.
#pragma once
#include "load/plan.h"
#include "load/poller.h"
#include "load/report.h"

namespace trama::load {

// The first of these at which a TCP server answers; the first of all for UDP, or where none does.
// Each is given the plan's patience.
Endpoint reachable(const Plan& plan, std::span<const Endpoint> peers);

// Does what the plan says, until Ctrl-C at most. Error: the plan needs more descriptors than there
// may be (Exit::bad_input).
Result<Report> run(const Plan& plan, Poller& poller);

}  // namespace trama::load
