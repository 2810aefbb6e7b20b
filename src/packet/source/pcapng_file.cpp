// pcapng files (draft-ietf-opsawg-pcapng): any number of sections, each with its own byte order and
// interfaces. Packet blocks point into the window; interface blocks are copied, as they are needed
// for the whole reading; every other block is passed over.
#include <algorithm>
#include <deque>

#include "base/say.h"
#include "packet/source/file.h"
#include "packet/source/load.h"
#include "packet/source/pcapng.h"
#include "packet/source/ticks.h"

namespace trama::source {
namespace {

using namespace pcapng;

constexpr std::size_t most_interfaces = 65536;  // Packet::interface has 16 bits
constexpr u64 most_described = 64U << 20;       // bytes of interface blocks that are kept

class PcapngFile : public File {
 public:
  using File::File;

  bool next(Batch& batch) override {
    batch.count = 0;
    batch.kept = 0;
    while (!trouble_) {
      std::size_t need = pass_over();
      if (need == 0) need = walk(batch);
      if (batch.count > 0) break;
      if (trouble_) return false;
      if (!more(need)) {
        if (passing_ > 0 && !trouble_) cut_short(passing_);
        return false;
      }
      if (window_.size() < need) return true;  // a signal came
    }
    batch.kept = Batch::mask(batch.count);
    return batch.count > 0;
  }

 private:
  // One block, whole in the window: its body lies between the two lengths.
  struct Block {
    u32 type = 0;
    const u8* body = nullptr;
    u64 size = 0;
  };

  // What every packet of an interface needs.
  struct Rules {
    Ticks clock;
    u32 most = 0;  // bytes of a packet
  };

  std::size_t walk(Batch& batch);
  bool is_whole(const u8* at, std::size_t left, std::size_t& need, Block& block);
  bool take(const Block& block, Batch& batch);
  bool take_section(const Block& block);
  bool take_interface(const Block& block);
  bool take_packet(const Block& block, Batch& batch);
  bool take_old_packet(const Block& block, Batch& batch);
  bool take_simple_packet(const Block& block, Batch& batch);
  bool take_statistics(const Block& block);
  bool hand_over(const Block& block, u64 at, u32 captured, u32 wire, u64 interface, Batch& batch);

  // Walks through a skipped block that is larger than any buffer; 0 when it is behind, else how
  // many bytes must come.
  std::size_t pass_over() {
    const auto step = std::min<u64>(passing_, window_.size());
    window_.skip(step);
    passing_ -= step;
    return passing_ > 0 ? 1 : 0;
  }
  [[nodiscard]] u32 number(const u8* at) const { return load32(at, big_endian_); }
  bool wrong(std::string what) {
    wrong_ = std::move(what);
    return false;
  }
  bool too_small(const char* block, u64 size) {
    return wrong(say("a block of type {} has only {} bytes", block, size + least_block));
  }

  bool big_endian_ = false;
  std::size_t first_ = 0;     // the section's first interface, among all
  std::vector<Rules> rules_;  // of the interfaces, as interfaces_
  std::deque<std::vector<u8>> options_;
  u64 described_ = 0;
  u64 passing_ = 0;
  std::string wrong_;
};

std::size_t PcapngFile::walk(Batch& batch) {
  const u8* at = window_.begin();
  const u8* const end = window_.end();
  std::size_t need = 0;
  Block block;
  while (batch.count < Batch::most && passing_ == 0 && wrong_.empty()) {
    if (!is_whole(at, static_cast<std::size_t>(end - at), need, block) || !take(block, batch))
      break;
    at += need;
  }
  packets_ += batch.count;
  window_.skip(static_cast<std::size_t>(at - window_.begin()));
  if (!wrong_.empty()) damaged(wrong_);
  if (passing_ > 0) need = 1;
  return need;
}

// False where more bytes are needed, where the block is to be passed over, and where it is wrong.
bool PcapngFile::is_whole(const u8* at, std::size_t left, std::size_t& need, Block& block) {
  need = least_block;
  if (left < least_block) return false;
  block.type = number(at);
  bool big_endian = big_endian_;
  if (block.type == section_header) {
    const u32 order = load32(at + 8, false);
    big_endian = order == __builtin_bswap32(byte_order_magic);
    if (!big_endian && order != byte_order_magic)
      return wrong(say("a section has the unknown byte order mark {:#010x}", order));
  }
  const u32 length = load32(at + 4, big_endian);
  if (length < least_block)
    return wrong(say("a block claims {} bytes, and {} are the least", length, least_block));
  const u64 whole = padded4(length);  // some writers give a length without the padding
  if (whole > most_block) {
    if (block.type == section_header ||
        (block.type >= interface_description && block.type <= enhanced_packet &&
         block.type != name_resolution))
      return wrong(say("a block claims {} bytes, and {} are the most", length, most_block));
    passing_ = whole;
    return false;
  }
  need = whole;
  if (left < whole) return false;
  const u32 again = load32(at + whole - 4, big_endian);
  if (again != length)
    return wrong(say("a block starts as one of {} bytes and ends as one of {}", length, again));
  big_endian_ = big_endian;
  block.body = at + 8;
  block.size = whole - least_block;
  return true;
}

bool PcapngFile::take(const Block& block, Batch& batch) {
  switch (block.type) {
    case enhanced_packet:
      return take_packet(block, batch);
    case simple_packet:
      return take_simple_packet(block, batch);
    case pcapng::packet:
      return take_old_packet(block, batch);
    case section_header:
      return take_section(block);
    case interface_description:
      return take_interface(block);
    case interface_statistics:
      return take_statistics(block);
    default:
      return true;
  }
}

bool PcapngFile::take_section(const Block& block) {
  if (block.size < 16) return too_small("SHB", block.size);
  const u16 major = load16(block.body + 4, big_endian_);
  const u16 minor = load16(block.body + 6, big_endian_);
  if (major != 1) return wrong(say("a section has the version {}.{}; 1 is known", major, minor));
  first_ = interfaces_.size();
  return true;
}

bool PcapngFile::take_interface(const Block& block) {
  if (block.size < 8) return too_small("IDB", block.size);
  described_ += block.size;
  if (interfaces_.size() >= most_interfaces || described_ > most_described)
    return wrong(
        say("more interfaces are described than the {} that trama keeps", interfaces_.size()));
  Interface interface;
  Ticks clock;
  interface.link_type = load16(block.body, big_endian_);
  interface.snap_length = number(block.body + 4);
  interface.big_endian = big_endian_;
  Bytes left{block.body + 8, block.size - 8};
  const auto& kept = options_.emplace_back(left.begin(), left.end());
  interface.options = kept;
  PlainOption option;
  bool whole = true;
  const auto text = [&](std::size_t from) {
    return std::string{option.value.begin() + static_cast<long>(from), option.value.end()};
  };
  while (next_option(left, big_endian_, option, whole)) {
    const auto size = option.value.size();
    if (option.code == if_name) interface.name = text(0);
    if (option.code == if_description) interface.description = text(0);
    if (option.code == if_filter && size > 1 && option.value[0] == 0) interface.filter = text(1);
    if (option.code == if_tsresol && size >= 1) {
      clock.resolution(option.value[0]);
      interface.digits = digits_of(option.value[0]);
    }
    if (option.code == if_tsoffset && size >= 8)
      clock.offset(static_cast<i64>(load64(option.value.data(), big_endian_)));
  }
  // The times of all its packets may depend on the option that is lost.
  if (!whole) return wrong(say("an interface's options are longer than their block"));
  rules_.push_back({clock, most_captured(interface)});
  interfaces_.push_back(std::move(interface));
  return true;
}

bool PcapngFile::take_statistics(const Block& block) {
  if (block.size < 12) return too_small("ISB", block.size);
  const u64 interface = first_ + number(block.body);
  if (interface >= interfaces_.size()) return true;  // says nothing about a packet
  Bytes left{block.body + 12, block.size - 12};
  PlainOption option;
  bool whole = true;
  u64 dropped = 0;
  while (next_option(left, big_endian_, option, whole))
    if ((option.code == isb_ifdrop || option.code == isb_osdrop) && option.value.size() >= 8)
      dropped += load64(option.value.data(), big_endian_);
  // Each block counts from the capture's start: the last one stands.
  if (dropped > 0) interfaces_[interface].dropped = dropped;
  return true;
}

bool PcapngFile::take_packet(const Block& block, Batch& batch) {
  if (block.size < 20) return too_small("EPB", block.size);
  if (!hand_over(block, 20, number(block.body + 12), number(block.body + 16), number(block.body),
                 batch))
    return false;
  Packet& packet = batch.packets[batch.count - 1];
  packet.time = rules_[packet.interface].clock.nanoseconds(u64{number(block.body + 4)} << 32 |
                                                           number(block.body + 8));
  return true;
}

bool PcapngFile::take_old_packet(const Block& block, Batch& batch) {
  if (block.size < 20) return too_small("PB", block.size);
  if (!hand_over(block, 20, number(block.body + 12), number(block.body + 16),
                 load16(block.body, big_endian_), batch))
    return false;
  Packet& packet = batch.packets[batch.count - 1];
  packet.time = rules_[packet.interface].clock.nanoseconds(u64{number(block.body + 4)} << 32 |
                                                           number(block.body + 8));
  return true;
}

// It belongs to the section's first interface, has no time, and says its wire length only.
bool PcapngFile::take_simple_packet(const Block& block, Batch& batch) {
  if (block.size < 4) return too_small("SPB", block.size);
  if (first_ >= interfaces_.size()) return wrong(say("a packet comes before any interface"));
  const u32 wire = number(block.body);
  const u32 most = interfaces_[first_].snap_length;
  if (!hand_over(block, 4, most > 0 ? std::min(wire, most) : wire, wire, 0, batch)) return false;
  Packet& packet = batch.packets[batch.count - 1];
  packet.time = no_time;
  packet.option_bytes = 0;
  return true;
}

bool PcapngFile::hand_over(const Block& block, u64 at, u32 captured, u32 wire, u64 interface,
                           Batch& batch) {
  interface += first_;
  if (interface >= rules_.size())
    return wrong(say("a packet names interface {}, and its section describes {}",
                     interface - first_, interfaces_.size() - first_));
  const u32 most = rules_[interface].most;
  if (captured > most)
    return wrong(say("the next packet claims {} bytes, and {} are the most", captured, most));
  if (at + captured > block.size)
    return wrong(say("a packet of {} bytes does not fit its block of {}", captured,
                     block.size + least_block));
  Packet& packet = batch.packets[batch.count++];
  packet.data = block.body + at;
  packet.captured = captured;
  packet.wire = wire;
  packet.number = packets_ + batch.count;
  packet.interface = static_cast<u16>(interface);
  const u64 options = at + padded4(captured);
  packet.option_bytes = options < block.size ? static_cast<u32>(block.size - options) : 0;
  packet.big_endian = big_endian_;
  return true;
}

}  // namespace

bool is_pcapng(Bytes head) {
  return head.size() >= 4 && load32(head.data(), false) == section_header;
}

Result<std::unique_ptr<Source>> open_pcapng(Window window, const std::string& name) {
  if (!fill_whole(window, least_block))
    return fail(Exit::bad_input,
                say("{}: a pcapng file cut short in its first {} bytes", name, least_block));
  return std::make_unique<PcapngFile>(std::move(window), name);
}

}  // namespace trama::source
