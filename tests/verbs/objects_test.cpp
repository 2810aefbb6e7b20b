// --export-objects, end to end.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "kit/program.h"
#include "kit/talk.h"
#include "packet/flow/segment.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

constexpr u16 data = TcpFlag::psh | TcpFlag::ack;

// Two requests for one page, whose first answer is chunked and comes in two segments, and whose
// second answer is compressed; then one for the root.
class ExportObjects : public testing::Test {
 protected:
  void SetUp() override {
    Talk talk{path()};
    talk.open();
    u32 seq = 101;
    u32 ack = 901;
    u32 ms = 20;
    const auto say = [&](bool back, const std::string& text) {
      u32& mine = back ? ack : seq;
      talk.tcp_segment(ms += 10, back, mine, back ? seq : ack, data, text);
      mine += static_cast<u32>(text.size());
    };
    const auto ask = [&](const std::string& uri) {
      say(false, "GET " + uri + " HTTP/1.1\r\nHost: a\r\n\r\n");
    };
    ask("/dir/page.html");
    say(true, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    say(true, "2\r\nde\r\n0\r\n\r\n");
    ask("/other/page.html");
    // gzip of "hello\n"
    const std::string packed{
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\x00\x20\x30\x3a\x36"
        "\x06\x00\x00\x00",
        26};
    say(true, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 26\r\n\r\n" + packed);
    ask("/../..");
    say(true, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nroot");
  }
  [[nodiscard]] std::string path() const { return folder_.path("made.pcapng"); }
  Ended read(std::vector<std::string> words) {
    words.insert(words.begin(), {"read", path(), "-q"});
    return run(trama(words));
  }
  std::set<std::string> names(const std::string& directory) {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator{directory})
      found.insert(entry.path().filename().string());
    return found;
  }
  Folder folder_;
};

TEST_F(ExportObjects, WritesEachBodyOnce) {
  const std::string to = folder_.path("out");
  const Ended ended = read({"--export-objects", "http," + to});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "3 files written to " + to + "\n");
  EXPECT_EQ(names(to), (std::set<std::string>{"page.html", "page(1).html", "%2e."}));
  EXPECT_EQ(read_file(to + "/page.html"), "abcde");
  EXPECT_EQ(read_file(to + "/page(1).html"), "hello\n");
  EXPECT_EQ(read_file(to + "/%2e."), "root");
}

TEST_F(ExportObjects, OverwritesNothing) {
  const std::string to = folder_.path("out");
  std::filesystem::create_directory(to);
  std::ofstream{to + "/page.html"} << "mine";
  std::filesystem::create_symlink(folder_.path("elsewhere"), to + "/page(1).html");
  EXPECT_EQ(read({"--export-objects", "http", to}).status, 0);
  EXPECT_EQ(read_file(to + "/page.html"), "mine");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("elsewhere")));
  EXPECT_EQ(read_file(to + "/page(2).html"), "abcde");
  EXPECT_EQ(read_file(to + "/page(3).html"), "hello\n");
}

TEST_F(ExportObjects, TellsThemAsJson) {
  const Ended ended = read({"--export-objects", "http," + folder_.path("out"), "--json"});
  EXPECT_EQ(ended.err, "");
  EXPECT_NE(
      ended.out.find("{\"v\":1,\"type\":\"packet.object\",\"packet\":6,\"uri\":\"/dir/page.html\","
                     "\"content_type\":\"\",\"bytes\":5,\"file\":\"page.html\"}\n"),
      std::string::npos)
      << ended.out;
}

TEST_F(ExportObjects, TellsWhenTheDiskIsFull) {
  // No file may grow: what a full disk does, without one.
  const auto words =
      trama({"read", path(), "-q", "--export-objects", "http," + folder_.path("out")});
  std::string line = "trap '' XFSZ; ulimit -f 0; exec";
  for (const auto& word : words) line += " '" + word + "'";
  const Ended ended = run({"sh", "-c", line});
  EXPECT_EQ(ended.status, 74) << ended.err;
  EXPECT_NE(ended.err.find("page.html"), std::string::npos) << ended.err;
}

}  // namespace
}  // namespace trama::tests
