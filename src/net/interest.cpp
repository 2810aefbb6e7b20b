#include "net/interest.h"

namespace trama::net {

Interest::~Interest() {
  want(0);
  if (soon_) loop_.cancel(*soon_);
}

void Interest::want(u32 events) {
  if (events == wanted_) return;
  const u32 before = std::exchange(wanted_, events);
  if (!always_ready_) {
    if (events == 0) return loop_.forget(fd_);
    if (before != 0) return loop_.change(fd_, events);
    if (loop_.watch(fd_, events, [this](u32 now) { ready_(now); })) return;
    always_ready_ = true;
  }
  call_soon();
}

void Interest::call_soon() {
  if (wanted_ == 0 || soon_) return;
  soon_ = loop_.after({}, [this] {
    soon_.reset();
    if (wanted_ == 0) return;
    ready_(wanted_);
    call_soon();
  });
}

}  // namespace trama::net
