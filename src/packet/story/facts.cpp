#include "packet/story/facts.h"

#include <algorithm>

namespace trama::story {
namespace {

using namespace flow;  // NOLINT: steps, notes and causes are what this file is about

void note_icmp(Facts& facts, const IcmpError& error, u64 number) {
  if (facts.icmp != 0) return;
  facts.icmp = number;
  facts.icmp_type = error.type;
  facts.icmp_code = error.code;
  facts.icmp_v6 = error.v6;
  facts.icmp_reporter = to_string(error.reporter);
}

void note_again(Facts& facts, u64 number, u64 original) {
  facts.newest_again[facts.again.count % facts.newest_again.size()] = number;
  facts.again.note(number, original);
}

// `number` was sent in vain, as `proof` tells: it was not lost, as it was taken to be.
void note_in_vain(Facts& facts, u64 number, u64 proof) {
  if (facts.newest_in_vain == number) return;
  facts.newest_in_vain = number;
  facts.in_vain.note(number, proof);
  for (u64& counted : facts.newest_again)
    if (counted == number && facts.again.count > 0) {
      --facts.again.count;
      counted = 0;
    }
}

void note_verdict(Facts& facts, const Verdict& verdict, const Step& step, u64 number) {
  const u64 proof = verdict.count > 0 ? verdict.frames[0] : 0;
  const bool lost =
      verdict.cause == Cause::fast_retransmission || verdict.cause == Cause::timeout_retransmission;
  if (lost && verdict.waited > facts.slowest) {
    facts.slowest = verdict.waited;
    facts.slowest_frame = number;
    facts.slowest_original = proof;
  }
  switch (verdict.cause) {
    case Cause::fast_retransmission:
    case Cause::loss:
      facts.fast.note(number, proof);
      note_again(facts, number, proof);
      break;
    case Cause::timeout_retransmission:
      facts.timeouts.note(number, proof);
      note_again(facts, number, proof);
      break;
    case Cause::spurious_retransmission:
      if (step.segment.has(TcpFlag::syn))
        facts.third_step.note(number, verdict.frames[1]);
      else if (step.noted(retransmission))
        note_in_vain(facts, number, verdict.frames[1]);
      else if (step.ack > 1)  // else of a SYN ACK
        note_in_vain(facts, proof, number);
      break;
    case Cause::duplicate_capture:
      facts.copies.note(number, proof);
      break;
    case Cause::reordering:
      facts.reordered.note(number, proof);
      break;
    case Cause::not_captured:
      facts.unseen.note(number, proof);
      break;
    case Cause::receiver_full:
      facts.full.note(number, proof);
      break;
    case Cause::zero_window_probe:
      facts.probes.note(number, proof);
      break;
    case Cause::window_full:
      facts.window_full.note(number, proof);
      break;
    case Cause::keep_alive:
      facts.keep_alives.note(number, proof);
      break;
    case Cause::keep_alive_answer:
      facts.keep_alive_answers.note(number, proof);
      break;
    case Cause::offload:
      facts.offload.note(number, proof);
      break;
    default:
      break;
  }
}

void note_sending(Sending& sending, const Step& step, u64 number, bool copy) {
  const Segment& segment = step.segment;
  if (segment.length == 0 || copy || step.noted(keep_alive)) return;
  if (!step.noted(retransmission)) {
    ++sending.segments;
    sending.bytes += segment.length;
    sending.rate.add(step.since_first, segment.length);
    if (segment.length > std::max(sending.longest_passed, sending.long_length)) {
      sending.long_length = segment.length;
      sending.long_end = segment.seq + segment.length;
    }
    return;
  }
  if (sending.stuck_times == 0 || sending.stuck_seq != segment.seq) {
    sending.stuck_times = 0;
    sending.stuck = number;
    sending.stuck_seq = segment.seq;
    sending.stuck_length = segment.length;
  }
  ++sending.stuck_times;
  sending.stuck_last = number;
}

// The peer acknowledges what this end sent.
void note_ack(Sending& sending, const Step& step) {
  if (!step.segment.has(TcpFlag::ack)) return;
  const u32 ack = step.segment.ack;
  if (sending.long_length != 0 && !before(ack, sending.long_end)) {
    sending.longest_passed = std::max(sending.longest_passed, sending.long_length);
    sending.long_length = 0;
  }
  if (sending.stuck_times != 0 && before(sending.stuck_seq, ack)) sending.stuck_times = 0;
}

void note_window(Facts& facts, const Step& step) {
  if (step.segment.has(TcpFlag::syn | TcpFlag::rst)) return;
  if (step.window == 0 && facts.full_since < 0) facts.full_since = step.since_first;
  if (step.window == 0 || step.window_before != 0 || facts.full_since < 0) return;
  facts.full_for += step.since_first - facts.full_since;
  facts.full_since = -1;
}

}  // namespace

void note(Facts& facts, const Step& step, const Verdicts* verdicts, u64 number) {
  if (step.icmp) return note_icmp(facts, *step.icmp, number);
  const Conversation& conversation = *step.conversation;
  const unsigned side = step.from == conversation.client ? 0 : 1;
  if (!conversation.tcp) {
    if (side == 0) facts.asked.note(number);
    facts.sending[side].rate.add(step.since_first, step.segment.length);
    return;
  }
  const Segment& segment = step.segment;
  const bool syn = segment.has(TcpFlag::syn);
  if (syn && !segment.has(TcpFlag::ack) && side == 0) facts.asked.note(number);
  if (syn && segment.has(TcpFlag::ack) && facts.syn_ack == 0) facts.syn_ack = number;
  if (segment.has(TcpFlag::fin) && facts.fins[side] == 0) facts.fins[side] = number;
  if (segment.has(TcpFlag::rst) && facts.reset == 0) {
    facts.reset = number;
    facts.reset_by_client = side == 0;
    facts.reset_client = step.before[conversation.client];
    facts.reset_server = step.before[1 - conversation.client];
  }
  bool copy = false;
  if (verdicts != nullptr)
    for (const Verdict& verdict : *verdicts) {
      note_verdict(facts, verdict, step, number);
      copy = copy || verdict.cause == Cause::duplicate_capture;
    }
  note_sending(facts.sending[side], step, number, copy);
  note_ack(facts.sending[1 - side], step);
  note_window(facts, step);
}

}  // namespace trama::story
