// `trama serve --proxy-protocol`: who the client is says the header.
#include <gtest/gtest.h>

#include <csignal>

#include "kit/serving.h"

namespace trama::tests {
namespace {

constexpr std::size_t all = 100'000;

const std::string v1 = "PROXY TCP4 192.0.2.7 192.0.2.2 40000 443\r\n";
const std::string v2{
    "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x08\xc0\x00\x02\x02\x9c\x40\x01\xbb", 28};

TEST(ServeProxied, TheHeaderNamesTheClient) {
  Server server{
      {"--proxy-protocol", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd text = client("127.0.0.1", port);
  put(text, v1 + "one");
  EXPECT_EQ(take(text, 3), "ONE");
  server.wait_for("#1 tcp 192.0.2.7:40000  connected, through 127.0.0.1:");
  const Fd binary = client("127.0.0.1", port);
  for (const char byte : v2) put(binary, std::string{byte});  // one by one
  put(binary, "two");
  EXPECT_EQ(take(binary, 3), "TWO");
  server.wait_for("#2 tcp 192.0.2.8:40000  connected");
  const Fd unknown = client("127.0.0.1", port);
  put(unknown, "PROXY UNKNOWN\r\nthree");
  EXPECT_EQ(take(unknown, 5), "THREE");
  server.wait_for("#3 tcp 127.0.0.1:");
}

TEST(ServeProxied, WithoutAHeaderNobodyIsServed) {
  Server server{
      {"--proxy-protocol", "--json", "tcp", "0"}
  };
  const auto port = port_in(server.wait_for("\"port\""));
  for (const std::string& garbage : {
           std::string{"GET / HTTP/1.1\r\n\r\n"},
           std::string{ "\0",                       1},
           v2.substr(0, 12) + "\xff",
           std::string(5000, 'P')
  }) {
    const Fd socket = client("127.0.0.1", port);
    put(socket, garbage);
    EXPECT_EQ(take(socket, all), "a connection has to begin with a PROXY header here\n");
    server.wait_for("\"why\":\"no_header\"");
  }
  {
    const Fd half = client("127.0.0.1", port);
    put(half, v1.substr(0, 20));
    shutdown(half.get(), SHUT_WR);
    take(half, all);
    server.wait_for("\"why\":\"no_header\"");
  }
  Fd gone = client("127.0.0.1", port);
  put(gone, v1.substr(0, 20));
  reset(gone);
  server.wait_for("\"why\":\"no_header\"");
  server.signal(SIGINT);
  EXPECT_NE(server.wait().out.find("\"connections\":0,"), std::string::npos);
}

TEST(ServeProxied, AHeaderThatNeverComesIsWaitedForFiveSeconds) {
  Server server{
      {"--proxy-protocol", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd silent = client("127.0.0.1", port);
  const Fd dripping = client("127.0.0.1", port);
  put(dripping, "PRO");
  EXPECT_EQ(take(silent, all), "no PROXY header came in time\n");
  EXPECT_EQ(take(dripping, all), "no PROXY header came in time\n");
}

TEST(ServeProxied, OnlyTrustedProxiesAreHeard) {
  Server server{
      {"--proxy-protocol", "--proxy-from", "127.0.0.9", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  send(socket.get(), v1.data(), v1.size(), MSG_NOSIGNAL);
  EXPECT_EQ(take(socket, all), "");
  server.wait_for("refused: only the proxies of --proxy-from may come here");
}

TEST(ServeProxied, RulesAndLimitsAreForTheClientThatIsNamed) {
  Server server{
      {"--proxy-protocol", "--deny", "127.0.0.0/8", "--deny", "192.0.2.8", "--max-per-peer", "1",
       "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd first = client("127.0.0.1", port);
  put(first, v1 + "a");
  EXPECT_EQ(take(first, 1), "A");
  const Fd again = client("127.0.0.1", port);
  put(again, v1);
  EXPECT_EQ(take(again, all), "this address has too many connections already\n");
  const Fd denied = client("127.0.0.1", port);
  put(denied, v2);
  EXPECT_EQ(take(denied, all), "");
  server.wait_for("tcp 192.0.2.8:40000  refused: --allow and --deny");
}

TEST(ServeProxied, MaxClientsCountsThoseWhoseHeaderIsToCome) {
  Server server{
      {"--proxy-protocol", "--max-clients", "1", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd first = client("127.0.0.1", port);
  EXPECT_EQ(take(client("127.0.0.1", port), all), "the server is full, try again later\n");
  put(first, v1 + "a");
  EXPECT_EQ(take(first, 1), "A");
}

TEST(ServeProxied, TlsFollowsTheHeader) {
  Server server{
      {"--proxy-protocol", "--tls", "tcp", "0"}
  };
  const auto port = std::to_string(server.port("tcp"));
  const Ended ended = run({"python3", "-c",
                           "import socket, ssl, sys\n"
                           "plain = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
                           "plain.sendall(b'PROXY TCP4 192.0.2.7 192.0.2.2 40000 443\\r\\n')\n"
                           "tls = ssl._create_unverified_context().wrap_socket(plain)\n"
                           "tls.sendall(b'hello'); print(tls.recv(5).decode())\n",
                           port});
  EXPECT_EQ(ended.out, "HELLO\n") << ended.err;
  server.wait_for("#1 tcp 192.0.2.7:40000  connected");
}

TEST(ServeProxied, SigtermServesThoseWhoseHeaderHasCome) {
  Server server{
      {"--proxy-protocol", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  server.signal(SIGSTOP);
  const Fd whole = client("127.0.0.1", port);
  put(whole, v1 + "late");
  const Fd half = client("127.0.0.1", port);
  put(half, v1.substr(0, 9));
  server.signal(SIGTERM);
  server.signal(SIGCONT);
  EXPECT_EQ(take(whole, all), "LATE");
  EXPECT_EQ(take(half, all), "no PROXY header came in time\n");
  EXPECT_EQ(server.wait().status, 0);
}

TEST(ServeProxied, WhatDoesNotFitIsUsage) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"serve",          "--proxy-from", "10.0.0.0/8"},
           {       "serve",             "--proxy-protocol",                      "udp",             "0"},
           { "serve", "--proxy-protocol",            "--proxy-from",                        "proxy.example", "0"}
  }) {
    const Ended ended = run(trama(words));
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
}

}  // namespace
}  // namespace trama::tests
