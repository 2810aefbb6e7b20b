// Why connections end that never get as far as their talk.
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

// How a client ends that begins a TLS handshake, and then does this.
template <class Does>
Ending ending_of(std::chrono::nanoseconds handshake, const Does& does) {
  const auto loop = net::Loop::make();
  EXPECT_TRUE(loop);
  auto listeners = open_listeners(*parse_places(std::vector<std::string_view>{"tcp", "0"}), {}, {});
  EXPECT_TRUE(listeners);
  const auto port = listeners->front().place.at.port;
  Settings settings;
  settings.tls = std::move(*TlsContext::make({}));
  settings.handshake = handshake;
  Hearer hearer;
  const auto server = Server::open(**loop, std::move(*listeners), std::move(settings), hearer);
  EXPECT_TRUE(server);
  hearer.server = server->get();
  Fd socket = tests::client("127.0.0.1", port);
  tests::put(socket, "\x16\x03\x01");
  does(socket);
  (*server)->run();
  return hearer.ending.value_or(Ending::error);
}

TEST(Server, AnEndWithinTheTlsHandshakeHasItsReason) {
  EXPECT_EQ(ending_of(20s, [](Fd& socket) { shutdown(socket.get(), SHUT_WR); }), Ending::fin);
  EXPECT_EQ(ending_of(20s, [](Fd& socket) { socket.close(); }), Ending::fin);
  EXPECT_EQ(ending_of(20s, [](Fd& socket) { tests::reset(socket); }), Ending::reset);
  EXPECT_EQ(ending_of(50ms, [](Fd&) {}), Ending::handshake_late);
}

}  // namespace
}  // namespace trama::serve
