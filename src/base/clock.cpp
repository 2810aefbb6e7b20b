#include "base/clock.h"

#include <fmt/core.h>

#include <cstdlib>
#include <ctime>

namespace trama {

i64 wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return i64{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::string time_of_day(i64 wall_nanoseconds) {
  const time_t seconds = wall_nanoseconds / 1'000'000'000;
  tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", local.tm_hour, local.tm_min, local.tm_sec,
                     wall_nanoseconds / 1'000'000 % 1000);
}

std::string date_and_time(i64 wall_nanoseconds) {
  const time_t seconds = wall_nanoseconds / 1'000'000'000;
  tm local{};
  localtime_r(&seconds, &local);
  const long zone = std::abs(local.tm_gmtoff) / 60;
  return fmt::format("{:04}-{:02}-{:02}T{}{}{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                     local.tm_mday, time_of_day(wall_nanoseconds), local.tm_gmtoff < 0 ? '-' : '+',
                     zone / 60, zone % 60);
}

std::string lasted(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
  if (seconds >= 3600) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  if (seconds >= 60) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  const bool ms = time < std::chrono::milliseconds{1000};
  const double value = static_cast<double>(time.count()) / (ms ? 1e6 : 1e9);
  const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, ms ? "ms" : "s");
}

}  // namespace trama
