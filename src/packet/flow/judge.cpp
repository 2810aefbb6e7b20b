#include "packet/flow/judge.h"

#include <algorithm>

#include "packet/flow/trail.h"

namespace trama::flow {
namespace {

constexpr i64 millisecond = 1'000'000;
// A copy comes this soon where the IP id proves it; without ids, only this soon: no kernel sends
// the same again within a millisecond.
constexpr i64 copy_time = 100 * millisecond;
constexpr i64 copy_time_without_ids = millisecond;
// A sender's timer runs this long at least (Linux; RFC 6298 asks for 1 s): what is sent again
// sooner after an ACK was sent because of that ACK.
constexpr i64 least_timer = 190 * millisecond;
constexpr unsigned enough_repeats = 3;  // duplicate ACKs that prove a loss (RFC 5681 section 3.2)
constexpr i64 reordering_time = 3 * millisecond;  // where neither clock, id nor round trip tell

constexpr bool after(u32 a, u32 b) { return before(b, a); }

// One packet on its way to its verdicts.
class Case {
 public:
  Case(const Step& step, const Packet& packet, const Traces& traces, Trail& trail,
       std::size_t& held)
      : step_(step),
        segment_(step.segment),
        traces_(traces),
        number_(packet.number),
        time_(packet.time),
        own_(trail.ways[step.from]),
        peer_(trail.ways[1 - step.from]),
        held_(held),
        end_(segment_.seq + segment_.space()) {}

  Verdicts judge() {
    if (step_.found(found::reused_ports)) forget();
    about_card();
    if (own_.any && is_copy()) {
      note_id();
      return verdicts_;
    }
    const bool asks = judge_questions();
    const bool shows_gap = own_.any && after(segment_.seq, own_.next);
    if ((segment_.space() > 0 || shows_gap) && !asks && !segment_.has(TcpFlag::rst)) judge_bytes();
    if (segment_.has(TcpFlag::ack) && !segment_.has(TcpFlag::rst)) judge_ack();
    if (step_.found(found::window_full)) tell(Cause::window_full, {peer_.room_frame});
    if (step_.found(found::reused_ports)) tell(Cause::port_reuse, {});
    note_id();
    note_print();
    if (!asks) note_bytes();
    if (segment_.has(TcpFlag::ack) && !segment_.has(TcpFlag::rst)) note_ack();
    return verdicts_;
  }

 private:
  void tell(Cause cause, std::initializer_list<u64> frames) {
    Verdict verdict{.cause = cause};
    for (const u64 frame : frames) verdict.prove(frame);
    verdicts_.add(verdict);
  }

  // A new connection: what is known of the sender is of the one before.
  void forget() {
    held_ -= own_.ring.places();
    own_ = {};
  }

  // ---- what a network card does ----

  void about_card() {
    const u16 most = step_.conversation->ends[1 - step_.from].mss;
    if (most != 0 && segment_.length > most) tell(Cause::offload, {peer_.syn});
    own_.partial = own_.partial && traces_.partial_checksum;
    if (own_.partial) tell(Cause::partial_checksum, {});
  }

  // ---- copies ----

  [[nodiscard]] bool ids_tell() const {
    return traces_.id != 0 && !own_.same_ids && !own_.keeps_ids;
  }

  bool is_copy() {
    const bool tells = ids_tell();
    // A host may well repeat an ACK that has no id at once; it does not repeat bytes so.
    if (!tells && segment_.space() == 0) return false;
    for (const Way::Print& one : own_.prints) {
      if (one.frame == 0 || one.seq != segment_.seq || one.ack != segment_.ack ||
          one.print != traces_.print || one.clock != traces_.clock || one.id != traces_.id)
        continue;
      if (time_ == no_time || one.time == no_time) continue;
      // Some hosts send a packet again as it was.
      own_.keeps_ids = own_.keeps_ids || (tells && time_ - one.time >= copy_time);
      if (time_ - one.time >= (tells ? copy_time : copy_time_without_ids)) continue;
      if (Sent* sent = own_.ring.newest(segment_.seq, end_)) sent->copy = number_;
      tell(Cause::duplicate_capture, {one.frame});
      return true;
    }
    return false;
  }

  void note_id() {
    if (verdicts_.of(Cause::duplicate_capture) != nullptr) return;
    if (own_.any) own_.same_ids = own_.last_id == traces_.id;
    own_.last_id = traces_.id;
  }

  void note_print() {
    own_.prints[own_.next_print] = {number_,       time_,         segment_.seq, segment_.ack,
                                    traces_.print, traces_.clock, traces_.id};
    own_.next_print = static_cast<u8>((own_.next_print + 1) % own_.prints.size());
  }

  // ---- questions without bytes of their own ----

  bool judge_questions() {
    // What is not acknowledged yet is sent again; a question repeats a byte that is.
    if (segment_.length == 1 && peer_.acks && !after(peer_.acked, segment_.seq) &&
        step_.found(found::keep_alive))
      return false;
    if (step_.found(found::zero_window_probe) ||
        (step_.found(found::keep_alive) && step_.peer_window == 0))
      tell(Cause::zero_window_probe, {peer_.full_frame});
    else if (step_.found(found::keep_alive))
      tell(Cause::keep_alive, {own_.top});
    else
      return false;
    own_.probe = number_;
    return true;
  }

  // ---- bytes ----

  void judge_bytes() {
    if (!own_.any) return;
    if (after(segment_.seq, own_.next)) return tell(Cause::missing_bytes, {own_.top});
    if (!before(segment_.seq, own_.next)) return;
    // In a simultaneous open the SYN ACK has the SYN's number, but is no repetition of it.
    if (step_.noted(simultaneous)) return tell(Cause::simultaneous_open, {own_.syn, peer_.syn});
    if (Hole* hole = own_.hole_at(segment_.seq, end_)) return judge_filling(*hole);
    judge_repeat();
  }

  // Whether this packet was sent before the other one: 1 yes, -1 no, 0 not known. By the sender's
  // clock, by its count of packets, by how long it took.
  [[nodiscard]] int sent_before(const Sent& other) const {
    if (traces_.stamped && other.stamped && traces_.clock != other.clock)
      return before(traces_.clock, other.clock) ? 1 : -1;
    if (ids_tell() && other.id != 0)
      return static_cast<std::int16_t>(traces_.id - other.id) < 0 ? 1 : -1;
    if (time_ == no_time || other.time == no_time) return 0;
    const i64 round = step_.conversation->first_rtt;
    return time_ - other.time < (round > 0 ? round : reordering_time) ? 1 : -1;
  }

  // Bytes that were skipped come now.
  void judge_filling(Hole& hole) {
    const int order = sent_before(hole.overtaker);
    if (order > 0) return tell(Cause::reordering, {hole.overtaker.frame, hole.acked});
    if (hole.acked != 0) return tell_again(Cause::spurious_retransmission, nullptr, hole.acked);
    tell_again(Cause::loss, nullptr, hole.overtaker.frame);
    verdicts_.all[verdicts_.count - 1].prove(peer_.repeat_frame);
  }

  void tell_again(Cause cause, const Sent* original, u64 proof) {
    again_ = original == nullptr ? u64{1} : original->frame;
    const u64 first = original == nullptr ? 0 : original->frame;
    tell(cause, {first, proof});
    if (original != nullptr && time_ != no_time && original->time != no_time)
      verdicts_.all[verdicts_.count - 1].waited = time_ - original->time;
  }

  // A later transmission than `sent` that the receiver told it has: its ACK; 0: none.
  [[nodiscard]] u64 later_one_arrived(const Sent& sent) const {
    u64 proof = 0;
    own_.ring.each([&](const Sent& other) {
      if (other.frame > sent.frame && other.sacked > proof) proof = other.sacked;
    });
    return proof;
  }

  // These bytes were sent before.
  void judge_repeat() {
    const Sent* original = own_.ring.newest(segment_.seq, std::max(segment_.seq + 1, end_));
    if (peer_.acks && !after(end_, peer_.acked))
      return tell_again(Cause::spurious_retransmission, original, peer_.acked_frame);
    if (original != nullptr && original->sacked != 0 && !after(end_, original->end))
      return tell_again(Cause::spurious_retransmission, original, original->sacked);
    if (segment_.has(TcpFlag::syn)) return tell_again(Cause::timeout_retransmission, original, 0);
    if (original != nullptr && original->frame == own_.syn && peer_.acked == segment_.seq &&
        peer_.repeats == 0)
      return tell(Cause::fast_open_refused, {own_.syn, peer_.syn});

    const i64 timer = std::max(least_timer, step_.conversation->first_rtt * 5 / 4);
    const bool timed = time_ != no_time && peer_.heard != no_time;
    const bool fresh = timed && time_ - peer_.heard < timer;
    const bool recovers = own_.recovery != Cause::none && before(segment_.seq, own_.recovery_end);
    u64 proof = 0;
    if (fresh && original != nullptr) proof = later_one_arrived(*original);
    if (fresh && proof == 0 && peer_.acked == segment_.seq && peer_.repeats >= enough_repeats &&
        (original == nullptr || original->frame < peer_.repeat_frame))
      proof = peer_.repeat_frame;
    if (proof == 0 && fresh && recovers)  // an ACK of a part of what was lost (RFC 6582)
      return tell_again(
          own_.recovery, original,
          own_.recovery == Cause::fast_retransmission ? peer_.acked_frame : own_.recovery_frame);
    if (proof != 0) {
      if (!recovers) recover(Cause::fast_retransmission);
      return tell_again(Cause::fast_retransmission, original, proof);
    }
    // A timer sends the first segment that is not acknowledged; only the probe for a loss at the
    // end sends the last one.
    if (end_ == own_.next && peer_.acks && after(segment_.seq, peer_.acked) && !recovers &&
        segment_.length > 0)
      return tell_again(Cause::tail_loss_probe, original, peer_.acked_frame);
    recover(Cause::timeout_retransmission);
    tell_again(Cause::timeout_retransmission, original, 0);
  }

  void recover(Cause cause) {
    own_.recovery = cause;
    own_.recovery_end = own_.next;
    own_.recovery_frame = number_;
  }

  void note_bytes() {
    if (segment_.has(TcpFlag::rst)) return;
    if (segment_.has(TcpFlag::syn)) own_.syn = number_;
    if (segment_.space() == 0 && own_.any && !after(segment_.seq, own_.next)) return;
    const Sent sent{.frame = number_,
                    .time = time_,
                    .seq = segment_.seq,
                    .end = end_,
                    .clock = traces_.clock,
                    .id = traces_.id,
                    .stamped = traces_.stamped,
                    .again = again_ != 0,
                    .crossing = step_.noted(simultaneous),
                    .original = again_ > 1 ? again_ : 0};
    if (own_.any && after(segment_.seq, own_.next)) own_.open_hole(sent);
    if (own_.any && before(segment_.seq, own_.next)) own_.fill_holes(segment_.seq, end_);
    if (segment_.space() > 0) own_.ring.put(sent, held_);
    if (!own_.any || after(end_, own_.next)) {
      own_.next = end_;
      own_.top = number_;
    }
    own_.any = true;
    if (again_ > 1 && own_.doubt.frame == 0 && traces_.stamped)
      own_.doubt = {number_, again_, end_, traces_.clock};
  }

  // ---- acknowledgements ----

  void judge_ack() {
    if (peer_.any && judge_unseen()) return;
    const bool proves = judge_twice() || judge_doubt();
    if (segment_.length > 0 || segment_.has(TcpFlag::syn | TcpFlag::fin)) return;
    if (step_.found(found::keep_alive_ack)) return tell(Cause::keep_alive_answer, {peer_.probe});
    if (step_.found(found::zero_window_probe_ack)) return tell(Cause::probe_answer, {peer_.probe});
    if (step_.found(found::zero_window))
      return tell(Cause::receiver_full, {own_.full_frame, peer_.top});
    const bool update = step_.found(found::window_update);
    if (!proves && (step_.found(found::duplicate_ack) || (update && traces_.sack_count > 0)))
      return before(segment_.ack, peer_.next) ? tell(Cause::waits_for_bytes, {newest_of_peer()})
                                              : tell(Cause::nothing_missing, {own_.acked_frame});
    if (!update) return;
    if (own_.full_frame != 0) return tell(Cause::receiver_reads, {own_.full_frame});
    tell(Cause::window_update, {own_.room_frame});
  }

  [[nodiscard]] u64 newest_of_peer() const {
    u64 newest = 0;
    peer_.ring.each([&](const Sent& sent) { newest = std::max(newest, sent.frame); });
    return newest;
  }

  // It acknowledges what the capture does not have.
  bool judge_unseen() {
    Verdict verdict{.cause = Cause::not_captured};
    for (u8 i = 0; i < peer_.hole_count; ++i) {
      Hole& hole = peer_.holes[i];
      if (hole.acked != 0 || !after(segment_.ack, hole.from)) continue;
      hole.acked = number_;
      verdict.prove(hole.overtaker.frame);
    }
    constexpr u32 largest_window = u32{1} << 30;  // RFC 7323 section 2.3
    const bool beyond =
        after(segment_.ack, peer_.next) && segment_.ack - peer_.next <= largest_window;
    // The byte of a window probe is no byte of the stream unless it is acknowledged.
    if (beyond && !(peer_.probe != 0 && segment_.ack == peer_.next + 1)) verdict.prove(peer_.top);
    if (beyond) peer_.next = segment_.ack;
    verdicts_.add(verdict.count > 0 ? verdict : Verdict{});
    return verdict.count > 0;
  }

  // Its first SACK block tells of bytes that came twice (RFC 2883 section 4).
  bool judge_twice() {
    if (traces_.sack_count == 0) return false;
    const auto& [from, to] = traces_.sacks[0];
    const auto& second = traces_.sacks[1];
    const bool old = !after(to, segment_.ack);
    const bool inside =
        traces_.sack_count > 1 && !before(from, second.from) && !after(to, second.to);
    if ((!old && !inside) || !before(from, to)) return false;
    if (step_.found(found::keep_alive_ack)) return false;
    const Sent* newest = peer_.ring.newest(from, to);
    if (newest == nullptr) return false;
    if (newest->crossing)
      tell(Cause::simultaneous_open, {newest->frame});
    else if (newest->copy != 0)
      tell(Cause::duplicated_on_the_way, {newest->copy, newest->frame});
    else if (newest->again)
      tell(Cause::spurious_retransmission, {newest->frame, newest->original});
    else if (!after(to, newest->end))
      tell(Cause::duplicated_on_the_way, {newest->frame});
    else
      return false;
    if (peer_.doubt.frame == newest->frame) peer_.doubt = {};
    return true;
  }

  // The first ACK of bytes sent again echoes the clock of the transmission that arrived first
  // (Eifel, RFC 3522 section 3.2).
  bool judge_doubt() {
    const Way::Doubt doubt = peer_.doubt;
    if (doubt.frame == 0 || before(segment_.ack, doubt.end)) return false;
    peer_.doubt = {};
    if (!traces_.stamped || traces_.echo == 0 || !before(traces_.echo, doubt.clock)) return false;
    tell(Cause::spurious_retransmission, {doubt.frame, doubt.original});
    return true;
  }

  void note_ack() {
    const bool fresh = !own_.acks || after(segment_.ack, own_.acked);
    if (fresh) {
      own_.acks = true;
      own_.acked = segment_.ack;
      own_.acked_frame = number_;
      own_.repeats = 0;
    } else if (segment_.ack == own_.acked && segment_.length == 0 &&
               verdicts_.of(Cause::waits_for_bytes) != nullptr) {
      ++own_.repeats;
      own_.repeat_frame = number_;
    }
    for (u8 i = 0; i < traces_.sack_count; ++i) {
      const auto [from, to] = traces_.sacks[i];
      if (!after(to, segment_.ack)) continue;
      peer_.ring.each([&, from = from, to = to](Sent& sent) {
        if (sent.sacked == 0 && !before(sent.seq, from) && !after(sent.end, to))
          sent.sacked = number_;
      });
    }
    if (fresh || traces_.sack_count > 0 || own_.repeat_frame == number_) own_.heard = time_;
    if (peer_.recovery != Cause::none && !before(segment_.ack, peer_.recovery_end))
      peer_.recovery = Cause::none;
    if (segment_.has(TcpFlag::syn)) return;
    own_.room_frame = number_;
    if (segment_.window != 0)
      own_.full_frame = 0;
    else if (own_.full_frame == 0)
      own_.full_frame = number_;
  }

  const Step& step_;
  const Segment& segment_;
  const Traces& traces_;
  u64 number_;
  i64 time_;
  Way& own_;   // of the sender
  Way& peer_;  // of the other end
  std::size_t& held_;
  u32 end_;        // behind what it takes
  u64 again_ = 0;  // its bytes were sent before, with this packet; 1: with one not seen
  Verdicts verdicts_;
};

}  // namespace

Verdicts Judge::follow(const Step& step, const Packet& packet, const dissect::Tree* tree) {
  if (step.icmp || !step.conversation->tcp || !step.segment.whole) return {};
  auto& place = step.conversation->evidence;
  if (!place) place = std::make_unique<Trail>(held_);
  return Case{step, packet, traces_of(packet, tree), static_cast<Trail&>(*place), held_}.judge();
}

}  // namespace trama::flow
