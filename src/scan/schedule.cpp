#include "scan/schedule.h"

#include <algorithm>
#include <random>

namespace trama::scan {

using namespace std::chrono_literals;

Pace pace_of(unsigned timing) {
  constexpr auto none = Clock::duration::zero();
  const Pace paces[] = {
      {1,    1,   300s,  5s,    100ms, 10s,    10, true }, // 0, paranoid
      {1,    1,   15s,   5s,    100ms, 10s,    10, true }, // 1, sneaky
      {1,    1,   400ms, 1s,    100ms, 10s,    10, true }, // 2, polite
      {500,  100, none,  1s,    100ms, 10s,    10, true }, // 3, normal
      {1000, 200, none,  500ms, 100ms, 1250ms, 6,  true }, // 4, aggressive
      {2000, 400, none,  250ms, 50ms,  300ms,  2,  false}, // 5, insane
  };
  return paces[std::min<std::size_t>(timing, std::size(paces) - 1)];
}

Pace local_pace() {
  return {.window = 4000,
          .start_window = 4000,
          .first_timeout = 50ms,
          .least_timeout = 50ms,
          .most_timeout = 50ms,
          .retries = 1};
}

Schedule::Schedule(std::span<const u16> ports, const Pace& pace, bool shuffled)
    : pace_(pace),
      slots_(ports.size()),
      by_port_(65536),
      left_(ports.size()),
      limit_(pace.window),
      window_(pace.start_window),
      timeout_(pace.first_timeout) {
  std::vector<u16> order{ports.begin(), ports.end()};
  if (shuffled) std::shuffle(order.begin(), order.end(), std::mt19937{std::random_device{}()});
  for (std::size_t i = 0; i < order.size(); ++i) {
    slots_[i].port = order[i];
    by_port_[order[i]] = static_cast<u32>(i + 1);
    pending_.push_back(i);
  }
}

std::optional<std::size_t> Schedule::slot_of(u16 port) const {
  return by_port_[port] == 0 ? std::nullopt : std::optional<std::size_t>{by_port_[port] - 1};
}

std::optional<std::size_t> Schedule::next(Clock::time_point now) {
  while (!pending_.empty() && slots_[pending_.front()].done) pending_.pop_front();
  if (pending_.empty() || now < may_send_) return {};
  if (in_flight_ >= limit_ || in_flight_ >= static_cast<unsigned>(window_)) return {};
  const std::size_t i = pending_.front();
  pending_.pop_front();
  Slot& slot = slots_[i];
  if (slot.tries++ == 0) slot.first = now;
  slot.last = now;
  slot.waits = true;
  ++in_flight_;
  sent_.push_back({i, slot.tries});
  // Counted from when it was allowed, so that a late wake-up does not lower the rate for good.
  if (pace_.gap > 0ns) may_send_ = std::max(may_send_ + pace_.gap, now - 10 * pace_.gap);
  if (pace_.gap >= 100ms) may_send_ = now + pace_.gap;
  return i;
}

void Schedule::land(Slot& slot) {
  if (slot.waits) --in_flight_;
  slot.waits = false;
}

void Schedule::give_back(std::size_t i) {
  Slot& slot = slots_[i];
  land(slot);
  --slot.tries;
  pending_.push_front(i);
  if (!sent_.empty() && sent_.back().slot == i) sent_.pop_back();
}

void Schedule::answered(std::size_t i, Clock::time_point now) {
  Slot& slot = slots_[i];
  if (slot.done) return;
  const bool was_late = !slot.waits;  // its time-out had passed: the answer is to an earlier try
  land(slot);
  slot.done = true;
  --left_;
  if (slot.tries == 1 || was_late) {
    const auto trip = was_late ? now - slot.first : now - slot.last;
    if (smooth_ == 0ns) {
      smooth_ = trip;
      variation_ = trip / 2;
    } else {
      variation_ += ((smooth_ > trip ? smooth_ - trip : trip - smooth_) - variation_) / 4;
      smooth_ += (trip - smooth_) / 8;
    }
    timeout_ = std::clamp(smooth_ + 4 * variation_, pace_.least_timeout, pace_.most_timeout);
  } else if (slot.tries > best_try_) {
    best_try_ = slot.tries;
    window_ = std::max(window_ / 2, std::min(50.0, static_cast<double>(pace_.start_window)));
  }
  window_ = std::min<double>(window_ + 1, pace_.window);
}

unsigned Schedule::allowed_tries() const {
  return std::min(pace_.retries, static_cast<unsigned>(best_try_)) + 1;
}

void Schedule::expire(Clock::time_point now, std::vector<Expired>& out) {
  while (!sent_.empty()) {
    const auto [i, tries] = sent_.front();
    Slot& slot = slots_[i];
    if (slot.done || !slot.waits || slot.tries != tries) {
      sent_.pop_front();
      continue;
    }
    if (now - slot.last < timeout_) return;
    sent_.pop_front();
    land(slot);
    const bool final = slot.tries >= allowed_tries();
    if (final) {
      slot.done = true;
      --left_;
    } else {
      pending_.push_back(i);
    }
    out.push_back({i, final});
  }
}

Clock::duration Schedule::until_due(Clock::time_point now) const {
  Clock::duration wait = 100ms;
  const bool room = in_flight_ < limit_ && in_flight_ < static_cast<unsigned>(window_);
  if (!pending_.empty() && room) wait = std::min(wait, may_send_ - now);
  for (const auto& [i, tries] : sent_) {
    const Slot& slot = slots_[i];
    if (slot.done || !slot.waits || slot.tries != tries) continue;
    wait = std::min(wait, slot.last + timeout_ - now);
    break;
  }
  return std::max(wait, Clock::duration::zero());
}

}  // namespace trama::scan
