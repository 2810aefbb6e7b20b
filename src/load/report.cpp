#include "load/report.h"

#include <cerrno>

namespace trama::load {

void Report::count_error(int number) {
  switch (number) {
    case ECONNREFUSED:
      ++refused;
      break;
    case ECONNRESET:
    case EPIPE:
      ++reset;
      break;
    case ETIMEDOUT:
      ++timed_out;
      break;
    default:
      ++failed;
      if (error == 0) error = number;
  }
}

bool Report::is_good(const Plan& plan) const {
  if (wrong + refused + reset + closed + timed_out + failed > 0) return false;
  if (plan.expect == Expect::none) return true;
  if (plan.transport == Transport::tcp && unanswered > 0) return false;
  return answered > 0;
}

}  // namespace trama::load
