// Names, chats and ways through NATs: NBNS, Telnet, IRC, WireGuard, STUN.
#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

using namespace std::string_literals;  // NOLINT: messages with zeros

std::string netbios(std::string name, char kind) {
  name.resize(15, ' ');
  std::string label = "\x20";
  for (const char c : name + kind) {
    label += static_cast<char>('A' + (static_cast<u8>(c) >> 4));
    label += static_cast<char>('A' + (c & 15));
  }
  return label + '\0';
}

TEST(Nbns, SpellsNames) {
  Datagrams reading{137};
  reading.client("\1\2\1\x10\0\1\0\0\0\0\0\0"s + netbios("PRINTER", 0x20) + "\0\x20\0\1"s);
  EXPECT_EQ(reading.protocol(), "NBNS");
  EXPECT_EQ(reading.info(), "Name query NB PRINTER<20>");
  reading.server("\1\2\x85\0\0\0\0\1\0\0\0\0"s + netbios("PRINTER", 0x20) +
                 "\0\x20\0\1\0\0\1\x2c\0\6\0\0\x0a\1\2\3"s);
  EXPECT_EQ(reading.info(), "Name query response NB 10.1.2.3");
  EXPECT_EQ(reading.value("nbns.name"), "PRINTER<20> (Server service)");
  EXPECT_EQ(reading.value("nbns.addr"), "10.1.2.3");
  reading.client("\1\2\1\x10\0\1\0\0\0\0\0\0\x20"s);
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Telnet, TellsCommandsFromText) {
  Reading reading{23};
  reading.server("\xff\xfd\x03login: \r\n\xff\xfa\x1f\0\x50\0\x18\xff\xf0"s);
  EXPECT_EQ(reading.info(), "Telnet Data ...");
  EXPECT_EQ(reading.value("telnet.cmd"), "253,250,240");
  EXPECT_EQ(reading.value("telnet.subcmd"), "3,31");
  EXPECT_EQ(reading.value("telnet.data"), "login: \\r\\n");
}

TEST(Irc, ListsCommands) {
  Reading reading{6667};
  reading.client("NICK me\r\nUSER me 0 0 :My Self\r\n");
  EXPECT_EQ(reading.info(), "Request (NICK) (USER)");
  EXPECT_EQ(reading.value("irc.request.trailer"), "My Self");
  reading.server(":host 001 me :Welcome\r\n");
  EXPECT_EQ(reading.info(), "Response (001)");
  EXPECT_EQ(reading.value("irc.response.prefix"), "host");
  EXPECT_EQ(reading.value("irc.response.num_command"), "1");
}

TEST(Wg, IsToldByItsFirstBytes) {
  Datagrams reading{51820};
  reading.client("\1\0\0\0\1\2\3\4"s + std::string(140, 'x'));
  EXPECT_EQ(reading.info(), "Handshake Initiation, sender=0x04030201");
  reading.server("\4\0\0\0\1\2\3\4\7\0\0\0\0\0\0\0"s + std::string(16, 'x'));
  EXPECT_EQ(reading.info(), "Keepalive, receiver=0x04030201, counter=7");
  Datagrams other{51821};
  other.client("\1\0\0\0\1\2\3\4"s + std::string(141, 'x'));
  EXPECT_EQ(other.protocol(), "");
}

std::string stun(int type, const std::string& attributes) {
  return std::string{static_cast<char>(type >> 8), static_cast<char>(type), '\0',
                     static_cast<char>(attributes.size())} +
         "\x21\x12\xa4\x42"
         "abcdefghijkl" +
         attributes;
}

TEST(Stun, UncoversAddresses) {
  Datagrams reading{5000};
  reading.client(stun(1, "\0\6\0\3bob\0"s));
  EXPECT_EQ(reading.info(), "Binding Request user: bob");
  reading.server(stun(0x101, "\0\x20\0\x08\0\1\x33\x26\x21\x12\xa4\x43"s));
  EXPECT_EQ(reading.info(), "Binding Success Response XOR-MAPPED-ADDRESS: 0.0.0.1:4660");
  EXPECT_EQ(reading.value("stun.att.port"), "4660");
}

TEST(Stun, StandsInAStream) {
  Reading reading{3478};
  const auto both = stun(1, "") + stun(0x101, "");
  for (std::size_t cut = 1; cut < both.size(); ++cut) {
    Reading other{3478};
    other.client(both.substr(0, cut)).client(both.substr(cut));
    EXPECT_EQ(other.info(), "Binding Success Response") << cut;
  }
  reading.client("\x40\0\0\3abc\0"s);
  EXPECT_EQ(reading.info(), "ChannelData TURN Message");
  EXPECT_EQ(reading.value("data.data"), "616263");
}

TEST(Imap, FindsMailsBetweenLines) {
  Reading reading{143};
  reading.server("* OK ready\r\n").client("a1 FETCH 1 BODY[]\r\n");
  EXPECT_EQ(reading.info(), "Request: a1 FETCH 1 BODY[]");
  const std::string answer =
      "* 1 FETCH (BODY[] {19}\r\nFrom: a@b\r\n\r\nbody\r\n)\r\na1 OK done\r\n";
  reading.server(answer);
  EXPECT_EQ(reading.protocol(), "IMAP/IMF");
  EXPECT_EQ(reading.path(), "tcp:imap:imf");
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    Reading other{143};
    other.client("a1 FETCH 1 BODY[]\r\n").server(answer.substr(0, cut)).server(answer.substr(cut));
    EXPECT_EQ(other.waiting(), 0U) << cut;
    EXPECT_FALSE(other.info().empty()) << cut;
  }
  reading.client("a2 NOOP\r\n").server("* 3 EXISTS\r\na2 OK NOOP\r\n");
  EXPECT_EQ(reading.info(), "Response: a2 OK NOOP");
  reading.client("a3 STARTTLS\r\n").server("a3 OK\r\n").client("\x15\x03\x03\x00\x02\x01\x00"s);
  EXPECT_EQ(reading.path(), "tcp:tls");
}

TEST(Rtp, IsReadWhereItWasAnnounced) {
  const std::string description = "v=0\r\nc=IN IP4 10.0.0.2\r\nm=audio 4000 RTP/AVP 0 101\r\n";
  const auto packet = "\x80\x80\0\1\0\0\0\2\0\0\0\x03sound"s;
  Datagrams before{4000};
  before.client(packet);
  EXPECT_EQ(before.protocol(), "");
  Datagrams calls{5060};
  calls.client("INVITE sip:a@b SIP/2.0\r\nContent-Type: application/sdp\r\nContent-Length: " +
               std::to_string(description.size()) + "\r\n\r\n" + description);
  calls.talk_on(4000).client(packet);
  EXPECT_EQ(calls.protocol(), "RTP");
  EXPECT_EQ(calls.info(), "PT=ITU-T G.711 PCMU, SSRC=0x3, Seq=1, Time=2, Mark");
  calls.client("\x80\x65\0\1\0\0\0\2\0\0\0\x03\x05\x80\0\1"s);
  EXPECT_EQ(calls.info(), "Payload type=RTP Event, DTMF Five 5 (end)");
  EXPECT_EQ(calls.path(), "eth:ethertype:ip:udp:rtp:rtpevent");
}

TEST(Rtcp, IsToldByItsFirstBytes) {
  Datagrams reading{4001};
  reading.client("\x80\xc9\0\1\0\0\0\3\x81\xca\0\1\0\0\0\3"s);
  EXPECT_EQ(reading.info(), "Receiver Report   Source description   ");
  reading.client("\x80\xc8\0\1\0\0\0\3"s);
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Rpc, PairsCallsAndReplies) {
  const auto call = "\0\0\0\7\0\0\0\0\0\0\0\2\0\1\x86\xa0\0\0\0\2\0\0\0\3"s +
                    std::string(16, '\0') + "\0\1\x86\xa3\0\0\0\3\0\0\0\x11\0\0\0\0"s;
  const auto reply = "\0\0\0\7\0\0\0\1"s + std::string(16, '\0') + "\0\0\x08\1"s;
  Datagrams reading{900};
  reading.client(call);
  EXPECT_EQ(reading.protocol(), "Portmap");
  EXPECT_EQ(reading.info(), "V2 GETPORT Call NFS(100003) V:3 UDP");
  EXPECT_EQ(reading.path(), "eth:ethertype:ip:udp:rpc:portmap");
  reading.client(call);
  EXPECT_EQ(reading.info(), "[RPC retransmission of #1]V2 GETPORT Call NFS(100003) V:3 UDP");
  reading.server(reply);
  EXPECT_EQ(reading.info(), "V2 GETPORT Reply (Call In 1) Port:2049");
  const auto marked = "\x80\0\0"s + static_cast<char>(call.size()) + call;
  for (std::size_t cut = 28; cut < marked.size(); ++cut) {
    Reading stream{900};
    stream.client(marked.substr(0, cut)).client(marked.substr(cut));
    EXPECT_EQ(stream.info(), "V2 GETPORT Call NFS(100003) V:3 UDP") << cut;
  }
}

}  // namespace
}  // namespace trama::parse::tests
