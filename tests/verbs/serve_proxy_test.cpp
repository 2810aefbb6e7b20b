// `trama serve --proxy-to`: curl, ncat and trama itself go through it.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "kit/serving.h"

namespace trama::tests {
namespace {

constexpr std::size_t all = 100'000'000;
using namespace std::string_literals;

// A listening socket of 127.0.0.1, for a far side that does as the test wants.
struct Far {
  Far() : socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const auto address = to_sockaddr({.address = *parse_address("127.0.0.1")});
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size_of(address)), 0);
    listen(socket.get(), 10);
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &size);
    port = to_endpoint(own).port;
  }
  [[nodiscard]] Fd accepted() const {
    pollfd ready{socket.get(), POLLIN, 0};
    EXPECT_EQ(poll(&ready, 1, 20'000), 1);
    return Fd{accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  }
  Fd socket;
  unsigned short port = 0;
};

std::string text_of(unsigned short port) { return std::to_string(port); }

// Whether RST comes, and neither a byte nor FIN before it.
bool ends_with_reset(const Fd& socket) {
  char byte = 0;
  pollfd ready{socket.get(), POLLIN, 0};
  if (poll(&ready, 1, 20'000) != 1 || (ready.revents & POLLERR) == 0) return false;
  return recv(socket.get(), &byte, 1, 0) < 0 && errno == ECONNRESET;
}

// A connection through the proxy, as HTTP CONNECT, up to its answer.
Fd connected(unsigned short proxy, unsigned short port) {
  Fd socket = client("127.0.0.1", proxy);
  put(socket, "CONNECT 127.0.0.1:" + text_of(port) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(take_until(socket, "\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
  return socket;
}

TEST(ServeProxy, CurlGoesThroughInEveryProtocol) {
  const Folder folder;
  std::string data(3'000'000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i * 7 % 26);
  std::ofstream{folder.path("big"), std::ios::binary} << data;
  Server web{
      {"--root", folder.path(""), "tcp", "0"}
  };
  const auto port = text_of(web.port("tcp"));
  Server proxy{
      {"--proxy-to", "127.0.0.1:" + port, "--proxy-to", "localhost:" + port, "tcp", "0"}
  };
  const auto at = "127.0.0.1:" + text_of(proxy.port("tcp"));
  for (const std::string way :
       {"--socks4 ", "--socks4a ", "--socks5 ", "--socks5-hostname ", "-p --proxy http://"}) {
    const Ended ended = run(
        {"sh", "-c",
         "curl -sS --max-time 20 --noproxy '' " + way + at + " http://localhost:" + port + "/big"});
    EXPECT_EQ(ended.status, 0) << way << ended.err;
    EXPECT_TRUE(ended.out == data) << way << ended.out.size();
    proxy.wait_for("connected to ");
  }
}

TEST(ServeProxy, NcatAndTramaGoThroughWithALogin) {
  Server upper{
      {"tcp", "0"}
  };
  const auto port = text_of(upper.port("tcp"));
  Server proxy{
      {"--proxy-to", "127.0.0.0/8:*", "--proxy-auth", "ana:segredo", "tcp", "0"}
  };
  const auto at = "127.0.0.1:" + text_of(proxy.port("tcp"));
  for (const std::string kind : {"http", "socks5"}) {
    const Ended ncat = run({"ncat", "--proxy", at, "--proxy-type", kind, "--proxy-auth",
                            "ana:segredo", "127.0.0.1", port},
                           "hello\n");
    EXPECT_EQ(ncat.out, "HELLO\n") << kind << ncat.err;
    const Ended own = run(
        trama({"connect", "--proxy", kind + "://ana:segredo@" + at, "127.0.0.1", port}), "olá\n");
    EXPECT_EQ(own.out, "OLÁ\n") << kind << own.err;
    const Ended wrong =
        run(trama({"connect", "--proxy", kind + "://ana:falso@" + at, "127.0.0.1", port}), "x");
    EXPECT_EQ(wrong.status, 1) << kind;
    EXPECT_NE(wrong.err.find("refused the user or the password"), std::string::npos) << wrong.err;
  }
  EXPECT_EQ(run(trama({"connect", "--proxy", "socks4://" + at, "127.0.0.1", port}), "x").status, 1);
}

TEST(ServeProxy, RefusalsHaveTheirCodes) {
  const Far allowed;
  unsigned short closed = 0;
  { closed = Far{}.port; }
  Server proxy{
      {"--json", "--proxy-to", "127.0.0.1:" + text_of(allowed.port) + "," + text_of(closed), "tcp",
       "0"}
  };
  const auto at = port_in(proxy.wait_for("\"port\""));
  const auto http = [&](const std::string& target) {
    const Fd socket = client("127.0.0.1", at);
    put(socket, "CONNECT " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
    return take(socket, all).substr(9, 3);
  };
  EXPECT_EQ(http("127.0.0.1:1"), "403");
  EXPECT_EQ(http("127.0.0.2:" + text_of(closed)), "403");
  EXPECT_EQ(http("no.such.name.invalid:1"), "403");  // no rule could allow it: it is not looked up
  EXPECT_EQ(http("127.0.0.1:" + text_of(closed)), "502");
  // The name leads to an address; of its addresses only what the rules name counts.
  EXPECT_EQ(http("localhost:1"), "403");
  EXPECT_EQ(http("127.1:" + text_of(closed)), "502");  // no address: inet_aton's forms are refused
  proxy.wait_for("\"serve.failed\"");
  const auto socks = [&](const std::string& address, unsigned short port) {
    const Fd socket = client("127.0.0.1", at);
    put(socket, "\x05\x01\x00\x05\x01\x00\x01"s + address + static_cast<char>(port >> 8U) +
                    static_cast<char>(port & 0xffU));
    return static_cast<int>(take(socket, all)[3]);
  };
  EXPECT_EQ(socks("\x7f\x00\x00\x01"s, 1), 2);
  EXPECT_EQ(socks("\x7f\x00\x00\x01"s, closed), 5);
}

TEST(ServeProxy, EachDirectionEndsByItself) {
  const Far far;
  Server proxy{
      {"--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const auto at = proxy.port("tcp");
  {
    const Fd socket = connected(at, far.port);
    const Fd peer = far.accepted();
    shutdown(socket.get(), SHUT_WR);  // the client first
    EXPECT_EQ(take(peer, all), "");
    put(peer, "late answer");
    shutdown(peer.get(), SHUT_WR);
    EXPECT_EQ(take(socket, all), "late answer");
    proxy.wait_for("closed by the client (FIN)");
  }
  {
    const Fd socket = connected(at, far.port);
    const Fd peer = far.accepted();
    put(peer, "banner");
    shutdown(peer.get(), SHUT_WR);  // the far side first
    EXPECT_EQ(take(socket, all), "banner");
    const std::string data(3'000'000, 'u');
    fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    std::size_t sent = 0;
    pollfd room{socket.get(), POLLOUT, 0};
    while (sent < data.size() && poll(&room, 1, 300) == 1) {
      const ssize_t n = send(socket.get(), data.data(), data.size() - sent, MSG_NOSIGNAL);
      if (n > 0) sent += static_cast<std::size_t>(n);
    }
    shutdown(socket.get(), SHUT_WR);  // with bytes that nobody has taken yet
    EXPECT_EQ(take(peer, all).size(), sent);
  }
}

TEST(ServeProxy, AResetIsPassedOn) {
  const Far far;
  Server proxy{
      {"--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const auto at = proxy.port("tcp");
  {
    const Fd socket = connected(at, far.port);
    Fd peer = far.accepted();
    reset(peer);
    EXPECT_FALSE(ends_with_fin(socket));
    proxy.wait_for("reset by the server (RST)");
  }
  for (const std::string data : {"", "half an upload"}) {
    Fd socket = connected(at, far.port);
    const Fd peer = far.accepted();
    if (!data.empty()) put(socket, data);
    EXPECT_EQ(take(peer, data.size()), data);
    reset(socket);
    EXPECT_TRUE(ends_with_reset(peer));
    proxy.wait_for("reset by the client (RST)");
  }
  {
    Fd socket = connected(at, far.port);
    const Fd peer = far.accepted();
    shutdown(socket.get(), SHUT_WR);
    EXPECT_TRUE(ends_with_fin(peer));
    reset(socket);                    // behind its FIN
    pollfd broken{peer.get(), 0, 0};  // recv(2) goes on to tell of the FIN
    EXPECT_EQ(poll(&broken, 1, 20'000), 1);
    EXPECT_NE(broken.revents & POLLERR, 0);
    proxy.wait_for("closed by the client (FIN), which refused the answer (RST)");
  }
}

TEST(ServeProxy, OnlyAWholeUploadEndsWithFin) {
  const Far far;
  Server proxy{
      {"--idle", "200ms", "--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const auto at = proxy.port("tcp");
  const Fd idle = connected(at, far.port);
  EXPECT_TRUE(ends_with_reset(far.accepted()));
  EXPECT_TRUE(ends_with_fin(idle));
  Server last{
      {"--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const Fd open = connected(last.port("tcp"), far.port);
  const Fd peer = far.accepted();
  last.signal(SIGINT);
  last.wait();
  EXPECT_TRUE(ends_with_reset(peer));
}

TEST(ServeProxy, SigtermEndsAQuietConnectionWithFinToBoth) {
  const Far far;
  Server proxy{
      {"--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const Fd socket = connected(proxy.port("tcp"), far.port);
  const Fd peer = far.accepted();
  proxy.signal(SIGTERM);
  EXPECT_TRUE(ends_with_fin(peer));
  EXPECT_TRUE(ends_with_fin(socket));
}

TEST(ServeProxy, ASideThatReadsNothingCostsItsQueue) {
  const Far far;
  Server proxy{
      {"--quiet", "--queue", "256KiB", "--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const auto at = proxy.port("tcp");
  const long before = resident_kib(proxy.pid());
  std::vector<Fd> ends;
  std::vector<std::size_t> sent;
  const std::string block(256 * 1024, 'z');
  for (int i = 0; i < 10; ++i) {
    ends.push_back(connected(at, far.port));
    ends.push_back(far.accepted());
  }
  for (const Fd& end : ends) {  // both ways at once
    fcntl(end.get(), F_SETFL, O_NONBLOCK);
    std::size_t count = 0;
    pollfd room{end.get(), POLLOUT, 0};
    while (poll(&room, 1, 100) == 1) {
      const ssize_t n = send(end.get(), block.data(), block.size(), MSG_NOSIGNAL);
      if (n > 0) count += static_cast<std::size_t>(n);
    }
    sent.push_back(count);
  }
  EXPECT_TRUE(sanitized || resident_kib(proxy.pid()) < before + 10'000);
  // Nothing of it is lost.
  for (const Fd& end : ends) shutdown(end.get(), SHUT_WR);
  for (std::size_t i = 0; i < ends.size(); ++i) EXPECT_EQ(take(ends[i], all).size(), sent[i ^ 1U]);
}

TEST(ServeProxy, WhatTheClientSaysAtOnceIsPassedOn) {
  const Far far;
  Server proxy{
      {"--proxy-to", "localhost:*", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", proxy.port("tcp"));
  put(socket, "CONNECT localhost:" + text_of(far.port) + " HTTP/1.1\r\nHost: x\r\n\r\nearly bytes");
  shutdown(socket.get(), SHUT_WR);
  const Fd peer = far.accepted();
  EXPECT_EQ(take(peer, all), "early bytes");
  put(peer, "answer");
  shutdown(peer.get(), SHUT_WR);
  EXPECT_TRUE(take(socket, all).ends_with("\r\n\r\nanswer"));
}

TEST(ServeProxy, TlsToTheProxyWorksToo) {
  const Far far;
  Server proxy{
      {"--tls", "--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const Program curl{
      {"curl", "-sS", "--proxy-insecure", "--noproxy", "", "-p", "--proxy",
       "https://127.0.0.1:" + text_of(proxy.port("tcp")),
       "telnet://127.0.0.1:" + text_of(far.port)}
  };
  const Fd peer = far.accepted();
  put(peer, "x");
}

TEST(ServeProxy, AClientThatNeverAsksIsSentAway) {
  Server proxy{
      {"--proxy-to", "127.0.0.1:*", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", proxy.port("tcp"));
  put(socket, "\x05");
  EXPECT_TRUE(ends_with_fin(socket));
}

TEST(ServeProxy, UsageIsChecked) {
  for (const std::string words :
       {"--mode proxy", "--proxy-to 10.0.0.0/8", "--proxy-to 1.2.3.4:80 udp 0", "--proxy-auth a:b",
        "--proxy-to 1.2.3.4:80 --proxy-auth a"}) {
    const Ended ended = run({"sh", "-c", trama({})[0] + " serve " + words});
    EXPECT_EQ(ended.status, 2) << words << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
}

}  // namespace
}  // namespace trama::tests
