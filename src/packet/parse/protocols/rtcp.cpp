// RTP's control protocol (RFC 3550 section 6): how well sound and pictures arrive. Several packets
// stand in a datagram; it goes one port above RTP, and is told by its first bytes, too.
#include <algorithm>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name type_names[] = {
    {192, "Full Intra-frame Request (H.261)"    },
    {193, "Negative Acknowledgement (H.261)"    },
    {194, "SMPTE time-code mapping"             },
    {195, "Extended inter-arrival jitter report"},
    {200, "Sender Report"                       },
    {201, "Receiver Report"                     },
    {202, "Source description"                  },
    {203, "Goodbye"                             },
    {204, "Application specific"                },
    {205, "Generic RTP Feedback"                },
    {206, "Payload-specific Feedback"           },
    {207, "Extended report (RFC 3611)"          },
    {208, "AVB RTCP packet (IEEE1733)"          },
    {209, "Receiver Summary Information"        },
    {210, "Port Mapping"                        }
};
// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"rtcp.version", 0, Show::dec, N_("version of the protocol")},
    {"rtcp.padding", 0, Show::flag, N_("bytes at the end are padding")},
    {"rtcp.rc", 0, Show::dec, N_("how many reports")},
    named(type_names, {"rtcp.pt", 0, Show::dec, N_("kind of message")}),
    {"rtcp.length", 0, Show::dec, N_("length of the message without 4 bytes, in units of 4")},
    {"rtcp.senderssrc", 0, Show::hex8, N_("who speaks")},
    {"rtcp.timestamp.ntp.msw", 0, Show::dec, N_("seconds since 1900")},
    {"rtcp.timestamp.rtp", 0, Show::dec, N_("when it was recorded, in samples")},
    {"rtcp.sender.packetcount", 0, Show::dec, N_("packets sent so far")},
    {"rtcp.sender.octetcount", 0, Show::dec, N_("bytes sent so far")},
});
// clang-format on

constexpr u8 sender_report = 200;

void read_one(Message& message, u32 at, u32 end, u8 type) {
  message.enter(rtcp.header, at, end - at);
  const u8 first = message.data[at];
  message.put(in(fields, "rtcp.version"), at, 1, first >> 6);
  message.put(in(fields, "rtcp.padding"), at, 1, first >> 5 & 1);
  message.put(in(fields, "rtcp.rc"), at, 1, first & 31);
  message.put(in(fields, "rtcp.pt"), at + 1, 1, type);
  Reader reader{message, at + 2, end};
  reader.number(in(fields, "rtcp.length"), 2);
  if (reader.more()) reader.number(in(fields, "rtcp.senderssrc"), 4);
  if (type == sender_report) {
    reader.number(in(fields, "rtcp.timestamp.ntp.msw"), 4);
    reader.skip(4);
    reader.number(in(fields, "rtcp.timestamp.rtp"), 4);
    reader.number(in(fields, "rtcp.sender.packetcount"), 4);
    reader.number(in(fields, "rtcp.sender.octetcount"), 4);
  }
  if (!reader.good()) message.malformed();
  message.leave();
}

bool read_rtcp(Message& message) {
  if (message.around.tcp || !message.whole(0, 4) || message.data[0] >> 6 != 2 ||
      message.data[1] < 192 || message.data[1] > 210)
    return false;
  message.protocol("RTCP");
  auto& info = message.info();
  info.clear();
  for (u32 at = 0; message.whole(at, 4) && message.data[at] >> 6 == 2;) {
    const u8 type = message.data[at + 1];
    const auto size = static_cast<u32>(message.number(at + 2, 2) + 1) * 4;
    const u32 end = at + std::min(size, message.captured - at);
    const auto* known = std::find_if(std::begin(type_names), std::end(type_names),
                                     [&](const Name& one) { return one.value == type; });
    info.append(known == std::end(type_names) ? "Unknown" : known->text).append("   ");
    read_one(message, at, end, type);
    at = end;
  }
  return true;
}

// The kinds with which datagrams of it begin, and whole units of 4 bytes.
bool looks_like_rtcp(const Message& message) {
  if (message.around.tcp || !message.whole(0, 8) || message.data[0] >> 6 != 2) return false;
  const u8 type = message.data[1];
  return (type == 200 || type == 201 || type == 203 || type == 204 || type == 206) &&
         message.length % 4 == 0;
}

}  // namespace

const Parser rtcp{
    .header = {.word = "rtcp",
               .name = "Real-time Transport Control Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .looks = looks_like_rtcp,
    .read = read_rtcp
};

}  // namespace trama::parse
