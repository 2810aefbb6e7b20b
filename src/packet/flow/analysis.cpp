#include "packet/flow/analysis.h"

#include <algorithm>
#include <utility>

#include "packet/flow/conversation.h"
#include "packet/flow/segment.h"

namespace trama::flow {
namespace {

constexpr i64 millisecond = 1'000'000;
constexpr std::size_t most_unacked = 1000;

constexpr bool after(u32 a, u32 b) { return before(b, a); }

// Behind what the segment takes; SYN and FIN together count once.
u32 end_of(const Segment& segment) {
  return segment.seq + segment.length + (segment.has(TcpFlag::syn | TcpFlag::fin) ? 1U : 0U);
}

// Acknowledgements, windows, probes: all that does not depend on repeated bytes.
u32 judge_numbers(Track& sender, const Track& receiver, const Segment& segment, int scale,
                  Analysis& analysis) {
  using namespace found;  // NOLINT: the bits' names
  const u32 length = segment.length;
  const bool plain = !segment.has(TcpFlag::syn | TcpFlag::fin | TcpFlag::rst);
  if (length == 1 && segment.seq == sender.next && receiver.window == 0 && receiver.last_time != 0)
    return zero_window_probe;
  u32 flags = 0;
  if (segment.window == 0 && plain) flags |= zero_window;
  if (sender.next != 0 && after(segment.seq, sender.next) && !segment.has(TcpFlag::rst)) {
    flags |= lost_segment;
    sender.in_flight_known = false;
  }
  if (!plain) return flags;
  if (length <= 1 && segment.seq == sender.next - 1) flags |= keep_alive;
  const bool repeats = length == 0 && segment.seq == sender.next && segment.ack == sender.last_ack;
  if (repeats && segment.window != 0 && segment.window != sender.window) flags |= window_update;
  const u32 shift = receiver.first_ack || scale < 0 ? 0U : static_cast<u32>(scale);
  if (length > 0 && scale != -1 &&
      segment.seq + length == receiver.last_ack + (receiver.window << shift))
    flags |= window_full;
  if (!repeats || segment.window != sender.window) return flags;
  if (segment.window != 0 && (receiver.last_found & keep_alive) != 0) return flags | keep_alive_ack;
  if (segment.window == 0)
    return (receiver.last_found & zero_window_probe) != 0 ? flags | zero_window_probe_ack : flags;
  if (sender.duplicates == Track::missed) sender.duplicates = 0;
  analysis.duplicate_number = ++sender.duplicates;
  analysis.duplicate_frame = sender.fresh_ack_frame;
  return flags | duplicate_ack;
}

// Which kind of repetition it is, if it is one.
u32 judge_repetition(const Track& sender, const Track& receiver, const Segment& segment, i64 time,
                     i64 first_rtt, Analysis& analysis) {
  using namespace found;  // NOLINT: the bits' names
  const u32 length = segment.length;
  bool behind = sender.next != 0 && before(segment.seq, sender.next);
  if (length > 1 && segment.seq == sender.next - 1) behind = false;
  if (length > 0 && receiver.last_ack != 0 && !after(segment.seq + length, receiver.last_ack))
    return spurious_retransmission;
  if (!behind) return 0;
  const auto within = [&](i64 since, i64 most) { return time >= since && time - since < most; };
  if (receiver.duplicates >= 2 && receiver.last_ack == segment.seq &&
      within(receiver.last_time, 20 * millisecond))
    return fast_retransmission;
  const u32 end = end_of(segment);
  if (within(sender.next_time, first_rtt > 0 ? first_rtt : 3 * millisecond) && sender.next != end)
    return out_of_order;
  analysis.rto = time - sender.next_time;
  analysis.rto_frame = sender.next_frame;
  if (!sender.unacked.empty()) {  // the oldest one is taken for the one sent again
    analysis.rto = time - sender.unacked.oldest().time;
    analysis.rto_frame = sender.unacked.oldest().frame;
  }
  return retransmission;
}

// Takes what is acknowledged off the receiver's list.
void acknowledge(Track& receiver, u32 ack, i64 time, Analysis& analysis) {
  bool found = false;  // the oldest match counts
  receiver.unacked.each([&](const InFlight& one) {
    if (ack != one.next || std::exchange(found, true)) return;
    analysis.acks_frame = one.frame;
    analysis.ack_rtt = time - one.time;
  });
  receiver.unacked.remove_if([&](InFlight& one) {
    if (ack != one.next && after(ack, one.seq) && before(ack, one.next)) one.seq = ack;
    return !after(one.next, ack);
  });
}

void count_in_flight(Track& sender, const Track& receiver, const Segment& segment, u32 base,
                     Analysis& analysis) {
  if (segment.length == 0 || sender.unacked.empty() || !sender.in_flight_known) return;
  analysis.kept = true;
  u32 first = ~0U;  // relative to the first number of all, as tshark compares them
  u32 last = 0;
  sender.unacked.each([&](const InFlight& sent) {
    first = std::min(first, sent.seq - base);
    last = std::max(last, sent.next - base);
  });
  // The peer has what its SACK blocks name; SYN and FIN are no bytes.
  const u32 bytes =
      last - first - receiver.sacked - (end_of(segment) - segment.seq - segment.length);
  if (bytes >= 2'000'000'000) return;
  analysis.bytes_in_flight = bytes;
  const bool push = segment.has(TcpFlag::psh);
  sender.push_bytes = sender.pushed ? segment.length : sender.push_bytes + segment.length;
  sender.pushed = push;
  if (bytes > 0) analysis.push_bytes_sent = sender.push_bytes;
}

}  // namespace

void analyse(Track& sender, Track& receiver, const Segment& segment, const Now& now,
             Analysis& analysis) {
  using namespace found;  // NOLINT: the bits' names
  const auto [frame, time, scale, first_rtt, base] = now;
  u32 flags = judge_numbers(sender, receiver, segment, scale, analysis);
  if (segment.ack != sender.last_ack) {
    sender.fresh_ack_frame = frame;
    sender.duplicates = 0;
  }
  const bool ack = segment.has(TcpFlag::ack);
  if (ack && receiver.contiguous != 0 && after(segment.ack, receiver.contiguous)) {
    // As tshark has it: told where the peer's bytes have gaps, else once for each of the peer's
    // acknowledgement numbers.
    const bool gaps = receiver.contiguous != receiver.next;
    if (gaps || receiver.duplicates == 0) flags |= ack_lost_segment;
    if (!gaps) receiver.duplicates = Track::missed;
    analysis.kept = true;
    receiver.contiguous = receiver.next;
  }
  const u32 end = end_of(segment);
  const u32 space = end - segment.seq;
  if (space > 0 && (flags & keep_alive) == 0)
    flags |= judge_repetition(sender, receiver, segment, time, first_rtt, analysis);

  if (space > 0) {
    if (sender.unacked.size() >= most_unacked) sender.unacked.remove_oldest();
    sender.unacked.add({frame, segment.seq, end, time});
  }
  const bool probe = (flags & zero_window_probe) != 0;
  if ((sender.next == 0 || after(end, sender.next)) && !probe) {
    sender.next = end;
    sender.next_time = time;
    sender.next_frame = frame;
  }
  if ((segment.seq == sender.contiguous || sender.contiguous == 0) && !probe)
    sender.contiguous = sender.next;
  sender.window = segment.window;
  sender.last_ack = segment.ack;
  sender.last_time = time;
  sender.last_found = flags;
  sender.sacked = segment.sacked;
  if (ack && !segment.has(TcpFlag::syn)) sender.first_ack = false;
  if (ack) {
    acknowledge(receiver, segment.ack, time, analysis);
    receiver.in_flight_known = true;
  }
  count_in_flight(sender, receiver, segment, base, analysis);
  analysis.found = flags;
}

}  // namespace trama::flow
