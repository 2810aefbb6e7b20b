#include "packet/story/book.h"

#include <algorithm>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/story/icmp.h"
#include "packet/story/tell_verdict.h"

namespace trama::story {
namespace {

using flow::TcpFlag;
using wire::TcpState;

// The outcome after a step; both ends' states tell most of it.
Outcome outcome_of(const flow::Step& step, const Story& story) {
  const auto client = step.after[step.conversation->client];
  const auto server = step.after[1 - step.conversation->client];
  if (step.icmp) return Outcome::unreachable;
  if (!story.tcp && story.packets[1] == 0 && story.outcome == Outcome::unreachable)
    return Outcome::unreachable;  // a later datagram takes nothing back
  if (!story.tcp)
    return story.packets[0] > 0 && story.packets[1] > 0 ? Outcome::answered : Outcome::unanswered;
  if (step.segment.has(TcpFlag::rst)) {
    const auto asked = step.before[1 - step.from] == TcpState::syn_sent;
    if (asked) return Outcome::refused;
    return story.outcome == Outcome::closed || story.outcome == Outcome::refused ? story.outcome
                                                                                 : Outcome::reset;
  }
  if (story.outcome == Outcome::reset || story.outcome == Outcome::refused) return story.outcome;
  const auto done = [](TcpState state) {
    return state == TcpState::closed || state == TcpState::time_wait;
  };
  if (done(client) && done(server)) return Outcome::closed;
  if (client == TcpState::syn_sent) return Outcome::unanswered;
  if (server == TcpState::syn_received && client == TcpState::established)
    return Outcome::half_open;
  const auto closing = [](TcpState state) {
    return state == TcpState::fin_wait_1 || state == TcpState::fin_wait_2 ||
           state == TcpState::close_wait || state == TcpState::last_ack ||
           state == TcpState::closing || state == TcpState::time_wait;
  };
  return closing(client) || closing(server) ? Outcome::half_closed : Outcome::open;
}

// A segment with bytes, or an ACK, of an open connection, and nothing more to tell about it.
bool is_plain(const Story& story, const flow::Step& step, const flow::Verdicts* verdicts) {
  if (step.icmp || !step.conversation->tcp) return false;
  if (step.segment.has(TcpFlag::syn | TcpFlag::fin | TcpFlag::rst)) return false;
  if (step.before[0] != step.after[0] || step.before[1] != step.after[1]) return false;
  constexpr unsigned enough = 3;  // duplicate ACKs, full windows: more of them tell nothing new
  const bool repeats = step.noted(flow::duplicate_ack) && step.duplicate_acks > enough;
  const bool limited = story.facts.window_full.count > enough;
  u32 quiet = flow::window_update;
  if (repeats) quiet |= flow::duplicate_ack;
  if (limited) quiet |= flow::window_full;
  if ((step.notes & ~quiet) != 0) return false;
  const auto eventful = [&](const flow::Verdict& verdict) {
    switch (verdict.cause) {
      case flow::Cause::partial_checksum:
      case flow::Cause::offload:
      case flow::Cause::window_update:
        return false;
      case flow::Cause::waits_for_bytes:
        return !repeats;
      case flow::Cause::window_full:
        return !limited;
      default:
        return true;
    }
  };
  return verdicts == nullptr || std::none_of(verdicts->begin(), verdicts->end(), eventful);
}

// Takes the rung into the fold behind the newest one; false where the rung is to be told.
bool fold(Story& story, const flow::Step& step, const Rung& rung, bool plain) {
  story.plain_run = plain ? story.plain_run + 1 : 0;
  if (story.plain_run <= Book::most_plain || story.first.empty()) return false;
  const u64 after = story.last.empty() ? story.first.back().number : story.last.back().number;
  if (story.folds.empty() || story.folds.back().after != after) {
    if (story.folds.size() == Book::most_folds) return false;
    story.folds.push_back({.after = after});
  }
  Fold& fold = story.folds.back();
  fold.last = rung.number;
  ++fold.packets;
  fold.time += fold.packets > 1 ? rung.since_previous : 0;
  fold.rate.add(step.since_first, step.segment.length);
  fold.bytes += step.segment.length;
  fold.segments += step.segment.length > 0 ? 1 : 0;
  ++story.folded;
  return true;
}

// Tells an earlier rung what only this packet proves about it.
void revise(Story& story, const flow::Step& step, const flow::Verdicts& verdicts, u64 number) {
  if (step.noted(flow::retransmission)) return;
  for (const flow::Verdict& verdict : verdicts) {
    const std::string more = about_afterwards(verdict, number);
    if (more.empty()) continue;
    const auto tell = [&](auto& rungs) {
      for (Rung& rung : rungs)
        if (rung.number == verdict.frames[0] && !rung.sentence.ends_with(more))
          rung.sentence += " " + more;
    };
    tell(story.first);
    tell(story.last);
  }
}

}  // namespace

Story* Book::add(const flow::Step& step, u64 number, i64 time, const flow::Verdicts* verdicts) {
  const auto& conversation = *step.conversation;
  const std::pair key{conversation.tcp, conversation.stream};
  const auto [at, fresh] = index_.try_emplace(key, stories_.size());
  if (fresh && stories_.size() >= most_stories) {
    index_.erase(at);
    if (left_out_.size() < most_stories * 100) left_out_.try_emplace(key, true);
    return nullptr;
  }
  if (fresh) {
    Story& story = stories_.emplace_back();
    story.tcp = conversation.tcp;
    story.stream = conversation.stream;
    story.client = conversation.client_endpoint();
    story.server = conversation.server_endpoint();
    story.first_client = first_client_state(conversation);
    story.first_server = first_server_state(conversation);
    story.first_number = number;
  }
  Story& story = stories_[at->second];
  newest_ = tell(step, number, time, story.memory, verdicts);
  note(story.facts, step, verdicts, number);
  if (verdicts != nullptr) revise(story, step, *verdicts, number);
  const bool copy = verdicts != nullptr && verdicts->of(flow::Cause::duplicate_capture) != nullptr;
  if (!step.icmp) {
    const unsigned side = step.from == conversation.client ? 0 : 1;
    ++story.packets[side];
    const bool again = is_sent_again(step, verdicts);
    const bool anew = !again && !copy && !step.noted(flow::keep_alive);
    story.bytes[side] += anew ? step.segment.length : 0;
    if (again) ++story.retransmissions;
  }
  const Outcome outcome = outcome_of(step, story);
  const bool ends_it = outcome == Outcome::reset || outcome == Outcome::half_closed;
  if (outcome != story.outcome && ends_it) story.by_client = newest_.by_client;
  if (outcome == Outcome::closed && story.outcome == Outcome::open)
    story.by_client = newest_.by_client;
  story.outcome = outcome;
  if (!fold(story, step, newest_, is_plain(story, step, verdicts))) keep(story, newest_);
  const bool server_sent = !step.icmp && step.from != conversation.client;
  const bool reset = server_sent && story.tcp && step.segment.has(TcpFlag::rst);
  if (server_sent && !reset) story.silent_server.reset();
  const bool no_port = step.icmp && !story.tcp && is_port_unreachable(*step.icmp);
  if (story.silent_server && (outcome == Outcome::refused || no_port))
    story.silent_server = State{"no socket", Origin::deduced};
  if (story.silent_server) newest_.server = *story.silent_server;
  return &story;
}

void Book::keep(Story& story, const Rung& rung) {
  if (story.first.size() < most_first) {
    story.first.push_back(rung);
    return;
  }
  story.last.push_back(rung);
  if (story.last.size() <= most_last) return;
  // A fold behind a rung that goes, goes with it.
  const u64 gone = story.last.front().number;
  while (!story.folds.empty() && story.folds.front().after <= gone &&
         story.folds.front().after > story.first.back().number) {
    story.skipped += story.folds.front().packets;
    story.folded -= story.folds.front().packets;
    story.folds.pop_front();
  }
  story.last.pop_front();
  ++story.skipped;
}

void Book::add_message(Story& story, std::string_view protocol, std::string_view info) {
  constexpr std::size_t most = 100;  // bytes of it
  std::string text = harmless(info.substr(0, most));
  if (info.size() > most) text += "...";
  const std::string more = fmt::format(" {}: {}", protocol, text);
  newest_.sentence += more;
  const auto tell = [&](auto& rungs) {
    if (!rungs.empty() && rungs.back().number == newest_.number) rungs.back().sentence += more;
  };
  tell(story.first);
  tell(story.last);
}

void settle(Story& story) {
  if (!story.silent_server) return;
  story.first_server = *story.silent_server;
  for (Rung& rung : story.first) rung.server = *story.silent_server;
  for (Rung& rung : story.last) rung.server = *story.silent_server;
}

std::string summary(const Story& story) {
  std::string text;
  if (story.bytes[0] + story.bytes[1] > 0)
    text = say("{} bytes to the server, {} back; ", story.bytes[0], story.bytes[1]);
  if (story.retransmissions > 0)
    text += say_n("{} packet sent again; ", "{} packets sent again; ", story.retransmissions,
                  story.retransmissions);
  switch (story.outcome) {
    case Outcome::open:
      return text + say("still open when the capture ends.");
    case Outcome::closed:
      return text + (story.by_client ? say("closed in order, by the client first.")
                                     : say("closed in order, by the server first."));
    case Outcome::half_closed:
      return text + (story.by_client ? say("closed by the client only, so far.")
                                     : say("closed by the server only, so far."));
    case Outcome::reset:
      return text + (story.by_client ? say("aborted by the client (RST).")
                                     : say("aborted by the server (RST)."));
    case Outcome::refused:
      return text + say("refused: nobody listens on port {}.", story.server.port);
    case Outcome::unanswered:
      return text + (story.tcp ? say("no answer: filtered, or nobody there.")
                               : say("no answer; UDP does not tell why."));
    case Outcome::half_open:
      return text + say("half open: the third step of the handshake is missing.");
    case Outcome::unreachable:
      return text + say("an ICMP error answered: see its packet.");
    case Outcome::answered:
      return text + say("answered.");
  }
  return text;
}

}  // namespace trama::story
