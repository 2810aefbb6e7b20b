// Real-time Transport Protocol (RFC 3550): sound and pictures, where a session description (SDP)
// announced them; and keys that were pressed meanwhile (RFC 4733).
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

// clang-format off
constexpr Name payload_names[] = {
    {0, "ITU-T G.711 PCMU"}, {1, "USA Federal Standard FS-1016"}, {2, "ITU-T G.721"},
    {3, "GSM 06.10"}, {4, "ITU-T G.723"}, {5, "DVI4 8000 samples/s"},
    {6, "DVI4 16000 samples/s"},
    {7, "Experimental linear predictive encoding from Xerox PARC"}, {8, "ITU-T G.711 PCMA"},
    {9, "ITU-T G.722"}, {10, "16-bit uncompressed audio, stereo"},
    {11, "16-bit uncompressed audio, monaural"},
    {12, "Qualcomm Code Excited Linear Predictive coding"}, {13, "Comfort noise"},
    {14, "MPEG-I/II Audio"}, {15, "ITU-T G.728"}, {16, "DVI4 11025 samples/s"},
    {17, "DVI4 22050 samples/s"}, {18, "ITU-T G.729"}, {19, "Comfort noise (old)"},
    {25, "Sun CellB video encoding"}, {26, "JPEG-compressed video"}, {28, "'nv' program"},
    {31, "ITU-T H.261"}, {32, "MPEG-I/II Video"}, {33, "MPEG-II transport streams"},
    {34, "ITU-T H.263"},
};
constexpr std::string_view event_names[] = {
    "DTMF Zero 0", "DTMF One 1", "DTMF Two 2", "DTMF Three 3", "DTMF Four 4", "DTMF Five 5",
    "DTMF Six 6", "DTMF Seven 7", "DTMF Eight 8", "DTMF Nine 9", "DTMF Star *", "DTMF Pound #",
    "DTMF A", "DTMF B", "DTMF C", "DTMF D", "Flash",
};

constexpr auto fields = std::to_array<Field>({
    {"rtp.version", 0, Show::dec, N_("version of the protocol")},
    {"rtp.padding", 0, Show::flag, N_("bytes at the end are padding")},
    {"rtp.ext", 0, Show::flag, N_("the header is longer")},
    {"rtp.cc", 0, Show::dec, N_("how many sources were mixed")},
    {"rtp.marker", 0, Show::flag, N_("something begins or ends here")},
    {"rtp.p_type", 0, Show::dec, N_("what the payload is")},
    {"rtp.seq", 0, Show::dec, N_("number of this packet")},
    {"rtp.timestamp", 0, Show::dec, N_("when it was recorded, in samples")},
    {"rtp.ssrc", 0, Show::hex8, N_("who speaks")},
    {"rtp.csrc.item", 0, Show::hex8, N_("a source that was mixed in")},
    {"rtp.ext.profile", 0, Show::hex4, N_("kind of what the header adds")},
    {"rtp.ext.len", 0, Show::dec, N_("how long it is, in units of 4")},
    {"rtp.payload", 0, Show::bytes, N_("the bytes")},
});
constexpr auto event_fields = std::to_array<Field>({
    {"rtpevent.event_id", 0, Show::dec, N_("which key or tone")},
    {"rtpevent.end_of_event", 0, Show::flag, N_("it ends here")},
    {"rtpevent.volume", 0, Show::dec, N_("how loud it is, below 0 dBm0")},
    {"rtpevent.duration", 0, Show::dec, N_("how long it lasts, in samples")},
});
// clang-format on

constexpr u32 header_size = 12;
constexpr u64 event_type = 101;  // what descriptions use for it as a rule

std::string payload_name(u64 type) {
  if (type >= 96) return fmt::format("DynamicRTP-Type-{}", type);
  if (type >= 72 && type <= 76) return "Reserved for RTCP conflict avoidance";
  const auto* known = std::find_if(std::begin(payload_names), std::end(payload_names),
                                   [&](const Name& one) { return one.value == type; });
  return known == std::end(payload_names) ? "Unassigned" : std::string{known->text};
}

void read_event(Message& message, u32 at) {
  message.enter(rtpevent.header, at);
  message.protocol("RTP EVENT");
  Reader reader{message, at, message.captured};
  const u64 event = reader.number(in(event_fields, "rtpevent.event_id"), 1);
  const u32 flags_at = reader.at();
  const u64 flags = reader.take(1);
  message.put(in(event_fields, "rtpevent.end_of_event"), flags_at, 1, flags >> 7);
  message.put(in(event_fields, "rtpevent.volume"), flags_at, 1, flags & 63);
  reader.number(in(event_fields, "rtpevent.duration"), 2);
  message.info() = "Payload type=RTP Event, ";
  message.info() += event < std::size(event_names) ? std::string{event_names[event]}
                                                   : fmt::format("Unknown ({})", event);
  if (flags >> 7 != 0) message.info() += " (end)";
  message.leave();
}

void read_payload(Message& message, Reader& reader, u64 flags, u64 type) {
  for (u64 i = 0; i < (flags & 15); ++i) reader.number(in(fields, "rtp.csrc.item"), 4);
  if ((flags & 0x10) != 0) {
    reader.number(in(fields, "rtp.ext.profile"), 2);
    reader.skip(reader.number(in(fields, "rtp.ext.len"), 2) * 4);
  }
  u32 size = reader.left();
  if ((flags & 0x20) != 0 && size != 0) {  // the last byte counts the padding
    const u32 padding = message.data[message.captured - 1];
    size -= std::min(padding, size);
  }
  if (!reader.good()) return message.malformed();
  if (type == event_type && size >= 4) return read_event(message, reader.at());
  if (size != 0) message.put_bytes(in(fields, "rtp.payload"), reader.at(), size);
}

bool read_rtp(Message& message) {
  if (message.around.tcp || !message.whole(0, 1) || message.data[0] >> 6 != 2) return false;
  message.enter(rtp.header);
  Reader reader{message, 0, message.captured};
  const u64 flags = reader.take(1);
  const u64 kind = reader.take(1);
  if (message.captured < header_size) {
    message.malformed();
    return true;
  }
  message.protocol("RTP");
  message.put(in(fields, "rtp.version"), 0, 1, flags >> 6);
  message.put(in(fields, "rtp.padding"), 0, 1, flags >> 5 & 1);
  message.put(in(fields, "rtp.ext"), 0, 1, flags >> 4 & 1);
  message.put(in(fields, "rtp.cc"), 0, 1, flags & 15);
  message.put(in(fields, "rtp.marker"), 1, 1, kind >> 7);
  const u64 type = kind & 0x7f;
  message.put(in(fields, "rtp.p_type"), 1, 1, type);
  const u64 number = reader.number(in(fields, "rtp.seq"), 2);
  const u64 time = reader.number(in(fields, "rtp.timestamp"), 4);
  const u64 source = reader.number(in(fields, "rtp.ssrc"), 4);
  message.info() = fmt::format("PT={}, SSRC=0x{:X}, Seq={}, Time={}{}", payload_name(type), source,
                               number, time, kind >= 0x80 ? ", Mark" : "");
  read_payload(message, reader, flags, type);
  return true;
}

}  // namespace

const Parser rtp{
    .header = {.word = "rtp",
               .name = "Real-Time Transport Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_rtp
};
const Parser rtpevent{
    .header = {.word = "rtpevent",
               .name = "RFC 2833 RTP Event",
               .layer = 7,
               .fields = {},
               .found = event_fields}
};

}  // namespace trama::parse
