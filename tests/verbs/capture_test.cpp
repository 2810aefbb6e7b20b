// trama capture and explain --live, on the loopback of a network namespace made for the test.
#include <gtest/gtest.h>

#include <csignal>

#include "kit/program.h"

namespace trama::tests {
namespace {

// Runs trama where it may capture: in its own user and network namespace, loopback up.
std::vector<std::string> inside(const std::string& arguments) {
  return {"unshare", "-Urn", "/bin/sh", "-c",
          "ip link set lo up && exec " + trama({})[0] + " " + arguments};
}

// Sends one datagram inside the program's namespace; nobody listens.
void send_datagram(const Program& program, const std::string& port) {
  run({"nsenter", "--preserve-credentials", "-U", "-n", "-t", std::to_string(program.pid()),
       trama({})[0], "connect", "-u", "--send-only", "127.0.0.1", port},
      "hello");
}

TEST(Capture, ShowsWhatPassesTheFilters) {
  Program program{inside("capture -i lo -f udp -c 1 -T fields -e udp.dstport -e data.data")};
  program.wait_for_error("capturing on lo");
  send_datagram(program, "5555");
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "5555\t68656c6c6f\n");
  EXPECT_NE(ended.err.find("1 packet captured, 0 dropped by the kernel"), std::string::npos)
      << ended.err;
}

TEST(Capture, EndsAtCtrlCWithItsCount) {
  Program program{inside("capture -i lo 'udp.port == 5555' -l")};
  program.wait_for_error("capturing on lo");
  send_datagram(program, "5555");
  program.wait_for("UDP");
  program.signal(SIGINT);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_NE(ended.err.find("captured"), std::string::npos) << ended.err;
}

TEST(Capture, WritesAFileThatReadUnderstands) {
  const Folder folder;
  Program program{
      inside("capture -i lo -c 2 -w " + folder.path("lo.pcapng"))};  // the datagram and its refusal
  program.wait_for_error("capturing on lo");
  send_datagram(program, "5556");
  EXPECT_EQ(program.wait().status, 0);
  EXPECT_EQ(run(trama({"read", folder.path("lo.pcapng"), "-T", "fields", "-e", "icmp.type"})).out,
            "\n3\n");
}

TEST(Capture, FindsWrongFiltersBeforeItOpens) {
  const Ended display = run(trama({"capture", "-i", "lo", "-Y", "tcp.prt == 1"}));
  EXPECT_EQ(display.status, 2);
  EXPECT_EQ(display.err.find("capturing"), std::string::npos) << display.err;
  Program bpf{inside("capture -i lo -f 'tcp.port == 80'")};
  const Ended ended = bpf.wait();
  EXPECT_EQ(ended.status, 2);
  EXPECT_NE(ended.err.find("tcp port 80"), std::string::npos) << ended.err;
}

TEST(Capture, NamesTheInterfacesThereAre) {
  Program program{inside("capture -i nope0")};
  const Ended ended = program.wait();
  EXPECT_NE(ended.status, 0);
  EXPECT_NE(ended.err.find("lo"), std::string::npos) << ended.err;
  EXPECT_NE(run(trama({"capture", "-D"})).out.find("lo"), std::string::npos);
}

TEST(ExplainLive, TellsADatagramAndItsRefusalAsTheyHappen) {
  Program program{inside("explain --live lo 'udp.port == 5557'")};
  program.wait_for_error("capturing on lo");
  send_datagram(program, "5557");
  program.wait_for("UDP 127.0.0.1:");
  program.wait_for("ICMP 3/3 port unreachable");
  program.signal(SIGINT);
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_NE(ended.out.find("no socket"), std::string::npos) << ended.out;
}

}  // namespace
}  // namespace trama::tests
