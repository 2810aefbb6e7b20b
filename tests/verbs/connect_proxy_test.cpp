// `trama connect --proxy` through proxies that the test plays itself.
#include <gtest/gtest.h>

#include <csignal>

#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

using namespace std::string_literals;

std::vector<std::string> by_proxy(const std::string& url, std::vector<std::string> more) {
  more.insert(more.begin(), {"-v", "--proxy", url});
  return connect_to(more);
}

// The proxy answered so far; then an exchange in both directions must come through unharmed.
void talk_through(Program& client, Fd& socket) {
  client.type("hello");
  EXPECT_EQ(take(socket, 5), "hello");
  put(socket, " world");
  client.close_input();
  EXPECT_EQ(take(socket), "");
  socket.close();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "first world");
  EXPECT_TRUE(has(ended.err, "says that it is connected to host.example:80")) << ended.err;
}

TEST(Connect, GoesThroughSocks5WithALogin) {
  Peer proxy;
  Program client{by_proxy("socks5://me:pw@127.0.0.1:" + proxy.port, {"host.example", "80"})};
  Fd socket = proxy.accepted();
  EXPECT_EQ(take(socket, 4), "\x05\x02\x00\x02"s);
  put(socket, "\x05\x02"s);
  EXPECT_EQ(take(socket, 7), "\x01\x02me\x02pw"s);
  put(socket, "\x01\x00"s);
  EXPECT_EQ(take(socket, 19), "\x05\x01\x00\x03\x0chost.example\x00\x50"s);
  put(socket, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"s + "first");  // the peer speaks at once
  talk_through(client, socket);
}

TEST(Connect, GoesThroughSocks4a) {
  Peer proxy;
  Program client{by_proxy("socks4a://127.0.0.1:" + proxy.port, {"host.example:80"})};
  Fd socket = proxy.accepted();
  EXPECT_EQ(take(socket, 22), "\x04\x01\x00\x50\0\0\0\x01\0host.example\0"s);
  put(socket, "\0\x5a\0\0\0\0\0\0"s + "first");
  talk_through(client, socket);
}

TEST(Connect, GoesThroughHttp) {
  Peer proxy;
  Program client{by_proxy("http://127.0.0.1:" + proxy.port, {"host.example", "80"})};
  Fd socket = proxy.accepted();
  const auto request = "CONNECT host.example:80 HTTP/1.1\r\nHost: host.example:80\r\n\r\n"s;
  EXPECT_EQ(take(socket, request.size()), request);
  put(socket, "HTTP/1.1 200 Connection established\r\n\r\nfirst");
  talk_through(client, socket);
}

TEST(Connect, SaysWhatTheProxyRefused) {
  struct Row {
    std::string scheme, answer, sentence;
  };
  for (const Row& row : {
           Row{"socks5",  "\x05\x00\x05\x05\x00\x01"s,  "the host refused its connection (REP 5)"      },
           Row{"socks5",  "\x05\xff"s,                  "it wants a login"                             },
           Row{"socks4a", "\0\x5b\0\0\0\0\0\0"s,        "it rejected the request"                      },
           Row{"http",    "HTTP/1.1 407 Login\r\n\r\n", "it wants a login"                             },
           Row{"http",    "SSH-2.0-x\r\n",              "it does not speak HTTP"                       },
           Row{"http",    "",                           "it closed the connection instead of answering"}
  }) {
    Peer proxy;
    Program client{by_proxy(row.scheme + "://127.0.0.1:" + proxy.port, {"host.example", "80"})};
    Fd socket = proxy.accepted();
    take(socket, 3);
    put(socket, row.answer);
    shutdown(socket.get(), SHUT_WR);
    const Ended ended = client.wait();
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(has(ended.err, "trama: the proxy 127.0.0.1:" + proxy.port + ": " + row.sentence))
        << ended.err;
  }
}

TEST(Connect, AProxyThatHangsIsLeft) {
  Peer proxy;
  const Ended ended =
      run(by_proxy("socks5://127.0.0.1:" + proxy.port, {"-w", "100ms", "host.example", "80"}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "it did not answer within the time of -w")) << ended.err;
  Program client{by_proxy("socks5://127.0.0.1:" + proxy.port, {"host.example", "80"})};
  client.wait_for_error("connected to 127.0.0.1:" + proxy.port);
  client.signal(SIGINT);
  EXPECT_EQ(client.wait().status, 130);
}

TEST(Connect, AProxyCarriesTcpOnly) {
  for (const auto* option : {"-u", "-z"})
    EXPECT_EQ(run(by_proxy("socks5://127.0.0.1:1", {option, "host.example", "80"})).status, 2);
  EXPECT_EQ(run(by_proxy("127.0.0.1:1", {"host.example", "80"})).status, 2);
  EXPECT_EQ(run(by_proxy("socks5://127.0.0.1:1", {"-n", "host.example", "80"})).status, 2);
}

TEST(Connect, ASilentProxyIsBoundedByI) {
  const Peer silent;
  const Ended ended =
      run(by_proxy("socks5://127.0.0.1:" + silent.port, {"-i", "100ms", "127.0.0.1", "9"}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "it did not answer within the time of -i")) << ended.err;
}

}  // namespace
}  // namespace trama::tests
