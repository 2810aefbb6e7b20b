#include "packet/flow/table.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace trama::flow {
namespace {

constexpr i64 millisecond = 1'000'000;

// What a conversation costs: itself, its place in the map (which may be half empty), and what the
// parse step remembers of it.
constexpr std::size_t remembered = 256;
constexpr std::size_t slot = std::size_t{2} * 56;
constexpr std::size_t conversation_bytes = sizeof(Conversation) + slot + remembered;

std::size_t unacked_of(const Conversation& conversation) {
  return conversation.tracks[0].unacked.capacity() + conversation.tracks[1].unacked.capacity();
}

// Ports differ more often than addresses do.
bool same(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && std::memcmp(a.address.bytes.data(), b.address.bytes.data(), 16) == 0 &&
         a.address.v6 == b.address.v6 && a.scope == b.scope;
}

// An order of endpoints, for keys: which of two packets' ends comes first is the same both ways.
bool comes_before(const Endpoint& a, const Endpoint& b) {
  if (a.port != b.port) return a.port < b.port;
  return std::memcmp(a.address.bytes.data(), b.address.bytes.data(), 16) < 0;
}
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

// True where all of [from, to) has arrived before.
bool has_arrived(const End& end, u32 from, u32 to) {
  if (!end.arrives) return false;
  if (!before(end.arrived, to)) return true;
  for (u8 i = 0; i < end.blocks; ++i)
    if (!before(from, end.ahead[i].from) && !before(end.ahead[i].to, to)) return true;
  return false;
}

// Notes that the peer's bytes [from, to) reached this end.
void arrive(End& end, u32 from, u32 to) {
  if (!end.arrives) {
    end.arrives = true;
    end.arrived = from;
  }
  if (before(end.arrived, from)) {
    if (end.blocks == end.ahead.size()) {  // all used: the oldest is forgotten
      std::move(end.ahead.begin() + 1, end.ahead.end(), end.ahead.begin());
      --end.blocks;
    }
    end.ahead[end.blocks++] = {from, to};
    return;
  }
  if (before(end.arrived, to)) end.arrived = to;
  for (bool joined = true; joined;) {  // blocks that the gap kept waiting
    joined = false;
    for (u8 i = 0; i < end.blocks; ++i) {
      if (before(end.arrived, end.ahead[i].from)) continue;
      if (before(end.arrived, end.ahead[i].to)) end.arrived = end.ahead[i].to;
      end.ahead[i] = end.ahead[--end.blocks];
      joined = true;
      break;
    }
  }
}

// Where the beginning is missing: which of the two ports a program listens on. Linux gives clients
// 32768 to 60999 (ip_local_port_range); of two like ports the lower one is the service's.
bool is_service(u16 port, u16 other) {
  const auto given = [](u16 p) { return p >= 32768 && p <= 60999; };
  return given(port) == given(other) ? port < other : given(other);
}

u64 scaled(const End& end) { return u64{end.window} << std::max(0, end.window_scale); }

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
      sender.window_scale = segment.window_scale;
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
    const i64 newest = conversation.data_sent[step.from];
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
// the next packet on; a conversation's first packet counts only if it is the SYN.
void count_completeness(Conversation& conversation, const Segment& segment, Analysis& analysis) {
  u8& seen = conversation.completeness;
  analysis.completeness = seen;
  const bool syn = segment.has(TcpFlag::syn);
  const bool ack = segment.has(TcpFlag::ack);
  const bool data = segment.length > 0;
  if (conversation.ends[0].packets + conversation.ends[1].packets == 1) {
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
  const int scale = conversation.ends[to].window_scale;
  analyse(conversation.tracks[step.from], conversation.tracks[to], step.segment, packet.number,
          packet.time, scale, conversation.first_rtt, step.analysis);
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
  begin_sequence(conversation, from, segment);
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
      if (segment.space() > 0) conversation.data_sent[from] = packet.time;
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
  sender.window = segment.window;
  step.window = segment.has(TcpFlag::syn) ? segment.window : scaled(sender);
  step.scale_factor =
      sender.window_scale >= 0 ? i64{1} << sender.window_scale : sender.window_scale;

  if (segment.has(TcpFlag::rst)) {
    see(step, from, Event::sends_rst);
    see(step, to, Event::receives_rst);
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

// Notes that the conversation's newest packet is this one.
Times touch(Conversation& conversation, const Packet& packet) {
  const bool dated = packet.time != no_time && conversation.first != no_time;
  const Times times{dated ? packet.time - conversation.first : 0,
                    dated ? packet.time - conversation.last : 0};
  conversation.last = packet.time;
  return times;
}

}  // namespace

Table::Table(std::size_t most_bytes) : most_bytes_(most_bytes) {}
Table::~Table() = default;

std::size_t Table::Hash::operator()(const Key& key) const {
  u64 words[5];
  std::memcpy(words, key.addresses.data(), 32);
  words[4] = u64{key.low_port} << 32 | u64{key.high_port} << 8 | key.kind;
  u64 hash = 0;
  for (const u64 word : words) hash = (hash ^ word) * 0x9e3779b97f4a7c15U, hash ^= hash >> 32;
  return hash;
}

Table::Key Table::key_of(const Ends& ends) {
  const bool swap = comes_before(ends.to, ends.from);
  const Endpoint& low = swap ? ends.to : ends.from;
  const Endpoint& high = swap ? ends.from : ends.to;
  Key key;
  std::copy(low.address.bytes.begin(), low.address.bytes.end(), key.addresses.begin());
  std::copy(high.address.bytes.begin(), high.address.bytes.end(), key.addresses.begin() + 16);
  key.low_port = low.port;
  key.high_port = high.port;
  key.kind = static_cast<u8>((ends.tcp ? 1 : 0) | (low.address.v6 ? 2 : 0));
  return key;
}

// The key of a packet by its marks; false where they tell none.
bool Table::key_of(const Packet& packet, Key& key) {
  Ends ends;
  if (!ends_of(packet, ends)) return false;
  key = key_of(ends);
  return true;
}

void Table::fetch(const Batch& batch) const {
  Key key;
  for (unsigned i = 0; i < batch.count; ++i) {
    if (!key_of(batch.packets[i], key)) continue;
    const auto found = conversations_.find(key);
    if (found == conversations_.end()) continue;
    const auto* bytes = reinterpret_cast<const char*>(found->second.get());
    for (std::size_t at = 0; at < sizeof(Conversation); at += 64) __builtin_prefetch(bytes + at);
  }
}

bool Table::is_full() const {
  return conversations_.size() * conversation_bytes + unacked_ * sizeof(Track::Sent) >= most_bytes_;
}

void Table::end(std::unique_ptr<Conversation> conversation) {
  unacked_ -= unacked_of(*conversation);
  ended_.push_back(std::move(conversation));
}

// Drops the eighth that was idle longest: finding it costs one look at all, paid by many arrivals.
void Table::drop_oldest() {
  if (conversations_.empty()) return;
  std::vector<i64> times;
  times.reserve(conversations_.size());
  for (const auto& [key, conversation] : conversations_) times.push_back(conversation->last);
  const auto middle = times.begin() + static_cast<long>(times.size() / 8);
  std::nth_element(times.begin(), middle, times.end());
  const i64 limit = *middle;
  std::size_t left = times.size() / 8 + 1;  // many may share one time
  for (auto at = conversations_.begin(); at != conversations_.end() && left > 0;) {
    if (at->second->last > limit) {
      ++at;
      continue;
    }
    end(std::move(at->second));
    conversations_.erase(at++);
    ++dropped_;
    --left;
  }
}

Conversation* Table::known(const Segment& segment) {
  const auto found = conversations_.find(key_of(segment));
  return found == conversations_.end() ? nullptr : found->second.get();
}

Conversation& Table::find(const Segment& segment, const Packet& packet, u32& notes) {
  auto& slot = conversations_[key_of(segment)];
  if (slot && segment.tcp && segment.has(TcpFlag::syn) && !segment.has(TcpFlag::ack)) {
    const End& sender = slot->ends[same(slot->ends[0].endpoint, segment.from) ? 0 : 1];
    const bool crossing =
        !sender.sent && sender.state == TcpState::syn_received;  // simultaneous open
    if (sender.has_base && sender.base != segment.seq && !crossing) {
      notes |= port_reused;
      end(std::exchange(slot, nullptr));
    }
  }
  if (slot) return *slot;
  slot = std::make_unique<Conversation>();
  Conversation& fresh = *slot;
  if ((notes & port_reused) != 0) fresh.completeness = 1;  // tshark tells this SYN at once
  fresh.tcp = segment.tcp;
  fresh.stream = segment.tcp ? next_tcp_++ : next_udp_++;
  fresh.first = fresh.last = packet.time;
  fresh.ends[0].endpoint = segment.from;
  fresh.ends[1].endpoint = segment.to;
  if (!segment.tcp) return fresh;
  if (segment.has(TcpFlag::syn)) {
    fresh.client = segment.has(TcpFlag::ack) ? 1 : 0;
  } else {
    notes |= mid_stream;
    fresh.client = is_service(segment.from.port, segment.to.port) ? 1 : 0;
    if (segment.has(TcpFlag::ack) && !segment.has(TcpFlag::rst))
      fresh.ends[0].state = fresh.ends[1].state = TcpState::established;
  }
  return fresh;
}

void Table::ride_along(const Packet& packet, dissect::Tree& tree) {
  const auto own = own_transport(tree);
  for (std::size_t i = 0; i < tree.layers().size(); ++i) {
    const dissect::Layer& layer = tree.layers()[i];
    if (!is_transport(layer) || layer.cut || i == own) continue;
    const auto segment = segment_in(tree, i);
    if (!segment) continue;
    if (is_full() && known(*segment) == nullptr) drop_oldest();
    u32 notes = 0;
    Conversation* conversation = &find(*segment, packet, notes);
    const bool timed = segment->tcp || !icmp_error_of(tree);
    annotate_ride(tree, static_cast<u16>(i), *segment, *conversation,
                  timed ? std::optional{touch(*conversation, packet)} : std::nullopt);
  }
}

std::optional<Step> Table::follow(const Packet& packet, dissect::Tree* tree) {
  std::optional<Step> result{std::in_place};  // the one that is returned: a step is large
  Step& step = *result;
  if (packet.deep && tree != nullptr) {
    step.icmp = icmp_error_of(*tree);
    if (step.icmp) step.conversation = known(step.icmp->quoted);
    ride_along(packet, *tree);
  }
  if (auto segment = segment_of(packet, tree)) {
    step.segment = *segment;
    if (is_full() && known(*segment) == nullptr) drop_oldest();
    step.conversation = &find(*segment, packet, step.notes);
    step.from = same(step.conversation->ends[0].endpoint, segment->from) ? 0 : 1;
  } else if (step.conversation != nullptr && step.conversation->has_spoken()) {
    step.from = same(step.conversation->ends[0].endpoint, step.icmp->quoted.from) ? 1 : 0;
  } else {
    result.reset();
    return result;
  }
  Conversation& conversation = *step.conversation;
  const Times times = step.icmp ? Times{} : touch(conversation, packet);
  step.since_first = times.since_first;
  step.since_previous = times.since_previous;
  for (unsigned i = 0; i < 2; ++i) step.before[i] = conversation.ends[i].state;
  if (!step.icmp) {
    End& sender = conversation.ends[step.from];
    End& receiver = conversation.ends[1 - step.from];
    ++sender.packets;
    sender.bytes += step.segment.length;
    if (conversation.tcp && !step.segment.whole) {
      step.seq = step.segment.seq;
      step.ack = step.segment.ack;
      step.window = step.segment.window;
      step.analysis.completeness = conversation.completeness;
    } else if (conversation.tcp) {
      const bool peer_kept_alive = receiver.kept_alive;
      restart_sequence(step);
      const std::size_t before = unacked_of(conversation);
      analyse_tcp(step, packet);
      const std::size_t after = unacked_of(conversation);
      unacked_ += after - before;
      if (after > before && is_full()) drop_oldest();
      follow_tcp(step, packet, peer_kept_alive);
      sender.kept_alive = step.noted(keep_alive);
      receiver.kept_alive = false;
      step.seq = step.segment.seq - sender.base;
      // Without the flag the number means nothing: it stands as it is.
      step.ack = step.segment.ack - (step.segment.has(TcpFlag::ack) ? receiver.base : 0);
      // Of SYN and FIN together tshark counts one.
      step.next_seq = step.seq + step.segment.length +
                      (step.segment.has(TcpFlag::syn | TcpFlag::fin) ? 1U : 0U);
    }
  }
  for (unsigned i = 0; i < 2; ++i) step.after[i] = conversation.ends[i].state;
  return result;
}

}  // namespace trama::flow
