#include "packet/flow/table.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "packet/flow/follow_segment.h"

namespace trama::flow {
namespace {

constexpr std::size_t most_spare = 4096;
// What a conversation costs: itself and its place in the map, which may be half empty.
constexpr std::size_t slot = std::size_t{2} * 56;
constexpr std::size_t conversation_bytes = sizeof(Conversation) + 16 + slot;

std::size_t unacked_of(const Conversation& conversation) {
  return conversation.tracks[0].unacked.elsewhere() + conversation.tracks[1].unacked.elsewhere();
}

// An order of endpoints, for keys: which of two packets' ends comes first is the same both ways.
bool comes_before(const Endpoint& a, const Endpoint& b) {
  if (a.port != b.port) return a.port < b.port;
  return std::memcmp(a.address.bytes.data(), b.address.bytes.data(), 16) < 0;
}
// Which end of the conversation sent it. Not by the endpoints: they stand where no other packet's
// way leads.
u8 sender_of(const Conversation& conversation, const Ends& ends) {
  return conversation.low_first == !comes_before(ends.to, ends.from) ? 0 : 1;
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

Table::Table(std::size_t most_bytes, std::size_t remembered)
    : most_bytes_(most_bytes), each_(conversation_bytes + remembered) {}
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

// The bytes that every packet of a conversation needs.
constexpr std::size_t needed = offsetof(Conversation, endpoints);

void Table::fetch(const Batch& batch, Fetched& fetched) const {
  Key key;
  for (unsigned i = 0; i < batch.count; ++i) {
    fetched[i] = nullptr;
    if (!key_of(batch.packets[i], key)) continue;
    const auto found = conversations_.find(key);
    if (found == conversations_.end()) continue;
    fetched[i] = found->second.get();
    const auto* bytes = reinterpret_cast<const char*>(fetched[i]);
    for (std::size_t at = 0; at < needed; at += 64) __builtin_prefetch(bytes + at);
  }
}

bool Table::is_full() const {
  return conversations_.size() * each_ + unacked_ * sizeof(InFlight) >= most_bytes_;
}

void Table::end(std::unique_ptr<Conversation> conversation) {
  unacked_ -= unacked_of(*conversation);
  conversation->ended = true;
  ended_.push_back(std::move(conversation));
}

void Table::forget_ended() {
  for (auto& conversation : ended_) {
    if (spare_.size() >= most_spare) break;
    *conversation = Conversation{};
    spare_.push_back(std::move(conversation));
  }
  ended_.clear();
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
  const auto found = conversations_.find(key_of(segment));
  if (found == conversations_.end()) return begin(segment, packet, notes);
  Conversation& known = *found->second;
  if (!segment.tcp || !segment.has(TcpFlag::syn) || segment.has(TcpFlag::ack)) return known;
  const End& sender = known.ends[sender_of(known, segment)];
  const bool crossing =
      !sender.sent && sender.state == TcpState::syn_received;  // simultaneous open
  if (!sender.has_base || sender.base == segment.seq || crossing) return known;
  notes |= port_reused;
  end(std::move(found->second));
  conversations_.erase(found);
  return begin(segment, packet, notes);
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

Conversation& Table::begin(const Segment& segment, const Packet& packet, u32& notes) {
  if (is_full()) drop_oldest();
  auto& slot = conversations_[key_of(segment)];
  if (spare_.empty()) {
    slot = std::make_unique<Conversation>();
  } else {
    slot = std::move(spare_.back());
    spare_.pop_back();
  }
  Conversation& fresh = *slot;
  if ((notes & port_reused) != 0) fresh.completeness = 1;  // tshark tells this SYN at once
  else if (segment.tcp && !foretold_.empty())
    fresh.foretold = was_foretold(segment);
  fresh.tcp = segment.tcp;
  fresh.by_announced = !segment.tcp && !numbers_.empty() && numbers_.find(segment) != nullptr;
  if (!fresh.by_announced) fresh.stream = fresh.number = segment.tcp ? next_tcp_++ : next_udp_++;
  fresh.first = fresh.last = packet.time;
  fresh.endpoints = {segment.from, segment.to};
  fresh.low_first = !comes_before(segment.to, segment.from);
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
    Conversation* conversation = &find(*segment, packet, notes);
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

std::optional<Step> Table::follow(const Packet& packet, dissect::Tree* tree,
                                  Conversation* fetched) {
  std::optional<Step> result{std::in_place};  // the one that is returned: a step is large
  Step& step = *result;
  if (packet.deep && tree != nullptr) {
    step.icmp = icmp_error_of(*tree);
    if (step.icmp) step.conversation = known(step.icmp->quoted);
    ride_along(packet, *tree, step.icmp.has_value());
  }
  if (segment_of(packet, tree, step.segment)) {
    const Segment* segment = &step.segment;
    const bool sure = fetched != nullptr && !fetched->ended &&
                      !(segment->tcp && segment->has(TcpFlag::syn)) && !packet.deep;
    step.conversation = sure ? fetched : &find(*segment, packet, step.notes);
    step.from = sender_of(*step.conversation, *segment);
  } else if (step.conversation != nullptr && step.conversation->has_spoken()) {
    step.from = static_cast<u8>(1 - sender_of(*step.conversation, step.icmp->quoted));
  } else {
    result.reset();
    return result;
  }
  Conversation& conversation = *step.conversation;
  step.stream = conversation.number;
  if (!step.icmp) number(step, packet);
  for (unsigned i = 0; i < 2; ++i) step.before[i] = conversation.ends[i].state;
  if (!step.icmp) {
    End& sender = conversation.ends[step.from];
    ++sender.packets;
    sender.bytes += step.segment.length;
    if (conversation.tcp) {
      const std::size_t before = unacked_of(conversation);
      follow_segment(step, packet);
      const std::size_t after = unacked_of(conversation);
      unacked_ += after - before;
      if (after > before && is_full()) drop_oldest();
    }
  }
  for (unsigned i = 0; i < 2; ++i) step.after[i] = conversation.ends[i].state;
  return result;
}

}  // namespace trama::flow
