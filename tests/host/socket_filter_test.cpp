#include "host/socket_filter.h"

#include <gtest/gtest.h>

#include "host/socket_states.h"

namespace trama::host {
namespace {

Socket tcp(std::string_view local, u16 port, std::string_view peer, u16 peer_port, TcpState state) {
  Socket socket;
  socket.state = state;
  socket.local = {*parse_address(local), port};
  socket.peer = {*parse_address(peer), peer_port};
  socket.inode = 1;
  socket.v6 = socket.local.address.v6;
  return socket;
}

const Socket listening = tcp("0.0.0.0", 22, "0.0.0.0", 0, TcpState::listen);
const Socket established = tcp("10.1.2.3", 22, "10.9.9.9", 51000, TcpState::established);
const Socket over_ipv6 = tcp("::1", 8080, "::1", 40000, TcpState::fin_wait_1);
const Socket datagrams = [] {
  Socket socket = tcp("127.0.0.1", 65431, "0.0.0.0", 0, TcpState::closed);
  socket.transport = Transport::udp;
  socket.uid = 3999999999U;
  return socket;
}();
const std::vector<Process> sshd{
    {812, "sshd",    3, 0},
    {900, "session", 4, 0}
};

// One letter for each socket that the filter keeps: l, e, 6, u; the error where it is wrong.
std::string kept(std::string_view text) {
  const auto filter = SocketFilter::parse(text);
  if (!filter) return filter.error().sentence;
  std::string letters;
  if (filter->matches(listening, sshd)) letters += 'l';
  if (filter->matches(established, {})) letters += 'e';
  if (filter->matches(over_ipv6, {})) letters += '6';
  if (filter->matches(datagrams, {})) letters += 'u';
  return letters;
}

TEST(SocketFilter, KeepsAllWhereNothingIsAsked) {
  EXPECT_EQ(kept(""), "le6u");
  EXPECT_EQ(kept("   "), "le6u");
}

TEST(SocketFilter, TakesABareNumberForAPort) {
  EXPECT_EQ(kept("22"), "le");
  EXPECT_EQ(kept("51000"), "e");
  EXPECT_EQ(kept("65431"), "u");
  EXPECT_EQ(kept(":40000"), "6");
}

TEST(SocketFilter, SpeaksWiresharksWords) {
  EXPECT_EQ(kept("tcp.port == 65431"), "");
  EXPECT_EQ(kept("udp.port==65431"), "u");
  EXPECT_EQ(kept("TCP.PORT==22"), "le");
  EXPECT_EQ(kept("tcp.srcport == 22 and tcp.dstport > 1024"), "e");
  EXPECT_EQ(kept("ip.addr == 10.0.0.0/8"), "e");
  EXPECT_EQ(kept("ip.src == 127.0.0.1 || ipv6.addr == ::1"), "6u");
  EXPECT_EQ(kept("tcp.port in {22, 8000..8099}"), "le6");
  EXPECT_EQ(kept("tcp.port in {22 8080}"), "le6");
  EXPECT_EQ(kept("tcp"), "le6");
  EXPECT_EQ(kept("not udp && !ipv6"), "le");
  EXPECT_EQ(kept("tcp.dstport"), "e6");  // present
  EXPECT_EQ(kept("tcp.port eq 22 and not state == LISTEN"), "e");
}

TEST(SocketFilter, UnequalMeansPresentAndNoneEqual) {
  EXPECT_EQ(kept("tcp.port != 22"), "6");
  EXPECT_EQ(kept("udp.port != 22"), "u");
  EXPECT_EQ(kept("ip.addr != 10.9.9.9"), "lu");
}

TEST(SocketFilter, ComparesWithBounds) {
  EXPECT_EQ(kept("port < 23"), "le");
  EXPECT_EQ(kept("port <= 22"), "le");
  EXPECT_EQ(kept("port > 51000"), "u");
  EXPECT_EQ(kept("port >= 0xc738"), "eu");  // 51000
  EXPECT_EQ(kept("port < 0"), "");
  EXPECT_EQ(kept("udp.port gt 65430"), "u");
}

TEST(SocketFilter, SpeaksSss) {
  EXPECT_EQ(kept("sport = :22"), "le");
  EXPECT_EQ(kept("state established sport = :22"), "e");
  EXPECT_EQ(kept("( dport = :51000 or sport = :8080 )"), "e6");
  EXPECT_EQ(kept("dst 10.9.9.9"), "e");
  EXPECT_EQ(kept("dst 10.9.9.0/24:51000"), "e");
  EXPECT_EQ(kept("src [::1]:8080"), "6");
  EXPECT_EQ(kept("src *:8080"), "6");
  EXPECT_EQ(kept("exclude listening"), "e6u");
  EXPECT_EQ(kept("dport 51000"), "e");
  EXPECT_EQ(kept("[::1]:8080"), "6");
}

TEST(SocketFilter, SeveralStatesSideBySideMeanAnyAsInSs) {
  EXPECT_EQ(kept("state listening state established"), "le");
  EXPECT_EQ(kept("state listening tcp state established state fin-wait-1"), "le6");
  EXPECT_EQ(kept("state listening state established sport = :22 dport = :51000"), "e");
  EXPECT_EQ(kept("state listening and state established"), "");
  EXPECT_EQ(kept("(state listening) and 22 or state established"), "le");
  EXPECT_EQ(kept("exclude listening exclude established"), "6u");
}

TEST(SocketFilter, AValueMayFollowItsWordAtOnce) {
  EXPECT_EQ(kept("pid 812"), "l");
  EXPECT_EQ(kept("fd 4"), "l");
  EXPECT_EQ(kept("program sshd"), "l");
  EXPECT_EQ(kept("program 'sshd' 22"), "l");
  EXPECT_EQ(kept("user 3999999999 udp"), "u");
  EXPECT_EQ(kept("port ssh"), "le");
  EXPECT_EQ(kept("program and 22"), "l");
  EXPECT_EQ(kept("program LISTEN"), "l");
  EXPECT_EQ(kept("port established"), "e");
}

TEST(SocketFilter, KnowsStatesInEverySpelling) {
  for (const auto* word : {"FIN-WAIT-1", "FIN_WAIT1", "fin_wait_1", "finwait1", "state FIN-WAIT-1",
                           "state == FIN_WAIT_1", "tcp.state == fin-wait-1"})
    EXPECT_EQ(kept(word), "6") << word;
  for (const auto* word : {"LISTEN", "listening", "state == LISTEN"}) EXPECT_EQ(kept(word), "l");
  for (const auto* word : {"ESTAB", "ESTABLISHED", "established"}) EXPECT_EQ(kept(word), "e");
  EXPECT_EQ(states_named("SYN-RECV"), states_named("SYN_RCVD"));
  EXPECT_EQ(states_named("SYN_RECV"), states_named("SYN-RECEIVED"));
  EXPECT_NE(states_named("TIME-WAIT"), 0U);
  EXPECT_EQ(states_named("SLEEPING"), 0U);
  EXPECT_EQ(kept("UNCONN"), "u");
  EXPECT_EQ(kept("connected"), "e6");
  EXPECT_EQ(kept("state in {LISTEN, ESTABLISHED}"), "le");
}

TEST(SocketFilter, ChoosesByOwner) {
  EXPECT_EQ(kept("pid == 900"), "l");
  EXPECT_EQ(kept("program == \"sshd\""), "l");
  EXPECT_EQ(kept("program contains 'ess'"), "l");
  EXPECT_EQ(kept("program == sshd and 22"), "l");
  EXPECT_EQ(kept("uid == 3999999999"), "u");
  EXPECT_EQ(kept("user == 3999999999"), "u");
  EXPECT_TRUE(SocketFilter::parse("22 and pid == 1")->needs_owners());
  EXPECT_FALSE(SocketFilter::parse("22")->needs_owners());
}

TEST(SocketFilter, BindsNotThenAndThenOr) {
  EXPECT_EQ(kept("8080 or 22 and LISTEN"), "l6");
  EXPECT_EQ(kept("(8080 or 22) and not LISTEN"), "e6");
  EXPECT_EQ(kept("not (8080 or 22)"), "u");
  EXPECT_EQ(kept("22 LISTEN"), "l");  // side by side means and
}

TEST(SocketFilter, LeavesToTheKernelWhatItCan) {
  const auto query = [](std::string_view text) { return SocketFilter::parse(text)->query(); };
  EXPECT_EQ(query("tcp.port == 22").port, 22);
  EXPECT_EQ(query("tcp.port == 22").transport, Transport::tcp);
  EXPECT_EQ(query("LISTEN and sport = :22").port, 22);
  EXPECT_FALSE(query("tcp.port == 22 or udp").port);
  EXPECT_FALSE(query("not 22").port);
  EXPECT_FALSE(query("port != 22").port);
  EXPECT_FALSE(query("port > 22").port);
}

TEST(SocketFilter, PointsAtWhatIsWrong) {
  EXPECT_EQ(kept("tcp.prt == 22"),
            "\"tcp.prt\" is no word of the filter: did you mean tcp.port?\n"
            "  tcp.prt == 22\n"
            "  ^~~~~~~");
  EXPECT_EQ(kept("22 and port == 70000"),
            "port takes a port from 0 to 65535, not \"70000\"\n"
            "  22 and port == 70000\n"
            "                 ^~~~~");
  EXPECT_EQ(kept("ip.addr > 1.2.3.4"),
            "ip.addr cannot be compared so; use == or !=\n"
            "  ip.addr > 1.2.3.4\n"
            "          ^");
  EXPECT_EQ(kept("sshd"),
            "\"sshd\" is no word of the filter; for a program of that name write program == sshd\n"
            "  sshd\n"
            "  ^~~~");
  EXPECT_TRUE(kept("8001-8005").starts_with("for a range of ports write port in {8001..8005}\n"));
  EXPECT_TRUE(kept("port == 8001-8005").starts_with("for a range of ports"));
  EXPECT_TRUE(kept("port 8001-8005").starts_with("for a range of ports"));
  EXPECT_TRUE(kept("a/b").starts_with("\"a/b\" is no word of the filter; trama sockets --help"));
  EXPECT_EQ(kept("(22"), "a \")\" is missing\n  (22\n     ^");
  for (const auto* text : {"tcp.port ==",
                           "22 and",
                           "not",
                           "state == SLEEPING",
                           "22)",
                           "{",
                           "or 22",
                           "== 22",
                           "program == \"ssh",
                           "port in 22",
                           "port in {22",
                           "port in {",
                           "ip.addr == ::1",
                           "ip.addr == 1.2.3",
                           "state",
                           "tcp == 22",
                           "22 or or",
                           "\"",
                           "''",
                           "tcp.port == 22..x"})
    EXPECT_FALSE(SocketFilter::parse(text)) << text;
  EXPECT_FALSE(SocketFilter::parse(std::string(100000, '(')));
  EXPECT_FALSE(SocketFilter::parse(std::string(100000, '!')));
}

}  // namespace
}  // namespace trama::host
