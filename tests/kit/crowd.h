// Many TCP clients in one thread, for tests of servers: each connects, then sends a message and
// waits for its answer, again and again. Every answer is compared, byte by byte.
#pragma once
#include <chrono>
#include <functional>
#include <string>

namespace trama::tests {

struct Crowd {
  unsigned short port = 0;
  unsigned clients = 1;
  unsigned messages = 1;  // of each client
  // Called once, when every client has had so many answers.
  unsigned pause_after = 0;
  std::function<void()> at_pause;
};

struct CrowdResult {
  unsigned long long right = 0;  // answers
  std::string wrong;             // the first thing that was not as expected; "" if none
  std::chrono::nanoseconds slowest{};
};

CrowdResult run_crowd(const Crowd& crowd, std::chrono::milliseconds limit);

}  // namespace trama::tests
