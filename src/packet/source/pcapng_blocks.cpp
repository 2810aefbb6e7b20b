#include "packet/source/pcapng_blocks.h"

#include <charconv>

#include "packet/source/packet.h"
#include "packet/source/pcapng.h"
#include "packet/source/ticks.h"

namespace trama::source::pcapng {
namespace {

bool sound_packet_option(const PlainOption& option) {
  const auto size = option.value.size();
  switch (option.code) {
    case epb_flags:
    case epb_queue:
      return size == 4;
    case epb_dropcount:
    case epb_packetid:
      return size == 8;
    case epb_verdict:  // by hardware: any bytes; by eBPF: a number
      return size > 0 &&
             ((option.value[0] != verdict_tc && option.value[0] != verdict_xdp) || size == 9);
    default:
      return true;
  }
}

}  // namespace

bool sound_options(Bytes options, bool big_endian, bool of_packet) {
  PlainOption option;
  bool whole = true;
  while (next_option(options, big_endian, option, whole)) {
    if (is_custom(option.code) && option.value.size() < 4) return false;
    if (of_packet && !sound_packet_option(option)) return false;
  }
  return whole;
}

bool sound_names(Bytes body, bool big_endian) {
  if (body.size() < 4) return false;
  while (body.size() >= 4) {
    const u16 kind = load16(body.data(), big_endian);
    const u16 length = load16(body.data() + 2, big_endian);
    body = body.subspan(4);
    if (kind == name_end) break;
    if (padded4(length) > body.size()) return false;
    const std::size_t address = kind == name_ipv4 ? 4 : kind == name_ipv6 ? 16 : 0;
    if (length < address) return false;
    if (address > 0 && length > address && body[length - 1U] != 0) return false;
    body = body.subspan(padded4(length));
  }
  return sound_options(body, big_endian);
}

bool sound_secrets(Bytes body, bool big_endian) {
  return body.size() >= 8 && load32(body.data() + 4, big_endian) <= body.size() - 8;
}

std::string_view key_log_of(Bytes body, bool big_endian) {
  constexpr u32 tls_key_log = 0x544c534b;
  if (load32(body.data(), big_endian) != tls_key_log) return {};
  return {reinterpret_cast<const char*>(body.data()) + 8, load32(body.data() + 4, big_endian)};
}

u64 dropped_of(Bytes options, bool big_endian) {
  PlainOption option;
  bool whole = true;
  u64 dropped = 0;
  while (next_option(options, big_endian, option, whole))
    if ((option.code == isb_ifdrop || option.code == isb_osdrop) && option.value.size() >= 8)
      dropped += load64(option.value.data(), big_endian);
  return dropped;
}

i64 journal_time(std::string_view entry) {
  constexpr std::string_view stamp = "__REALTIME_TIMESTAMP=";
  for (std::size_t at = entry.find(stamp); at != entry.npos; at = entry.find(stamp, at + 1)) {
    if (at > 0 && entry[at - 1] != '\n') continue;
    u64 microseconds = 0;
    const char* const end = entry.data() + entry.size();
    const auto read = std::from_chars(entry.data() + at + stamp.size(), end, microseconds);
    return read.ec == std::errc{} ? Ticks{}.nanoseconds(microseconds) : no_time;
  }
  return no_time;
}

}  // namespace trama::source::pcapng
