// pcap files (draft-ietf-opsawg-pcap): both byte orders, micro- and nanoseconds, the longer record
// header of Alexey Kuznetzov's patch, and the swapped lengths of versions before 2.4.
#include <utility>

#include "base/say.h"
#include "packet/source/file.h"
#include "packet/source/load.h"

namespace trama::source {
namespace {

constexpr u32 micro_magic = 0xa1b2c3d4, nano_magic = 0xa1b23c4d, patched_magic = 0xa1b2cd34;
constexpr std::size_t file_header = 24;
// The next record's place is known only once this one's length is: small ones wait for memory but
// for this. Bytes; prefetching behind the window does no harm.
constexpr std::size_t read_ahead = 640;

struct Layout {
  bool big_endian = false;
  u32 record_header = 16;       // 24 in patched files: interface, protocol, packet type follow
  u32 fraction = 1000;          // nanoseconds in one unit of the record's fraction
  bool may_be_swapped = false;  // before 2.4 the two lengths may stand the other way round: 2.3
                                // has both kinds
  bool swapped = false;         // ... and before 2.3 they always do
};

bool layout_of(const u8* head, Layout& layout) {
  for (const bool big : {false, true}) {
    const u32 magic = load32(head, big);
    if (magic != micro_magic && magic != nano_magic && magic != patched_magic) continue;
    layout.big_endian = big;
    layout.fraction = magic == nano_magic ? 1 : 1000;
    layout.record_header = magic == patched_magic ? 24 : 16;
    return true;
  }
  return false;
}

class PcapFile : public File {
 public:
  PcapFile(Window window, std::string name, Layout layout, Interface interface)
      : File(std::move(window), std::move(name)), layout_(layout) {
    most_ = most_captured(interface);
    interface.digits = interface.resolution = layout.fraction == 1 ? 9 : 6;
    pseudo_ = interface.pseudo = pseudo_header(interface.link_type);
    interfaces_.push_back(std::move(interface));
  }

  bool next(Batch& batch) override {
    batch.count = 0;
    batch.kept = 0;
    while (!trouble_) {
      const bool plain = !layout_.may_be_swapped && pseudo_ == 0;
      const std::size_t need = layout_.big_endian
                                   ? plain ? walk<true, true>(batch) : walk<true, false>(batch)
                               : plain ? walk<false, true>(batch)
                                       : walk<false, false>(batch);
      if (batch.count > 0) break;
      if (trouble_ || !more(need)) return false;
      if (window_.size() < need) return true;  // a signal came
    }
    batch.kept = Batch::mask(batch.count);
    return batch.count > 0;
  }

 private:
  // Hands over the records that are whole in the window; how many bytes the next one needs.
  // `plain`: nothing in front of the packets, lengths in their order.
  template <bool big_endian, bool plain>
  std::size_t walk(Batch& batch) {
    const u8* at = window_.begin();
    const u8* const end = window_.end();
    const Layout layout = layout_;
    const u32 most = most_;
    const u32 pseudo = plain ? 0 : pseudo_;
    const u32 before = layout.record_header + pseudo;
    const u64 number = packets_ + 1;
    std::size_t need = layout.record_header;
    u32 absurd = 0;
    bool headless = false;
    unsigned count = 0;
    while (count < Batch::most) {
      const auto left = static_cast<std::size_t>(end - at);
      need = layout.record_header;
      if (left < need) break;
      u32 captured = load32(at + 8, big_endian);
      u32 wire = load32(at + 12, big_endian);
      if (!plain && layout.may_be_swapped && (layout.swapped || captured > wire))
        std::swap(captured, wire);
      if (captured > most) {
        absurd = captured;
        break;
      }
      if (captured < pseudo) {
        headless = true;
        break;
      }
      need += captured;
      if (left < need) break;
      __builtin_prefetch(at + read_ahead);
      Packet& packet = batch.packets[count];
      packet.data = at + before;
      packet.captured = captured - pseudo;
      packet.wire = std::min(wire, most_wire) - std::min(wire, pseudo);
      packet.time = i64{load32(at, big_endian)} * 1'000'000'000 +
                    i64{load32(at + 4, big_endian)} * layout.fraction;
      packet.number = number + count;
      packet.interface = 0;
      packet.option_bytes = 0;
      packet.big_endian = big_endian;
      packet.record = Record::packet;
      packet.deep = false;  // one store with the four before it
      at += need;
      ++count;
    }
    packets_ += count;
    batch.count = count;
    window_.skip(static_cast<std::size_t>(at - window_.begin()));
    if (absurd > 0)
      damaged(say("the next packet claims {} bytes, and {} are the most", absurd, most_));
    if (headless) damaged(say("the next packet is shorter than its link type's header"));
    return need;
  }

  Layout layout_;
  u32 most_ = 0;
  u32 pseudo_ = 0;  // see Interface::pseudo
};

}  // namespace

bool is_pcap(Bytes head) {
  Layout ignored;
  return head.size() >= 4 && layout_of(head.data(), ignored);
}

Result<std::unique_ptr<Source>> open_pcap(Window window, const std::string& name) {
  Layout layout;
  layout_of(window.begin(), layout);
  if (!fill_whole(window, file_header))
    return fail(Exit::bad_input,
                say("{}: a pcap file cut short in its first {} bytes", name, file_header));
  const u8* head = window.begin();
  const u16 major = load16(head + 4, layout.big_endian);
  const u16 minor = load16(head + 6, layout.big_endian);
  if (major < 2)
    return fail(Exit::bad_input, say("{}: a pcap file of version {}.{}; 2.0 and later are known",
                                     name, major, minor));
  layout.swapped = major == 543 || minor < 3;  // 543: DG/UX's tcpdump
  layout.may_be_swapped = layout.swapped || (major == 2 && minor == 3);
  // The upper half holds the frame check sequence's length (4 bits, a flag) and reserved bits.
  const u32 network = load32(head + 20, layout.big_endian);
  if ((network & 0x03ff0000U) != 0)
    return fail(
        Exit::bad_input,
        say("{}: the reserved bits of its link type are set ({:#010x}); the file is damaged", name,
            network));
  Interface interface;
  interface.link_type = static_cast<u16>(network & 0xffffU);
  interface.snap_length = load32(head + 16, layout.big_endian);
  window.skip(file_header);
  return std::make_unique<PcapFile>(std::move(window), name, layout, std::move(interface));
}

}  // namespace trama::source
