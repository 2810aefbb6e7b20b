// tshark's numbers of conversations, where what protocols say moves them; asked for alone and
// beside words for which everything is read.
#include <gtest/gtest.h>

#include "kit/program.h"
#include "kit/talk.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

std::string sip(std::string_view first, std::string_view sequence, std::string_view media) {
  std::string body = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n";
  body += media;
  std::string text{first};
  text += "\r\nCall-ID: 1\r\nCSeq: ";
  text += sequence;
  text += " INVITE\r\nContent-Type: application/sdp\r\nContent-Length: ";
  return text + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string invite = "INVITE sip:x@y SIP/2.0";
const std::string client_media = "c=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n";
const std::string server_media = "c=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 7000 RTP/AVP 0\r\n";

class StreamNumbers : public testing::Test {
 protected:
  // Datagrams between 5060 on both ends; `back` from the server.
  void signal(bool back, const std::string& text) {
    talk_->client = 5060;
    talk_->datagram(ms_++, back, 5060, text);
  }
  void media(bool back, u16 client = 6000, u16 server = 7000) {
    talk_->client = client;
    talk_->datagram(ms_++, back, server, "\x80 a medium's bytes");
  }
  // One number a packet.
  std::string numbers(std::string_view word, std::vector<std::string> more = {}) {
    talk_.reset();
    std::vector<std::string> arguments{"read", path(), "-T", "fields", "-e", std::string{word}};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run(trama(arguments));
    EXPECT_EQ(ended.status, 0) << ended.err;
    std::string text;
    for (std::size_t at = 0; at < ended.out.size(); at = ended.out.find('\n', at) + 1) {
      const auto end = ended.out.find_first_of("\t\n", at);
      text += (text.empty() ? "" : " ") + ended.out.substr(at, end - at);
    }
    return text;
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }

  Folder folder_;
  std::unique_ptr<Talk> talk_ = std::make_unique<Talk>(path());
  u32 ms_ = 0;
};

TEST_F(StreamNumbers, EveryAnnouncedEndOfMediaIsOne) {
  signal(false, sip(invite, "1", client_media));
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  for (const bool back : {false, true, false}) media(back);
  for (const bool back : {false, true}) media(back, 6001, 7001);  // RTCP
  EXPECT_EQ(numbers("udp.stream"), "0 0 1 2 1 3 4");
  EXPECT_EQ(numbers("udp.stream", {"-e", "frame.protocols"}), "0 0 1 2 1 3 4");
}

TEST_F(StreamNumbers, ARequestSentAgainAnnouncesNothingNew) {
  signal(false, sip(invite, "1", client_media));
  media(false);
  signal(false, sip(invite, "1", client_media));
  media(false);
  signal(false, sip(invite, "2", client_media));
  for (const bool back : {false, true}) media(back);
  EXPECT_EQ(numbers("udp.stream"), "0 1 0 1 0 2 2");
}

TEST_F(StreamNumbers, TheFinalAnswerRepeatsTheProvisionalOne) {
  signal(false, sip(invite, "1", client_media));
  signal(true, sip("SIP/2.0 183 Session Progress", "1", server_media));
  media(true);
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  media(true);
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  media(true);
  EXPECT_EQ(numbers("udp.stream"), "0 0 1 0 1 0 2");
}

TEST_F(StreamNumbers, ConversationsThatRanBeforeKeepTheirs) {
  for (const bool back : {false, true}) media(back);
  signal(false, sip(invite, "1", client_media));
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  for (const bool back : {false, true}) media(back);
  EXPECT_EQ(numbers("udp.stream"), "0 0 1 1 0 0");
}

TEST_F(StreamNumbers, OtherMediaAreNotAnnounced) {
  signal(false, sip(invite, "1",
                    "c=IN IP4 10.0.0.1\r\nm=audio 6000 TCP/X 0\r\nm=image 6002 udptl t38\r\n"
                    "m=audio 0 RTP/AVP 0\r\n"));
  for (const bool back : {false, true}) media(back);
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  for (const bool back : {false, true}) media(back, 6002);
  media(false, 6003);  // fax has no RTCP
  EXPECT_EQ(numbers("udp.stream"), "0 1 1 0 2 3 3");
}

TEST_F(StreamNumbers, MegacoAnnouncesAsWell) {
  talk_->client = 2944;
  talk_->datagram(ms_++, false, 2944,
                  "!/1 [10.0.0.9]:2944 P = 1 { C = 1 { m { l { \r\nv=0\r\nc=IN IP4 10.0.0.1\r\n"
                  "m=audio 6000 RTP/AVP 8\r\n } , Remote{v=0\r\nc=IN IP4 10.0.0.2\r\n"
                  "m=audio 7000 RTP/AVP 8\r\n}}}}");
  for (const bool back : {false, true}) media(back);
  EXPECT_EQ(numbers("udp.stream"), "0 1 2");
}

TEST_F(StreamNumbers, SnmpTakesANewOneOnce) {
  const std::string get(
      "\x30\x1a\x02\x01\x00\x04\x06public\xa0\x0d\x02\x01\x01\x02\x01\x00\x02\x01"
      "\x00\x30\x02\x30\x00",
      28);
  for (const bool back : {false, true, false, true}) talk_->datagram(ms_++, back, 161, get);
  talk_->datagram(ms_++, false, 9, "x");
  EXPECT_EQ(numbers("udp.stream"), "0 1 1 1 2");
  EXPECT_EQ(numbers("udp.time_relative"),
            "0.000000000 0.000000000 0.001000000 0.002000000 "
            "0.000000000");
}

// The story stays one, whatever its numbers are.
TEST_F(StreamNumbers, WhatIsToldIsOneConversation) {
  signal(false, sip(invite, "1", client_media));
  signal(true, sip("SIP/2.0 200 OK", "1", server_media));
  for (const bool back : {false, true}) media(back);
  talk_.reset();
  const Ended told = run(trama({"explain", path(), "--json"}));
  EXPECT_EQ(told.out.find("\"stream\":2"), std::string::npos) << told.out;
  EXPECT_NE(told.out.find("\"stream\":1"), std::string::npos) << told.out;
}

TEST_F(StreamNumbers, WhatGoesThroughSocksTakesOne) {
  using flow::TcpFlag;
  constexpr u16 data = TcpFlag::psh | TcpFlag::ack;
  talk_->port = 1080;
  talk_->open();
  talk_->tcp_segment(20, false, 101, 901, data, {"\4\1\0\x50\x0a\3\3\3\0", 9});
  talk_->tcp_segment(30, true, 901, 110, data, {"\0\x5a\0\x50\x0a\3\3\3", 8});
  talk_->tcp_segment(40, false, 110, 909, data, "GET / HTTP/1.1\r\n\r\n");
  talk_->client = 40001;
  talk_->tcp_segment(50, false, 7, 0, TcpFlag::syn);
  EXPECT_EQ(numbers("tcp.stream"), "0 0 0 0 0 0 2");
}

}  // namespace
}  // namespace trama::tests
