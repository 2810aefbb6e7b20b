// The real client against servers of the test's own, which close, reset, hang and refuse at will.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>

#include "base/address.h"
#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

TEST(Connect, SendsInputHalfClosesAndPrintsUntilThePeerCloses) {
  Peer peer;
  Program client{connect_to({"-v", "127.0.0.1", peer.port})};
  client.wait_for_error("connected to 127.0.0.1:" + peer.port + " from 127.0.0.1:");
  Fd socket = peer.accepted();
  client.type("hello\n");
  EXPECT_EQ(take(socket, 6), "hello\n");
  client.close_input();
  EXPECT_EQ(take(socket), "");  // FIN came, and nothing before it
  put(socket, std::string("late \0\xff answer", 14));
  client.wait_for("answer");
  socket.close();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, std::string("late \0\xff answer", 14));
  EXPECT_TRUE(has(ended.err, "closed by the peer (FIN); 6 bytes sent, 14 received, ")) << ended.err;
}

TEST(Connect, SendsAllInputThoughThePeerHalfCloses) {
  Peer peer;
  Program client{connect_to({"-v", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  put(socket, "bye");
  shutdown(socket.get(), SHUT_WR);
  client.wait_for("bye");
  client.type("first ");
  EXPECT_EQ(take(socket, 6), "first ");
  client.type("last");
  client.close_input();
  EXPECT_EQ(take(socket), "last");
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(has(ended.err, "closed by the peer (FIN); 10 bytes sent, 3 received")) << ended.err;
}

TEST(Connect, InputThatThePeerRefusesAfterItsFinIsNoSuccess) {
  for (const bool types : {true, false}) {
    Peer peer;
    Program client{connect_to({"127.0.0.1", peer.port})};
    Fd socket = peer.accepted();
    put(socket, "bye");
    shutdown(socket.get(), SHUT_WR);
    client.wait_for("bye");
    reset(socket);
    if (types) client.type("too late");
    const Ended ended = client.wait();  // though input is open
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(has(ended.err, "before it had taken everything (FIN, then RST)") ||
                has(ended.err, "reset the connection"))
        << ended.err;
  }
}

TEST(Connect, EndsWhenBothSidesAreClosed) {
  Peer peer;
  Program client{connect_to({"127.0.0.1:" + peer.port})};
  Fd socket = peer.accepted();
  put(socket, "bye");
  socket.close();
  client.close_input();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "bye");
  EXPECT_EQ(ended.err, "");
}

TEST(Connect, AResetIsNoSuccess) {
  Peer peer;
  Program client{connect_to({"-v", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  put(socket, "before");
  client.wait_for("before");
  reset(socket);
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "before");
  EXPECT_TRUE(has(ended.err, "reset by the peer (RST); 0 bytes sent, 6 received"));
  EXPECT_TRUE(has(ended.err, "trama: 127.0.0.1:" + peer.port + " reset the connection (RST)\n"));
}

TEST(Connect, EachFailureNamesItsStep) {
  const auto port = free_port();
  Ended ended = run(connect_to({"-4", "127.0.0.1", port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "trama: 127.0.0.1:" + port +
                           " refused the connection (RST): no program listens there\n");
  ended = run(connect_to({"-n", "localhost", port}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "-n forbids looking names up"));
  ended = run(connect_to({"-6", "127.0.0.1", port}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "no IPv6 address"));
}

TEST(Connect, SaysNoRouteAndTimeout) {
  const Ended ended = run_beside_silence(
      "\"$0\" connect 198.51.100.1 80 </dev/null; echo $?; "
      "\"$0\" connect -w 100ms 192.0.2.1 80 </dev/null; echo $?");
  EXPECT_EQ(ended.out, "1\n1\n");
  EXPECT_TRUE(has(ended.err, "no route to 198.51.100.1:80: this machine knows no way"))
      << ended.err;
  EXPECT_TRUE(has(ended.err, "192.0.2.1:80 timed out: no answer to SYN within 1")) << ended.err;
}

TEST(Connect, TriesEachAddressOfAName) {
  Peer peer;
  const Folder folder;
  // "twice" has two addresses, and the server is at the second one.
  const Ended ended = run(
      {"unshare", "-Urm", "sh", "-c",
       "printf '127.0.0.9 twice\\n127.0.0.1 twice\\n' > \"$1\"; mount --bind \"$1\" /etc/hosts; "
       "exec \"$0\" connect -zv twice \"$2\"",
       trama({})[0], folder.path("hosts"), peer.port});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(has(ended.err, "connected to 127.0.0.1:" + peer.port)) << ended.err;
  const auto first = ended.err.find("127.0.0.9:" + peer.port + " refused");
  if (first != std::string::npos) {
    EXPECT_TRUE(has(ended.err, "; trying the next address\n"));
  }
}

TEST(Connect, MuchDataGoesBothWaysWithoutDeadlock) {
  Program server{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  const Folder folder;
  const auto file = folder.path("input");
  // Through a pipe, from a file, and into a file: 3 MB each.
  const Ended ended = run(
      {"sh", "-c",
       "yes 'a line of text' | head -c 3000000 > \"$1\"; tr a-z A-Z < \"$1\" > \"$1.upper\"; "
       "\"$0\" connect 127.0.0.1 $2 < \"$1\" | cmp - \"$1.upper\" && "
       "cat \"$1\" | \"$0\" connect 127.0.0.1 $2 > \"$1.got\" && cmp \"$1.got\" \"$1.upper\" && "
       "\"$0\" connect 127.0.0.1 $2 < \"$1\" > \"$1.got\" && cmp \"$1.got\" \"$1.upper\"",
       trama({})[0], file, port});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
}

TEST(Connect, EndsQuietlyWhenItsReaderLeaves) {
  Program server{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  const Ended ended =
      run({"sh", "-c", "yes | (\"$0\" connect 127.0.0.1 $1; echo $? >&2) | head -n 1", trama({})[0],
           port});
  EXPECT_EQ(ended.out, "Y\n");
  EXPECT_EQ(ended.err, "0\n");
}

TEST(Connect, LostOutputIsStatus74) {
  Program server{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  for (const std::string out : {">/dev/full", ">&-"}) {
    const Ended ended =
        run({"sh", "-c", "echo a | \"$0\" connect 127.0.0.1 $1 " + out, trama({})[0], port});
    EXPECT_EQ(ended.status, 74) << out << ended.err;
  }
}

TEST(Connect, InputMayBeClosedOrEmpty) {
  Program server{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  for (const std::string in : {"<&-", "</dev/null"})
    EXPECT_EQ(run({"sh", "-c", "\"$0\" connect 127.0.0.1 $1 " + in, trama({})[0], port}).status, 0)
        << in;
}

TEST(Connect, CtrlCEndsItAtOnce) {
  Peer peer;
  Program client{connect_to({"-v", "127.0.0.1", peer.port})};
  client.wait_for_error("connected");
  client.signal(SIGINT);
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_TRUE(has(ended.err, "interrupted; 0 bytes sent"));
}

TEST(Connect, APeerThatHangsIsLeftWhenAsked) {
  Peer peer;  // accepts in the kernel, and never says a word
  const Ended silent = run(connect_to({"-w", "100ms", "127.0.0.1", peer.port}), "a");
  EXPECT_EQ(silent.status, 1);
  EXPECT_TRUE(has(silent.err, "said nothing within the time of -w")) << silent.err;
  EXPECT_EQ(run(connect_to({"--send-only", "-w", "100ms", "127.0.0.1", peer.port}), "a").status, 0);
  EXPECT_EQ(run(connect_to({"-q", "0", "127.0.0.1", peer.port}), "a").status, 0);
  const Ended full =
      run(connect_to({"-w", "300ms", "127.0.0.1", peer.port}), std::string(20'000'000, 'x'));
  EXPECT_EQ(full.status, 1);
  EXPECT_TRUE(has(full.err, "takes nothing more")) << full.err;
}

TEST(Connect, SendOnlyDropsAnswersAndRecvOnlyReadsNoInput) {
  Program server{trama({"serve", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  Ended ended = run(connect_to({"-v", "--send-only", "127.0.0.1", port}), "abc");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(has(ended.err, "3 bytes sent, 3 received"));
  Peer peer;
  Program client{connect_to({"--recv-only", "127.0.0.1", peer.port})};
  client.type("not sent");
  Fd socket = peer.accepted();
  put(socket, "x");
  client.wait_for("x");
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(client.wait().status, 0);
  EXPECT_EQ(take(socket), "");
}

TEST(Connect, LineEndsBecomeCrLf) {
  Peer peer;
  Program client{connect_to({"-C", "127.0.0.1", peer.port})};
  const Fd socket = peer.accepted();
  client.type("a\nb\r\n");
  client.close_input();
  EXPECT_EQ(take(socket), "a\r\nb\r\n");
}

TEST(Connect, UsesTheSourceItIsTold) {
  Peer peer;
  Program client{connect_to({"-s", "127.0.0.8", "-p", free_port(), "127.0.0.1", peer.port})};
  const Fd socket = peer.accepted();
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  getpeername(socket.get(), reinterpret_cast<sockaddr*>(&from), &size);
  EXPECT_EQ(to_string(to_endpoint(from).address), "127.0.0.8");
}

TEST(Connect, SaysWhoHoldsTheSourcePort) {
  const Peer peer;
  const Peer taken;
  const Ended ended = run(connect_to({"-p", taken.port, "127.0.0.1", peer.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "tcp 0.0.0.0:" + taken.port + " is taken by verbs_tests (pid " +
                                 std::to_string(getpid()) + ")"))
      << ended.err;
}

TEST(Connect, ZTriesPortsAndSendsNothing) {
  Peer peer;
  const auto closed = free_port();
  Ended ended = run(connect_to({"-zv", "127.0.0.1", closed, peer.port}), "not sent");
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(has(ended.err, "127.0.0.1:" + closed + " refused the connection (RST)"));
  EXPECT_TRUE(has(ended.err, "connected to 127.0.0.1:" + peer.port));
  EXPECT_EQ(take(peer.accepted()), "");
  ended = run(connect_to({"-z", "127.0.0.1", closed}));
  EXPECT_EQ(ended.status, 1);
  ended = run(connect_to({"-uz", "127.0.0.1", "53"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "trama scan -sU -p 53 127.0.0.1"));
}

TEST(Connect, ListeningPointsToServe) {
  Ended ended = run(connect_to({"-lvk", "-p", "8080"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "to listen: trama serve tcp 8080\n")) << ended.err;
  ended = run(connect_to({"-lu", "0.0.0.0", "53"}));
  EXPECT_TRUE(has(ended.err, "to listen: trama serve udp 0.0.0.0:53\n")) << ended.err;
  ended = run(connect_to({"-l"}));
  EXPECT_TRUE(has(ended.err, "to listen: trama serve tcp PORT\n")) << ended.err;
}

TEST(Connect, WrongUseIsStatus2) {
  for (const std::vector<std::string>& arguments : {
           std::vector<std::string>{          },
           {"localhost"},
           {"localhost", "65536"},
           {"localhost",           "0"},
           {"localhost","1", "2"},
           {"-z", "localhost", "9-5"},
           {"-4",        "-6", "localhost", "1"},
           {"-w",        "x", "localhost", "1"},
           {"-s",      "nowhere", "localhost", "1"},
           {"::1"       }
  }) {
    const Ended ended = run(connect_to(arguments));
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
}

TEST(Connect, UdpSaysReadyThenAnswered) {
  Program server{trama({"serve", "udp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  const Ended ended = run(connect_to({"-uv", "-w", "200ms", "127.0.0.1", port}), "olá\n");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "OLÁ\n");
  const auto ready = ended.err.find("ready (nothing proves that anyone listens)");
  EXPECT_NE(ready, std::string::npos);
  EXPECT_LT(ready, ended.err.find("answered (5 bytes)"));
  server.signal(SIGINT);
  EXPECT_TRUE(has(server.wait().out, "1 UDP client, 1 message, 5 bytes in"));  // nothing injected
}

TEST(Connect, UdpRefusedIsStatus1) {
  for (const std::string option : {"-uv", "-uv4"}) {
    const Ended ended = run(connect_to({option, "127.0.0.1", free_port(SOCK_DGRAM)}), "a");
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(has(ended.err, "\nrefused (ICMP port unreachable); 1 byte sent, 0 received"));
    EXPECT_TRUE(has(ended.err, "trama: 127.0.0.1:"));
  }
}

TEST(Connect, UdpSilenceIsStatus1AndSendOnlyIsNot) {
  Peer peer{SOCK_DGRAM};
  Ended ended = run(connect_to({"-u", "-w", "100ms", "127.0.0.1", peer.port}), "a");
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "is silent: no answer within 100 ms")) << ended.err;
  EXPECT_EQ(run(connect_to({"-u", "--send-only", "-w", "0", "127.0.0.1", peer.port}), "b").status,
            0);
  EXPECT_EQ(run(connect_to({"-u", "--send-only", "127.0.0.1", free_port(SOCK_DGRAM)}), "b").status,
            1);
  EXPECT_EQ(take(peer.socket, 1), "a");
  EXPECT_EQ(take(peer.socket, 1), "b");
}

TEST(Connect, UdpWaitCountsFromTheFirstDatagramOn) {
  Program server{trama({"serve", "udp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  const Ended ended =
      run({"sh", "-c", "(sleep 0.3; echo a) | \"$0\" connect -u -w 100ms 127.0.0.1 $1",
           trama({})[0], port});
  EXPECT_EQ(ended.out, "A\n");
  EXPECT_EQ(ended.status, 0);
}

TEST(Connect, JsonGoesToStandardError) {
  Program server{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  const Ended ended = run(connect_to({"--json", "127.0.0.1", port}), "a");
  EXPECT_EQ(ended.out, "A");
  for (const auto* part :
       {R"({"v":1,"type":"connect.start","time":)", R"("addresses":["127.0.0.1:)",
        R"({"v":1,"type":"connect.ready","time":)", R"("proven":true)",
        R"({"v":1,"type":"connect.answered","time":)", R"({"v":1,"type":"connect.end","time":)",
        R"("how":"fin","bytes_out":1,"bytes_in":1,"seconds":)"})
    EXPECT_TRUE(has(ended.err, part)) << part << " is missing in " << ended.err;
  const Ended closed = run(connect_to({"--json", "127.0.0.1", free_port()}));
  EXPECT_EQ(closed.status, 1);
  EXPECT_TRUE(has(closed.err, R"({"v":1,"type":"connect.error","time":)")) << closed.err;
  EXPECT_TRUE(has(closed.err, R"("error":"Connection refused","status":1})")) << closed.err;
  EXPECT_FALSE(has(closed.err, "trama:"));
  EXPECT_TRUE(run(connect_to({"--json", "127.0.0.1"})).err.starts_with("{"));
  const Ended refused = run(connect_to({"--json", "-u", "127.0.0.1", free_port(SOCK_DGRAM)}), "a");
  EXPECT_TRUE(has(refused.err, R"("evidence":"ICMP port unreachable","by":"127.0.0.1")"))
      << refused.err;
}

TEST(Connect, SpeaksPortuguese) {
  const Ended ended = run(connect_to({"127.0.0.1", free_port()}), {}, {"LANG=pt_BR.UTF-8"});
  EXPECT_TRUE(has(ended.err, "recusou a conexão (RST)")) << ended.err;
}

}  // namespace
}  // namespace trama::tests
