// Opens connections, not more at a time than a listener's queue holds.
#pragma once
#include <functional>

#include "load/plan.h"
#include "load/poller.h"
#include "load/report.h"

namespace trama::load {

// Opens the plan's connections, gives each to `opened` in the order in which they were asked for
// within a crowd, and counts the others in the report. The last one is asked for when all others
// are open. Ends early where the first is refused, or at Ctrl-C.
void open_connections(const Plan& plan, Poller& poller, Report& report,
                      const std::function<void(Fd)>& opened);

// Begins to connect; `error` is 0, EINPROGRESS, or why it does not go.
Fd start_connection(const Plan& plan, int& error);

}  // namespace trama::load
