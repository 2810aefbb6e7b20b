#include "packet/filter/look.h"

#include <algorithm>
#include <bit>

#include "wire/registry.h"

namespace trama::filter {
namespace {

// Below so many packets, visiting each costs less than passing over all 64.
constexpr int few = 20;

// A bit for every packet asked for which the condition is true.
template <class Condition>
u64 which(const Batch& batch, u64 asked, Condition&& condition) {
  u64 found = 0;
  if (std::popcount(asked) <= few) {
    for (u64 left = asked; left != 0; left &= left - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(left));
      found |= static_cast<u64>(condition(batch.packets[i])) << i;
    }
    return found;
  }
  const Packet* packet = batch.packets.data() + batch.count;
#pragma GCC unroll 4
  for (unsigned left = batch.count; left > 0; --left)
    found = found * 2 + static_cast<u64>(condition(*--packet));
  return found & asked;
}

}  // namespace

u64 Asked::having(u8 header_id) {
  if (header_id >= wire::presence_bits) return 0;  // only deep packets have it
  const u64 bit = u64{1} << header_id;
  if ((counted_ & bit) == 0) {
    counted_ |= bit;
    masks_[header_id] =
        which(batch, ~u64{0}, [bit](const Packet& packet) { return (packet.has & bit) != 0; });
  }
  return masks_[header_id];
}

Look::Look(const parse::Meaning& meaning)
    : from_(From::header),
      header_id_(meaning.header_id),
      place_(static_cast<u8>(meaning.header->place)),
      byte_(static_cast<u16>(meaning.field->byte())),
      field_(meaning.field) {}

void Look::want(const std::vector<Span>& spans, u64 bits, u64 flip) {
  mask_ = bits;
  flip_ = flip;
  spans_ = spans;
  moved_ = false;
  if (from_ != From::header || flip != 0 || field_->bits == 0) return;
  if (field_->times != 1 && bits != ~u64{0}) return;
  // The constants in the field's own unit, and where the field stands.
  const unsigned shift = field_->shift();
  const u64 most = field_->mask();
  spans_.clear();
  for (const Span& span : spans) {
    const u64 low = span.low / field_->times + (span.low % field_->times != 0 ? 1 : 0);
    const u64 high = std::min(most, (span.low + span.width) / field_->times);
    if (low <= high) spans_.push_back({low << shift, (high - low) << shift});
  }
  mask_ = (most & bits) << shift;
  moved_ = true;
  set_.clear();
  if (spans.size() < 2 || field_->bits != 16 || field_->at % 8 != 0 || field_->times != 1 ||
      (bits & most) != most)
    return;
  set_.resize(65536 / 64);
  for (const Span& span : spans)
    for (u64 value = span.low; value <= std::min(most, span.low + span.width); ++value)
      set_[value / 64] |= u64{1} << value % 64;
}

template <class Condition>
u64 Look::which_steps(const Asked& packets, u64 asked, Condition&& condition) const {
  u64 found = 0;
  for (u64 left = asked; left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    const auto& step = packets.steps[i];
    if (step.conversation == nullptr) continue;
    if (const auto value = fact_.of(step)) found |= static_cast<u64>(condition(*value)) << i;
  }
  return found;
}

u64 Look::present(Asked& packets, u64 asked) const {
  switch (from_) {
    case From::fact:
      return which_steps(packets, asked, [](u64) { return true; });
    case From::time:
    case From::since_first:
    case From::since_previous:
      return which(packets.batch, asked,
                   [](const Packet& packet) { return packet.time != no_time; });
    case From::header:
      break;
    default:
      return asked;
  }
  u64 there = packets.having(header_id_) & asked;
  if (field_->holds == nullptr) return there;
  for (u64 left = there; left != 0; left &= left - 1) {
    const auto i = static_cast<unsigned>(std::countr_zero(left));
    const Packet& packet = packets.batch.packets[i];
    if (!field_->holds(packet.data + packet.at[place_])) there &= ~(u64{1} << i);
  }
  return there;
}

// The tests that a header's field can be put to, on the header's first byte. 64 readable bytes
// follow every packet, and the offset of an absent header lies inside of it: loads need no checks,
// and the answer is masked.
struct Look::OneSpan {
  explicit OneSpan(const Look& look)
      : byte(look.byte_), mask(look.mask_), span(look.spans_.front()) {}
  bool operator()(const u8* header) const {
    return (wire::load8(header + byte) & mask) - span.low <= span.width;
  }
  unsigned byte;
  u64 mask;
  Span span;
};

struct Look::Member {  // of a set, one bit a value
  explicit Member(const Look& look) : byte(look.byte_), set(look.set_.data()) {}
  bool operator()(const u8* header) const {
    const unsigned value = header[byte] << 8U | header[byte + 1];
    return (set[value / 64] >> value % 64 & 1) != 0;
  }
  unsigned byte;
  const u64* set;
};

struct Look::AnySpan {
  explicit AnySpan(const Look& look)
      : byte(look.byte_), mask(look.mask_), first(look.spans_.data()), count(look.spans_.size()) {}
  bool operator()(const u8* header) const {
    const u64 value = wire::load8(header + byte) & mask;
    bool hit = false;
    for (std::size_t i = 0; i < count; ++i) hit |= value - first[i].low <= first[i].width;
    return hit;
  }
  unsigned byte;
  u64 mask;
  const Span* first;
  std::size_t count;
};

struct Look::AsRead {  // where the constants could not be moved
  explicit AsRead(const Look& look) : look(&look), field(*look.field_) {}
  bool operator()(const u8* header) const {
    const u64 value = (wire::read(field, header) & look->mask_) ^ look->flip_;
    return std::any_of(look->spans_.begin(), look->spans_.end(),
                       [value](const Span& span) { return value - span.low <= span.width; });
  }
  const Look* look;
  wire::Field field;
};

struct Look::AnyWide {
  explicit AnyWide(const Look& look) : look(&look) {}
  bool operator()(const u8* header) const {
    const Wide value = wide_of(header + look->byte_);
    return std::any_of(look->wide_.begin(), look->wide_.end(),
                       [value](const WideSpan& span) { return value - span.low <= span.width; });
  }
  const Look* look;
};

u64 Look::inside_field(const Batch& batch, u64 there) const {
  const auto ask = [&](auto&& test) {
    return which(batch, there, [&test, place = place_](const Packet& packet) {
      return test(packet.data + packet.at[place]);
    });
  };
  if (!wide_.empty()) return ask(AnyWide{*this});
  if (!moved_) return ask(AsRead{*this});
  if (!set_.empty()) return ask(Member{*this});
  if (spans_.size() == 1) return ask(OneSpan{*this});
  return ask(AnySpan{*this});
}

bool Look::pairs_with(const Look& other) const {
  return in_header() && other.in_header() && header_id_ == other.header_id_ && moved_ &&
         other.moved_ && field_->holds == nullptr && other.field_->holds == nullptr &&
         spans_.size() == other.spans_.size() && set_.empty() == other.set_.empty() &&
         (spans_.size() == 1 || !set_.empty());
}

u64 Look::either(const Look& first, const Look& second, const Batch& batch, u64 asked) {
  const u64 bit = u64{1} << first.header_id_;
  const auto ask = [&](auto test, auto other) {
    return which(batch, asked, [=, place = first.place_](const Packet& packet) {
      const u8* header = packet.data + packet.at[place];
      return (test(header) | other(header)) & ((packet.has & bit) != 0);
    });
  };
  if (!first.set_.empty()) return ask(Member{first}, Member{second});
  return ask(OneSpan{first}, OneSpan{second});
}

u64 Look::inside(const Asked& packets, u64 there) const {
  if (there == 0) return 0;
  const Batch& batch = packets.batch;
  const auto among = [&](auto&& value) {
    u64 found = 0;
    for (const Span& span : spans_)
      found |= which(batch, there, [&](const Packet& packet) {
        return ((value(packet) & mask_) ^ flip_) - span.low <= span.width;
      });
    return found;
  };
  switch (from_) {
    case From::fact:
      return which_steps(packets, there, [this](u64 value) {
        return std::any_of(spans_.begin(), spans_.end(), [&](const Span& span) {
          return ((value & mask_) ^ flip_) - span.low <= span.width;
        });
      });
    case From::number:
      return among([](const Packet& packet) { return packet.number; });
    case From::wire_length:
      return among([](const Packet& packet) { return u64{packet.wire}; });
    case From::captured:
      return among([](const Packet& packet) { return u64{packet.captured}; });
    case From::time:
      return among([](const Packet& packet) { return static_cast<u64>(packet.time); });
    case From::since_first:
      return among([](const Packet& packet) { return static_cast<u64>(packet.since_first); });
    case From::since_previous:
      return among([](const Packet& packet) { return static_cast<u64>(packet.since_previous); });
    default:
      return inside_field(batch, there);
  }
}

}  // namespace trama::filter
