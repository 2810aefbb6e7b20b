// TCP messages put together, segment by segment, with tshark's rules and in its order (RFC 9293
// says what sequence numbers are; what a capture shows twice or not at all is for the reader to
// judge).
#include <algorithm>
#include <utility>

#include "packet/parse/talk.h"
#include "wire/protocols/tcp.h"

namespace trama::parse {

using flow::before;

namespace {

constexpr u32 far_away = 0x40000000;     // no stream's rest is longer
constexpr u32 longest_first = 1U << 20;  // of the segment in which a message starts

// What the flow table thinks of a segment decides who gets its bytes.
enum class Standing : u8 {
  fresh,
  sent_again,  // shown as a part of something, and not read
  doubtful,    // out of its place: completes what waits for it, but is not read
  keep_alive   // its byte is nobody's
};

Standing standing_of(const flow::Step& step) {
  using namespace flow::found;  // NOLINT: tshark's findings
  if (step.found(retransmission)) return Standing::sent_again;
  if (step.found(out_of_order | spurious_retransmission)) return Standing::doubtful;
  if (step.found(keep_alive)) return Standing::keep_alive;
  return Standing::fresh;
}

}  // namespace

// Rows that tell how a message came together, in the TCP layer.
void Engine::put_segments(Job& job, const Unit& unit) {
  if (job.tree == nullptr) return;
  for (const Unit::Piece& piece : unit.pieces)
    job.tree->add(wire::in(wire::tcp_found, "tcp.segment"), job.layer, piece.packet);
  job.tree->add(wire::in(wire::tcp_found, "tcp.segment.count"), job.layer, unit.pieces.size());
  job.tree->add(wire::in(wire::tcp_found, "tcp.reassembled.length"), job.layer, unit.bytes.size());
}

void Engine::put_part(Job& job, u32 at, Bytes bytes) {
  job.read = true;
  if (job.tree == nullptr) return;
  const auto size = static_cast<u32>(bytes.size());
  job.tree->add_row(
      {&wire::in(wire::tcp_found, "tcp.segment_data"), job.layer, at, size, 0, bytes.data(), size});
}

// Adds a part to a message that waits, and counts the memory that it takes. Where the message's
// length is known and there is plenty left it gets room for all of it at once: growing copies it
// again and again.
bool Engine::add_part(Unit& unit, u32 seq, Bytes bytes, u64 packet, bool tail) {
  const u64 taken = unit.bytes.capacity();
  const u32 whole = unit.span.to - unit.span.from;
  if (!unit.whole_segment && whole > taken && whole <= longest_unit &&
      waiting_ + whole <= most_waiting / 2)
    unit.bytes.reserve(whole);
  const bool fits = add_piece(unit, seq, bytes, packet, tail);
  waiting_ += unit.bytes.capacity() - taken;
  return fits;
}

// The message that starts with `rest`, at `from`, goes on: keeps what is here of it.
void Engine::wait_for_more(Job& job, u32 from, Bytes rest) {
  Direction& direction = job.talk->directions[job.around.step->from];
  const u32 end = from + static_cast<u32>(rest.size());
  if (job.needs_all) direction.until_end = true;
  if (rest.size() > longest_first || waiting_ + rest.size() > most_waiting) return;
  if (direction.units.size() >= most_units) {
    for (std::size_t i = 0; i < most_units / 2; ++i) job.talk->forget(direction.units[i]);
    direction.units.erase(direction.units.begin(),
                          direction.units.begin() + static_cast<std::ptrdiff_t>(most_units / 2));
  }
  Unit unit;
  unit.first_packet = unit.last_packet = job.packet.number;
  unit.span = {from, goes_on(job, end)};
  unit.end = from;
  unit.whole_segment = job.need_more == 0 && !job.needs_all;
  add_part(unit, from, rest, job.packet.number, false);
  direction.units.push_back(std::move(unit));
}

// Where a message ends that asked for more behind `end`.
u32 Engine::goes_on(const Job& job, u32 end) {
  if (job.needs_all) return end + far_away;
  return end + (job.need_more != 0 ? std::min(job.need_more, longest_unit) : 1U);
}

// The unit is whole: gives it to its parser. True: it is not, it waits on.
bool Engine::read_unit(Job& job, Unit& unit, u32 at, u32 newest, Bytes part) {
  const auto end = job.tree != nullptr ? job.tree->end() : dissect::Tree::End{};
  put_part(job, at, part);
  const auto size = static_cast<u32>(unit.bytes.size());
  job.needs = false;
  if (standing_of(*job.around.step) != Standing::fresh) {
    put_segments(job, unit);
    return false;
  }
  const u8* bytes = unit.bytes.data();
  if (job.tree != nullptr) {
    u8* copy = job.tree->room(size);
    std::copy(unit.bytes.begin(), unit.bytes.end(), copy);
    bytes = copy;
  }
  const bool read = read_message(job, bytes, size, size, at);
  const bool waits = read && job.needs && job.need_at <= size - newest;
  if (!waits || job.need_at != 0) put_segments(job, unit);
  if (!waits) return false;
  if (job.tree != nullptr && job.need_at == 0 && !job.stays) job.tree->back(end);
  return true;
}

void Engine::read_segment(Job& job) {
  const flow::Step& step = *job.around.step;
  const flow::Segment& segment = step.segment;
  const u32 at = job.tree != nullptr ? job.tree->payload().at : 0;
  const u32 seq = segment.seq + (segment.has(flow::TcpFlag::syn) ? 1U : 0U);
  const Bytes payload = segment.payload;
  if (segment.has(flow::TcpFlag::rst)) {
    job.read = true;
    return;
  }
  if (segment.has(flow::TcpFlag::fin) && end_stream(job, seq, payload, at)) return;
  if (payload.empty()) return;
  if (!job.around.whole) return read_fresh(job, seq, payload, at);
  std::string before_it;  // the column as the messages before told it
  u32 done = 0;
  for (unsigned turns = 0; done < payload.size() && turns < 64; ++turns) {
    const auto protocol = job.told.protocol;
    if (turns != 0) {
      if (job.told.listed && !before_it.empty() && !job.told.info.empty()) before_it += ", ";
      before_it += std::exchange(job.told.info, {});
    }
    const u32 read = continue_unit(job, seq + done, payload.subspan(done), at + done);
    if (turns != 0) {
      if (!protocol.empty()) job.told.protocol = protocol;
      job.told.unfinished = false;
    }
    if (read == 0) break;
    done += read;
  }
  if (before_it.empty()) return;
  if (job.told.listed && !job.told.info.empty()) before_it += ", ";
  job.told.info.insert(0, before_it);
}

// Reads the bytes from `seq` up to the end of what they continue; how many that were, 0: all.
u32 Engine::continue_unit(Job& job, u32 seq, Bytes bytes, u32 at) {
  Direction& direction = job.talk->directions[job.around.step->from];
  const auto left = static_cast<u32>(bytes.size());
  const u32 next = seq + left;
  const u64 number = job.packet.number;
  Unit* unit = direction.at(seq);
  if ((unit != nullptr && !before(unit->span.to, next) && unit->last_packet != number) ||
      standing_of(*job.around.step) == Standing::sent_again) {
    put_part(job, at, bytes);
    return 0;
  }
  if (unit == nullptr) unit = direction.around(seq - 1);
  if (unit == nullptr || before(seq, unit->span.from) || !before(seq, unit->span.to)) {
    read_fresh(job, seq, bytes, at);
    return 0;
  }
  unit->last_packet = number;
  if (unit->done) {
    job.read = true;
    if (!job.around.step->found(flow::found::spurious_retransmission))
      job.told.remark =
          "[Reassembly error, protocol TCP: New fragment overlaps old data (retransmission?)]";
    return 0;
  }
  const bool tail = !before(next, unit->span.to);
  const u32 taken = unit->whole_segment || !tail ? left : unit->span.to - seq;
  const u64 room = unit->bytes.capacity();
  const u64 needed = u64{seq - unit->span.from} + taken;  // with the hole before it
  const u64 more = needed > room ? needed - room : 0;
  if (waiting_ + more > most_waiting || !add_part(*unit, seq, bytes.first(taken), number, tail)) {
    job.talk->forget(*unit);
    unit->done = true;
  }
  if (std::exchange(unit->whole_segment, false)) unit->span.to = next;
  const u32 follows = before(unit->span.to, next) ? unit->span.to - seq : 0;
  if (unit->done || !unit->complete()) {
    put_part(job, at, bytes);
    job.told.unfinished = true;
    return follows;
  }
  if (read_unit(job, *unit, at, taken, follows != 0 ? bytes.first(follows) : bytes)) {
    unit->tail = false;
    unit->whole_segment = job.need_more == 0 && !job.needs_all;
    if (job.needs_all) direction.until_end = true;
    if (unit->whole_segment || job.needs_all)
      unit->span.to = goes_on(job, next);
    else
      unit->span.to =
          goes_on(job, before(seq + taken, unit->span.to) ? unit->span.to : seq + taken);
    if (job.need_at == 0) {
      put_part(job, at, bytes);
      job.told.unfinished = true;
    }
    return 0;
  }
  unit->done = true;
  unit->done_in = number;
  const auto size = static_cast<u32>(unit->bytes.size());
  if (job.needs && job.need_at < size) {
    const u32 kept = size - job.need_at;  // all of it from this segment
    const u32 from = unit->span.from + job.need_at;
    job.talk->forget(*unit);
    wait_for_more(job, from, bytes.first(taken).last(kept));
  } else {
    job.talk->forget(*unit);
  }
  return follows;
}

// Bytes that continue nothing: they start where a message should.
void Engine::read_fresh(Job& job, u32 seq, Bytes bytes, u32 at) {
  const Standing standing = standing_of(*job.around.step);
  if (standing != Standing::fresh) {
    job.read = standing != Standing::keep_alive;
    return;
  }
  const auto length = job.around.step->segment.length;
  const auto left = static_cast<u32>(bytes.size());
  job.needs = false;
  if (!read_message(job, bytes.data(), left, job.around.whole ? left : length, at)) return;
  job.read = true;
  if (!job.needs) return;
  const u32 start = std::min(job.need_at, left);
  if (start == 0) job.told.unfinished = true;
  put_part(job, at + start, bytes.subspan(start));
  wait_for_more(job, seq + start, bytes.subspan(start));
}

// A FIN ends the message that goes on until then. True: it was read.
bool Engine::end_stream(Job& job, u32 seq, Bytes bytes, u32 at) {
  Direction& direction = job.talk->directions[job.around.step->from];
  if (!direction.until_end || !job.around.whole || direction.fin_packet != 0) return false;
  direction.fin_packet = job.packet.number;
  Unit* unit = direction.around(seq);
  if (unit == nullptr || unit->done || !before(seq, unit->span.to)) return false;
  if (!add_part(*unit, seq, bytes, job.packet.number, true)) return false;
  if (!unit->complete()) return false;
  job.read = true;
  put_segments(job, *unit);
  const auto whole = static_cast<u32>(unit->bytes.size());
  const u8* data = unit->bytes.data();
  if (job.tree != nullptr) {
    u8* copy = job.tree->room(whole);
    std::copy(unit->bytes.begin(), unit->bytes.end(), copy);
    data = copy;
  }
  job.last = true;
  read_message(job, data, whole, whole, at);
  unit->done = true;
  unit->done_in = job.packet.number;
  job.talk->forget(*unit);
  return true;
}

}  // namespace trama::parse
