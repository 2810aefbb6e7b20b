// Why connections end that never get as far as their talk, or their talk as far as its request.
#include "serve/server.h"

#include <gtest/gtest.h>

#include <optional>

#include "kit/sockets.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

// Ends the server with its first connection.
struct Hearer : Audience {
  void disconnected(const Client&, Ending why, int, const Traffic&,
                    std::chrono::nanoseconds) override {
    ending = why;
    server->stop();
  }
  Server* server = nullptr;
  std::optional<Ending> ending;
};

// How a client ends that says this first, and then does that; it answers the server's FIN with its
// own.
template <class Does>
Ending ending_of(Settings settings, std::string_view says, const Does& does) {
  const auto loop = net::Loop::make();
  EXPECT_TRUE(loop);
  auto listeners = open_listeners(*parse_places(std::vector<std::string_view>{"tcp", "0"}), {}, {});
  EXPECT_TRUE(listeners);
  const auto port = listeners->front().place.at.port;
  Hearer hearer;
  const auto server = Server::open(**loop, std::move(*listeners), std::move(settings), hearer);
  EXPECT_TRUE(server);
  hearer.server = server->get();
  Fd socket = tests::client("127.0.0.1", port);
  tests::put(socket, says);
  does(socket);
  const int fd = socket.get();
  const auto hang_up = [&](u32) {
    (*loop)->forget(fd);
    socket.close();
  };
  if (socket.is_open()) {
    EXPECT_TRUE((*loop)->watch(fd, EPOLLIN, hang_up));
  }
  (*server)->run();
  return hearer.ending.value_or(Ending::error);
}

Settings with_tls(std::chrono::nanoseconds handshake) {
  Settings settings;
  settings.tls = std::move(*TlsContext::make({}));
  settings.handshake = handshake;
  return settings;
}

constexpr std::string_view hello = "\x16\x03\x01";  // how a ClientHello begins

TEST(Server, AnEndWithinTheTlsHandshakeHasItsReason) {
  const auto end_of = [](const auto& does) { return ending_of(with_tls(20s), hello, does); };
  EXPECT_EQ(end_of([](Fd& socket) { shutdown(socket.get(), SHUT_WR); }), Ending::fin);
  EXPECT_EQ(end_of([](Fd& socket) { socket.close(); }), Ending::fin);
  EXPECT_EQ(end_of([](Fd& socket) { tests::reset(socket); }), Ending::reset);
  EXPECT_EQ(ending_of(with_tls(50ms), hello, [](Fd&) {}), Ending::handshake_late);
}

TEST(Server, ARequestForTheProxyThatIsNeverFinishedIsLate) {
  for (const std::string_view begun : {"\x05\x01", "CONNECT host.example"}) {
    Settings settings;
    settings.mode = &proxy_mode;
    settings.request = 50ms;
    EXPECT_EQ(ending_of(std::move(settings), begun, [](Fd&) {}), Ending::request_late);
  }
}

}  // namespace
}  // namespace trama::serve
