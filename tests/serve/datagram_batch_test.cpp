#include "serve/datagram_batch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/udp.h>

#include <array>
#include <string>
#include <vector>

#include "kit/serving.h"
#include "net/socket.h"

namespace trama::serve {
namespace {

std::string text_of(std::span<u8> text) { return {text.begin(), text.end()}; }

struct Sockets {
  Fd server = std::move(*net::listen_at(net::Transport::udp, {*parse_address("127.0.0.1"), 0}));
  u16 port = net::local_of(server.get()).port;
  Fd one = tests::client("127.0.0.1", port, SOCK_DGRAM);
  Fd two = tests::client("127.0.0.1", port, SOCK_DGRAM);
};

TEST(DatagramBatch, AnswersFindTheirSenders) {
  Sockets sockets;
  DatagramBatch batch;
  for (const std::string_view round : {"first", "second"}) {
    tests::put(sockets.one, std::string{round} + " of one");
    tests::put(sockets.two, std::string{round} + " of two");
    ASSERT_EQ(batch.receive(sockets.server.get()), 2);
    for (unsigned i = 0; i < 2; ++i) {
      batch.text(i)[0] = '!';
      EXPECT_TRUE(batch.keep(batch.text(i)));
    }
    const auto flushed = batch.flush(sockets.server.get());
    EXPECT_EQ(flushed.bytes, 2 * (round.size() + 7));
    EXPECT_EQ(flushed.failed, 0U);
    EXPECT_EQ(tests::take_datagram(sockets.one), "!" + std::string{round.substr(1)} + " of one");
    EXPECT_EQ(tests::take_datagram(sockets.two), "!" + std::string{round.substr(1)} + " of two");
  }
}

TEST(DatagramBatch, NothingWaits) {
  Sockets sockets;
  DatagramBatch batch;
  EXPECT_EQ(batch.receive(sockets.server.get()), -1);
  EXPECT_EQ(errno, EAGAIN);
  const auto flushed = batch.flush(sockets.server.get());
  EXPECT_EQ(flushed.bytes + flushed.failed, 0U);
}

TEST(DatagramBatch, KeepsWhatIsWithinOnly) {
  Sockets sockets;
  DatagramBatch batch;
  constexpr std::array<u8, 3> foreign{};
  EXPECT_FALSE(batch.keep(foreign));
  tests::put(sockets.one, "abc");
  ASSERT_EQ(batch.receive(sockets.server.get()), 1);
  EXPECT_FALSE(batch.keep(foreign));
  EXPECT_TRUE(batch.keep(batch.text(0).first(2)));
  EXPECT_EQ(batch.flush(sockets.server.get()).bytes, 2U);
  EXPECT_EQ(tests::take_datagram(sockets.one), "ab");
}

TEST(DatagramBatch, TakesTheLargestAndEmptyDatagrams) {
  Sockets sockets;
  DatagramBatch batch;
  const std::string large(65'507, 'x');
  tests::put(sockets.one, large);
  ASSERT_EQ(send(sockets.two.get(), "", 0, 0), 0);
  ASSERT_EQ(batch.receive(sockets.server.get()), 2);
  EXPECT_EQ(text_of(batch.text(0)), large);
  EXPECT_TRUE(batch.text(1).empty());
  EXPECT_TRUE(batch.keep(batch.text(0)));
  EXPECT_TRUE(batch.keep(batch.text(1)));
  EXPECT_EQ(batch.flush(sockets.server.get()).failed, 0U);
  EXPECT_EQ(tests::take_datagram(sockets.one), large);
  EXPECT_EQ(tests::take_datagram(sockets.two), "");
}

// The kernel hands over what left as one as one; each datagram has its own answer all the same.
TEST(DatagramBatch, AnswersEachOfThoseThatCameJoined) {
  Sockets sockets;
  ASSERT_TRUE(join_datagrams(sockets.server.get()));
  constexpr int size = 100;
  setsockopt(sockets.one.get(), SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  std::string all;
  for (int i = 0; i < 250; ++i) all += static_cast<char>('a' + i % 26);
  DatagramBatch batch;
  for (int round = 0; round < 2; ++round) {
    tests::put(sockets.one, all);
    tests::put(sockets.two, "other");
    ASSERT_EQ(batch.receive(sockets.server.get(), true), 2);
    std::vector<std::string> came;
    for (unsigned i = 0; i < 2; ++i)
      batch.each(i, [&](std::span<u8> text) {
        came.push_back(text_of(text));
        EXPECT_TRUE(batch.keep(text));
      });
    EXPECT_EQ(came, (std::vector<std::string>{all.substr(0, 100), all.substr(100, 100),
                                              all.substr(200), "other"}));
    const auto flushed = batch.flush(sockets.server.get());
    EXPECT_EQ(flushed.bytes, all.size() + 5);
    EXPECT_EQ(flushed.failed, 0U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(tests::take_datagram(sockets.one), came[i]);
    EXPECT_EQ(tests::take_datagram(sockets.two), "other");
  }
}

// Answers of any sizes arrive as they are, whatever leaves joined.
TEST(DatagramBatch, JoinsOnlyWhatMayBeJoined) {
  Sockets sockets;
  ASSERT_TRUE(join_datagrams(sockets.server.get()));
  DatagramBatch batch;
  const std::vector<std::string> texts = {"aaaa",
                                          "bbbb",
                                          "cc",
                                          "dddd",
                                          "",
                                          "eeee",
                                          "f",
                                          "gggg",
                                          std::string(3000, 'h'),
                                          std::string(3000, 'i')};
  for (const auto& text : texts) {
    send(sockets.one.get(), text.data(), text.size(), 0);
    send(sockets.two.get(), text.data(), text.size(), 0);
  }
  ASSERT_EQ(batch.receive(sockets.server.get(), true), 2 * static_cast<int>(texts.size()));
  for (const unsigned turn : {0U, 1U})  // one's, then two's
    for (unsigned i = 0; i < texts.size(); ++i) EXPECT_TRUE(batch.keep(batch.text(2 * i + turn)));
  EXPECT_EQ(batch.flush(sockets.server.get()).failed, 0U);
  for (const Fd* socket : {&sockets.one, &sockets.two})
    for (const auto& text : texts) EXPECT_EQ(tests::take_datagram(*socket), text);
}

TEST(DatagramBatch, JoinsUpToWhatOneMessageMayHave) {
  Sockets sockets;
  ASSERT_TRUE(join_datagrams(sockets.server.get()));
  constexpr int size = 10;
  setsockopt(sockets.one.get(), SOL_UDP, UDP_SEGMENT, &size, sizeof size);
  DatagramBatch batch;
  for (int i = 0; i < 4; ++i) tests::put(sockets.one, std::string(500, static_cast<char>('a' + i)));
  ASSERT_EQ(batch.receive(sockets.server.get(), true), 4);
  for (unsigned i = 0; i < 4; ++i)
    batch.each(i, [&](std::span<u8> text) { EXPECT_TRUE(batch.keep(text)); });
  const auto flushed = batch.flush(sockets.server.get());
  EXPECT_EQ(flushed.bytes, 2000U);
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(tests::take_datagram(sockets.one), std::string(10, static_cast<char>('a' + i / 50)));
}

// One that the kernel does not take costs itself only.
TEST(DatagramBatch, AnAnswerThatFailsDoesNotStopTheOthers) {
  Sockets sockets;
  DatagramBatch batch;
  tests::put(sockets.one, "a");
  tests::put(sockets.two, "b");
  ASSERT_EQ(batch.receive(sockets.server.get()), 2);
  reinterpret_cast<sockaddr*>(batch.message(0).msg_name)->sa_family = AF_UNIX;
  EXPECT_TRUE(batch.keep(batch.text(0)));
  EXPECT_TRUE(batch.keep(batch.text(1)));
  const auto flushed = batch.flush(sockets.server.get());
  EXPECT_EQ(flushed.failed, 1U);
  EXPECT_EQ(flushed.bytes, 1U);
  EXPECT_EQ(tests::take_datagram(sockets.two), "b");
}

}  // namespace
}  // namespace trama::serve
