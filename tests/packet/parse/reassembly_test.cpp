#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

const std::string request = "GET /abc HTTP/1.1\r\nHost: example.org\r\nUser-Agent: x\r\n\r\n";

TEST(Reassembly, PutsARequestTogetherFromItsSegments) {
  Reading reading{80};
  reading.client(request.substr(0, 20));
  EXPECT_EQ(reading.path(), "tcp");
  EXPECT_TRUE(reading.told().unfinished);
  EXPECT_EQ(reading.info(), "GET /abc HTTP/1.1 ");
  reading.client(request.substr(20));
  EXPECT_EQ(reading.path(), "tcp:http");
  EXPECT_EQ(reading.value("tcp.segment"), "4,5");
  EXPECT_EQ(reading.value("tcp.reassembled.length"), "55");
  EXPECT_EQ(reading.value("http.host"), "example.org");
}

TEST(Reassembly, TellsTheSameWhereverARequestIsCut) {
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    Reading reading{80};
    reading.client(request.substr(0, cut)).client(request.substr(cut));
    EXPECT_EQ(reading.info(), "GET /abc HTTP/1.1 ") << cut;
    EXPECT_EQ(reading.value("tcp.segment.count"), "2") << cut;
  }
}

TEST(Reassembly, LeavesOpenWhatALostSegmentLeftOpen) {
  Reading reading{80};
  reading.at(false, 0, request.substr(0, 20)).at(false, 40, request.substr(40));
  reading.at(false, 55, request);
  EXPECT_EQ(reading.path(), "tcp:http");
  EXPECT_EQ(reading.info(), "GET /abc HTTP/1.1 ");
}

TEST(Reassembly, ReadsNothingTwiceThatIsSentAgain) {
  Reading reading{80};
  reading.client(request.substr(0, 20)).client(request.substr(20));
  reading.at(false, 0, request.substr(0, 20));
  EXPECT_EQ(reading.path(), "tcp");
  EXPECT_EQ(reading.info(), "");
}

TEST(Reassembly, GoesOnBehindAUnitThatEndsInsideOfASegment) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
  Reading reading{80};
  reading.client(request + request);
  reading.server(answer.substr(0, 42)).server(answer.substr(42) + answer);
  EXPECT_EQ(reading.path(), "tcp:http:data:http:data");
  EXPECT_EQ(reading.info(), "HTTP/1.1 200 OK HTTP/1.1 200 OK ");
}

TEST(Reassembly, EndsAtFinWhatGoesOnUntilThen) {
  Reading reading{80};
  reading.client(request).server("HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nabc");
  EXPECT_TRUE(reading.told().unfinished);
  reading.server("def").finish(true);
  EXPECT_EQ(reading.path(), "tcp:http:data-text-lines");
  EXPECT_EQ(reading.value("tcp.segment.count"), "3");
  EXPECT_EQ(reading.value("http.file_data"), "abcdef");
}

TEST(Reassembly, ForgetsWhatItCannotKeep) {
  Reading reading{80};
  reading.client(request);
  reading.server("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n");
  const std::string block(60000, 'x');
  for (unsigned i = 0; i < 500; ++i) reading.server(block);
  EXPECT_TRUE(reading.told().unfinished);
}

}  // namespace
}  // namespace trama::parse::tests
