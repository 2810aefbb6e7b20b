#include "packet/filter/look.h"

#include <algorithm>
#include <bit>

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
  const u64 bit = u64{1} << header_id;
  if ((counted_ & bit) == 0) {
    counted_ |= bit;
    masks_[header_id] =
        which(batch, ~u64{0}, [bit](const Packet& packet) { return (packet.has & bit) != 0; });
  }
  return masks_[header_id];
}

Look::Look(const dissect::Meaning& meaning)
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
}

u64 Look::present(Asked& packets, u64 asked) const {
  switch (from_) {
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

// 64 readable bytes follow every packet, and the offset of an absent header lies inside of it: the
// load needs no check, its result is masked.
u64 Look::inside_field(const Batch& batch, u64 there) const {
  u64 found = 0;
  const unsigned place = place_;
  const unsigned byte = byte_;
  if (!wide_.empty()) {
    for (const WideSpan& span : wide_)
      found |= which(batch, there, [&](const Packet& packet) {
        return wide_of(packet.data + packet.at[place] + byte) - span.low <= span.width;
      });
    return found;
  }
  if (!moved_) {
    const wire::Field field = *field_;
    for (const Span& span : spans_)
      found |= which(batch, there, [&](const Packet& packet) {
        const u64 value = wire::read(field, packet.data + packet.at[place]);
        return ((value & mask_) ^ flip_) - span.low <= span.width;
      });
    return found;
  }
  const u64 mask = mask_;
  if (spans_.size() == 1 && spans_[0].width == 0) {
    const u64 wanted = spans_[0].low;
    return which(batch, there, [=](const Packet& packet) {
      return (wire::load8(packet.data + packet.at[place] + byte) & mask) == wanted;
    });
  }
  const Span* const spans = spans_.data();
  const std::size_t count = spans_.size();
  return which(batch, there, [=](const Packet& packet) {
    const u64 value = wire::load8(packet.data + packet.at[place] + byte) & mask;
    bool hit = false;
    for (std::size_t i = 0; i < count; ++i) hit |= value - spans[i].low <= spans[i].width;
    return hit;
  });
}

bool Look::pairs_with(const Look& other) const {
  return in_header() && other.in_header() && header_id_ == other.header_id_ && moved_ &&
         other.moved_ && field_->holds == nullptr && other.field_->holds == nullptr &&
         spans_.size() == 1 && other.spans_.size() == 1;
}

u64 Look::either(const Look& first, const Look& second, const Batch& batch, u64 asked) {
  const u64 bit = u64{1} << first.header_id_;
  const unsigned place = first.place_;
  const unsigned byte1 = first.byte_;
  const unsigned byte2 = second.byte_;
  const u64 mask1 = first.mask_;
  const u64 mask2 = second.mask_;
  const Span span1 = first.spans_[0];
  const Span span2 = second.spans_[0];
  return which(batch, asked, [=](const Packet& packet) {
    const u8* header = packet.data + packet.at[place];
    const bool hit1 = (wire::load8(header + byte1) & mask1) - span1.low <= span1.width;
    const bool hit2 = (wire::load8(header + byte2) & mask2) - span2.low <= span2.width;
    return (hit1 | hit2) & ((packet.has & bit) != 0);
  });
}

u64 Look::inside(const Batch& batch, u64 there) const {
  if (there == 0) return 0;
  const auto among = [&](auto&& value) {
    u64 found = 0;
    for (const Span& span : spans_)
      found |= which(batch, there, [&](const Packet& packet) {
        return ((value(packet) & mask_) ^ flip_) - span.low <= span.width;
      });
    return found;
  };
  switch (from_) {
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
