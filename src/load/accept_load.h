// A connection for each message: so many at a time are opened, have one message answered, and are
// closed, again and again. The answer proves that the server has accepted; Expect::none asks for
// none, and measures what the kernel lets in.
#pragma once
#include <vector>

#include "base/fd.h"
#include "load/pace.h"
#include "load/plan.h"
#include "load/poller.h"
#include "load/report.h"
#include "load/texts.h"

namespace trama::load {

class AcceptLoad {
 public:
  AcceptLoad(const Plan& plan, Poller& poller, Report& report);
  void run();

 private:
  struct Place {
    Fd socket;
    bool open = false;
    std::size_t got = 0;
    i64 begun = 0;
  };
  void start(Place& place);
  void handle(Place& place);
  void take(Place& place, Bytes bytes);
  void finish(Place& place);
  // A place where a connection failed stays empty: the server is not asked in vain for ever.
  void retire(Place& place, int error);

  const Plan& plan_;
  Poller& poller_;
  Report& report_;
  Texts texts_;
  std::vector<Place> places_;
  std::vector<u8> space_;
  u32 alive_ = 0;
};

}  // namespace trama::load
