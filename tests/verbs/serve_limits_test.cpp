// What `trama serve` keeps out, slows down and ends, with the real program.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "kit/crowd.h"
#include "kit/serving.h"

namespace trama::tests {
namespace {

constexpr std::size_t all = 1'000'000;  // more than comes: to the end

TEST(ServeLimits, OverMaxClientsASentenceComesAndTheEnd) {
  Server server{
      {"--max-clients", "2", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  Fd one = client("127.0.0.1", port);
  const Fd two = client("127.0.0.1", port);
  EXPECT_EQ(take(client("127.0.0.1", port), all), "the server is full, try again later\n");
  server.wait_for("refused: the server is full");
  one.close();
  server.wait_for("closed by the client");
  const Fd next = client("127.0.0.1", port);
  put(next, "a");
  EXPECT_EQ(take(next, 1), "A");
  server.signal(SIGINT);
  EXPECT_NE(server.wait().out.find("; 1 refused\n"), std::string::npos);
}

TEST(ServeLimits, MaxPerPeerCountsEachAddress) {
  Server server{
      {"--max-per-peer", "1", "tcp", "0.0.0.0:0"}
  };
  const auto rest = server.wait_for("\n");
  const auto port = static_cast<unsigned short>(std::stoi(rest.substr(rest.find("0.0.0.0:") + 8)));
  const Fd one = client("127.0.0.1", port);
  server.wait_for("connected");
  EXPECT_EQ(take(client("127.0.0.1", port), all),
            "this address has too many connections already\n");
  Fd other{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto from = to_sockaddr({.address = *parse_address("127.0.0.9"), .port = 0});
  ASSERT_EQ(bind(other.get(), reinterpret_cast<const sockaddr*>(&from), size_of(from)), 0);
  const auto to = to_sockaddr({.address = *parse_address("127.0.0.1"), .port = port});
  ASSERT_EQ(connect(other.get(), reinterpret_cast<const sockaddr*>(&to), size_of(to)), 0);
  put(other, "a");
  EXPECT_EQ(take(other, 1), "A");
}

TEST(ServeLimits, DenyKeepsConnectionsAndDatagramsOut) {
  Server server{
      {"--allow", "127.0.0.9", "--deny", "127.0.0.0/8", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  EXPECT_EQ(take(client("127.0.0.1", port_in(text, "on tcp")), all), "");
  server.wait_for("refused: --allow and --deny keep this address out");
  const auto udp = port_in(server.wait_for(""), "on udp");
  const Fd denied = client("127.0.0.1", udp, SOCK_DGRAM);
  put(denied, "denied");
  server.wait_for("refused: --allow");
  Fd allowed{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto from = to_sockaddr({.address = *parse_address("127.0.0.9"), .port = 0});
  ASSERT_EQ(bind(allowed.get(), reinterpret_cast<const sockaddr*>(&from), size_of(from)), 0);
  const auto to = to_sockaddr({.address = *parse_address("127.0.0.1"), .port = udp});
  ASSERT_EQ(connect(allowed.get(), reinterpret_cast<const sockaddr*>(&to), size_of(to)), 0);
  put(allowed, "ok");
  EXPECT_EQ(take_datagram(allowed), "OK");
  server.signal(SIGINT);
  EXPECT_NE(server.wait().out.find("; 2 refused\n"), std::string::npos);
}

TEST(ServeLimits, RateSlowsAConnectionAndLosesNothing) {
  Server server{
      {"--rate", "100KB", "--quiet", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  const auto before = std::chrono::steady_clock::now();
  put(socket, std::string(150'000, 'x'));
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket, all), std::string(150'000, 'X'));
  const auto time = std::chrono::steady_clock::now() - before;
  EXPECT_GT(time, 400ms);  // 100,000 at once, the rest in half a second
  EXPECT_LT(time, 5s);
}

TEST(ServeLimits, DatagramsOverTheRateAreRefused) {
  Server server{
      {"--rate", "10", "udp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("udp"), SOCK_DGRAM);
  put(socket, "12345678");
  EXPECT_EQ(take_datagram(socket), "12345678");
  put(socket, "12345678");
  server.wait_for("refused: this address sends faster than --rate");
}

TEST(ServeLimits, IdleEndsAConnectionOnWhichNothingMoves) {
  Server server{
      {"--idle", "200ms", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd silent = client("127.0.0.1", port);
  EXPECT_TRUE(ends_with_fin(silent));
  server.wait_for("closed by the server: idle for too long");
  EXPECT_EQ(run(trama({"serve", "--idle", "x"})).status, 2);
}

TEST(ServeLimits, IdleIsNeverEarlierThanAsked) {
  Server server{
      {"--idle", "300ms", "--quiet", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  using Clock = std::chrono::steady_clock;
  std::vector<std::pair<Fd, Clock::time_point>> silent;
  for (int i = 0; i < 4; ++i) {  // the server's sweeps find them at different ages
    const auto comes = Clock::now();
    silent.emplace_back(client("127.0.0.1", port), comes);
    std::this_thread::sleep_for(30ms);
  }
  for (const auto& [socket, came] : silent) {
    EXPECT_TRUE(ends_with_fin(socket));
    EXPECT_GE(Clock::now() - came, 300ms);
  }
}

TEST(ServeLimits, WithoutDescriptorsTheServerWaitsWithoutSpinning) {
  if (sanitized) GTEST_SKIP() << "the sanitizers look at memory through a pipe of their own";
  Program server{
      {"sh", "-c", "ulimit -n 12; exec \"$0\" serve tcp 0", trama({})[0]}
  };
  const auto port = port_in(server.wait_for("this machine only"), "tcp");
  std::vector<Fd> clients;
  clients.reserve(12);
  for (int i = 0; i < 12; ++i) clients.push_back(client("127.0.0.1", port));
  server.wait_for("no descriptor is free");
  const auto used = [&] {  // processor time, in clock ticks (proc(5), fields 14 and 15)
    std::ifstream stat{"/proc/" + std::to_string(server.pid()) + "/stat"};
    std::string word;
    long ticks = 0;
    for (int field = 1; field <= 15 && stat >> word; ++field)
      if (field >= 14) ticks += std::stol(word);
    return ticks;
  };
  const long before = used();
  pollfd nothing{clients.back().get(), POLLIN, 0};
  EXPECT_EQ(poll(&nothing, 1, 600), 0);  // it waits, with somebody at the door
  EXPECT_LE(used() - before, 10);
  put(clients.back(), "a");
  clients.erase(clients.begin(), clients.end() - 1);
  EXPECT_EQ(take(clients.back(), 1), "A");
}

TEST(ServeLimits, SigtermAnswersAllThatWasAccepted) {
  Server server{
      {"--quiet", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const auto port = port_in(text, "on tcp");
  // Both wait in full: one does not read, the other is not even accepted when the signal comes.
  const Fd slow = client("127.0.0.1", port);
  const std::string data(20'000'000, 'd');  // more than all buffers hold: some is not even read yet
  fcntl(slow.get(), F_SETFL, O_NONBLOCK);
  std::size_t sent = 0;
  pollfd room{slow.get(), POLLOUT, 0};
  while (sent < data.size() && poll(&room, 1, 300) == 1) {
    const ssize_t n = send(slow.get(), data.data(), data.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  server.signal(SIGSTOP);
  const Fd late = client("127.0.0.1", port);
  put(late, "late");
  const Fd datagram = client("127.0.0.1", port_in(server.wait_for(""), "on udp"), SOCK_DGRAM);
  put(datagram, "too");
  server.signal(SIGTERM);
  server.signal(SIGCONT);
  EXPECT_EQ(take(late, all), "LATE");
  EXPECT_EQ(take_datagram(datagram), "TOO");
  server.wait_for("ending: 2 connections answered to the end");
  // Nobody else comes in.
  Fd refused{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto to = to_sockaddr({.address = *parse_address("127.0.0.1"), .port = port});
  EXPECT_NE(connect(refused.get(), reinterpret_cast<const sockaddr*>(&to), size_of(to)), 0);
  const auto answer = take(slow, sent + 1);
  EXPECT_EQ(answer.size(), sent);
  EXPECT_EQ(answer, std::string(sent, 'D'));
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out.find("still open"), std::string::npos) << ended.out;
}

TEST(ServeLimits, DrainIsBoundedAndASecondSignalEndsAtOnce) {
  for (const bool second : {false, true}) {
    Server server{
        {"--drain", second ? "1h" : "300ms", "--quiet", "tcp", "0"}
    };
    const Fd stuck = client("127.0.0.1", server.port("tcp"));
    fcntl(stuck.get(), F_SETFL, O_NONBLOCK);
    const std::string block(256 * 1024, 'z');
    pollfd room{stuck.get(), POLLOUT, 0};
    while (poll(&room, 1, 300) == 1) send(stuck.get(), block.data(), block.size(), MSG_NOSIGNAL);
    server.signal(SIGTERM);
    server.wait_for("ending: 1 connection answered to the end");
    if (second) server.signal(SIGTERM);
    const Ended ended = server.wait(5s);
    EXPECT_EQ(ended.status, 0);
    EXPECT_NE(ended.out.find("(1 still open)"), std::string::npos) << ended.out;
  }
}

}  // namespace
}  // namespace trama::tests
