#include "packet/flow/table.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "packet/flow/follow_segment.h"

namespace trama::flow {
namespace {

// What a conversation costs: itself and its place in the index, a third of which is used.
constexpr std::size_t conversation_bytes = sizeof(Conversation) + std::size_t{3} * 8;

std::size_t unacked_of(const Conversation& conversation) {
  return conversation.tracks[0].unacked.elsewhere() + conversation.tracks[1].unacked.elsewhere();
}

// Where the beginning is missing: which of the two ports a program listens on. Linux gives clients
// 32768 to 60999 (ip_local_port_range); of two like ports the lower one is the service's.
bool is_service(u16 port, u16 other) {
  const auto given = [](u16 p) { return p >= 32768 && p <= 60999; };
  return given(port) == given(other) ? port < other : given(other);
}

// Notes that the newest packet of a conversation, or of an announced end, is this one.
template <class T>
Times touch(T& known, const Packet& packet) {
  const bool dated = packet.time != no_time && known.first != no_time;
  const Times times{dated ? packet.time - known.first : 0, dated ? packet.time - known.last : 0};
  known.last = packet.time;
  return times;
}

}  // namespace

Table::Table(std::size_t most_bytes, std::size_t remembered, Depth depth)
    : most_bytes_(most_bytes), depth_(depth), each_(conversation_bytes + remembered) {}
Table::~Table() = default;

void Table::seek(const Batch& batch, Steps& steps) const {
  for (unsigned i = 0; i < batch.count; ++i) {
    Step& step = *std::construct_at(&steps[i]);
    if (batch.packets[i].deep || !segment_of(batch.packets[i], nullptr, step.segment)) continue;
    step.hash = index_.hash_of(step.segment);
    index_.prefetch(step.hash);
  }
}

void Table::fetch(Step& step) const {
  constexpr std::size_t line = 64;
  if (step.hash == 0) return;
  const u32 place = index_.find(step.hash, [](u32) { return true; });
  if (place == Index::none) return;
  step.guess = &pool_.at(place);
  const auto* bytes = reinterpret_cast<const char*>(step.guess);
  const std::size_t needed =
      step.segment.tcp && depth_ > Depth::streams ? sizeof(Conversation) : 4 * line;
  for (std::size_t at = 0; at < needed; at += line) __builtin_prefetch(bytes + at, 1);
}

bool Table::is_full() const {
  return index_.size() * each_ + unacked_ * sizeof(InFlight) >= most_bytes_;
}

void Table::end(Conversation& conversation, u64 hash) {
  unacked_ -= unacked_of(conversation);
  index_.remove(hash, conversation.place);
  conversation.ended = true;
  ended_.push_back(&conversation);
}

void Table::forget_ended() {
  for (Conversation* conversation : ended_) pool_.give_back(*conversation);
  ended_.clear();
  errors_.clear();
}

// Drops about the eighth that was idle longest: finding it costs one look at all, paid by many
// arrivals. How long that is, a part of them tells.
void Table::drop_oldest() {
  if (index_.size() == 0) return;
  constexpr u32 asked = 1024;
  std::vector<i64> times;
  times.reserve(std::size_t{asked} * 2);
  const u32 stride = std::max(1U, pool_.end() / asked);
  for (u32 from = 0; times.empty(); ++from)
    for (u32 place = from; place < pool_.end(); place += stride)
      if (const Conversation& one = pool_.at(place); one.live && !one.ended)
        times.push_back(one.last);
  const auto middle = times.begin() + static_cast<long>(times.size() / 8);
  std::nth_element(times.begin(), middle, times.end());
  const i64 limit = *middle;
  std::size_t left = index_.size() / 8 + 1;  // many may share one time
  for (u32 place = 0; place < pool_.end() && left > 0; ++place) {
    Conversation& one = pool_.at(place);
    if (!one.live || one.ended || one.last > limit) continue;
    end(one, index_.hash_of({one.endpoints[0], one.endpoints[1], one.tcp}));
    ++dropped_;
    --left;
  }
}

Conversation* Table::known(const Ends& ends, u64 hash) {
  const u32 place = index_.find(hash, [&](u32 at) {
    const Conversation& one = pool_.at(at);
    return one.tcp == ends.tcp && one.sender(ends.from, ends.to) < 2;
  });
  return place == Index::none ? nullptr : &pool_.at(place);
}

Conversation& Table::find(const Segment& segment, u64 hash, const Packet& packet, u32& notes) {
  Conversation* const found = known(segment, hash);
  if (found == nullptr) return begin(segment, hash, packet, notes);
  if (!segment.tcp || !segment.has(TcpFlag::syn) || segment.has(TcpFlag::ack)) return *found;
  const End& sender = found->ends[found->sender(segment.from, segment.to)];
  const bool crossing =
      !sender.sent && sender.state == TcpState::syn_received;  // simultaneous open
  if (!sender.has_base || sender.base == segment.seq || crossing) return *found;
  notes |= port_reused;
  end(*found, hash);
  return begin(segment, hash, packet, notes);
}

void Table::foretell(const Foretold& connection) {
  constexpr std::size_t most = 256;
  if (foretold_.size() >= most) foretold_.pop_front();
  foretold_.push_back(connection);
}

bool Table::was_foretold(const Segment& segment) {
  const auto is = [](const Foretold& told, const Endpoint& end, const Endpoint& peer) {
    return told.end == end && told.peer == peer.address &&
           (!told.peer_port || *told.peer_port == peer.port);
  };
  const auto at = std::find_if(foretold_.begin(), foretold_.end(), [&](const Foretold& told) {
    return is(told, segment.to, segment.from) || is(told, segment.from, segment.to);
  });
  if (at == foretold_.end()) return false;
  foretold_.erase(at);
  return true;
}

Conversation& Table::begin(const Segment& segment, u64 hash, const Packet& packet, u32& notes) {
  if (is_full()) drop_oldest();
  Conversation& fresh = pool_.take();
  index_.add(hash, fresh.place);
  if ((notes & port_reused) != 0)
    fresh.completeness = 1;  // tshark tells this SYN at once
  else if (segment.tcp && !foretold_.empty())
    fresh.foretold = was_foretold(segment);
  fresh.tcp = segment.tcp;
  fresh.by_announced = !segment.tcp && !numbers_.empty() && numbers_.find(segment) != nullptr;
  if (!fresh.by_announced) fresh.stream = fresh.number = segment.tcp ? next_tcp_++ : next_udp_++;
  fresh.first = fresh.last = packet.time;
  fresh.endpoints = {segment.from, segment.to};
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

void Table::ride_along(const Packet& packet, dissect::Tree& tree, bool quoted) {
  const auto own = own_transport(tree);
  for (std::size_t i = 0; i < tree.layers().size(); ++i) {
    const dissect::Layer& layer = tree.layers()[i];
    if (!is_transport(layer) || layer.cut || i == own) continue;
    const auto segment = segment_in(tree, i);
    if (!segment) continue;
    u32 notes = 0;
    Conversation* conversation = &find(*segment, index_.hash_of(*segment), packet, notes);
    const bool timed = segment->tcp || !quoted;  // as tshark has it
    annotate_ride(tree, static_cast<u16>(i), *segment, *conversation,
                  timed ? std::optional{touch(*conversation, packet)} : std::nullopt);
  }
}

void Table::number(Step& step, const Packet& packet) {
  Conversation& conversation = *step.conversation;
  if (conversation.renumbers) {
    conversation.renumbers = false;
    conversation.number = conversation.tcp ? next_tcp_++ : next_udp_++;
    conversation.first = conversation.last = packet.time;
  }
  Times times = touch(conversation, packet);
  step.stream = conversation.number;
  if (conversation.by_announced) {
    if (Number* number = numbers_.find(step.segment)) {
      if (!number->stream) *number = {next_udp_++, packet.time, packet.time, number->announced_by};
      if (!conversation.has_spoken()) conversation.stream = conversation.number = *number->stream;
      step.stream = *number->stream;
      times = touch(*number, packet);
    }
  }
  step.since_first = times.since_first;
  step.since_previous = times.since_previous;
}

// The conversation that the step's segment belongs to, and which end sent it.
void Table::place(Step& step, const Packet& packet) {
  const Segment& segment = step.segment;
  const Conversation* guess = step.guess;
  const bool sure = guess != nullptr && !guess->ended && guess->tcp == segment.tcp &&
                    !(segment.tcp && segment.has(TcpFlag::syn));
  step.from = sure ? guess->sender(segment.from, segment.to) : u8{2};
  if (step.from < 2) {
    step.conversation = step.guess;
    return;
  }
  const u64 hash = step.hash != 0 ? step.hash : index_.hash_of(segment);
  step.conversation = &find(segment, hash, packet, step.notes);
  step.from = step.conversation->sender(segment.from, segment.to);
}

std::optional<Step> Table::follow(const Packet& packet, dissect::Tree* tree) {
  std::optional<Step> step{std::in_place};
  if (!follow(packet, tree, *step)) step.reset();
  return step;
}

bool Table::follow(const Packet& packet, dissect::Tree* tree, Step& step) {
  if (packet.deep && tree != nullptr) {
    if (const auto error = icmp_error_of(*tree)) {
      step.icmp = &errors_.emplace_back(*error);
      step.conversation = known(error->quoted, index_.hash_of(error->quoted));
    }
    ride_along(packet, *tree, step.icmp != nullptr);
  }
  if (step.hash != 0 || segment_of(packet, tree, step.segment)) {
    place(step, packet);
  } else if (step.conversation != nullptr && step.conversation->has_spoken()) {
    const Segment& quoted = step.icmp->quoted;
    step.from = static_cast<u8>(1 - step.conversation->sender(quoted.from, quoted.to));
  } else {
    step.conversation = nullptr;
    return false;
  }
  Conversation& conversation = *step.conversation;
  step.stream = conversation.number;
  if (!step.icmp) number(step, packet);
  for (unsigned i = 0; i < 2; ++i) step.before[i] = conversation.ends[i].state;
  if (!step.icmp) {
    End& sender = conversation.ends[step.from];
    ++sender.packets;
    sender.bytes += step.segment.length;
    // What parsers remember of a connection depends on how its segments stand to each other.
    if (conversation.tcp && (depth_ > Depth::streams || conversation.messages != nullptr ||
                             follows_anyway(conversation, step.segment))) {
      const std::size_t before = unacked_of(conversation);
      follow_segment(step, packet, depth_ == Depth::states);
      const std::size_t after = unacked_of(conversation);
      unacked_ += after - before;
      if (after > before && is_full()) drop_oldest();
    }
  }
  for (unsigned i = 0; i < 2; ++i) step.after[i] = conversation.ends[i].state;
  return true;
}

}  // namespace trama::flow
