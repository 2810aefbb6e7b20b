#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "base/address.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

struct Opened {
  Fd fd;
  std::string port;
};

Opened open_at_loopback(int type) {
  Fd fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
  sockaddr_storage name = to_sockaddr({*parse_address("127.0.0.1"), 0});
  socklen_t size = size_of(name);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(listen(fd.get(), 7), 0);
  }
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return {std::move(fd), std::to_string(to_endpoint(name).port)};
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Scan, ShowsAnOpenPortAsNmapDoesWithItsListener) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run(trama({"scan", "-p" + server.port, "localhost"}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(has(ended.out, "localhost (127.0.0.1), this machine\nPORT "));
  EXPECT_TRUE(has(ended.out, server.port +
                                 "/tcp  open   unknown  syn-ack, listening: verbs_tests/" +
                                 std::to_string(getpid())))
      << ended.out;
  EXPECT_EQ(ended.err, "");
}

TEST(Scan, EndsWithOneWhereNothingIsOpen) {
  std::string port;
  { port = open_at_loopback(SOCK_STREAM).port; }
  const Ended tcp = run(trama({"scan", "-Pn", "-n", "-T4", "--reason", "-p", port, "127.0.0.1"}));
  EXPECT_EQ(tcp.status, 1);
  EXPECT_TRUE(has(tcp.out, "closed  unknown  RST, nobody listens")) << tcp.out;
  const Ended udp = run(trama({"scan", "-sU", "-p", port, "127.0.0.1"}));
  EXPECT_EQ(udp.status, 1);
  EXPECT_TRUE(has(udp.out, "closed  unknown  ICMP 3/3, no socket is bound to it")) << udp.out;
}

TEST(Scan, CallsASilentBoundUdpPortOpen) {
  const auto server = open_at_loopback(SOCK_DGRAM);
  const Ended ended = run(trama({"scan", "-sU", "-p" + server.port, "127.0.0.1"}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(
      has(ended.out, fmt::format("open   unknown  bound by verbs_tests/{}, silent", getpid())))
      << ended.out;
}

TEST(Scan, WritesStartPortAndEndAsJson) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run(trama({"scan", "--json", "-p", server.port, "127.0.0.1"}));
  EXPECT_TRUE(ended.out.starts_with("{\"v\":1,\"type\":\"scan.start\",\"host\":\"127.0.0.1\""))
      << ended.out;
  EXPECT_TRUE(has(
      ended.out, fmt::format("\"transport\":\"tcp\",\"port\":{},\"state\":\"open\"", server.port)));
  EXPECT_TRUE(has(ended.out, "\"local\":{\"finding\":\"waits\",\"bound_to\":\"127.0.0.1\""));
  EXPECT_TRUE(has(ended.out, "{\"v\":1,\"type\":\"scan.end\",\"hosts\":1,\"open\":1,"));
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 3);
}

TEST(Scan, LeavesAnUnknownHostOutAndScansTheOthersOnce) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended =
      run(trama({"scan", "-v", "-p", server.port, "no-such.invalid", "127.0.0.1", "127.0.0.1"}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "\"no-such.invalid\"")) << ended.err;
  EXPECT_TRUE(has(ended.err, "left out\nScanning 127.0.0.1, this machine: 1 TCP port\n"))
      << ended.err;
  EXPECT_TRUE(has(ended.out, "1 port in ")) << ended.out;
  EXPECT_TRUE(has(ended.out, "1 open")) << ended.out;
}

TEST(Scan, SpeaksPortuguese) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run(trama({"scan", "--lang", "pt_BR", "-p", server.port, "127.0.0.1"}));
  EXPECT_TRUE(has(ended.out, "127.0.0.1, esta máquina\nPORTA ")) << ended.out;
  EXPECT_TRUE(has(ended.out, "syn-ack, escutando: verbs_tests/")) << ended.out;
  EXPECT_TRUE(has(ended.out, "1 porta em ")) << ended.out;
}

TEST(Scan, ExplainsWrongUsage) {
  const auto says = [](std::vector<std::string> words, int status, std::string_view sentence) {
    words.insert(words.begin(), "scan");
    const Ended ended = run(trama(words));
    EXPECT_EQ(ended.status, status) << ended.err;
    EXPECT_TRUE(has(ended.err, sentence)) << ended.err;
    EXPECT_EQ(ended.out, "");
  };
  says({}, 2, "which host?");
  says({"-sS", "localhost"}, 2, "-sT comes to the same verdicts");
  says({"-sX", "localhost"}, 2, "-s takes T (TCP) or U (UDP)");
  says({"-p", "70000", "localhost"}, 2, "\"70000\" is neither a port");
  says({"-p", "80-20", "localhost"}, 2, "write 20-80");
  says({"-sT", "-p", "U:53", "localhost"}, 2, "no port is left");
  says({"-T9", "localhost"}, 2, "whole number from 0 to 5");
  says({"localhost:80"}, 2, "trama scan -p 80 localhost");
  says({"10.0.0.0/8"}, 2, "block of addresses");
  says({"http://localhost/"}, 2, "give the name or address alone");
  says({"127.0.0.1", "7810"}, 2, "trama scan -p 7810 HOST");
  says({"127.1"}, 2, "IPv4 has four numbers");
  says({"fe80::1"}, 2, "a link-local address needs its interface");
  says({"-4", "::1"}, 1, "has no IPv4 address");
}

// In namespaces of its own: a neighbour that never answers, and routes that refuse.
std::vector<std::string> inside(const std::string& script) {
  return {"unshare", "-Urn", "sh", "-c", "ip link set lo up\n" + script, trama({}).front()};
}

TEST(Scan, LeavesCrowdsOut) {
  const Ended ended = run(inside(R"sh("$0" scan -p- 127.0.0.1)sh"));
  if (ended.err.starts_with("unshare")) GTEST_SKIP() << ended.err;  // no user namespaces here
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.out, "Not shown: 65535 closed tcp ports (RST)\n")) << ended.out;
  EXPECT_FALSE(has(ended.out, "PORT")) << ended.out;
  EXPECT_TRUE(has(ended.out, "65535 ports in "));
}

TEST(Scan, BroadcastAndMulticastAreNotThisMachine) {
  const Ended ended = run(inside(
      "ip link add v0 type veth peer name v1; ip addr add 192.0.2.2/24 brd + dev v0; "
      "ip link set v0 up; ip link set v1 up; ip route add default dev v0; "
      "\"$0\" scan -T5 -sU --max-retries 0 -p 9 192.0.2.255 224.0.0.1 127.255.255.255 192.0.2.2 "
      "127.9.9.9"));
  if (ended.err.starts_with("unshare")) GTEST_SKIP() << ended.err;  // no user namespaces here
  for (const auto* other : {"192.0.2.255", "224.0.0.1", "127.255.255.255"})
    EXPECT_FALSE(has(ended.out, std::string{other} + ", this machine")) << ended.out;
  for (const auto* own : {"192.0.2.2", "127.9.9.9"})
    EXPECT_TRUE(has(ended.out, std::string{own} + ", this machine")) << ended.out;
}

TEST(Scan, SaysWhyAProbeCouldNotLeave) {
  const Ended ended = run(inside(R"sh(
    ip route add prohibit 10.2.0.0/24; ip route add unreachable 10.1.0.0/24
    "$0" scan -p 80 10.2.0.1; "$0" scan -sU -p 80 10.1.0.1; "$0" scan -p 80 10.9.0.1)sh"));
  if (ended.err.starts_with("unshare")) GTEST_SKIP() << ended.err;  // no user namespaces here
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(
      has(ended.out, "80/tcp  filtered  http     this machine did not send it: Permission denied"))
      << ended.out;
  EXPECT_TRUE(has(ended.out, "80/udp  filtered")) << ended.out;
  EXPECT_TRUE(has(ended.out, "No route to host")) << ended.out;
  EXPECT_TRUE(has(ended.out, "Network is unreachable")) << ended.out;
}

TEST(Scan, NamesTheRouterThatRefuses) {
  const Ended ended = run(inside(R"sh(
    exec 2>&1
    unshare -n sleep 60 & router=$!
    while [ "$(readlink /proc/$router/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
    ip link add near type veth peer name far netns $router
    ip addr add 10.5.0.1/24 dev near; ip link set near up
    nsenter -t $router -n sh -c 'ip link set lo up; ip addr add 10.5.0.2/24 dev far
      ip link set far up; sysctl -qw net.ipv4.ip_forward=1; ip route add prohibit 10.7.0.0/24'
    ip route add 10.7.0.0/24 via 10.5.0.2
    "$0" scan -p 80 10.7.0.1; "$0" scan -sU -p 53 10.7.0.1; "$0" scan -sU -p 53 10.5.0.2
    kill $router)sh"));
  if (!has(ended.out, "PORT")) GTEST_SKIP() << ended.out << ended.err;
  EXPECT_TRUE(has(ended.out,
                  "80/tcp  filtered  http     ICMP 3/13 (administratively prohibited) from "
                  "10.5.0.2, not the target"))
      << ended.out;
  EXPECT_TRUE(has(ended.out, "53/udp  filtered  domain   ICMP 3/13")) << ended.out;
  EXPECT_TRUE(has(ended.out, "53/udp  closed  domain   ICMP 3/3 (")) << ended.out;
}

TEST(Scan, TellsWhatItHasAtCtrlC) {
  Program scan{inside(R"sh(
    ip link add near type veth peer name far; ip addr add 10.5.0.1/24 dev near
    ip link set near up; ip link set far up
    exec "$0" scan -v -p 1-3000 -T2 10.5.0.9)sh")};
  scan.wait_for_error("Scanning 10.5.0.9");
  // The signal descriptor is there before this line is written.
  scan.signal(SIGINT);
  const Ended ended = scan.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_TRUE(has(ended.out, "Interrupted. ")) << ended.out;
  EXPECT_TRUE(has(ended.out, "ports were not probed")) << ended.out;
}

}  // namespace
}  // namespace trama::tests
