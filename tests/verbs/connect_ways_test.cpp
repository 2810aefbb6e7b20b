// What `trama connect` can do beside a plain conversation: idle limit, Unix sockets, logs, lists of
// ports, TCP_INFO, trying again, and addresses that race.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>

#include "kit/peer.h"
#include "kit/program.h"
#include "kit/serving.h"

namespace trama::tests {
namespace {

// A Unix socket at the path, "@name" without a file; listening where it is a stream.
Fd unix_server(const std::string& path, int type) {
  Fd socket{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const bool abstract = path.front() == '@';
  if (abstract) address.sun_path[0] = 0;
  const auto size = abstract ? offsetof(sockaddr_un, sun_path) + path.size() : sizeof address;
  EXPECT_EQ(
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)),
      0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(listen(socket.get(), 5), 0);
  }
  return socket;
}

// Takes the first datagram, and sends an answer to whom it came from.
void answer_first(const Fd& server, std::string_view says, std::string_view answer) {
  sockaddr_un from{};
  socklen_t size = sizeof from;
  std::array<char, 16> space{};
  pollfd ready{server.get(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, 20'000), 1);
  const ssize_t n = recvfrom(server.get(), space.data(), space.size(), 0,
                             reinterpret_cast<sockaddr*>(&from), &size);
  ASSERT_GE(n, 0);
  EXPECT_EQ(std::string_view(space.data(), static_cast<std::size_t>(n)), says);
  EXPECT_EQ(sendto(server.get(), answer.data(), answer.size(), 0,
                   reinterpret_cast<const sockaddr*>(&from), size),
            static_cast<ssize_t>(answer.size()));
}

// trama serve, which answers in capitals.
struct Upper {
  Server server{
      {"--quiet", "tcp", "0"}
  };
  std::string port = std::to_string(server.port("tcp"));
};

TEST(Connect, IdleEndsAConversationThatStandsStill) {
  Peer peer;
  Program client{connect_to({"-v", "-i", "100ms", "127.0.0.1", peer.port})};
  const Fd socket = peer.accepted();
  put(socket, "x");
  Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "x");
  EXPECT_TRUE(has(ended.err, "nothing moved for too long")) << ended.err;
  ended = run(connect_to({"-i", "100ms", "127.0.0.1", peer.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "said nothing within the time of -i")) << ended.err;
  Peer silent{SOCK_DGRAM};
  Program udp{connect_to({"-u", "-i", "100ms", "127.0.0.1", silent.port})};
  ended = udp.wait();  // though its input is open
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "is silent: no answer within 100 ms")) << ended.err;
}

TEST(Connect, TalksThroughAUnixStream) {
  const Folder folder;
  const auto path = folder.path("s");
  const Fd server = unix_server(path, SOCK_STREAM);
  Program client{connect_to({"-v", "-U", path})};
  client.wait_for_error("connected to " + path + " (Unix socket)");
  Fd socket{accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  client.type("hello");
  EXPECT_EQ(take(socket, 5), "hello");
  client.close_input();
  EXPECT_EQ(take(socket), "");
  put(socket, "answer");
  socket.close();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "answer");
  EXPECT_TRUE(has(ended.err, "closed by the peer; 5 bytes sent, 6 received")) << ended.err;
  EXPECT_EQ(run(connect_to({"-zU", path})).status, 0);
  const auto name = "@trama-test-" + std::to_string(getpid());
  const Fd nameless = unix_server(name, SOCK_STREAM);
  EXPECT_EQ(run(connect_to({"-zU", name})).status, 0);
}

TEST(Connect, TalksThroughAUnixSocketOfDatagrams) {
  const Folder folder;
  const auto path = folder.path("s");
  const Fd server = unix_server(path, SOCK_DGRAM);
  Program client{connect_to({"-u", "-w", "100ms", "-U", path})};
  client.type("hello");
  answer_first(server, "hello", "hi");
  client.wait_for("hi");
  client.close_input();
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Connect, UnixSocketsThatCannotBeUsedSayWhy) {
  const Folder folder;
  const auto left = folder.path("left"), datagrams = folder.path("datagrams");
  unix_server(left, SOCK_STREAM).close();
  const Fd server = unix_server(datagrams, SOCK_DGRAM);
  struct Row {
    std::vector<std::string> words;
    int status;
    std::string_view says;
  };
  const Row rows[] = {
      {{"-U", folder.path("nobody")},   1, "does not exist"          },
      {{"-U", left},                    1, "no program listens there"},
      {{"-U", datagrams},               1, "write -u too"            },
      {{"-U", std::string(200, 'x')},   2, ""                        },
      {{"-U", left, "localhost", "80"}, 2, ""                        },
  };
  for (const Row& row : rows) {
    const Ended ended = run(connect_to(row.words));
    EXPECT_EQ(ended.status, row.status) << ended.err;
    EXPECT_TRUE(has(ended.err, row.says)) << ended.err;
  }
}

TEST(Connect, LogsBothDirectionsAndLosesNothingWhereTheDiskIsFull) {
  Upper upper;
  const Folder folder;
  Ended ended =
      run(connect_to({"-x", folder.path("hex"), "-o", folder.path("raw"), "127.0.0.1", upper.port}),
          "abc");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(read_file(folder.path("raw")), "abcABC");
  const auto hex = read_file(folder.path("hex"));
  EXPECT_TRUE(has(hex, "> 00000000  61 62 63 ")) << hex;
  EXPECT_TRUE(has(hex, "< 00000000  41 42 43 ")) << hex;
  ended = run(connect_to({"-o", "/dev/full", "127.0.0.1", upper.port}), "abc");
  EXPECT_EQ(ended.status, 74);
  EXPECT_EQ(ended.out, "ABC");
  EXPECT_TRUE(has(ended.err, "the log /dev/full is not complete: No space left")) << ended.err;
}

TEST(Connect, ZTakesListsAndRanges) {
  Peer peer;
  const auto closed = free_port();
  const Ended ended =
      run(connect_to({"-zv", "127.0.0.1", closed + "," + peer.port + "-" + peer.port}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(has(ended.err, "127.0.0.1:" + closed + " refused")) << ended.err;
  EXPECT_TRUE(has(ended.err, "connected to 127.0.0.1:" + peer.port)) << ended.err;
  EXPECT_EQ(run(connect_to({"-z", "127.0.0.1", "1,,2"})).status, 2);
}

TEST(Connect, TellsWhatTheKernelMeasured) {
  Upper upper;
  Ended ended = run(connect_to({"--tcp-info", "127.0.0.1", upper.port}), "abc");
  EXPECT_TRUE(has(ended.err, "TCP: round trip ")) << ended.err;
  EXPECT_TRUE(
      has(ended.err, "bytes acknowledged, 4 received (SYN and FIN count as one); 0 segments sent"))
      << ended.err;
  ended = run(connect_to({"--tcp-info", "--json", "127.0.0.1", upper.port}), "abc");
  EXPECT_TRUE(has(ended.err, R"("type":"connect.tcp_info")")) << ended.err;
  EXPECT_TRUE(has(ended.err, R"("bytes_received":4,"retransmissions":0,"cwnd":)")) << ended.err;
  EXPECT_EQ(run(connect_to({"-u", "--tcp-info", "127.0.0.1", upper.port})).status, 2);
}

TEST(Connect, ConnectsAgainUntilCtrlC) {
  Peer peer;
  Program client{connect_to({"--reconnect=20ms", "127.0.0.1", peer.port})};
  for (const std::string_view said : {"one", "two"}) {
    const Fd socket = peer.accepted();
    put(socket, said);
    client.wait_for(said);
  }
  client.wait_for_error("the conversation is over; again in 20.0 ms");
  peer.socket.close();
  client.wait_for_error("refused the connection (RST): no program listens there; again in ");
  client.wait_for_error("no program listens there; again in 160 ms");
  client.signal(SIGINT);
  EXPECT_EQ(client.wait().status, 130);
}

TEST(Connect, ReconnectingEndsWithTheInput) {
  Upper upper;
  const Ended ended = run(connect_to({"--reconnect", "127.0.0.1", upper.port}), "abc");
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "ABC");
}

TEST(Connect, AnAddressThatHangsDoesNotHoldTheNextOneBack) {
  const Folder folder;
  // In a namespace of its own the name has an IPv6 address at which nothing answers, and an IPv4
  // one with a server. Without the race, -w would be over before the second one's turn.
  const Ended ended = run(
      {"unshare", "-Urmn", "sh", "-c",
       "ip link set lo up; ip link add v0 type veth peer name v1; "
       "ip addr add 2001:db8::2/64 dev v0 nodad; ip link set v0 up; ip link set v1 up; "
       "ip neigh add 2001:db8::1 lladdr 02:00:00:00:00:01 dev v0 nud permanent; "
       "printf '2001:db8::1 both\\n127.0.0.1 both\\n' > \"$1\"; mount --bind \"$1\" /etc/hosts; "
       "mkfifo \"$1.told\"; \"$0\" serve --quiet tcp 4000 > \"$1.told\" & server=$!; "
       "exec 3< \"$1.told\"; read line <&3; "
       "echo hi | \"$0\" connect --json -w 20 both 4000; status=$?; kill $server; exit $status",
       trama({})[0], folder.path("hosts")});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(has(ended.out, "HI")) << ended.out << ended.err;
  EXPECT_TRUE(has(ended.err, R"("addresses":["[2001:db8::1]:4000","127.0.0.1:4000"])"))
      << ended.err;
  EXPECT_TRUE(has(ended.err, R"("connect.ready")")) << ended.err;
  EXPECT_FALSE(has(ended.err, "connect.failed")) << ended.err;
}

TEST(Connect, ReconnectingEndsWhereThereIsNothingToSend) {
  const Ended ended = run(connect_to({"--reconnect=20ms", "127.0.0.1", free_port()}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "refused the connection (RST)")) << ended.err;
}

TEST(Connect, ReconnectingEndsWhereTheInputEndsInAPause) {
  Program client{connect_to({"--reconnect=50s", "127.0.0.1", free_port()})};
  client.wait_for_error("again in 50.0 s");
  client.close_input();
  EXPECT_EQ(client.wait().status, 1);
}

TEST(Connect, TakesAUnixDatagramOfAnySizeWhole) {
  const Folder folder;
  const auto path = folder.path("d");
  const Fd server = unix_server(path, SOCK_DGRAM);
  Program client{connect_to({"-u", "-q", "10ms", "-U", path})};
  client.type("hi");
  const std::string text(100'000, 'x');
  answer_first(server, "hi", text);
  client.wait_for(text);
  client.close_input();
  EXPECT_EQ(client.wait().out, text);
}

// A directory: read(2) fails there.
TEST(Connect, InputThatCannotBeReadIsNoEndOfInput) {
  for (const std::string transport : {"", "-u"}) {
    Peer peer{transport.empty() ? SOCK_STREAM : SOCK_DGRAM};
    const auto from_directory = [&](const std::string& words) {
      return run(
          {"sh", "-c", "exec \"$0\" " + words + " 127.0.0.1 " + peer.port + " </", trama({})[0]});
    };
    Ended ended = from_directory("connect " + transport);
    EXPECT_EQ(ended.status, 2);
    EXPECT_TRUE(has(ended.err, "standard input cannot be read: Is a directory")) << ended.err;
    ended = from_directory("ncat " + transport);
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.err, "Ncat: Is a directory.\n");
  }
}

}  // namespace
}  // namespace trama::tests
