// trama in the place of ncat: what scripts that connect with it find.
#include "kit/ncat.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace trama::tests {
namespace {

TEST(Ncat, HalfClosesAndTellsItsCount) {
  Peer peer;
  Program client{ncat({"-v", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  client.type("hi\n");
  client.close_input();
  EXPECT_EQ(take(socket), "hi\n");
  put(socket, "late\n");
  socket.close();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "late\n");
  EXPECT_EQ(ended.err.substr(0, 14), "Ncat: Version ");
  EXPECT_TRUE(has(ended.err, "Ncat: Connected to 127.0.0.1:" + peer.port + ".\n")) << ended.err;
  EXPECT_TRUE(has(ended.err, "Ncat: 3 bytes sent, 5 bytes received in 0.")) << ended.err;
}

TEST(Ncat, NoShutdownKeepsTheSideOpen) {
  Peer peer;
  Program client{ncat({"--no-shutdown", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  client.close_input();
  pollfd more{socket.get(), POLLIN, 0};
  EXPECT_EQ(poll(&more, 1, 200), 0);
  socket.close();
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Ncat, ItsStatusesAreOneForTheNetworkAndTwoForTheRest) {
  Peer peer;
  const auto closed = free_port();
  Ended ended = run(ncat({"127.0.0.1", closed}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "Ncat: Connection refused.\n");
  ended = run(ncat({"-z", "127.0.0.1", closed}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "");
  EXPECT_EQ(run(ncat({"-z", "127.0.0.1", peer.port})).status, 0);
  struct Row {
    std::vector<std::string> words;
    std::string_view says;
  };
  const Row rows[] = {
      {{},                               "Ncat: You must specify a host to connect to. QUITTING.\n"     },
      {{"127.0.0.1", "http"},            "Ncat: Invalid port number \"http\". QUITTING.\n"              },
      {{"127.0.0.1", "1", "2"},          "Ncat: Got more than one port specification: 1 2. QUITTING.\n" },
      {{"-w", "0", "127.0.0.1"},         "Ncat: Invalid -w timeout \"0\" (must be greater than 0"       },
      {{"-zl"},                          "Ncat: Services designed for LISTENING can't be used with -z"  },
      {{"-k", "127.0.0.1"},              "Ncat: Invalid option combination: `--keep-open' with connect."},
      {{"-l", "-e", "a", "-c", "b"},
       "Ncat: Only one of --exec, --sh-exec, and --lua-exec is allowed."                                },
      {{"--ssl-cert", "x", "127.0.0.1"},
       "Ncat: The --ssl-key and --ssl-cert options must be used together."                              },
      {{"--proxy-type", "what", "a"},    "Ncat: Invalid proxy type \"what\". QUITTING.\n"               },
      {{"--sctp", "127.0.0.1"},          "Ncat: --sctp is not supported"                                },
      {{"-Q"},                           "ncat: invalid option -- 'Q'\nNcat: Try `--help'"              },
      {{"--what"},                       "ncat: unrecognized option '--what'\nNcat: Try `--help'"       },
      {{"-n", "localhost"},              "Ncat: Could not resolve hostname \"localhost\": "             },
  };
  for (const Row& row : rows) {
    ended = run(ncat(row.words));
    EXPECT_EQ(ended.status, 2) << row.says;
    EXPECT_EQ(ended.err.substr(0, row.says.size()), row.says);
  }
}

TEST(Ncat, IdleIsAFailure) {
  Peer peer;
  Program client{ncat({"-i", "100ms", "127.0.0.1", peer.port})};
  const Fd socket = peer.accepted();
  Ended ended = client.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "Ncat: Idle timeout expired (100 ms).\n");
  NcatListener listener{
      {"-i", "100ms"}
  };
  const Fd visitor = came_to(listener.port);
  ended = listener.program.wait();
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "Ncat: Idle timeout expired (100 ms). QUITTING.\n")) << ended.err;
}

TEST(Ncat, AProgramTalksInConnectModeToo) {
  Peer peer;
  Program client{
      ncat({"-e", "/bin/sh -c 'echo \"$NCAT_REMOTE_PORT\"; exec cat'", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  EXPECT_EQ(take(socket, peer.port.size() + 1), peer.port + "\n");
  put(socket, "back");
  EXPECT_EQ(take(socket, 4), "back");
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket), "");
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Ncat, LogsAreEmptiedUnlessAppended) {
  const Folder folder;
  for (const bool append : {false, false, true}) {
    Peer peer;
    std::vector<std::string> words{"-o", folder.path("log"), "127.0.0.1", peer.port};
    if (append) words.insert(words.begin(), "--append-output");
    Program client{ncat(words)};
    Fd socket = peer.accepted();
    client.type("hi\n");
    client.close_input();
    EXPECT_EQ(take(socket), "hi\n");
    socket.close();
    EXPECT_EQ(client.wait().status, 0);
  }
  EXPECT_EQ(read_file(folder.path("log")), "hi\nhi\n");
}

TEST(Ncat, HelpIsInBothLanguages) {
  const Ended english = run(ncat({"--help"}));
  EXPECT_EQ(english.status, 0);
  EXPECT_TRUE(has(english.out, "does not close this side at the end of input")) << english.out;
  const Ended portuguese = run(ncat({"-h"}), "", {"LC_ALL=pt_BR.UTF-8"});
  EXPECT_TRUE(has(portuguese.out, "não fecha este lado no fim da entrada")) << portuguese.out;
}

}  // namespace
}  // namespace trama::tests
