// A protocol of messages: its words, where it is expected, and the function that reads it. One file
// of protocols/ and one row of TRAMA_PARSERS.
#pragma once
#include <span>

#include "packet/parse/message.h"

namespace trama::parse {

// What stands only inside another protocol's messages is not read by itself.
inline bool refuse(Message& /*message*/) { return false; }

struct Parser {
  wire::Header header;  // word, name, the fields found
  std::span<const u16> tcp_ports = {};
  std::span<const u16> udp_ports = {};
  std::span<const u16> sctp_ports = {};
  bool moves_numbers = false;  // it may call Message's announce(), renumber() and the like
  // By content, where no port and no earlier packet told: true where the bytes can hardly be
  // anything else. The conversation is its own from then on.
  bool (*looks)(const Message&) = nullptr;
  // Reads the payload: enters its layer, puts rows, sets the columns; asks for more with
  // Message::need(). False: these bytes are not of this protocol.
  bool (*read)(Message&) = refuse;
};

// In the order in which they are asked whether bytes look like theirs.
// clang-format off
#define TRAMA_PARSERS(row) \
  row(tftp) \
  row(sip) \
  row(sdp) \
  row(megaco) \
  row(syslog) \
  row(ssh) \
  row(mdns) \
  row(llmnr) \
  row(dns) \
  row(tls) \
  row(dtls) \
  row(quic) \
  row(x509af) \
  row(x509if) \
  row(x509sat) \
  row(x509ce) \
  row(http) \
  row(ssdp) \
  row(data_text_lines) \
  row(media) \
  row(json) \
  row(xml) \
  row(image_gif) \
  row(image_jfif) \
  row(png) \
  row(mime_multipart) \
  row(imf) \
  row(urlencoded_form) \
  row(ftp) \
  row(ftp_data) \
  row(smtp) \
  row(mqtt) \
  row(socks) \
  row(dhcp) \
  row(ntp) \
  row(snmp) \
  row(nbns) \
  row(bgp) \
  row(radius) \
  row(dhcpv6) \
  row(rip) \
  row(telnet) \
  row(irc) \
  row(wg) \
  row(stun) \
  row(pop) \
  row(imap) \
  row(websocket) \
  row(http2) \
  row(mysql) \
  row(isakmp) \
  row(udpencap) \
  row(db_lsp_disc) \
  row(rtp) \
  row(rtpevent) \
  row(rtcp) \
  row(rpc) \
  row(portmap) \
  row(nfs) \
  row(mount) \
  row(nlm) \
  row(stat)
// clang-format on

#define TRAMA_PARSER(name) extern const Parser name;
TRAMA_PARSERS(TRAMA_PARSER)
#undef TRAMA_PARSER

[[nodiscard]] std::span<const Parser* const> parsers();
// By the word of its header; nullptr where there is none.
[[nodiscard]] const Parser* find_parser(std::string_view word);

}  // namespace trama::parse
