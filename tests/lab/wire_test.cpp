#include "lab/wire.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

namespace trama::lab {
namespace {

using namespace std::chrono_literals;

// The wire sees datagram sockets as it sees packet sockets: frames come whole and go whole.
class WireTest : public testing::Test, public WireWatcher {
 protected:
  void SetUp() override {
    loop_ = std::move(*net::Loop::make());
    for (const Host host : {Host::client, Host::server}) {
      int ends[2];
      ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
      hosts_[static_cast<u8>(host)] = Fd{ends[0]};
      sides_[static_cast<u8>(host)] = Fd{ends[1]};
    }
  }
  void make(const WireRules& rules) {
    wire_ =
        std::make_unique<Wire>(*loop_, std::move(sides_[0]), std::move(sides_[1]), rules, *this);
    ASSERT_TRUE(wire_->open());
  }
  void send(Host host, std::string_view frame) {
    ASSERT_EQ(write(hosts_[static_cast<u8>(host)].get(), frame.data(), frame.size()),
              std::ssize(frame));
  }
  std::string receive(Host host) {
    char frame[256];
    const ssize_t n = read(hosts_[static_cast<u8>(host)].get(), frame, sizeof frame);
    return n < 0 ? "" : std::string{frame, static_cast<std::size_t>(n)};
  }
  void run_until_empty() {
    loop_->run_once(0ms);
    for (int rounds = 0; rounds < 1000 && wire_->waiting() != 0; ++rounds) loop_->run_once(10ms);
  }

  void on_caught(Frame& frame) override { told_ += fmt::format("{}? ", frame.id); }
  void before_delivery(Frame&) override {}
  void on_fate(Frame& frame) override {
    told_ += fmt::format("{}:{} ", frame.id, name_of(frame.fate));
  }

  std::unique_ptr<net::Loop> loop_;
  Fd hosts_[2], sides_[2];
  std::unique_ptr<Wire> wire_;
  std::string told_;
};

TEST_F(WireTest, CarriesBothWaysInOrder) {
  make({.delay = 5ms});
  send(Host::client, "one");
  send(Host::client, "two");
  send(Host::server, "three");
  loop_->run_once(0ms);
  EXPECT_EQ(told_, "1? 2? 3? ");
  EXPECT_EQ(receive(Host::server), "");  // it is on its way
  run_until_empty();
  EXPECT_EQ(receive(Host::server), "one");
  EXPECT_EQ(receive(Host::server), "two");
  EXPECT_EQ(receive(Host::client), "three");
  EXPECT_EQ(told_, "1? 2? 3? 1:delivered 2:delivered 3:delivered ");
}

TEST_F(WireTest, WithoutDelayDeliversAtOnce) {
  make({});
  send(Host::server, "now");
  loop_->run_once(0ms);
  EXPECT_EQ(receive(Host::client), "now");
}

TEST_F(WireTest, HoldsFramesUntilTheyAreLetThrough) {
  make({.delay = 0ms, .step = true});
  send(Host::client, "one");
  send(Host::client, "two");
  loop_->run_once(20ms);
  EXPECT_EQ(wire_->waiting(), 2U);
  EXPECT_TRUE(wire_->pass_next());
  EXPECT_EQ(receive(Host::server), "one");
  EXPECT_EQ(receive(Host::server), "");
  wire_->pass_freely();
  run_until_empty();
  EXPECT_EQ(receive(Host::server), "two");
  EXPECT_FALSE(wire_->pass_next());
}

TEST_F(WireTest, BoundsItsQueueAndCountsTheRest) {
  make({.delay = 1h, .most_frames = 2, .most_bytes = 10});
  send(Host::client, "12345");
  send(Host::client, "123456");  // 11 bytes together
  send(Host::client, "12345");
  send(Host::client, "1");
  loop_->run_once(0ms);
  EXPECT_EQ(wire_->waiting(), 2U);
  EXPECT_EQ(wire_->count(Fate::crowded_out), 2U);
}

TEST_F(WireTest, LosesByItsSeedAlone) {
  std::string first;
  for (int round = 0; round < 2; ++round) {
    if (round == 1) {
      wire_.reset();
      SetUp();
      told_.clear();
    }
    make({.delay = 1ms, .loss = 0.5, .seed = 42});
    for (int i = 0; i < 5; ++i) {
      send(Host::client, "c");
      // Between them, in the second round only: the other direction has its own luck.
      if (round == 1) send(Host::server, "s");
      run_until_empty();
    }
    std::string got;
    for (int i = 0; i < 5; ++i) got += receive(Host::server) + '.';
    if (round == 0) first = got;
    EXPECT_EQ(got, first);
  }
}

TEST_F(WireTest, TellsAHostThatTakesNothing) {
  make({});
  hosts_[1].close();
  send(Host::client, "one");
  loop_->run_once(0ms);
  EXPECT_EQ(told_, "1? 1:refused ");
}

}  // namespace
}  // namespace trama::lab
