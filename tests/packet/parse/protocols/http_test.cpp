#include <gtest/gtest.h>
#include <zlib.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

TEST(Http, TellsARequest) {
  Reading reading{80};
  reading.client(
      "GET /a%20b?x=1&y=2 HTTP/1.1\r\nHost: h\r\nCookie: a=b; c=d\r\n"
      "Authorization: Basic dXNlcjpwYXNz\r\nX-Other: 1\r\n\r\n");
  EXPECT_EQ(reading.path(), "tcp:http");
  EXPECT_EQ(reading.protocol(), "HTTP");
  EXPECT_EQ(reading.info(), "GET /a%20b?x=1&y=2 HTTP/1.1 ");
  EXPECT_EQ(reading.value("http.request.method"), "GET");
  EXPECT_EQ(reading.value("http.request.uri"), "/a%20b?x=1&y=2");
  EXPECT_EQ(reading.value("http.request.uri.query.parameter"), "x=1,y=2");
  EXPECT_EQ(reading.value("http.request.version"), "HTTP/1.1");
  EXPECT_EQ(reading.value("http.request.full_uri"), "http://h/a%20b?x=1&y=2");
  EXPECT_EQ(reading.value("http.cookie_pair"), "a=b,c=d");
  EXPECT_EQ(reading.value("http.authbasic"), "user:pass");
  EXPECT_EQ(reading.value("http.request.line"),
            "Host: h\\r\\n,Cookie: a=b; c=d\\r\\n,Authorization: Basic dXNlcjpwYXNz\\r\\n,"
            "X-Other: 1\\r\\n");
}

TEST(Http, PairsAResponseWithItsRequest) {
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  reading.server("HTTP/1.1 404 Not Here\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(reading.path(), "tcp:http:data");
  EXPECT_EQ(reading.value("http.response.code"), "404");
  EXPECT_EQ(reading.value("http.response.code.desc"), "Not Found");
  EXPECT_EQ(reading.value("http.response.phrase"), "Not Here");
  EXPECT_EQ(reading.value("http.request_in"), "4");
  EXPECT_EQ(reading.value("http.time"), "0.010000000");
  EXPECT_EQ(reading.value("http.response_for.uri"), "http://h/");
}

TEST(Http, ReadsChunksAndTrailer) {
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\n\r\n");
  reading.server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n");
  EXPECT_TRUE(reading.told().unfinished);
  reading.server("3;x=y\r\ndef\r\n0\r\nT: x\r\n\r\n");
  EXPECT_EQ(reading.path(), "tcp:http:data-text-lines");
  EXPECT_EQ(reading.value("http.chunk_size"), "3,3,0");
  EXPECT_EQ(reading.value("http.file_data"), "abcdef");
  EXPECT_EQ(reading.value("http.chunked_trailer_part"), "T: x\\r\\n");
}

TEST(Http, SaysWhereChunksBreak) {
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\n\r\n");
  reading.server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\nabc");
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
  EXPECT_EQ(reading.info(), "HTTP/1.1 200 OK ");
}

TEST(Http, Decompresses) {
  const std::string clear = "hello world, hello world";
  std::string packed(100, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                     reinterpret_cast<const Bytef*>(clear.data()), clear.size()),
            Z_OK);
  packed.resize(size);
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\n\r\n");
  reading.server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: deflate\r\n"
      "Content-Length: " +
      std::to_string(size) + "\r\n\r\n" + packed);
  EXPECT_EQ(reading.value("http.file_data"), clear);
  EXPECT_EQ(reading.info(), "HTTP/1.1 200 OK  (text/html)");
}

TEST(Http, NamesBodiesByTheirType) {
  const std::pair<const char*, const char*> types[] = {
      {"text/css",                          "tcp:http:data-text-lines"     },
      {"image/png",                         "tcp:http:media"               },
      {"application/octet-stream",          "tcp:http:data"                },
      {"application/json; charset=utf-8",   "tcp:http:json:data-text-lines"},
      {"application/x-www-form-urlencoded", "tcp:http:urlencoded-form"     }
  };
  for (const auto& [type, path] : types) {
    Reading reading{80};
    reading.client(std::string{"POST / HTTP/1.1\r\nContent-Type: "} + type +
                   "\r\nContent-Length: 7\r\n\r\na=1&b=2");
    EXPECT_EQ(reading.path(), path) << type;
  }
}

TEST(Http, FillsInForms) {
  Reading reading{80};
  reading.client(
      "POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 11\r\n\r\na=%41+b&c=%");
  EXPECT_EQ(reading.value("urlencoded-form.key"), "a,c");
  EXPECT_EQ(reading.value("urlencoded-form.value"), "A b,%");
}

TEST(Http, TakesOtherPortsByTheFirstLine) {
  Reading reading{12345};
  reading.client("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(reading.path(), "tcp:http");
  Reading other{12345};
  other.client("GET / SPDY/1.1\r\n\r\n");
  EXPECT_EQ(other.path(), "tcp:data");
}

TEST(Http, HasNoNameForWhatIsNoneOfItsOwn) {
  Reading reading{80};
  reading.client("hello there\r\nfoo");
  EXPECT_EQ(reading.path(), "tcp");
  EXPECT_EQ(reading.protocol(), "");
  reading.client("GET / HTTP/1.1\r\n\r\n").client("hello there\r\nfoo");
  EXPECT_EQ(reading.path(), "tcp:http:data");
  EXPECT_EQ(reading.info(), "Continuation");
}

TEST(Http, LetsConnectThrough) {
  Reading reading{3128};
  reading.client("CONNECT h:22 HTTP/1.1\r\nHost: h\r\n\r\n");
  reading.server("HTTP/1.1 200 Connection established\r\n\r\n");
  reading.server("SSH-2.0-x\r\n");
  EXPECT_EQ(reading.path(), "tcp:http:ssh");
  EXPECT_EQ(reading.value("http.proxy_connect_host"), "h");
  EXPECT_EQ(reading.value("http.proxy_connect_port"), "22");
  EXPECT_EQ(reading.value("ssh.protocol"), "SSH-2.0-x");
}

TEST(Http, StopsWhereTheCaptureStops) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\n";
  for (u32 cut = 1; cut < answer.size(); ++cut) {
    Reading reading{80};
    reading.client("GET / HTTP/1.1\r\n\r\n").server(answer, cut);
    EXPECT_FALSE(reading.told().unfinished);
  }
}

TEST(Http, KeepsItsColumnsWithoutRows) {
  Reading reading{80, false};
  reading.client("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(reading.info(), "GET / HTTP/1.1 ");
  reading.server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\n");
  EXPECT_EQ(reading.info(), "HTTP/1.1 200 OK  (text/plain)");
}

}  // namespace
}  // namespace trama::parse::tests
