// What all parts of one run share: the loop, Ctrl-C, who is told, and what is kept.
#pragma once
#include "connect/events.h"
#include "connect/journal.h"
#include "net/loop.h"

namespace trama::connect {

// A loop that hears Ctrl-C, and whether it did.
struct HeardLoop {
  std::unique_ptr<net::Loop> loop;
  bool interrupted = false;

  Result<void> start();
};

struct Run {
  net::Loop& loop;
  const bool& interrupted;  // set by a callback of the loop
  Audience& audience;
  Journal& journal;
};

}  // namespace trama::connect
