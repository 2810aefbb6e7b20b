#include "scan/evidence.h"

#include <gtest/gtest.h>

namespace trama::scan {
namespace {

using namespace std::chrono_literals;

const Address target = *parse_address("10.0.0.7");

Verdict verdict(PortState state, Proof proof) {
  Verdict made;
  made.port = 22;
  made.state = state;
  made.proof = proof;
  made.probes = 2;
  made.took = 310ms;
  return made;
}

TEST(Evidence, NamesTheSenderOfAnIcmpError) {
  Verdict filtered = verdict(PortState::filtered, Proof::icmp);
  filtered.icmp = {3, 13, false, *parse_address("10.0.0.1")};
  EXPECT_EQ(reason_of(filtered, {}, target),
            "ICMP 3/13 (administratively prohibited) from 10.0.0.1, not the target (310 ms)");
  filtered.icmp.from = target;
  EXPECT_EQ(reason_of(filtered, {}, target),
            "ICMP 3/13 (administratively prohibited) from 10.0.0.7 (310 ms)");
  filtered.icmp = {3, 1, false, *parse_address("10.0.0.2"), true};
  EXPECT_EQ(
      reason_of(filtered, {}, target),
      "ICMP 3/1 (host unreachable) from this machine: nobody answers at that address (310 ms)");
  filtered.icmp = {200, 9, false, target};
  EXPECT_EQ(reason_of(filtered, {}, target), "ICMP 200/9 from 10.0.0.7 (310 ms)");
}

TEST(Evidence, CountsWhatWasNotAnswered) {
  Verdict silent = verdict(PortState::filtered, Proof::silence);
  EXPECT_EQ(reason_of(silent, {}, target), "no answer to 2 SYNs in 310 ms");
  silent.transport = host::Transport::udp;
  silent.probes = 1;
  silent.state = PortState::open_or_filtered;
  EXPECT_EQ(reason_of(silent, {}, target), "no answer to 1 datagram in 310 ms");
}

TEST(Evidence, AddsWhatTheSocketTableKnows) {
  Local local;
  local.finding = Finding::waits;
  local.owner = "python3/812";
  EXPECT_EQ(reason_of(verdict(PortState::open, Proof::syn_ack), local, target),
            "syn-ack, listening: python3/812");
  local.socket.local.address = *parse_address("127.0.0.1");
  EXPECT_EQ(reason_of(verdict(PortState::open, Proof::syn_ack), local, target),
            "syn-ack, listening: python3/812, on 127.0.0.1 only");
  local.finding = Finding::elsewhere;
  EXPECT_EQ(reason_of(verdict(PortState::closed, Proof::rst), local, target),
            "RST, bound to 127.0.0.1 only: python3/812");
  local.finding = Finding::full;
  local.socket.receive_queue = 129;
  local.socket.send_queue = 128;
  EXPECT_EQ(reason_of(verdict(PortState::filtered, Proof::silence), local, target),
            "no answer to 2 SYNs in 310 ms, listening, accept queue full (129/128): python3/812");
  local.finding = Finding::nobody;
  EXPECT_EQ(reason_of(verdict(PortState::closed, Proof::rst), local, target),
            "RST, nobody listens");
}

TEST(Evidence, WritesDurationsWithTheirUnit) {
  EXPECT_EQ(duration_text(123us), "0.1 ms");
  EXPECT_EQ(duration_text(310ms), "310 ms");
  EXPECT_EQ(duration_text(2s), "2.0 s");
  EXPECT_EQ(duration_text(99'960us), "100 ms");
}

}  // namespace
}  // namespace trama::scan
