#include "serve/send_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "base/fd.h"

namespace trama::serve {
namespace {

SharedText text(std::string_view word) {
  return SharedText{{Bytes{reinterpret_cast<const u8*>(word.data()), word.size()}}};
}

struct Pair {
  Pair() {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    near = Fd{fds[0]};
    far = Fd{fds[1]};
  }
  std::string received() const {
    std::string all(1 << 22, '\0');
    std::size_t size = 0;
    for (ssize_t n = 0; (n = recv(far.get(), all.data() + size, all.size() - size, 0)) > 0;)
      size += static_cast<std::size_t>(n);
    all.resize(size);
    return all;
  }
  Fd near, far;
};

TEST(SendQueue, SendsInOrderAndCountsItsCost) {
  Pair pair;
  SendQueue queue;
  std::string expected;
  for (int i = 0; i < 200; ++i) {  // more than one system call takes
    const auto word = std::to_string(i) + ",";
    expected += word;
    queue.push(text(word));
  }
  EXPECT_EQ(queue.cost(), expected.size() + 200 * SharedText::overhead);
  u64 sent = 0;
  EXPECT_EQ(queue.send_to(pair.near.get(), sent), 0);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.cost(), 0U);
  EXPECT_EQ(sent, expected.size());
  EXPECT_EQ(pair.received(), expected);
}

TEST(SendQueue, DropsTheOldestButNeverHalfOfOne) {
  Pair pair;
  SendQueue queue;
  const std::string big(4'000'000, 'b');
  queue.push(text(big));
  queue.push(text("one"));
  queue.push(text("two"));
  queue.push(text("three"));
  u64 sent = 0;
  ASSERT_EQ(queue.send_to(pair.near.get(), sent), 0);
  ASSERT_GT(sent, 0U);
  ASSERT_LT(sent, big.size());
  EXPECT_TRUE(queue.drop_oldest());
  EXPECT_TRUE(queue.drop_oldest());
  std::string got;
  while (!queue.empty()) {
    got += pair.received();
    ASSERT_EQ(queue.send_to(pair.near.get(), sent), 0);
  }
  got += pair.received();
  EXPECT_EQ(got, big + "three");
  EXPECT_FALSE(queue.drop_oldest());
}

TEST(SendQueue, ATextIsFreedByTheLastQueue) {
  SharedText shared = text("shared");
  SendQueue one, two;
  one.push(shared);
  two.push(shared);
  shared = {};
  EXPECT_TRUE(one.drop_oldest());
  Pair pair;
  u64 sent = 0;
  EXPECT_EQ(two.send_to(pair.near.get(), sent), 0);
  EXPECT_EQ(pair.received(), "shared");
}

}  // namespace
}  // namespace trama::serve
