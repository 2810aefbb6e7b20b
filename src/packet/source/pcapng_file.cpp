// pcapng files (draft-ietf-opsawg-pcapng): any number of sections, each with its own byte order and
// interfaces. Packets point into the window, and so do custom blocks and journal entries, which are
// numbered like packets; section and interface blocks are copied, as they are needed for the whole
// reading; every other block is an aside, kept for whoever asks for it.
#include <algorithm>
#include <deque>

#include "base/say.h"
#include "packet/source/file.h"
#include "packet/source/load.h"
#include "packet/source/pcapng.h"
#include "packet/source/pcapng_blocks.h"
#include "packet/source/ticks.h"

namespace trama::source {
namespace {

using namespace pcapng;

constexpr std::size_t most_interfaces = 65536;  // Packet::interface has 16 bits
constexpr std::size_t most_key_log = 16U << 20;
constexpr u64 most_described = 64U << 20;       // bytes of interface blocks that are kept
constexpr u64 most_aside = 1U << 20;            // bytes of asides before they are handed over

class PcapngFile : public File {
 public:
  using File::File;

  bool next(Batch& batch) override {
    batch.count = 0;
    batch.kept = 0;
    aside_ = 0;
    while (!trouble_) {
      std::size_t need = pass_over();
      if (need == 0) need = walk(batch);
      if (batch.count > 0) break;
      if (trouble_) return false;
      if (aside_ >= most_aside) return true;
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
    u32 most = 0;    // bytes of a packet
    u32 pseudo = 0;  // see Interface::pseudo
  };

  std::size_t walk(Batch& batch);
  bool is_whole(const u8* at, std::size_t left, std::size_t& need, Block& block);
  bool take(const Block& block, Batch& batch);
  bool take_section(const Block& block);
  bool take_interface(const Block& block);
  bool take_packet(const Block& block, Batch& batch);
  bool take_old_packet(const Block& block, Batch& batch);
  bool take_simple_packet(const Block& block, Batch& batch);
  bool take_statistics(const Block& block, const Batch& batch);
  bool take_custom(const Block& block, Batch& batch);
  bool take_journal(const Block& block, Batch& batch);
  Packet& record(Record kind, Batch& batch);
  void put_aside(const Block& block, u16 interface, const Batch& batch);
  bool hand_over(const Block& block, u64 at, u32 captured, u32 wire, u32 id, Batch& batch);

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
  bool damaged_inside(const char* block) {
    return wrong(say("what is in a block of type {} does not fit it", block));
  }
  bool too_small(const char* block, u64 size) {
    return wrong(say("a block of type {} has only {} bytes", block, size + least_block));
  }

  bool big_endian_ = false;
  std::vector<u16> here_;     // the section's interfaces, as indices of all
  std::vector<Rules> rules_;  // of the interfaces, as interfaces_
  std::deque<std::vector<u8>> options_;
  u64 described_ = 0;
  u64 passing_ = 0;
  u64 aside_ = 0;                // bytes kept aside since the last batch
  std::optional<u16> stand_in_;  // the interface of the section's records that are no packets
  std::string wrong_;
};

std::size_t PcapngFile::walk(Batch& batch) {
  const u8* at = window_.begin();
  const u8* const end = window_.end();
  std::size_t need = 0;
  Block block;
  while (batch.count < Batch::most && passing_ == 0 && wrong_.empty() && aside_ < most_aside) {
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
      return take_statistics(block, batch);
    case pcapng::custom:
    case pcapng::private_custom:
      return take_custom(block, batch);
    case journal_export:
      return take_journal(block, batch);
    case name_resolution:
      if (!sound_names({block.body, block.size}, big_endian_)) return damaged_inside("NRB");
      break;
    case decryption_secrets:
      if (!sound_secrets({block.body, block.size}, big_endian_)) return damaged_inside("DSB");
      if (key_log_.size() < most_key_log)
        key_log_ += key_log_of({block.body, block.size}, big_endian_);
      break;
    default:
      break;
  }
  put_aside(block, 0, batch);
  return true;
}

void PcapngFile::put_aside(const Block& block, u16 interface, const Batch& batch) {
  if (!keeps_asides_) return;
  aside_ += block.size + least_block;
  Aside& aside = asides_.emplace_back();
  aside.type = block.type;
  aside.big_endian = big_endian_;
  aside.interface = interface;
  aside.section = static_cast<u32>(sections_.size());
  aside.before = packets_ + batch.count + 1;
  aside.body.assign(block.body, block.body + block.size);
}

bool PcapngFile::take_section(const Block& block) {
  if (block.size < 16) return too_small("SHB", block.size);
  const u16 major = load16(block.body + 4, big_endian_);
  const u16 minor = load16(block.body + 6, big_endian_);
  if (major != 1 || minor > 2)
    return wrong(say("a section has the version {}.{}; 1.0 to 1.2 are known", major, minor));
  const Bytes options{block.body + 16, block.size - 16};
  if (!sound_options(options, big_endian_)) return damaged_inside("SHB");
  described_ += block.size;
  if (described_ > most_described)
    return wrong(
        say("sections and interfaces are described by more than {} bytes", most_described));
  const auto& kept = options_.emplace_back(options.begin(), options.end());
  sections_.push_back({kept, big_endian_});
  here_.clear();
  stand_in_.reset();
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
  interface.section = static_cast<u32>(sections_.size());
  interface.id = static_cast<u32>(here_.size());
  interface.resolution = 6;
  interface.pseudo = pseudo_header(interface.link_type);
  Bytes left{block.body + 8, block.size - 8};
  const auto& kept = options_.emplace_back(left.begin(), left.end());
  interface.options = kept;
  // The times of all its packets may depend on the option that is lost.
  if (!sound_options(left, big_endian_)) return damaged_inside("IDB");
  std::string hardware = "unknown";
  const std::string* label = nullptr;
  PlainOption option;
  bool whole = true;
  const auto text = [&](std::size_t from) {
    return std::string{option.value.begin() + static_cast<long>(from), option.value.end()};
  };
  while (next_option(left, big_endian_, option, whole)) {
    const auto size = option.value.size();
    if (option.code == if_name) {
      interface.name = text(0);
      label = &interface.name;
    }
    if (option.code == if_description) interface.description = text(0);
    if (option.code == if_hardware) hardware = text(0);
    if (option.code == if_filter && size > 1 && option.value[0] == 0) interface.filter = text(1);
    if (option.code == if_filter && size == 0) return damaged_inside("IDB");
    if (option.code == if_tsresol && size == 1) {
      clock.resolution(option.value[0]);
      interface.digits = digits_of(option.value[0]);
      interface.resolution = std::min<u8>(option.value[0], 9);
    }
    if (option.code == if_tsoffset && size == 8)
      clock.offset(static_cast<i64>(load64(option.value.data(), big_endian_)));
  }
  // Wireshark calls an interface without a name by what else it has.
  if (label == nullptr && !interface.description.empty()) label = &interface.description;
  interface.label = label != nullptr ? *label : hardware;
  here_.push_back(static_cast<u16>(interfaces_.size()));
  rules_.push_back({clock, most_captured(interface), interface.pseudo});
  interfaces_.push_back(std::move(interface));
  return true;
}

bool PcapngFile::take_statistics(const Block& block, const Batch& batch) {
  if (block.size < 12) return too_small("ISB", block.size);
  const u32 id = number(block.body);
  const Bytes options{block.body + 12, block.size - 12};
  if (!sound_options(options, big_endian_)) return damaged_inside("ISB");
  if (id >= here_.size()) return true;  // it says nothing about a packet
  const u16 interface = here_[id];
  put_aside(block, interface, batch);
  const u64 dropped = dropped_of(options, big_endian_);
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
  packet.record = Record::old_packet;
  packet.time = rules_[packet.interface].clock.nanoseconds(u64{number(block.body + 4)} << 32 |
                                                           number(block.body + 8));
  return true;
}

// It belongs to the section's first interface, has no time, and says its wire length only.
bool PcapngFile::take_simple_packet(const Block& block, Batch& batch) {
  if (block.size < 4) return too_small("SPB", block.size);
  if (here_.empty()) return wrong(say("a packet comes before any interface"));
  const u32 wire = number(block.body);
  const u32 most = interfaces_[here_.front()].snap_length;
  if (!hand_over(block, 4, most > 0 ? std::min(wire, most) : wire, wire, 0, batch)) return false;
  Packet& packet = batch.packets[batch.count - 1];
  packet.time = no_time;
  packet.option_bytes = 0;
  return true;
}

bool PcapngFile::hand_over(const Block& block, u64 at, u32 captured, u32 wire, u32 id,
                           Batch& batch) {
  if (id >= here_.size())
    return wrong(
        say("a packet names interface {}, and its section describes {}", id, here_.size()));
  const u16 interface = here_[id];
  const u32 most = rules_[interface].most;
  if (captured > most)
    return wrong(say("the next packet claims {} bytes, and {} are the most", captured, most));
  if (at + captured > block.size)
    return wrong(say("a packet of {} bytes does not fit its block of {}", captured,
                     block.size + least_block));
  const u32 pseudo = rules_[interface].pseudo;
  if (captured < pseudo)
    return wrong(say("the next packet is shorter than its link type's header"));
  const u64 behind = at + padded4(captured);
  const Bytes options =
      behind < block.size ? Bytes{block.body + behind, block.size - behind} : Bytes{};
  if (!options.empty() && !sound_options(options, big_endian_, true)) return damaged_inside("EPB");
  Packet& packet = record(Record::packet, batch);
  packet.data = block.body + at + pseudo;
  packet.captured = captured - pseudo;
  packet.wire = std::min(wire, most_wire) - std::min(wire, pseudo);
  packet.interface = interface;
  // They are found behind the data, which starts at a multiple of four bytes but for a few links.
  packet.option_bytes = pseudo % 4 == 0 ? static_cast<u32>(options.size()) : 0;
  return true;
}

Packet& PcapngFile::record(Record kind, Batch& batch) {
  Packet& packet = batch.packets[batch.count++];
  packet.record = kind;
  packet.number = packets_ + batch.count;
  packet.big_endian = big_endian_;
  if (kind == Record::packet) return packet;
  packet.option_bytes = 0;
  packet.time = no_time;
  if (!stand_in_) {
    stand_in_ = static_cast<u16>(interfaces_.size());
    Interface none;
    none.link_type = no_link;
    none.stand_in = true;
    none.section = static_cast<u32>(sections_.size());
    interfaces_.push_back(std::move(none));
    rules_.emplace_back();
  }
  packet.interface = *stand_in_;
  return packet;
}

// What stands behind the enterprise number, options included: only the enterprise knows.
bool PcapngFile::take_custom(const Block& block, Batch& batch) {
  if (block.size < 4) return too_small("CB", block.size);
  if (interfaces_.size() >= most_interfaces) return true;
  Packet& packet =
      record(block.type == pcapng::custom ? Record::custom : Record::private_custom, batch);
  packet.data = block.body + 4;
  packet.captured = packet.wire = static_cast<u32>(block.size - 4);
  return true;
}

// An entry ends with a line feed; the block pads it with zeros. Its time stands in it.
bool PcapngFile::take_journal(const Block& block, Batch& batch) {
  constexpr u64 least_entry = 23;  // "__REALTIME_TIMESTAMP=0\n"
  u64 size = block.size;
  for (unsigned i = 0; i < 3 && size > 0 && block.body[size - 1] == 0; ++i) --size;
  if (size < least_entry) return too_small("journal", block.size);
  if (interfaces_.size() >= most_interfaces || size > most_block / 2) return true;
  Packet& packet = record(Record::journal, batch);
  packet.data = block.body;
  packet.captured = packet.wire = static_cast<u32>(size);
  packet.time = journal_time({reinterpret_cast<const char*>(block.body), size});
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
