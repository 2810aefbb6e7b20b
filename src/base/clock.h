// Times as people read them: the wall clock in the local zone, and how long something took.
#pragma once
#include <chrono>
#include <string>

#include "base/bytes.h"

namespace trama {

// Nanoseconds since 1970-01-01 UTC (CLOCK_REALTIME).
i64 wall_clock();

// "14:03:07.250" in the local time zone.
std::string time_of_day(i64 wall_nanoseconds);

// "2026-11-23T14:03:07.250-03:00": the same with date and zone (ISO 8601).
std::string date_and_time(i64 wall_nanoseconds);

// Three digits and a unit, rounded: "0.21 ms", "12.5 ms", "1.25 s", "2 min 5 s", "3 h 20 min".
std::string lasted(std::chrono::nanoseconds time);

}  // namespace trama
