#include "scan/connect_scan.h"

#include <sys/resource.h>

#include <algorithm>
#include <map>

#include "probes.h"
#include "scan/local.h"

namespace trama::scan {
namespace {

std::map<u16, Verdict> scan(const std::vector<u16>& ports, std::string_view address = "127.0.0.1") {
  const auto loop = net::Loop::make();
  Control control{**loop};
  const auto verdicts = connect_scan(this_machine(address), ports, local_pace(), true, control);
  EXPECT_TRUE(verdicts);
  EXPECT_EQ(verdicts->size(), ports.size());
  EXPECT_EQ(control.done, ports.size());
  std::map<u16, Verdict> by_port;
  for (const Verdict& verdict : *verdicts) by_port[verdict.port] = verdict;
  return by_port;
}

TEST(ConnectScan, TellsOpenFromClosed) {
  for (const auto* address : {"127.0.0.1", "::1"}) {
    const auto server = open_at(address, SOCK_STREAM, 5);
    const auto bound = open_at(address, SOCK_STREAM);
    auto verdicts = scan({server.port, bound.port}, address);
    EXPECT_EQ(verdicts[server.port].state, PortState::open);
    EXPECT_EQ(verdicts[server.port].proof, Proof::syn_ack);
    EXPECT_EQ(verdicts[bound.port].state, PortState::closed);
    EXPECT_EQ(verdicts[bound.port].proof, Proof::rst);
  }
}

TEST(ConnectScan, CallsAFullAcceptQueueFilteredAndSaysWhy) {
  const auto server = open_at("127.0.0.1", SOCK_STREAM, 0);
  scan({server.port});  // a reset connection stays in the queue until somebody accepts it
  auto verdicts = scan({server.port});
  Verdict& verdict = verdicts[server.port];
  EXPECT_EQ(verdict.state, PortState::filtered);
  EXPECT_EQ(verdict.proof, Proof::silence);
  EXPECT_GE(verdict.probes, 2U);
  const auto locals = join_socket_table({&verdict, 1}, *parse_address("127.0.0.1"));
  EXPECT_EQ(locals[0].finding, Finding::full);
  EXPECT_NE(locals[0].owner.find("scan_tests/"), std::string::npos);
}

TEST(ConnectScan, JudgesEveryPortOfAWideRange) {
  if (!enter_own_network()) GTEST_SKIP() << "no user namespaces";
  std::vector<u16> ports;
  for (unsigned port = 1; port <= 65535; ++port) ports.push_back(static_cast<u16>(port));
  const auto server = open_at("127.0.0.1", SOCK_STREAM, 5);
  auto verdicts = scan(ports);
  EXPECT_EQ(verdicts[server.port].state, PortState::open);
  const auto silent = std::count_if(verdicts.begin(), verdicts.end(), [](const auto& row) {
    return row.second.proof == Proof::local_error;
  });
  EXPECT_EQ(silent, 0);
}

TEST(ConnectScan, LosesNoPortWithFewDescriptors) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = before;
  few.rlim_cur = 24;
  setrlimit(RLIMIT_NOFILE, &few);
  std::vector<u16> ports;
  for (u16 port = 1; port <= 500; ++port) ports.push_back(port);
  scan(ports);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(ConnectScan, StopsAtOnce) {
  const auto loop = net::Loop::make();
  Control control{**loop};
  control.stop = true;
  const std::vector<u16> ports{1, 2, 3};
  EXPECT_TRUE(connect_scan(this_machine(), ports, local_pace(), true, control)->empty());
}

}  // namespace
}  // namespace trama::scan
