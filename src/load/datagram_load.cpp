#include "load/datagram_load.h"

#include <algorithm>
#include <cerrno>
#include <numeric>

namespace trama::load {
namespace {

constexpr std::size_t beyond = 64;         // bytes: room to see that an answer is too long
constexpr i64 look_for_lost = 10'000'000;  // nanoseconds

// So many that an answer that comes late is not taken for one to a later question.
u32 different(const Plan& plan) { return plan.window * std::max(4U, 64 / plan.window); }

}  // namespace

DatagramLoad::DatagramLoad(const Plan& plan, Poller& poller, Report& report)
    : plan_(plan),
      poller_(poller),
      report_(report),
      texts_(plan.size, different(plan), plan.expect),
      space_(batch * (plan.size + beyond)) {
  for (u32 i = 0; i < batch; ++i) {
    in_[i] = {space_.data() + i * (plan.size + beyond), plan.size + beyond};
    incoming_[i].msg_hdr.msg_iov = &in_[i];
    incoming_[i].msg_hdr.msg_iovlen = 1;
    outgoing_[i].msg_hdr.msg_iov = &out_[i];
    outgoing_[i].msg_hdr.msg_iovlen = 1;
  }
}

bool DatagramLoad::open() {
  senders_.reserve(plan_.connections);
  for (u32 i = 0; i < plan_.connections; ++i) {
    auto socket = net::outgoing(Transport::udp, plan_.peer.address.v6, {});
    int error = socket ? net::start_connect(socket->get(), plan_.peer) : socket.error().number;
    if (error == 0) error = poller_.add(socket->get(), EPOLLIN, i);
    if (error != 0) {
      report_.count_error(error);
      return false;
    }
    auto& sender = senders_.emplace_back();
    sender.socket = std::move(*socket);
    sender.sender = i;
    sender.slots.resize(plan_.window);
    sender.free.resize(plan_.window);
    std::iota(sender.free.rbegin(), sender.free.rend(), 0U);
    ++report_.opened;
  }
  return true;
}

void DatagramLoad::run() {
  if (!open()) return;
  const i64 start = now();
  pace_ = {start, plan_.duration.count(), plan_.rate, plan_.connections};
  load(pace_.end());
  // A load that was held up until its end owes what fell due meanwhile.
  if (pace_.is_open_loop() && report_.refused == 0) release_due(now());
  report_.time = now() - start;
  stops_ = true;
  if (under_way_ > 0 && !poller_.interrupted()) {
    load(now() + plan_.patience.count());
    if (under_way_ == 0) report_.time = now() - start;
  }
  report_.unanswered += under_way_;
  if (!pace_.is_open_loop()) return;
  for (const auto& sender : senders_) report_.unsent += sender.due - sender.sent;
}

void DatagramLoad::load(i64 end) {
  if (!pace_.is_open_loop() && !stops_)
    for (auto& sender : senders_) pump(sender);
  i64 looked = now();
  const auto somebody_is_there = [&] { return report_.refused == 0; };
  for (i64 time = now(); time < end && somebody_is_there() && !poller_.interrupted();
       time = now()) {
    if (stops_ && under_way_ == 0) return;
    if (time - looked > look_for_lost) {
      looked = time;
      forget_lost(time);
    }
    if (pace_.is_open_loop() && !stops_) release_due(time);
    for (const auto& event : poller_.wait(rest(now(), end))) {
      auto& sender = senders_[event.data.u64];
      if ((event.events & ~u32{EPOLLOUT}) != 0) receive(sender);
      if ((event.events & EPOLLOUT) != 0) pump(sender);
    }
  }
}

void DatagramLoad::release_due(i64 time) {
  for (const u64 due = pace_.due(time); released_ < due; ++released_) {
    auto& sender = senders_[released_ % senders_.size()];
    ++sender.due;
    pump(sender);
  }
}

i64 DatagramLoad::rest(i64 time, i64 end) const {
  if (pace_.is_open_loop() && !stops_) end = std::min(end, pace_.time_of(released_));
  return std::min(end - time, look_for_lost);
}

void DatagramLoad::receive(Sender& sender) {
  const int n = recvmmsg(sender.socket.get(), incoming_.data(), batch, MSG_DONTWAIT, nullptr);
  if (n < 0) {  // ECONNREFUSED: ICMP said that no program has the port
    if (errno != EAGAIN && errno != EINTR) report_.count_error(errno);
    return;
  }
  const i64 time = now();
  for (const auto& message : std::span{incoming_}.first(static_cast<std::size_t>(n)))
    take(sender, {static_cast<const u8*>(message.msg_hdr.msg_iov->iov_base), message.msg_len},
         (message.msg_hdr.msg_flags & MSG_TRUNC) != 0, time);
  pump(sender);
}

void DatagramLoad::take(Sender& sender, Bytes answer, bool cut, i64 time) {
  report_.bytes_in += answer.size();
  if (plan_.expect == Expect::none) return;
  Slot* slot = question_of(sender, answer);
  if (slot == nullptr) return;
  const auto right = texts_.answer(number_of(sender, *slot));
  const bool is_right =
      plan_.expect == Expect::any ||
      (!cut && std::equal(answer.begin(), answer.end(), right.begin(), right.end()));
  if (is_right) {
    ++report_.answered;
    report_.latency.record(time - slot->due);
    report_.service.record(time - slot->begun);
  } else {
    ++report_.wrong;
  }
  slot->begun = 0;
  ++slot->turn;
  --under_way_;
  sender.free.push_back(static_cast<u32>(slot - sender.slots.data()));
}

// The question that waits for this answer; nullptr where none does, and that is counted.
DatagramLoad::Slot* DatagramLoad::question_of(Sender& sender, Bytes answer) {
  if (plan_.expect == Expect::any) {  // answers say nothing: the next one that waits
    for (u32 i = 0; i < plan_.window; ++i) {
      Slot& slot = sender.slots[sender.oldest++ % plan_.window];
      if (slot.begun != 0) return &slot;
    }
    ++report_.late;
    return nullptr;
  }
  const auto number = texts_.number_of(answer);
  if (!number) {
    ++report_.wrong;
    return nullptr;
  }
  Slot& slot = sender.slots[*number % plan_.window];
  if (slot.begun != 0 && number_of(sender, slot) == *number) return &slot;
  ++report_.late;
  return nullptr;
}

u32 DatagramLoad::number_of(const Sender& sender, const Slot& slot) const {
  const auto place = static_cast<u32>(&slot - sender.slots.data());
  return (slot.turn * plan_.window + place) % texts_.count();
}

u64 DatagramLoad::may_send(const Sender& sender) const {
  if (stops_) return 0;
  const u64 free = std::min<u64>(sender.free.size(), batch);
  return pace_.is_open_loop() ? std::min(free, sender.due - sender.sent) : free;
}

void DatagramLoad::pump(Sender& sender) {
  const auto count = static_cast<u32>(may_send(sender));
  if (count == 0) return wait_to_write(sender, false);
  for (u32 i = 0; i < count; ++i) {
    const Slot& slot = sender.slots[sender.free[sender.free.size() - 1 - i]];
    const auto text = texts_.question(number_of(sender, slot));
    out_[i] = {const_cast<u8*>(text.data()), text.size()};  // only read
  }
  const i64 time = now();
  const int n = sendmmsg(sender.socket.get(), outgoing_.data(), count, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS) report_.count_error(errno);
  for (int i = 0; i < n; ++i) {
    Slot& slot = sender.slots[sender.free.back()];
    slot.due = pace_.is_open_loop() ? pace_.time_of(sender.sent, sender.sender) : time;
    ++sender.sent;
    ++report_.sent;
    report_.bytes_out += plan_.size;
    if (plan_.expect == Expect::none) {
      ++slot.turn;
      continue;
    }
    slot.begun = time;
    sender.free.pop_back();
    ++under_way_;
  }
  wait_to_write(sender, may_send(sender) > 0);
}

void DatagramLoad::wait_to_write(Sender& sender, bool on) {
  if (sender.blocked == on) return;
  sender.blocked = on;
  poller_.change(sender.socket.get(), on ? EPOLLIN | EPOLLOUT : EPOLLIN, sender.sender);
}

void DatagramLoad::forget_lost(i64 time) {
  for (auto& sender : senders_) {
    const auto before = sender.free.size();
    for (auto& slot : sender.slots) {
      if (slot.begun == 0 || time - slot.begun < plan_.patience.count()) continue;
      ++report_.unanswered;
      slot.begun = 0;
      ++slot.turn;
      --under_way_;
      sender.free.push_back(static_cast<u32>(&slot - sender.slots.data()));
    }
    if (sender.free.size() > before) pump(sender);
  }
}

}  // namespace trama::load
