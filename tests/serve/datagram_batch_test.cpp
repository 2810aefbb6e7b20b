#include "serve/datagram_batch.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

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
