#include "packet/story/tell.h"

#include <algorithm>

#include "base/say.h"
#include "base/terminal.h"
#include "packet/story/icmp.h"
#include "packet/story/tell_verdict.h"

namespace trama::story {
namespace {

using namespace flow;  // NOLINT: steps, notes and flags are what this file is about

// Who speaks, as a sentence's first word.
std::string role(const Step& step, bool sender) {
  const bool client = (step.from == step.conversation->client) == sender;
  return client ? say("Client") : say("Server");
}

double milliseconds(i64 nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string label_of_tcp(const Step& step) {
  const Segment& segment = step.segment;
  std::string label;
  constexpr std::pair<u16, std::string_view> flags[] = {
      {TcpFlag::syn, "SYN"},
      {TcpFlag::fin, "FIN"},
      {TcpFlag::rst, "RST"},
      {TcpFlag::psh, "PSH"},
      {TcpFlag::urg, "URG"},
      {TcpFlag::ack, "ACK"}
  };
  for (const auto& [flag, name] : flags) {
    if (!segment.has(flag)) continue;
    if (!label.empty()) label += ' ';
    label += name;
  }
  if (label.empty()) label = "(no flags)";
  label += ' ';
  const bool only_ack = segment.flags == TcpFlag::ack && segment.length == 0;
  const bool third = only_ack && step.seq == 1 && step.ack == 1;
  if (!only_ack || third) label += fmt::format(" seq={}", step.seq);
  if (segment.has(TcpFlag::ack)) label += fmt::format(" ack={}", step.ack);
  if (segment.length > 0) label += fmt::format(" len={}", segment.length);
  if (segment.has(TcpFlag::syn) && segment.mss != 0) label += fmt::format(" mss={}", segment.mss);
  if (step.noted(zero_window) || step.noted(window_update))
    label += fmt::format(" win={}", step.window);
  return label;
}

// The newest earlier segment that carried the same first byte.
const Memory::Sent* original_of(const Step& step, const Memory& memory) {
  const Memory::Sent* best = nullptr;
  for (const auto& sent : memory.sent)
    if (sent.number != 0 && sent.from == step.from && !before(step.segment.seq, sent.seq) &&
        before(step.segment.seq, sent.seq + sent.space) &&
        (best == nullptr || sent.number > best->number))
      best = &sent;
  return best;
}

std::string about_data(const Step& step) {
  const u32 length = step.segment.length;
  const std::string text = quoted_text(step.segment.payload);
  const bool push = step.segment.has(TcpFlag::psh);
  if (text.empty())
    return push ? say_n("{} byte, not text; PSH: deliver to the program now.",
                        "{} bytes, not text; PSH: deliver to the program now.", length, length)
                : say_n("{} byte, not text.", "{} bytes, not text.", length, length);
  return push ? say_n("{} byte {}; PSH: deliver to the program now.",
                      "{} bytes {}; PSH: deliver to the program now.", length, length, text)
              : say_n("{} byte {}.", "{} bytes {}.", length, length, text);
}

std::string about_repeat(const Step& step, i64 time, const Memory& memory) {
  const Memory::Sent* original = original_of(step, memory);
  if (original == nullptr) return say("The same bytes again: they were sent before.");
  constexpr i64 too_soon = 1'000'000;  // no kernel sends again within a millisecond
  if (time != no_time && original->time != no_time && time - original->time < too_soon)
    return say("The same bytes again at once: copied on the way, or by the capture (copy of #{}).",
               original->number);
  const double waited =
      time == no_time || original->time == no_time ? 0 : milliseconds(time - original->time);
  if (step.segment.has(TcpFlag::syn) && step.segment.has(TcpFlag::ack))
    return say("The third step did not arrive for {:.0f} ms: accepts again (copy of #{}).", waited,
               original->number);
  if (step.segment.has(TcpFlag::syn))
    return say("No answer for {:.0f} ms: the same request again (copy of #{}).", waited,
               original->number);
  return say("No ACK for {:.0f} ms: the same bytes again (copy of #{}).", waited, original->number);
}

std::string about_reset(const Step& step) {
  const auto peer_before = step.before[1 - step.from];
  if (peer_before == TcpState::syn_sent)
    return say("Nobody listens: refused (ECONNREFUSED). Port: closed.");
  if (step.noted(flow::stray_reset))
    return say(
        "RST, but not with the number that the other end waits for: that end answers with "
        "an ACK and goes on (RFC 5961).");
  if (step.before[step.from] == TcpState::syn_sent ||
      step.before[step.from] == TcpState::syn_received || peer_before == TcpState::syn_received)
    return say("{} takes the connection back before it was complete (RST).", role(step, true));
  if (step.before[step.from] == TcpState::closed || step.before[step.from] == TcpState::none)
    return say("{} knows no such connection (any more): RST.", role(step, true));
  // RFC 9293 section 3.10.7.1: a missing socket answers with the number asked for, and no ACK.
  if (!step.segment.has(TcpFlag::ack) && step.answers_peer)
    return say("{} knows no such connection (any more): RST.", role(step, true));
  const auto state = step.before[step.from];
  if (state == TcpState::fin_wait_1 || state == TcpState::fin_wait_2 ||
      state == TcpState::closing || state == TcpState::time_wait || state == TcpState::last_ack)
    return say("{} has closed and takes nothing more: RST in {}.", role(step, true),
               wire::name_of(state));
  return say(
      "{} aborts: the connection is gone, data not read yet is lost (ECONNRESET at the peer).",
      role(step, true));
}

std::string about_fin(const Step& step, const Memory& memory) {
  const bool second = (memory.fins >> (1 - step.from) & 1) != 0;
  return second ? say("{} closes its direction too.", role(step, true))
                : say("{} will send nothing more (close).", role(step, true));
}

std::string about_ack(const Step& step, Memory& memory, const Verdicts* verdicts) {
  const Conversation& conversation = *step.conversation;
  const unsigned to = 1 - step.from;
  const bool completes =
      step.before[to] == TcpState::syn_received && step.after[to] == TcpState::established;
  if (!memory.third_step && conversation.syn_seen && step.ack == 1 &&
      step.from == conversation.client && (completes || step.seq == 1)) {
    memory.third_step = true;
    return say("Third step: both ends agree; accept() now returns.");
  }
  if (step.noted(keep_alive) && step.peer_window == 0)
    return say("Window probe: asks whether there is room again.");
  if (step.noted(keep_alive)) return say("Keep-alive: asks whether the peer is still there.");
  if (step.noted(zero_window) && step.window_before == 0)
    return say("{}'s buffer is still full (window 0).", role(step, true));
  if (step.noted(keep_alive_ack)) return say("Still there: answers the keep-alive.");
  if (step.noted(zero_window))
    return say("{}'s buffer is full: the peer must wait (window 0).", role(step, true));
  const bool waits = verdicts != nullptr && step.segment.sacked > 0 &&
                     verdicts->of(Cause::waits_for_bytes) != nullptr;
  if (step.noted(window_update) && waits && step.window_before != 0)
    return say("Still waits for byte {}: #{} came, but something before it is missing.", step.ack,
               verdicts->of(Cause::waits_for_bytes)->frames[0]);
  if (step.noted(window_update) && step.window_before != 0)
    return say("{}'s window is now {} bytes.", role(step, true), step.window);
  if (step.noted(window_update))
    return say("{} has room again: the peer may send {} bytes.", role(step, true), step.window);
  if (step.noted(duplicate_ack) && step.peer_repeated && !waits)
    return say("{} confirms again: the bytes came twice.", role(step, true));
  if (step.noted(duplicate_ack))
    return say("Still waits for byte {}: something before what arrived is missing (repeat {}).",
               step.ack, step.duplicate_acks);
  if (step.acks_fin) {
    if (step.after[to] == TcpState::closed || step.after[step.from] == TcpState::time_wait)
      return step.after[step.from] == TcpState::time_wait || step.after[to] == TcpState::time_wait
                 ? say("Finished. {} waits 60 s for stray packets.",
                       role(step, step.after[step.from] == TcpState::time_wait))
                 : say("Finished.");
    return say("FIN received; it counts as one byte, hence {}.", step.ack);
  }
  if (step.ack > 1)
    return say_n("{} has byte {} and waits for byte {}.",
                 "{} has bytes 1..{} and waits for byte {}.", step.ack - 1, role(step, true),
                 step.ack - 1, step.ack);
  return say("{} confirms what it has; it waits for byte {}.", role(step, true), step.ack);
}

std::string sentence_of_tcp(const Step& step, i64 time, Memory& memory, const Verdicts* verdicts) {
  const Segment& segment = step.segment;
  if (segment.has(TcpFlag::rst)) return about_reset(step);
  if (verdicts != nullptr)
    if (auto text = about_cause(step, *verdicts); !text.empty()) return text;
  if (is_sent_again(step, verdicts)) return about_repeat(step, time, memory);
  if (segment.has(TcpFlag::syn)) {
    const std::string data =
        segment.length > 0 ? " " + about_data(step) : "";  // Fast Open (RFC 7413)
    if (segment.has(TcpFlag::ack) && step.noted(simultaneous))
      return say("Both asked at once; each also accepts the other's request.") + data;
    if (segment.has(TcpFlag::ack) && step.ack == 1)
      return say("{} accepts (ack=0+1) and announces its own number.", role(step, true)) + data;
    if (segment.has(TcpFlag::ack))
      return say("{} accepts (ack={}) and announces its own number.", role(step, true), step.ack) +
             data;
    if (step.noted(simultaneous))
      return say("{} asks too, at the same time: a simultaneous open.", role(step, true));
    return say("{} asks to connect and announces its initial number.", role(step, true)) + data;
  }
  std::string text;
  const auto add = [&](const std::string& sentence) {
    if (!text.empty() && !sentence.empty()) text += ' ';
    text += sentence;
  };
  if (step.noted(mid_stream)) add(say("The beginning was not captured; numbers count from here."));
  if (step.noted(gap_before)) add(say("Bytes before these were not captured."));
  if (step.noted(out_of_order)) add(say("Overtaken on the way: later bytes came before these."));
  if (segment.length > 0 && !step.noted(keep_alive)) add(about_data(step));
  if (step.noted(window_full))
    add(say("Now the peer's buffer is full; {} must wait.", role(step, true)));
  if (segment.has(TcpFlag::fin)) add(about_fin(step, memory));
  if (text.empty() || step.noted(keep_alive)) text = about_ack(step, memory, verdicts);
  if (verdicts != nullptr) add(about_proof(step, *verdicts));
  return text;
}

std::string sentence_of_udp(const Step& step, Memory& memory) {
  const u8 from = step.from;
  ++memory.datagrams[from];
  const std::string text = quoted_text(step.segment.payload);
  if (memory.datagrams[1 - from] == 0)
    return memory.datagrams[from] == 1
               ? say("Sent with no handshake and no acknowledgement. {}", text)
               : say("Another datagram; nothing was answered yet. {}", text);
  if (memory.datagrams[from] == 1)
    return say("The program answered; UDP itself confirms nothing. {}", text);
  return say("Another datagram: nothing ties it to the ones before. {}", text);
}

void remember(const Step& step, u64 number, i64 time, Memory& memory) {
  if (step.icmp || !step.conversation->tcp) return;
  if (step.segment.has(TcpFlag::fin)) memory.fins |= static_cast<u8>(1U << step.from);
  if (step.segment.space() == 0) return;
  memory.sent[memory.next] = {number, step.segment.seq, step.segment.space(), time, step.from};
  memory.next = (memory.next + 1) % memory.sent.size();
}

}  // namespace

std::string quoted_text(Bytes payload, unsigned most) {
  std::string_view text{reinterpret_cast<const char*>(payload.data()), payload.size()};
  if (text.empty()) return {};
  std::string shown;
  unsigned columns = 0;
  while (!text.empty() && columns < most) {
    const unsigned length = utf8_length(text);
    const bool space = length == 1 && (text[0] == '\n' || text[0] == '\r' || text[0] == '\t');
    if (length == 0 && text.size() >= 4) return {};  // no text
    if (length == 0) break;                          // cut inside a letter
    if (length == 1 && !space && (static_cast<u8>(text[0]) < 0x20 || text[0] == 0x7f)) return {};
    shown += harmless(text.substr(0, length));
    text.remove_prefix(length);
    ++columns;
  }
  return fmt::format("\"{}{}\"", shown, text.empty() ? "" : "...");
}

State state_of(const Conversation& conversation, unsigned end, TcpState state) {
  if (!conversation.tcp)
    return {fmt::format("bound :{}", conversation.endpoints[end].port), Origin::none};
  if (state == TcpState::none) return {"?", Origin::none};
  return {std::string{wire::name_of(state)}, Origin::deduced};
}

State first_client_state(const Conversation& conversation) {
  if (!conversation.tcp) return state_of(conversation, conversation.client, TcpState::none);
  return conversation.syn_seen ? State{"CLOSED", Origin::deduced} : State{"?", Origin::none};
}

State first_server_state(const Conversation& conversation) {
  if (!conversation.tcp) return state_of(conversation, 1 - conversation.client, TcpState::none);
  return conversation.syn_seen ? State{"LISTEN", Origin::deduced} : State{"?", Origin::none};
}

Rung tell(const Step& step, u64 number, i64 time, Memory& memory, const Verdicts* verdicts) {
  const Conversation& conversation = *step.conversation;
  const unsigned client = conversation.client;
  const bool copy = verdicts != nullptr && verdicts->of(Cause::duplicate_capture) != nullptr;
  Rung rung;
  rung.number = number;
  rung.time = time;
  rung.since_previous = step.since_previous;
  rung.by_client = step.from == client;
  rung.client = state_of(conversation, client, step.after[client]);
  rung.server = state_of(conversation, 1 - client, step.after[1 - client]);
  rung.notes = step.notes;
  rung.length = step.segment.length;
  if (step.icmp) {
    rung.label = icmp_label(*step.icmp);
    rung.sentence = icmp_sentence(*step.icmp, conversation);
    State& told =
        step.from == client ? rung.server : rung.client;  // the sender of the quoted packet
    if (!conversation.tcp && is_port_unreachable(*step.icmp)) {
      told = {"ECONNREFUSED", Origin::none};
      (step.from == client ? rung.client : rung.server) = {"no socket", Origin::deduced};
    }
  } else if (conversation.tcp) {
    rung.label = label_of_tcp(step);
    if (copy)
      rung.label += " COPY";
    else if (is_sent_again(step, verdicts))
      rung.label += " RETRANS";
    rung.sentence = sentence_of_tcp(step, time, memory, verdicts);
  } else {
    rung.label = fmt::format("UDP  len={}", step.segment.length);
    rung.sentence = sentence_of_udp(step, memory);
    while (rung.sentence.ends_with(' ')) rung.sentence.pop_back();
  }
  if (!copy) remember(step, number, time, memory);
  return rung;
}

}  // namespace trama::story
