// trama report, end to end: the page answers a course's questions from packets alone.
#include <gtest/gtest.h>

#include <fstream>

#include "kit/program.h"

namespace trama::tests {
namespace {

constexpr std::string_view story =
    "c SYN mss=1460\ns SYN ACK mss=1460\nc ACK\nc PSH ACK \"<b>hello & #1</b>\"\ns ACK\n"
    "s PSH ACK \"HELLO\"\nc ACK\nc FIN ACK\ns ACK\ns FIN ACK\nc ACK\nc udp \"oi\"\ns udp \"OI\"\n";

class Report : public testing::Test {
 protected:
  void SetUp() override {
    const auto made = run(trama({"make", "-", "-w", capture()}), story);
    ASSERT_EQ(made.status, 0) << made.err;
  }
  [[nodiscard]] std::string capture() const { return folder_.path("story.pcapng"); }
  std::string page(std::vector<std::string> more = {}, const std::string& name = "page.html") {
    std::vector<std::string> words{"report", capture(), "-o", folder_.path(name)};
    words.insert(words.end(), more.begin(), more.end());
    const auto ended = run(trama(words));
    EXPECT_EQ(ended.status, 0) << ended.err;
    return read_file(folder_.path(name));
  }
  static bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != text.npos;
  }

  Folder folder_;
};

TEST_F(Report, AnswersWithPacketNumbers) {
  const auto text = page();
  EXPECT_TRUE(has(text, "three-way handshake"));
  EXPECT_TRUE(has(text, "<a href=\"#p1\">#1</a>, SYN: the client 10.0.0.1:40000")) << text;
  EXPECT_TRUE(has(text, "4294967040"));  // the initial sequence number itself
  EXPECT_TRUE(has(text, "accept() returns a new socket"));
  EXPECT_TRUE(has(text, "<a href=\"#p4\">#4</a>, <a href=\"#p6\">#6</a>"));  // PSH
  EXPECT_TRUE(has(text, "the client&#39;s FIN is <a href=\"#p8\">") ||
              has(text, "the client's FIN is <a href=\"#p8\">"));
  EXPECT_TRUE(has(text, "difference between TCP and UDP"));
  EXPECT_TRUE(has(text, "TIME_WAIT ○"));
}

TEST_F(Report, NeedsNothingButItself) {
  const auto text = page();
  for (const auto* outside : {"<script", "src=", "http://", "https://", "@import", "url("})
    EXPECT_FALSE(has(text, outside)) << outside;
  EXPECT_TRUE(has(text, "@media print"));
}

TEST_F(Report, WhatPacketsSayIsNoMarkup) {
  const auto text = page();
  EXPECT_FALSE(has(text, "<b>hello"));
  EXPECT_TRUE(has(text, "&lt;b&gt;hello"));
}

TEST_F(Report, RedactedItHasNoAddressAndNoPayload) {
  for (const auto* name : {"page.html", "page.md"}) {
    const auto text = page({"--redact"}, name);
    for (const auto* secret :
         {"10.0.0.1", "10.0.0.2", "02:00:00:00:00:0", "hello", "HELLO", "OI", "story.pcapng"})
      EXPECT_FALSE(has(text, secret)) << name << ": " << secret;
    EXPECT_TRUE(has(text, "host-1:40000"));
  }
}

TEST_F(Report, SpeaksPortuguese) {
  const auto text = page({"--lang", "pt_BR"});
  EXPECT_TRUE(has(text, "<html lang=\"pt-BR\">"));
  EXPECT_TRUE(has(text, "Por que a porta de cada cliente"));
}

TEST_F(Report, MarkdownHasTheSameAnswers) {
  const auto text = page({}, "page.md");
  EXPECT_TRUE(has(text, "### How does a TCP connection open?"));
  EXPECT_TRUE(has(text, "| listen() | server | LISTEN |"));
  EXPECT_TRUE(has(text, "── SYN"));
}

TEST_F(Report, OfTheLabItShowsTheKernelsStates) {
  const auto path = folder_.path("lab.html");
  std::ofstream{path} << "older";
  const auto ended = run(trama({"report", "lab", "-o", "-"}));
  if (ended.status == 77) GTEST_SKIP() << ended.err;
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(has(ended.out, "ESTABLISHED ●")) << ended.err;
  EXPECT_TRUE(has(ended.out, "TIME_WAIT ●"));
}

TEST_F(Report, WhatIsWrongLeavesNoFile) {
  EXPECT_EQ(run(trama({"report", capture()})).status, 2);
  EXPECT_EQ(run(trama({"report", folder_.path("none"), "-o", folder_.path("x.html")})).status, 2);
  EXPECT_EQ(run(trama({"report", capture(), "-o", folder_.path("no/x.html")})).status, 74);
  EXPECT_EQ(run(trama({"report", capture(), "-o", "/dev/full"})).status, 74);
  const auto none =
      run(trama({"report", capture(), "-o", folder_.path("x.html"), "tcp.port == 1"}));
  EXPECT_EQ(none.status, 1);
  EXPECT_FALSE(std::ifstream{folder_.path("x.html")});
}

}  // namespace
}  // namespace trama::tests
