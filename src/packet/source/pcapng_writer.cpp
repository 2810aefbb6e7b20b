// pcapng (draft-ietf-opsawg-pcapng): sections in our byte order, as many as were read. Options and
// the blocks beside packets are copied as they stood, their numbers turned where they come from the
// other byte order. Times keep their digits: 10^-9 seconds and above.
#include <algorithm>
#include <ctime>
#include <utility>

#include "packet/source/pcapng.h"
#include "packet/source/ticks.h"
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
  void begin(const WriterOptions& options) override { application_ = options.application; }

  void put_section(const Section* copied) override {
    first_snap_ = 0;
    here_ = 0;
    open_block(section_header);
    put(byte_order_magic);
    put(u16{1});
    put(u16{0});
    put(~u64{0});  // the section's length is not known
    if (copied != nullptr) copy_options(copied->options, copied->big_endian, {shb_userappl});
    if (!application_.empty()) put_text(shb_userappl, application_);
    close_block();
  }

  void put_interface(const Interface& interface) override {
    ids_.push_back(here_);
    if (interface.stand_in) return;
    if (here_++ == 0) first_snap_ = interface.snap_length;
    open_block(interface_description);
    put(interface.link_type);
    put(u16{0});
    put(interface.snap_length);
    if (!interface.options.empty()) {
      // The offset is in our times.
      copy_options(interface.options, interface.big_endian, {if_tsresol, if_tsoffset},
                   {if_speed, if_txspeed, if_rxspeed}, {if_tzone});
    } else {
      if (!interface.name.empty()) put_text(if_name, interface.name);
      if (!interface.description.empty()) put_text(if_description, interface.description);
      if (!interface.filter.empty()) put_text(if_filter, std::string(1, '\0') + interface.filter);
    }
    put_option(if_tsresol, 1);
    put(u32{interface.resolution});  // and padding
    close_block();
  }

  Result<bool> put_packet(const Packet& packet, const Interface& interface,
                          const Remark& remark) override {
    if (interface.stand_in) return put_record(packet);
    const u32 captured = packet.captured + interface.pseudo;
    const u32 wire = packet.wire + interface.pseudo;
    const Bytes bytes{packet.data - interface.pseudo, captured};
    const u32 most = first_snap_ > 0 ? std::min(first_snap_, wire) : wire;
    const u32 id = ids_[packet.interface];
    const bool bare = remark.comment.empty() && remark.direction == Direction::unknown;
    if (packet.time == no_time && id == 0 && captured == most && bare) {
      open_block(simple_packet);
      put(wire);
      put_padded(bytes);
      close_block(false);
      return true;
    }
    open_block(enhanced_packet);
    put(id);
    put_time(packet.time, interface);
    put(captured);
    put(wire);
    put_padded(bytes);
    const bool turn = remark.direction != Direction::unknown;
    if (packet.record == Record::old_packet) put_drops(packet);
    if (packet.option_bytes > 0)
      copy_options(packet.options(), packet.big_endian, {turn ? epb_flags : opt_end},
                   {epb_dropcount, epb_packetid}, {epb_flags, epb_queue});
    if (turn) {
      put_option(epb_flags, 4);
      put(static_cast<u32>(remark.direction));
    }
    if (!remark.comment.empty()) put_text(opt_comment, remark.comment);
    close_block();
    return true;
  }

  // In units of 10^-n seconds: upper, then lower half.
  void put_time(i64 nanoseconds, const Interface& interface) {
    u64 time = nanoseconds > 0 ? static_cast<u64>(nanoseconds) : 0;
    for (unsigned digits = interface.resolution; digits < 9; ++digits) time /= 10;
    put(static_cast<u32>(time >> 32));
    put(static_cast<u32>(time));
  }

  void put_drops(const Packet& packet) {
    const u16 drops = load16(packet.data - 18, packet.big_endian);
    if (drops == 0xffff) return;  // nobody counted
    put_option(epb_dropcount, 8);
    put(u64{drops});
  }

  Result<bool> put_record(const Packet& packet) {
    if (packet.record == Record::private_custom) return false;
    const bool is_custom_block = packet.record == Record::custom;
    open_block(is_custom_block ? pcapng::custom : journal_export);
    if (is_custom_block) put(load32(packet.data - 4, packet.big_endian));
    put_padded(packet.bytes());
    close_block(false);
    return true;
  }

  void put_aside(const Aside& aside, const std::deque<Interface>& interfaces) override {
    const Bytes body = aside.body;
    const bool big = aside.big_endian;
    switch (aside.type) {
      case interface_statistics:
        return put_statistics(aside, interfaces[aside.interface]);
      case name_resolution:
        open_block(aside.type);
        put_names(body, big);
        return close_block();
      case decryption_secrets: {
        const u32 length = load32(body.data() + 4, big);
        open_block(aside.type);
        put(load32(body.data(), big));
        put(length);
        put_padded(body.subspan(8, length));
        if (8 + padded4(length) < body.size()) copy_options(body.subspan(8 + padded4(length)), big);
        return close_block();
      }
      default:
        if (big) return;
        open_block(aside.type);
        put_padded(body);
        return close_block(false);
    }
  }

  // Its records, then its options.
  void put_names(Bytes left, bool big_endian) {
    u16 kind = name_end;
    do {
      kind = left.size() < 4 ? name_end : load16(left.data(), big_endian);
      const std::size_t length = left.size() < 4 ? 0 : load16(left.data() + 2, big_endian);
      if (!left.empty()) left = left.subspan(std::min<std::size_t>(left.size(), 4));
      put(kind);
      put(static_cast<u16>(kind == name_end ? 0 : length));
      if (kind == name_end) break;
      put_padded(left.first(length));
      left = left.subspan(padded4(length));
    } while (true);
    copy_options(left, big_endian);
  }

  void put_statistics(const Aside& aside, const Interface& interface) {
    Ticks clock;
    Bytes left = interface.options;
    PlainOption option;
    bool whole = true;
    while (next_option(left, interface.big_endian, option, whole)) {
      if (option.code == if_tsresol && option.value.size() == 1) clock.resolution(option.value[0]);
      if (option.code == if_tsoffset && option.value.size() == 8)
        clock.offset(static_cast<i64>(load64(option.value.data(), interface.big_endian)));
    }
    const u8* body = aside.body.data();
    const auto put_ticks = [&](const u8* at) {
      const u64 ticks = u64{load32(at, aside.big_endian)} << 32 | load32(at + 4, aside.big_endian);
      put_time(clock.nanoseconds(ticks), interface);
    };
    open_block(interface_statistics);
    put(ids_[aside.interface]);
    put_ticks(body + 4);
    left = Bytes{aside.body}.subspan(12);
    while (next_option(left, aside.big_endian, option, whole)) {
      const bool is_time = option.code == isb_starttime || option.code == isb_endtime;
      if (is_time && option.value.size() == 8) {
        put_option(option.code, 8);
        put_ticks(option.value.data());
        continue;
      }
      put_copy(option, aside.big_endian,
               {isb_ifrecv, isb_ifdrop, isb_filteraccept, isb_osdrop, isb_usrdeliv}, {});
    }
    close_block();
  }

  void put_counters(u16 interface, const Counters& counters) override {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    Interface nanoseconds;
    open_block(interface_statistics);
    put(u32{interface});
    put_time(i64{now.tv_sec} * 1'000'000'000 + now.tv_nsec, nanoseconds);
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
  void copy_options(Bytes left, bool big_endian, Codes without = {}, Codes wide = {},
                    Codes narrow = {}) {
    PlainOption option;
    bool whole = true;
    while (next_option(left, big_endian, option, whole))
      if (!is_one_of(option.code, without)) put_copy(option, big_endian, wide, narrow);
  }
  void put_copy(const PlainOption& option, bool big_endian, Codes wide, Codes narrow) {
    if (is_private(option.code)) return;
    const u8* value = option.value.data();
    const auto size = option.value.size();
    put_option(option.code, size);
    if (size == 8 && is_one_of(option.code, wide)) {
      put(load64(value, big_endian));
    } else if (size == 4 && is_one_of(option.code, narrow)) {
      put(load32(value, big_endian));
    } else if (size == 9 && option.code == epb_verdict && wide.size() > 0) {
      put(value[0]);
      put(load64(value + 1, big_endian));
      put(u16{0});  // padding
      put(u8{0});
    } else if (size >= 4 && is_custom(option.code)) {
      put(load32(value, big_endian));  // the enterprise number
      put_padded(option.value.subspan(4));
    } else {
      put_padded(option.value);
    }
  }

  std::size_t block_ = 0;
  bool options_ = false;
  std::string application_;
  std::vector<u32> ids_;  // the interfaces' numbers in their sections
  u32 here_ = 0;          // interfaces of the section
  u32 first_snap_ = 0;
};

}  // namespace

std::unique_ptr<Writer> pcapng_writer(Fd fd, std::string name) {
  return std::make_unique<PcapngWriter>(std::move(fd), std::move(name));
}

}  // namespace trama::source
