#include "scan/udp_scan.h"

#include <algorithm>
#include <map>
#include <thread>

#include "probes.h"
#include "scan/local.h"

namespace trama::scan {
namespace {

std::map<u16, Verdict> scan(const std::vector<u16>& ports, std::string_view payload = {},
                            std::string_view address = "127.0.0.1") {
  const auto loop = net::Loop::make();
  Control control{**loop};
  const auto answers = udp_scan(this_machine(address), ports, local_pace(), true, payload, control);
  EXPECT_TRUE(answers);
  EXPECT_EQ(answers->verdicts.size(), ports.size());
  EXPECT_FALSE(answers->held_back);
  std::map<u16, Verdict> by_port;
  for (const Verdict& verdict : answers->verdicts) by_port[verdict.port] = verdict;
  return by_port;
}

TEST(UdpScan, ProvesClosedPortsByIcmp) {
  u16 port = 0;
  {
    port = open_at("127.0.0.1", SOCK_DGRAM).port;  // free again at the brace
  }
  auto verdicts = scan({port});
  EXPECT_EQ(verdicts[port].state, PortState::closed);
  EXPECT_EQ(verdicts[port].proof, Proof::icmp);
  EXPECT_EQ(verdicts[port].icmp.type, 3);
  EXPECT_EQ(verdicts[port].icmp.code, 3);
  EXPECT_EQ(verdicts[port].icmp.from, *parse_address("127.0.0.1"));
}

TEST(UdpScan, CountsTheBytesOfAnAnswer) {
  const auto server = open_at("127.0.0.1", SOCK_DGRAM);
  std::thread echo{[&] {
    char bytes[64];
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t n = recvfrom(server.fd.get(), bytes, sizeof bytes, 0,
                               reinterpret_cast<sockaddr*>(&from), &size);
    sendto(server.fd.get(), bytes, static_cast<std::size_t>(n), 0,
           reinterpret_cast<const sockaddr*>(&from), size);
  }};
  const auto loop = net::Loop::make();
  Control control{**loop};
  Pace patient = local_pace();  // a loaded machine may start the thread late
  patient.first_timeout = patient.least_timeout = patient.most_timeout = std::chrono::seconds{10};
  const std::vector<u16> ports{server.port};
  const auto answers = udp_scan(this_machine(), ports, patient, true, "hello", control);
  echo.join();
  ASSERT_EQ(answers->verdicts.size(), 1U);
  EXPECT_EQ(answers->verdicts[0].state, PortState::open);
  EXPECT_EQ(answers->verdicts[0].bytes, 5U);
}

TEST(UdpScan, JoinsTheTableWhereASocketIsSilent) {
  const auto server = open_at("127.0.0.1", SOCK_DGRAM);
  auto verdicts = scan({server.port});
  Verdict& verdict = verdicts[server.port];
  EXPECT_EQ(verdict.state, PortState::open_or_filtered);
  const auto locals = join_socket_table({&verdict, 1}, *parse_address("127.0.0.1"));
  EXPECT_EQ(locals[0].finding, Finding::waits);
  EXPECT_EQ(verdict.state, PortState::open);
}

TEST(UdpScan, SeesThatASocketWaitsElsewhere) {
  const auto server = open_at("127.0.0.1", SOCK_DGRAM);
  auto verdicts = scan({server.port}, {}, "::1");
  Verdict& verdict = verdicts[server.port];
  EXPECT_EQ(verdict.state, PortState::closed);
  const auto locals = join_socket_table({&verdict, 1}, *parse_address("::1"));
  EXPECT_EQ(locals[0].finding, Finding::elsewhere);
}

TEST(UdpScan, JudgesEveryPortAndNeverTakesItselfForAServer) {
  if (!enter_own_network()) GTEST_SKIP() << "no user namespaces";
  std::vector<u16> ports;
  for (unsigned port = 1; port <= 65535; ++port) ports.push_back(static_cast<u16>(port));
  const auto verdicts = scan(ports);
  EXPECT_EQ(std::count_if(verdicts.begin(), verdicts.end(),
                          [](const auto& row) { return row.second.proof == Proof::answer; }),
            0);
  EXPECT_EQ(std::count_if(verdicts.begin(), verdicts.end(),
                          [](const auto& row) { return row.second.state == PortState::closed; }),
            65535);
}

}  // namespace
}  // namespace trama::scan
