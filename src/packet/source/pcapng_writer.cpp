// pcapng (draft-ietf-opsawg-pcapng): one section in our byte order, whatever was read. Options are
// copied as they stood; numbers in options from a section of the other byte order are turned.
#include <algorithm>
#include <ctime>
#include <utility>

#include "packet/source/pcapng.h"
#include "packet/source/writer.h"

namespace trama::source {
namespace {

using namespace pcapng;

constexpr bool is_one_of(u16 code, std::initializer_list<u16> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

class PcapngWriter : public Writer {
 public:
  PcapngWriter(Fd fd, std::string name) : Writer(std::move(fd), std::move(name)) {}

 private:
  void begin(const WriterOptions& options) override {
    open_block(section_header);
    put(byte_order_magic);
    put(u16{1});
    put(u16{0});
    put(~u64{0});  // the section's length is not known
    if (!options.application.empty()) put_text(shb_userappl, options.application);
    close_block();
  }

  void put_interface(const Interface& interface) override {
    if (interfaces_++ == 0) first_snap_ = interface.snap_length;
    open_block(interface_description);
    put(interface.link_type);
    put(u16{0});
    put(interface.snap_length);
    if (!interface.options.empty()) {
      // Our times are in nanoseconds, with the offset added.
      copy_options(interface.options, interface.big_endian, {if_tsresol, if_tsoffset},
                   {if_speed, if_txspeed, if_rxspeed}, {if_tzone});
    } else {
      if (!interface.name.empty()) put_text(if_name, interface.name);
      if (!interface.description.empty()) put_text(if_description, interface.description);
      if (!interface.filter.empty()) put_text(if_filter, std::string(1, '\0') + interface.filter);
    }
    put_option(if_tsresol, 1);
    put(u32{9});  // and padding
    close_block();
  }

  Result<void> put_packet(const Packet& packet, const Interface&, const Remark& remark) override {
    const u32 most = first_snap_ > 0 ? std::min(first_snap_, packet.wire) : packet.wire;
    const bool bare = remark.comment.empty() && remark.direction == Direction::unknown;
    if (packet.time == no_time && packet.interface == 0 && packet.captured == most && bare) {
      open_block(simple_packet);
      put(packet.wire);
      put_padded(packet.bytes());
      close_block(false);
      return {};
    }
    const u64 time = packet.time > 0 ? static_cast<u64>(packet.time) : 0;
    open_block(enhanced_packet);
    put(u32{packet.interface});
    put(static_cast<u32>(time >> 32));
    put(static_cast<u32>(time));
    put(packet.captured);
    put(packet.wire);
    put_padded(packet.bytes());
    const bool turn = remark.direction != Direction::unknown;
    if (packet.option_bytes > 0)
      copy_options(packet.options(), packet.big_endian, {turn ? epb_flags : opt_end},
                   {epb_dropcount, epb_packetid}, {epb_flags, epb_queue});
    if (turn) {
      put_option(epb_flags, 4);
      put(static_cast<u32>(remark.direction));
    }
    if (!remark.comment.empty()) put_text(opt_comment, remark.comment);
    close_block();
    return {};
  }

  void put_counters(u16 interface, const Counters& counters) override {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const u64 time = static_cast<u64>(now.tv_sec) * 1'000'000'000 + static_cast<u64>(now.tv_nsec);
    open_block(interface_statistics);
    put(u32{interface});
    put(static_cast<u32>(time >> 32));
    put(static_cast<u32>(time));
    const std::pair<u16, u64> rows[] = {
        {isb_ifrecv, counters.received            },
        {isb_ifdrop, counters.dropped_by_interface},
        {isb_osdrop, counters.dropped_by_kernel   }
    };
    for (const auto& [code, value] : rows) {
      put_option(code, 8);
      put(value);
    }
    close_block();
  }

  // A block's two lengths are put in when it is closed. Nothing is flushed in between.
  void open_block(u32 type) {
    block_ = out_.buffer().size();
    put(type);
    put(u32{0});
    options_ = false;
  }
  void close_block(bool may_have_options = true) {
    if (may_have_options && options_) put(u32{opt_end});
    const auto length = static_cast<u32>(out_.buffer().size() - block_ + 4);
    put(length);
    std::memcpy(out_.buffer().data() + block_ + 4, &length, sizeof length);
  }
  void put_padded(Bytes bytes) {
    put(bytes);
    out_.buffer().append(padded4(bytes.size()) - bytes.size(), '\0');
  }
  void put_option(u16 code, std::size_t length) {
    put(code);
    put(static_cast<u16>(length));
    options_ = true;
  }
  void put_text(u16 code, std::string_view text) {
    text = text.substr(0, 65535);
    put_option(code, text.size());
    put_padded({reinterpret_cast<const u8*>(text.data()), text.size()});
  }

  using Codes = std::initializer_list<u16>;
  // All but the codes in `without`; `wide` and `narrow` hold numbers of 8 and 4 bytes.
  void copy_options(Bytes left, bool big_endian, Codes without, Codes wide, Codes narrow) {
    PlainOption option;
    bool whole = true;
    while (next_option(left, big_endian, option, whole)) {
      if (is_one_of(option.code, without)) continue;
      const u8* value = option.value.data();
      const auto size = option.value.size();
      put_option(option.code, size);
      if (size == 8 && is_one_of(option.code, wide)) {
        put(load64(value, big_endian));
      } else if (size == 4 && is_one_of(option.code, narrow)) {
        put(load32(value, big_endian));
      } else if (size >= 4 && is_custom(option.code)) {
        put(load32(value, big_endian));  // the enterprise number
        put_padded(option.value.subspan(4));
      } else {
        put_padded(option.value);
      }
    }
  }

  std::size_t block_ = 0;
  bool options_ = false;
  std::size_t interfaces_ = 0;
  u32 first_snap_ = 0;
};

}  // namespace

std::unique_ptr<Writer> pcapng_writer(Fd fd, std::string name) {
  return std::make_unique<PcapngWriter>(std::move(fd), std::move(name));
}

}  // namespace trama::source
