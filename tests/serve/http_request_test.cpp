#include "serve/http_request.h"

#include <gtest/gtest.h>

#include <random>

namespace trama::serve {
namespace {

constexpr auto npos = std::string_view::npos;

TEST(HttpRequest, AHeadEndsWithItsEmptyLine) {
  EXPECT_EQ(head_size("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), 27U);
  EXPECT_EQ(head_size("GET / HTTP/1.1\nHost: a\n\nGET"), 24U);
  EXPECT_EQ(head_size("\r\n\r\nGET / HTTP/1.0\r\n\r\n"), 22U);
  EXPECT_EQ(head_size("GET / HTTP/1.1\r\nHost: a\r\n"), npos);
  EXPECT_EQ(head_size("\r\n\r\n"), npos);
  EXPECT_EQ(head_size(""), npos);
  // Wherever the bytes were cut that came first.
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest";
  for (std::size_t cut = 0; cut < 27; ++cut) {
    EXPECT_EQ(head_size(text.substr(0, cut)), npos) << cut;
    EXPECT_EQ(head_size(text, cut), 27U) << cut;
  }
}

TEST(HttpRequest, ReadsWhatAnAnswerNeeds) {
  const auto request = parse_request(
      "GET /a?b HTTP/1.1\r\nhost: x\r\nRANGE:  bytes=1-2 \r\nIf-Range: d\r\n"
      "If-Modified-Since: e\r\n\r\n");
  EXPECT_EQ(request.status, 0U);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a?b");
  EXPECT_EQ(request.range, "bytes=1-2");
  EXPECT_EQ(request.if_range, "d");
  EXPECT_EQ(request.if_modified_since, "e");
  EXPECT_TRUE(request.keep_alive);
}

TEST(HttpRequest, KeepsTheConnectionWhereBothSidesMay) {
  const auto keeps = [](const std::string& version, const std::string& fields) {
    return parse_request("GET / HTTP/" + version + "\r\nHost: x\r\n" + fields + "\r\n").keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: x, Close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("1.1", "Content-Length: 1\r\n"));
  EXPECT_TRUE(keeps("1.1", "Content-Length: 0\r\n"));
  EXPECT_FALSE(keeps("1.1", "Transfer-Encoding: chunked\r\n"));
}

TEST(HttpRequest, SaysWhatIsWrong) {
  const auto status = [](const std::string& head) { return parse_request(head + "\r\n").status; };
  EXPECT_EQ(status("GET / HTTP/1.0\r\n"), 0U);
  EXPECT_EQ(status("GET / HTTP/2.0\r\n"), 505U);
  EXPECT_EQ(status("GET / HTTP/1.1\r\n"), 400U);  // no Host
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n"), 400U);
  for (const auto* line : {"GET /", "GET", "GET / http/1.1", "GET / HTTP/1.1 ", "GET  HTTP/1.1",
                           "GET / x HTTP/1.1", "G\x01T / HTTP/1.1", "GET /\x01 HTTP/1.1",
                           " GET / HTTP/1.1", "GET / HTTP/1.1\rX", "GET / HTTP/11"})
    EXPECT_EQ(status(std::string{line} + "\r\nHost: a\r\n"), 400U) << line;
  for (const auto* field : {"x", ": x", "a b: x", "a : x", " folded", "a: x\x01y", "a: x\ry",
                            "Content-Length: -1", "Content-Length:", "Content-Length: 1, 2"})
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\n" + std::string{field} + "\r\n"), 400U) << field;
  EXPECT_EQ(status("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n"), 414U);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (std::size_t i = 0; i < most_fields; ++i) many += "a: b\r\n";
  EXPECT_EQ(status(many), 431U);
}

TEST(HttpRequest, OtherProtocolsAreKnownByTheirFirstBytes) {
  EXPECT_TRUE(may_be_head("GET"));
  EXPECT_TRUE(may_be_head("\r\n"));
  EXPECT_TRUE(may_be_head("X-WORD / "));
  EXPECT_FALSE(may_be_head("\x16\x03\x01"));
  EXPECT_FALSE(may_be_head(std::string(64, 'A')));
}

TEST(HttpRequest, TargetsBecomePathsBelowTheFolder) {
  EXPECT_EQ(path_of_target("/"), "");
  EXPECT_EQ(path_of_target("/a%20b/%C3%A7?d#e"), "a b/ç");
  EXPECT_EQ(path_of_target("//etc//passwd"), "etc/passwd");
  EXPECT_EQ(path_of_target("http://host/a/b"), "a/b");
  EXPECT_EQ(path_of_target("http://host"), "");
  EXPECT_EQ(path_of_target("http://host?a/b"), "");
  EXPECT_EQ(path_of_target("/a/http://b"), "a/http:/b");
  for (const auto* target : {"*", "a", "", "/%", "/%4", "/%4x", "/a%00b", "host:443"})
    EXPECT_FALSE(path_of_target(target)) << target;
}

TEST(HttpRequest, HiddenNamesAndWaysUpAreNotShown) {
  EXPECT_TRUE(is_shown(""));
  EXPECT_TRUE(is_shown("a.b/c..d/e."));
  for (const auto* path : {".", "..", "../x", ".git/config", "a/../b", "a/.b", "a/.."})
    EXPECT_FALSE(is_shown(path)) << path;
}

TEST(HttpRequest, RangesAreOneOfAFileOrNone) {
  const auto range = [](std::string_view field, u64 size) {
    ByteRange part;
    const auto kind = parse_range(field, size, part);
    if (kind == RangeKind::none) return std::string{"none"};
    if (kind == RangeKind::unsatisfiable) return std::string{"416"};
    return std::to_string(part.first) + "+" + std::to_string(part.size);
  };
  EXPECT_EQ(range("bytes=0-0", 10), "0+1");
  EXPECT_EQ(range("Bytes=2-5", 10), "2+4");
  EXPECT_EQ(range("bytes=2-", 10), "2+8");
  EXPECT_EQ(range("bytes=-3", 10), "7+3");
  EXPECT_EQ(range("bytes=-30", 10), "0+10");
  EXPECT_EQ(range("bytes=5-18446744073709551615", 10), "5+5");
  EXPECT_EQ(range("bytes=10-", 10), "416");
  EXPECT_EQ(range("bytes=-0", 10), "416");
  EXPECT_EQ(range("bytes=0-", 0), "416");
  for (const auto* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4",
        "bytes=1-18446744073709551616", "bytes=1-2-3", "bytes=+1-2"})
    EXPECT_EQ(range(field, 10), "none") << field;
}

// Anything at all gives a request or a status (and ASan is content).
TEST(HttpRequest, MutationsAreTakenOrRefused) {
  const std::string good =
      "GET /a%20b HTTP/1.1\r\nHost: x\r\nRange: bytes=1-2\r\nConnection: close\r\n\r\n";
  std::minstd_rand random{1};
  for (int i = 0; i < 20'000; ++i) {
    auto text = good.substr(0, 1 + random() % good.size());
    for (int k = 0; k < 3; ++k) text[random() % text.size()] = static_cast<char>(random());
    const auto size = head_size(text);
    const auto request = parse_request(std::string_view{text}.substr(0, size));
    if (request.status == 0) path_of_target(request.target);
    EXPECT_TRUE(request.status == 0 || request.status >= 400);
  }
}

}  // namespace
}  // namespace trama::serve
