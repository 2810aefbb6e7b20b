#include "packet/flow/follow_segment.h"

#include <algorithm>

#include "packet/flow/analysis.h"

namespace trama::flow {
namespace {

constexpr i64 millisecond = 1'000'000;

// A segment that is older than what came before it: reordered on the way if it came this soon, else
// sent again (tshark's rule where the round trip is unknown).
constexpr i64 reordering_time = 3 * millisecond;

// Moves an end along its row, if there is one.
void see(Step& step, unsigned end, Event event) {
  End& it = step.conversation->ends[end];
  const Rule* rule = rule_for(it.state, event);
  if (rule == nullptr) return;
  it.state = rule->next;
  step.moved[end] = rule;
}

// A RST ends a connection only with the very number that the end waits for; to another it answers
// with an ACK (RFC 9293 section 3.10.7.4; RFC 5961). Linux takes the end of its highest SACK block,
// too.
bool takes_reset(const End& end, u32 seq) {
  if (!end.arrives || end.state == TcpState::syn_sent || seq == end.arrived) return true;
  u32 highest = end.arrived;
  for (u8 i = 0; i < end.blocks; ++i)
    if (before(highest, (*end.ahead)[i].to)) highest = (*end.ahead)[i].to;
  return seq == highest;
}

// True where all of [from, to) has arrived before.
bool has_arrived(const End& end, u32 from, u32 to) {
  if (!end.arrives) return false;
  if (!before(end.arrived, to)) return true;
  for (u8 i = 0; i < end.blocks; ++i)
    if (!before(from, (*end.ahead)[i].from) && !before((*end.ahead)[i].to, to)) return true;
  return false;
}

// Notes that the peer's bytes [from, to) reached this end.
void arrive(End& end, u32 from, u32 to) {
  if (!end.arrives) {
    end.arrives = true;
    end.arrived = from;
  }
  if (before(end.arrived, from)) {
    if (!end.ahead) end.ahead = std::make_unique<std::array<End::Block, End::most_blocks>>();
    auto& ahead = *end.ahead;
    if (end.blocks == End::most_blocks) {  // all used: the oldest is forgotten
      std::move(ahead.begin() + 1, ahead.end(), ahead.begin());
      --end.blocks;
    }
    ahead[end.blocks++] = {from, to};
    return;
  }
  if (before(end.arrived, to)) end.arrived = to;
  for (bool joined = true; joined;) {  // blocks that the gap kept waiting
    joined = false;
    for (u8 i = 0; i < end.blocks; ++i) {
      End::Block& block = (*end.ahead)[i];
      if (before(end.arrived, block.from)) continue;
      if (before(end.arrived, block.to)) end.arrived = block.to;
      block = (*end.ahead)[--end.blocks];
      joined = true;
      break;
    }
  }
}

u64 scaled(const End& end) { return u64{end.window} << std::max<int>(0, end.window_scale); }

void begin_sequence(Conversation& conversation, unsigned from, const Segment& segment) {
  End& sender = conversation.ends[from];
  End& receiver = conversation.ends[1 - from];
  const bool syn = segment.has(TcpFlag::syn);
  if (!sender.has_base) {
    sender.has_base = true;
    sender.base = syn ? segment.seq : segment.seq - 1;
  }
  if (!receiver.has_base && segment.has(TcpFlag::ack)) {
    receiver.has_base = true;
    receiver.base = segment.ack - 1;
  }
  if (syn) {
    conversation.syn_seen = true;
    sender.mss = segment.mss;
    if (segment.window_scale >= 0)
      sender.window_scale = static_cast<std::int8_t>(segment.window_scale);
    else if (segment.has(TcpFlag::ack) && sender.window_scale == -1)
      sender.window_scale = receiver.window_scale =
          -2;  // it refuses the offer (RFC 7323 section 2.2)
  }
}

// How the sequence numbers relate to what was seen before (before they are noted).
u32 judge_data(const Step& step, const Packet& packet) {
  const Conversation& conversation = *step.conversation;
  const Segment& segment = step.segment;
  const End& sender = conversation.ends[step.from];
  const End& receiver = conversation.ends[1 - step.from];
  const bool plain = !segment.has(TcpFlag::syn | TcpFlag::fin | TcpFlag::rst);
  if (!sender.sent) return 0;
  if (plain && segment.length <= 1 && segment.seq == sender.next - 1) return keep_alive;
  const u32 space = segment.space();
  u32 notes = 0;
  if (before(sender.next, segment.seq) && !segment.has(TcpFlag::rst)) notes |= gap_before;
  // In a simultaneous open the SYN ACK has the SYN's number, but is no repetition of it.
  const bool answers_crossing = segment.has(TcpFlag::syn) && sender.syn_flags != segment.flags;
  if (answers_crossing) notes |= simultaneous;
  if (space > 0 && before(segment.seq, sender.next) && !answers_crossing) {
    const bool seen = has_arrived(receiver, segment.seq, segment.seq + space);
    const i64 newest = sender.data_sent;
    const bool soon = newest != no_time && packet.time - newest < reordering_time;
    notes |= !seen && soon ? u32{out_of_order} : u32{retransmission};
  }
  if (segment.length > 0 && plain && receiver.acks &&
      segment.seq + segment.length == receiver.acked + static_cast<u32>(scaled(receiver)))
    notes |= window_full;
  return notes;
}

u32 judge_ack(const Step& step, bool peer_kept_alive) {
  const Segment& segment = step.segment;
  const End& sender = step.conversation->ends[step.from];
  const End& receiver = step.conversation->ends[1 - step.from];
  if (segment.has(TcpFlag::syn | TcpFlag::fin | TcpFlag::rst)) return 0;
  u32 notes = segment.window == 0 ? u32{zero_window} : 0;
  if (segment.has(TcpFlag::ack) && receiver.sent && before(receiver.next, segment.ack))
    notes |= acks_unseen;
  if (segment.length > 0 || !sender.acks || segment.ack != sender.acked ||
      segment.seq != sender.next)
    return notes;
  if (segment.window != sender.window)
    return segment.window != 0 ? notes | u32{window_update} : notes;
  if (peer_kept_alive) return notes | keep_alive_ack;
  return segment.window != 0 && receiver.sent && before(segment.ack, receiver.next)
             ? notes | duplicate_ack
             : notes;
}

// tcp.completeness: 1 SYN, 2 SYN ACK, 4 ACK, 8 data, 16 FIN, 32 RST. A packet's own part shows from
// the next packet on; a conversation's first packet counts only if it is the SYN, and if FTP
// foretold it, only if it is none.
void count_completeness(Conversation& conversation, const Segment& segment, Analysis& analysis) {
  u8& seen = conversation.completeness;
  analysis.completeness = seen;
  if (!segment.counts) return;
  const bool syn = segment.has(TcpFlag::syn);
  const bool ack = segment.has(TcpFlag::ack);
  const bool data = segment.length > 0;
  if (!conversation.foretold && conversation.ends[0].packets + conversation.ends[1].packets == 1) {
    if (syn && !ack) seen = data ? 9 : 1;
    return;
  }
  if (syn && ack) seen |= 2;
  if (!syn && ack && !data) seen |= 4;
  if (data) seen |= 8;
  if (ack && segment.has(TcpFlag::fin)) seen |= 16;
  if (segment.has(TcpFlag::rst)) seen |= 32;
}

// The round trip of the handshake, as the capturing machine sees it.
void time_handshake(Conversation& conversation, const Segment& segment, i64 time,
                    Analysis& analysis) {
  const bool syn = segment.has(TcpFlag::syn);
  const bool ack = segment.has(TcpFlag::ack);
  if (syn && !ack) conversation.syn_time = time;
  if (conversation.first_rtt <= 0 && !syn && ack && conversation.syn_time != no_time)
    conversation.first_rtt = time - conversation.syn_time;
  analysis.initial_rtt = conversation.first_rtt;
}

void analyse_tcp(Step& step, const Packet& packet) {
  Conversation& conversation = *step.conversation;
  count_completeness(conversation, step.segment, step.analysis);
  time_handshake(conversation, step.segment, packet.time, step.analysis);
  const unsigned to = 1 - step.from;
  analyse(conversation.tracks[step.from], conversation.tracks[to], step.segment,
          {packet.number, packet.time, conversation.ends[to].window_scale, conversation.first_rtt,
           conversation.ends[step.from].base},
          step.analysis);
  if (step.noted(port_reused)) step.analysis.found |= found::reused_ports;
}

// A SYN ACK that starts elsewhere than the one before it: the ports serve a new connection.
void restart_sequence(Step& step) {
  End& sender = step.conversation->ends[step.from];
  const Segment& segment = step.segment;
  if (!segment.has(TcpFlag::syn) || !segment.has(TcpFlag::ack)) return;
  if (!sender.has_base || sender.base == segment.seq) return;
  step.notes |= port_reused;
  sender.base = segment.seq;
}

void follow_tcp(Step& step, const Packet& packet, bool peer_kept_alive) {
  Conversation& conversation = *step.conversation;
  const Segment& segment = step.segment;
  const unsigned from = step.from;
  const unsigned to = 1 - from;
  End& sender = conversation.ends[from];
  End& receiver = conversation.ends[to];
  const bool ack = segment.has(TcpFlag::ack);
  step.notes |= judge_data(step, packet) | judge_ack(step, peer_kept_alive);
  step.peer_window = scaled(receiver);
  step.window_before = scaled(sender);
  step.answers_peer = receiver.acks && segment.seq == receiver.acked;
  step.peer_repeated = receiver.repeated_in_vain;
  sender.repeated_in_vain = step.noted(retransmission) &&
                            has_arrived(receiver, segment.seq, segment.seq + segment.space());

  const u32 end = segment.seq + segment.space();
  if (!segment.has(TcpFlag::rst) && !step.noted(keep_alive)) {
    if (!sender.sent || before(sender.next, end)) {
      sender.sent = true;
      sender.next = end;
      if (segment.space() > 0) sender.data_sent = packet.time;
    }
    if (segment.space() > 0) arrive(receiver, segment.seq, end);
  }
  if (segment.has(TcpFlag::fin)) {
    sender.fin_sent = true;
    sender.fin_end = end;
  }
  if (ack && (!sender.acks || before(sender.acked, segment.ack))) {
    sender.acks = true;
    sender.acked = segment.ack;
    sender.duplicate_acks = 0;
  }
  if (step.noted(duplicate_ack)) ++sender.duplicate_acks;
  step.duplicate_acks = sender.duplicate_acks;
  step.acks_fin = ack && receiver.fin_sent && !before(segment.ack, receiver.fin_end);

  if (segment.has(TcpFlag::rst)) {
    see(step, from, Event::sends_rst);
    if (takes_reset(receiver, segment.seq))
      see(step, to, Event::receives_rst);
    else
      step.notes |= stray_reset;
    return;
  }
  if (segment.has(TcpFlag::syn)) {
    sender.syn_flags = segment.flags;
    if (!ack && sender.state == TcpState::syn_received) step.notes |= simultaneous;
    // A SYN ACK that is repeated proves that the third step did not arrive.
    if (!ack || sender.state != TcpState::established || step.noted(retransmission))
      see(step, from, ack ? Event::sends_syn_ack : Event::sends_syn);
    see(step, to, ack ? Event::receives_syn_ack : Event::receives_syn);
  }
  // What an end acknowledges it has, whether the capture shows it or not.
  if (ack && receiver.sent && sender.arrives && before(sender.arrived, segment.ack))
    arrive(sender, sender.arrived, segment.ack);
  if (step.acks_fin && sender.arrives && !before(sender.arrived, receiver.fin_end))
    see(step, from, Event::receives_fin);
  if (segment.has(TcpFlag::fin)) {
    // A FIN that does not acknowledge the peer's was sent before that one came: they crossed.
    const bool crossed = sender.state == TcpState::close_wait && receiver.fin_sent &&
                         before(segment.ack, receiver.fin_end);
    if (crossed) sender.state = TcpState::established;
    see(step, from, Event::sends_fin);
    if (crossed) see(step, from, Event::receives_fin);
  }
  if (ack && receiver.has_base && before(receiver.base, segment.ack))
    see(step, to, Event::syn_acknowledged);
  if (ack && receiver.fin_sent && !before(segment.ack, receiver.fin_end))
    see(step, to, Event::fin_acknowledged);
  if (sender.fin_sent && receiver.arrives && !before(receiver.arrived, sender.fin_end))
    see(step, to, Event::receives_fin);
}

}  // namespace

bool follows_anyway(const Conversation& conversation, const Segment& segment) {
  return segment.has(TcpFlag::syn) || !conversation.ends[0].sent || !conversation.ends[1].sent;
}

void follow_segment(Step& step, const Packet& packet, bool states) {
  Conversation& conversation = *step.conversation;
  const Segment& segment = step.segment;
  if (!segment.whole) {
    step.seq = segment.seq;
    step.ack = segment.ack;
    step.window = segment.window;
    step.analysis.completeness = conversation.completeness;
    return;
  }
  End& sender = conversation.ends[step.from];
  End& receiver = conversation.ends[1 - step.from];
  const bool peer_kept_alive = receiver.kept_alive;
  restart_sequence(step);
  analyse_tcp(step, packet);
  begin_sequence(conversation, step.from, segment);
  if (states || follows_anyway(conversation, segment)) follow_tcp(step, packet, peer_kept_alive);
  sender.sent |= !segment.has(TcpFlag::rst);
  sender.window = segment.window;
  sender.kept_alive = step.noted(keep_alive);
  receiver.kept_alive = false;
  step.window = segment.has(TcpFlag::syn) ? segment.window : scaled(sender);
  step.scale_factor =
      sender.window_scale >= 0 ? i64{1} << sender.window_scale : sender.window_scale;
  step.seq = segment.seq - sender.base;
  // Without the flag the number means nothing: it stands as it is.
  step.ack = segment.ack - (segment.has(TcpFlag::ack) ? receiver.base : 0);
  // Of SYN and FIN together tshark counts one.
  step.next_seq = step.seq + segment.length + (segment.has(TcpFlag::syn | TcpFlag::fin) ? 1U : 0U);
}

}  // namespace trama::flow
