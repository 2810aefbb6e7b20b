#include "net/dialling.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>

namespace trama::net {
namespace {

using namespace std::chrono_literals;

Endpoint at(u16 port) { return {.address = *parse_address("127.0.0.1"), .port = port}; }

struct Outcome {
  Fd socket;
  Endpoint peer{};
  int error = -1;
};

Outcome dial(std::vector<Endpoint> peers) {
  const auto loop = *Loop::make();
  Outcome outcome;
  const Dialling dialling{*loop, std::move(peers), 5s,
                          [&](Fd socket, const Endpoint& peer, int error) {
                            outcome = {std::move(socket), peer, error};
                          }};
  EXPECT_EQ(outcome.error, -1);  // never at once
  while (outcome.error == -1) loop->run_once(1s);
  return outcome;
}

TEST(Dialling, TheFirstThatAnswersIsIt) {
  const auto listener = *listen_at(Transport::tcp, at(0));
  const auto open = local_of(listener.get());
  u16 closed = 0;
  {
    const auto other = *listen_at(Transport::tcp, at(0));
    closed = local_of(other.get()).port;
  }
  const auto outcome = dial({at(closed), open});
  EXPECT_EQ(outcome.error, 0);
  EXPECT_EQ(outcome.peer, open);
  EXPECT_EQ(peer_of(outcome.socket.get()), open);
}

TEST(Dialling, TheLastErrorCounts) {
  u16 closed = 0;
  {
    const auto other = *listen_at(Transport::tcp, at(0));
    closed = local_of(other.get()).port;
  }
  EXPECT_EQ(dial({at(closed)}).error, ECONNREFUSED);
  EXPECT_EQ(dial({}).error, EHOSTUNREACH);
  EXPECT_NE(dial({
                     {.address = *parse_address("255.255.255.255"), .port = 1}
  })
                .error,
            0);
}

}  // namespace
}  // namespace trama::net
