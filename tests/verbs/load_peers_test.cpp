// `trama load` against servers that answer wrongly, close, reset, hang, and lose.
#include <gtest/gtest.h>

#include <thread>

#include "kit/loading.h"
#include "kit/peer.h"

namespace trama::tests {
namespace {

TEST(Load, OneWrongByteIsFound) {
  for (const bool flips : {true, false}) {
    Peer peer;
    std::thread server{[&] {
      const Fd socket = peer.accepted();
      for (int i = 0; i < 50; ++i) put(socket, take(socket, 64));
      auto text = take(socket, 64);
      if (flips)
        text[40] ^= 1;
      else
        text += 'x';
      put(socket, text);
      take(socket);
    }};
    const auto ended = load({peer.port, "-e", "echo", "-d", "20s"});
    server.join();
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(tells(ended, "1 wrong answer\n")) << ended.out;
    EXPECT_FALSE(tells(ended, "every answer was right")) << ended.out;
  }
}

TEST(Load, ARefusalIsASentenceAndStatusOne) {
  auto ended = load({free_port(), "-c", "5", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(tells(ended, "no program listens there")) << ended.err;
  ended = load({free_port(), "--accepts", "-c", "5", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(tells(ended, "no program listens there")) << ended.err;
  ended = load({free_port(SOCK_DGRAM), "-u", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(tells(ended, "no program has that UDP port open")) << ended.err;
}

TEST(Load, AServerThatClosesOrResetsIsCounted) {
  for (const bool resets : {true, false}) {
    Peer peer;
    std::thread server{[&] {
      Fd one = peer.accepted();
      Fd two = peer.accepted();
      put(one, take(one, 64));
      put(two, take(two, 64));
      if (resets) {
        reset(one);
        return reset(two);
      }
      shutdown(one.get(), SHUT_WR);
      shutdown(two.get(), SHUT_WR);
      take(one);
      take(two);
    }};
    const auto ended = load_json({peer.port, "-c", "2", "-e", "echo", "-d", "20s"});
    server.join();
    EXPECT_EQ(ended.status, 1) << ended.out;
    EXPECT_EQ(number_in(ended.out, resets ? "reset" : "closed"), 2U) << ended.out;
  }
}

TEST(Load, AServerThatHangsDoesNotHoldItUp) {
  Peer peer;  // its queue takes the connections, and nobody reads
  for (const std::string pace : {"--pipeline=4", "--rate=100"}) {
    const auto ended = load({peer.port, "-c", "2", pace, "-d", "100ms", "-w", "100ms"});
    EXPECT_EQ(ended.status, 1) << ended.out;
    EXPECT_TRUE(tells(ended, "without their answers at the end")) << ended.out;
  }
  const auto ended = load({peer.port, "--accepts", "-c", "2", "-d", "200ms", "-w", "100ms"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(tells(ended, "2 connections timed out")) << ended.out;
}

TEST(Load, LostDatagramsAreCountedAndTheRestGoesOn) {
  Peer peer{SOCK_DGRAM};
  std::thread server{[&] {
    for (int i = 0;; ++i) {
      std::array<char, 64> text{};
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      pollfd ready{peer.socket.get(), POLLIN, 0};
      if (poll(&ready, 1, 20'000) != 1) return;
      const auto n = recvfrom(peer.socket.get(), text.data(), text.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &size);
      if (n == 0) return;  // the test's end
      if (i % 10 == 3) continue;
      const int times = i % 10 == 5 ? 2 : 1;
      for (int k = 0; k < times; ++k)
        sendto(peer.socket.get(), text.data(), static_cast<std::size_t>(n), 0,
               reinterpret_cast<sockaddr*>(&from), size);
    }
  }};
  const auto ended = load_json(
      {peer.port, "-u", "-e", "echo", "--rate", "500", "-d", "200ms", "-w", "200ms", "-p", "256"});
  const Fd last{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto there = to_sockaddr({.address = *parse_address("127.0.0.1"), .port = peer.number});
  sendto(last.get(), "", 0, 0, reinterpret_cast<const sockaddr*>(&there), size_of(there));
  server.join();
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(number_in(ended.out, "sent"), 100U);
  EXPECT_EQ(number_in(ended.out, "answered"), 90U);
  EXPECT_EQ(number_in(ended.out, "unanswered"), 10U);
  EXPECT_EQ(number_in(ended.out, "late"), 10U) << "answered twice";
}

TEST(Load, AnOpenLoopCountsFromWhenAMessageWasDue) {
  Peer peer;
  std::thread server{[&] {
    const Fd socket = peer.accepted();
    put(socket, take(socket, 64));
    std::this_thread::sleep_for(300ms);
    for (std::string text; !(text = take(socket, 64)).empty();) put(socket, text);
  }};
  const auto ended =
      load({peer.port, "-e", "echo", "-p", "1", "-r", "100", "-d", "600ms", "-w", "20s", "--json"});
  server.join();
  EXPECT_EQ(ended.status, 0) << ended.out;
  const auto p90_of = [&](std::string_view key) {
    const auto at = ended.out.find("\"p90\":", ended.out.find(key));
    return std::stod(ended.out.substr(at + 6));
  };
  EXPECT_GT(p90_of("\"latency\""), 0.100);
  EXPECT_LT(p90_of("\"service_time\""), p90_of("\"latency\""));
}

}  // namespace
}  // namespace trama::tests
