#include "packet/story/tell_verdict.h"

#include <algorithm>

#include "base/say.h"

namespace trama::story {

using namespace flow;  // NOLINT: steps, notes and causes are what this file is about

bool is_sent_again(const Step& step, const Verdicts* verdicts) {
  if (verdicts == nullptr) return step.noted(retransmission);
  if (!step.noted(retransmission | keep_alive)) return false;
  constexpr Cause again[] = {Cause::fast_retransmission,
                             Cause::timeout_retransmission,
                             Cause::tail_loss_probe,
                             Cause::spurious_retransmission,
                             Cause::loss,
                             Cause::fast_open_refused};
  return std::any_of(std::begin(again), std::end(again),
                     [&](Cause cause) { return verdicts->of(cause) != nullptr; });
}

std::string about_cause(const Step& step, const Verdicts& verdicts) {
  for (const Verdict& verdict : verdicts) {
    const auto [first, second, third] = verdict.frames;
    const double waited = static_cast<double>(verdict.waited) / 1e6;
    switch (verdict.cause) {
      case Cause::duplicate_capture:
        return say(
            "The same packet again, not sent again: copied on the way, or by the capture "
            "(copy of #{}).",
            first);
      case Cause::fast_retransmission:
        if (second == 0) break;
        return say(
            "Sent again at once (copy of #{}): #{} told that later bytes arrived and these "
            "did not.",
            first, second);
      case Cause::tail_loss_probe:
        return say(
            "No ACK for {:.0f} ms: the last bytes again, to learn whether they arrived "
            "(tail loss probe; copy of #{}).",
            waited, first);
      case Cause::spurious_retransmission:
        if (!step.noted(retransmission) || first == 0 || second == 0) break;
        if (step.segment.has(TcpFlag::syn)) break;
        return say("Sent again in vain: #{} had confirmed these bytes (copy of #{}).", second,
                   first);
      case Cause::loss:
        return say("Sent again: these bytes were lost before the capture; #{} came without them.",
                   second != 0 ? second : first);
      case Cause::reordering:
        return say("Overtaken on the way by #{}; late, not lost.", first);
      case Cause::zero_window_probe:
        if (step.segment.length == 0) break;
        return say("Window probe with the next byte: asks whether there is room again.");
      case Cause::fast_open_refused:
        return say("The bytes of the SYN again: #{} accepted the SYN alone (no Fast Open).",
                   second);
      default:
        break;
    }
  }
  return {};
}

std::string about_proof(const Step& step, const Verdicts& verdicts) {
  for (const Verdict& verdict : verdicts) {
    if (verdict.cause == Cause::spurious_retransmission && !step.noted(retransmission))
      return say("It proves that #{} was sent in vain.", verdict.frames[0]);
    if (verdict.cause == Cause::duplicated_on_the_way)
      return say("It proves that the bytes of #{} arrived twice.", verdict.frames[0]);
    if (verdict.cause == Cause::not_captured)
      return say("It confirms bytes that the capture does not show (near #{}): missed, not lost.",
                 verdict.frames[0]);
  }
  return {};
}

std::string about_afterwards(const Verdict& verdict, u64 number) {
  if (verdict.cause == Cause::spurious_retransmission)
    return say("In vain, as #{} proves.", number);
  if (verdict.cause == Cause::duplicated_on_the_way)
    return say("It arrived, too, as #{} proves.", number);
  return {};
}

}  // namespace trama::story
