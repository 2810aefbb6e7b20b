// A TCP connection as the bytes say it: who sends how much, what is sent again, overtaken, lost on
// the way or missed by the capture, and what nobody sent. Followed, read and put together; while
// nothing strange happened, what comes out must be what was sent: each byte once, in order.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

#include "packet/dissect/dissect.h"
#include "packet/flow/judge.h"
#include "packet/make/frames.h"
#include "packet/parse/engine.h"
#include "packet/stats/assembly.h"

namespace {

using namespace trama;
using flow::TcpFlag;

void require(bool holds) {
  if (!holds) std::abort();
}

// What each side has to say: messages of many sizes, so that parsers wait for their rests.
std::string words_of(unsigned side) {
  std::string words;
  for (unsigned i = 0; words.size() < 60'000; ++i) {
    const std::string body(i * 37 % 900, static_cast<char>('a' + i % 26));
    words += side == 0 ? "POST /" + std::to_string(i) + " HTTP/1.1\r\n" : "HTTP/1.1 200 OK\r\n";
    if (i % 5 == 4)
      words += "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    else
      words += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  return words;
}
const std::string content[2] = {words_of(0), words_of(1)};

struct Sent {
  unsigned side = 0;
  u32 from = 0, count = 0;  // of the side's content
  u8 flags = TcpFlag::ack | TcpFlag::psh;
};

class Wire {
 public:
  Wire(u32 base, u16 port, std::size_t memory, bool rows)
      : bases_{base, ~base}, port_(port), rows_(rows), flows_(memory) {
    interface_.link_type = 1;
  }

  void open() {
    capture(0, bases_[0] - 1, 0, TcpFlag::syn, {});
    capture(1, bases_[1] - 1, bases_[0], TcpFlag::syn | TcpFlag::ack, {});
    capture(0, bases_[0], bases_[1], TcpFlag::ack, {});
  }
  Sent fresh(unsigned side, u32 count) {
    count = std::min<u32>(count, static_cast<u32>(content[side].size()) - sent_[side]);
    const Sent segment{side, sent_[side], count};
    sent_[side] += count;
    return segment;
  }
  [[nodiscard]] Sent again(unsigned side, u32 back, u32 count) const {
    const u32 from = sent_[side] - std::min(back, sent_[side]);
    return {side, from, std::min(count, sent_[side] - from)};
  }
  void arrive(const Sent& segment) {  // at the other side
    auto& got = got_[segment.side];
    got.resize(std::max<std::size_t>(got.size(), segment.from + segment.count));
    std::fill_n(got.begin() + segment.from, segment.count, true);
    auto& acked = acked_[segment.side];
    while (acked < got.size() && got[acked]) ++acked;
  }
  void show(const Sent& segment) {  // to the capture
    const unsigned side = segment.side;
    capture(side, bases_[side] + segment.from, bases_[1 - side] + acked_[1 - side], segment.flags,
            std::string_view{content[side]}.substr(segment.from, segment.count));
  }
  void capture(unsigned side, u32 seq, u32 ack, u8 flags, std::string_view payload) {
    make::TcpParts parts;
    parts.from = side == 0 ? u16{40000} : port_;
    parts.to = side == 0 ? port_ : u16{40000};
    parts.seq = seq;
    parts.ack = ack;
    parts.flags = flags;
    parts.payload = payload;
    bytes_ = make::ethernet(0x0800, make::ipv4(6, make::tcp(parts), side == 1));
    const auto captured = static_cast<u32>(bytes_.size());
    bytes_.resize(captured + padding);
    Packet packet;
    packet.data = bytes_.data();
    packet.captured = packet.wire = captured;
    packet.number = ++number_;
    packet.time = static_cast<i64>(number_) * 700'000;
    dissect::mark(packet, interface_.link_type);
    flows_.forget_ended();
    const auto step = flows_.follow(packet, nullptr);
    require(step.has_value() && step->segment.payload.size() == payload.size());
    (void)judge_.follow(*step, packet, nullptr);
    if (rows_) tree_.dissect(packet, interface_);
    if (rows_) flow::annotate(tree_, *step);
    engine_.read(packet, &*step, rows_ ? &tree_ : nullptr, told_);
    found_ = step->analysis.found;
    if (strange) return;
    require(step->stream == 0 && step->from == side);
    assembly_.add({
        side, step->seq, step->ack, step->segment.length, payload,
        stats::Stamp{packet.number, packet.time},
        (flags & TcpFlag::syn) != 0
    });
  }

  bool strange = false;  // what comes out is nobody's promise any more
  bool lost = false;     // some bytes never reach the capture
  bool plain = true;     // all in order, once
  void check_plain() const {
    using namespace flow::found;  // NOLINT: the bits' names
    require((found_ & (any_retransmission | out_of_order | lost_segment | ack_lost_segment)) == 0);
  }
  void check_end() const {
    for (unsigned side = 0; side < 2; ++side) require(taken_[side] == sent_[side]);
  }

 private:
  void take(unsigned side, std::string_view bytes, const stats::Stamp& stamp) {
    u32& at = taken_[side];
    if (stamp.time == no_time) {  // "[12 bytes missing in capture file]"
      require(lost);
      u32 missing = 0;
      std::from_chars(bytes.data() + 1, bytes.data() + bytes.size(), missing);
      require(missing > 0);
      at += missing;
    } else {
      require(at + bytes.size() <= sent_[side]);
      require(std::string_view{content[side]}.substr(at, bytes.size()) == bytes);
      at += static_cast<u32>(bytes.size());
    }
    require(at <= sent_[side]);
  }

  u32 bases_[2];
  u16 port_;
  bool rows_;
  u32 sent_[2] = {0, 0}, acked_[2] = {0, 0}, taken_[2] = {0, 0}, found_ = 0;
  std::vector<bool> got_[2];
  std::vector<u8> bytes_;
  source::Interface interface_;
  dissect::Tree tree_;
  parse::Told told_;
  flow::Judge judge_;
  parse::Engine engine_;
  flow::Table flows_;
  u64 number_ = 0;
  stats::Assembly assembly_{[this](unsigned side, std::string_view bytes,
                                   const stats::Stamp& stamp) { take(side, bytes, stamp); }};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 8) return 0;
  u32 base = 0;
  std::memcpy(&base, data, 4);
  constexpr u16 ports[] = {80, 443, 53, 7777};
  const bool small = (data[4] & 4U) != 0;
  Wire wire{base, ports[data[4] & 3U], small ? std::size_t{4096} : std::size_t{4} << 20,
            (data[4] & 8U) != 0};
  wire.strange = small;
  wire.open();
  std::deque<Sent> late;
  unsigned steps = 0;
  for (std::size_t at = 5; at + 2 <= size && ++steps < 400; at += 2) {
    const u8 what = data[at];
    const u32 amount = data[at + 1];
    const unsigned side = what & 1U;
    const u32 count = amount << (what >> 6);
    switch (what >> 1 & 15U) {
      case 8: {  // sent again
        const Sent segment = wire.again(side, amount * 8, 1 + count);
        wire.plain = false;
        wire.arrive(segment);
        wire.show(segment);
        break;
      }
      case 9:  // overtaken by what follows
        late.push_back(wire.fresh(side, 1 + count));
        wire.plain = false;
        break;
      case 10:  // ... and there it is
        if (late.empty()) break;
        wire.arrive(late.front());
        wire.show(late.front());
        late.pop_front();
        break;
      case 11:  // lost on the way
        (void)wire.fresh(side, 1 + count);
        wire.lost = true;
        wire.plain = false;
        break;
      case 12:  // missed by the capture
        wire.arrive(wire.fresh(side, 1 + count));
        wire.lost = true;
        wire.plain = false;
        break;
      case 13: {  // an acknowledgement alone
        wire.show(wire.again(side, 0, 0));
        break;
      }
      case 14:  // what nobody sent
        if (at + 12 > size) break;
        u32 numbers[2];
        std::memcpy(numbers, data + at + 2, sizeof numbers);
        wire.strange = true;
        wire.plain = false;
        wire.capture(side, numbers[0], numbers[1], static_cast<u8>(amount & 63),
                     std::string_view{content[side]}.substr(0, count));
        at += 8;
        break;
      case 15: {  // one side ends
        Sent segment = wire.fresh(side, 0);
        segment.flags |= (amount & 1) != 0 ? TcpFlag::rst : TcpFlag::fin;
        wire.strange = true;
        wire.plain = false;
        wire.show(segment);
        break;
      }
      default: {
        const Sent segment = wire.fresh(side, count);
        wire.arrive(segment);
        wire.show(segment);
      }
    }
    if (wire.plain && !wire.strange) wire.check_plain();
  }
  for (const Sent& segment : late) {
    wire.arrive(segment);
    wire.show(segment);
  }
  if (!wire.strange && !wire.lost) wire.check_end();
  return 0;
}
