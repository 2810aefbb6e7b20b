// trama in the place of ncat: what scripts written for it find.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>

#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

std::vector<std::string> ncat(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ncat");
  return trama(arguments);
}

// ncat with -l -v and more, listening at a port of its own.
struct Listener {
  explicit Listener(std::vector<std::string> more) : program{command(std::move(more))} {
    program.wait_for_error("Ncat: Listening on 127.0.0.1:" + port + "\n");
  }
  std::vector<std::string> command(std::vector<std::string> more) {
    more.insert(more.end(), {"-l", "-v", "127.0.0.1", port});
    return ncat(more);
  }
  std::string port = free_port();
  Program program;
};

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
  Listener listener{
      {"-i", "100ms"}
  };
  const Fd visitor = came_to(listener.port);
  ended = listener.program.wait();
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "Ncat: Idle timeout expired (100 ms). QUITTING.\n")) << ended.err;
}

TEST(Ncat, ListensForOneAndEndsWithIt) {
  Listener listener{{}};
  Fd client = came_to(listener.port);
  listener.program.type("to the client\n");
  EXPECT_EQ(take(client, 14), "to the client\n");
  put(client, "to the server\n");
  client.close();
  const Ended ended = listener.program.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "to the server\n");
  EXPECT_TRUE(has(ended.err, "Ncat: Connection from 127.0.0.1.\nNcat: Connection from 127.0.0.1:"));
}

TEST(Ncat, ManyAtOnceWithK) {
  Listener listener{{"-k"}};
  Fd one = came_to(listener.port);
  Fd two = came_to(listener.port);
  put(one, "from one\n");
  listener.program.wait_for("from one\n");
  put(two, "from two\n");
  listener.program.wait_for("from two\n");
  listener.program.type("to both\n");
  EXPECT_EQ(take(one, 8), "to both\n");
  EXPECT_EQ(take(two, 8), "to both\n");
  one.close();
  put(two, "still here\n");
  listener.program.wait_for("still here\n");
  listener.program.close_input();
  EXPECT_EQ(take(two), "");  // FIN
  listener.program.signal(SIGINT);
  EXPECT_EQ(listener.program.wait().status, 130);
}

TEST(Ncat, AFileLargerThanAllBuffersReachesEveryClient) {
  const Folder folder;
  const std::string text(3'000'000, 'x');
  Listener listener{
      {"-k", "--send-only"}
  };
  Fd one = came_to(listener.port);
  Fd two = came_to(listener.port);
  listener.program.wait_for_error("Connection from 127.0.0.1.\n");
  listener.program.wait_for_error("Connection from 127.0.0.1.\n");
  std::string first, second;
  listener.program.type(text.substr(0, 10));
  first = take(one, 10);
  second = take(two, 10);
  // One reads everything only after the other has.
  std::size_t sent = 10;
  while (sent < text.size()) {
    const auto part = text.substr(sent, 30'000);
    listener.program.type(part);
    first += take(one, part.size());
    second += take(two, part.size());
    sent += part.size();
  }
  listener.program.close_input();
  EXPECT_EQ(first, text);
  EXPECT_EQ(second, text);
  EXPECT_EQ(listener.program.wait().status, 0);
}

TEST(Ncat, MaxConnsTurnsAway) {
  Listener listener{
      {"-k", "-m", "1"}
  };
  Fd one = came_to(listener.port);
  put(one, "in\n");
  listener.program.wait_for("in\n");
  const Fd two = came_to(listener.port);
  EXPECT_EQ(take(two), "");
  listener.program.wait_for_error("New connection denied: connection limit reached");
}

TEST(Ncat, AllowAndDeny) {
  const Folder folder;
  std::ofstream{folder.path("hosts")} << "192.0.2.0/24 # nobody\n\n127.0.0.1\n";
  {
    Listener listener{
        {"--deny", "10.0.0.0/8,127.0.0.1"}
    };
    EXPECT_EQ(take(came_to(listener.port)), "");
    listener.program.wait_for_error("Ncat: New connection denied: not allowed\n");
  }
  // --allow is stronger than --deny.
  Listener listener{
      {"--deny", "127.0.0.1", "--allowfile", folder.path("hosts")}
  };
  Fd in = came_to(listener.port);
  put(in, "hi\n");
  listener.program.wait_for("hi\n");
}

TEST(Ncat, AProgramAnswersEachClient) {
  Listener listener{
      {"-k", "-c", "echo $NCAT_LOCAL_PORT $NCAT_REMOTE_ADDR $NCAT_PROTO; tr a-z A-Z"}
  };
  for (int i = 0; i < 3; ++i) {
    Fd client = came_to(listener.port);
    put(client, "shout\n");
    shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(take(client), listener.port + " 127.0.0.1 TCP\nSHOUT\n");
  }
}

TEST(Ncat, ManyProgramsAtOnce) {
  Listener listener{
      {"-k", "-e", "/bin/cat"}
  };
  Fd slow = came_to(listener.port);
  put(slow, "first\n");
  EXPECT_EQ(take(slow, 6), "first\n");
  Fd other = came_to(listener.port);
  put(other, "second\n");
  EXPECT_EQ(take(other, 7), "second\n");
  put(slow, "third\n");
  EXPECT_EQ(take(slow, 6), "third\n");
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

TEST(Ncat, BrokerAndChatAndWhatIsTypedThere) {
  Listener broker{{"--broker"}};
  Fd one = came_to(broker.port);
  broker.program.wait_for_error("Connection from 127.0.0.1.\n");
  Fd two = came_to(broker.port);
  broker.program.wait_for_error("Connection from 127.0.0.1.\n");
  put(one, "hello\n");
  EXPECT_EQ(take(two, 6), "hello\n");
  broker.program.type("all\n");
  EXPECT_EQ(take(one, 4), "all\n");
  EXPECT_EQ(take(two, 4), "all\n");

  Listener chat{{"--chat"}};
  Fd four = came_to(chat.port);
  const std::string welcome =
      "<announce> 127.0.0.1 is connected as <user4>.\n<announce> already connected: nobody.\n";
  EXPECT_EQ(take(four, welcome.size()), welcome);
  Fd five = came_to(chat.port);
  const std::string second =
      "<announce> 127.0.0.1 is connected as <user5>.\n"
      "<announce> already connected: 127.0.0.1 as <user4>.\n";
  EXPECT_EQ(take(five, second.size()), second);
  EXPECT_EQ(take(four, second.size()), second);
  put(five, "a\x1b[31m\n");
  EXPECT_EQ(take(four, 18), "<user5> a\\033[31m\n");
  chat.program.type("op\n");
  EXPECT_EQ(take(five, 11), "<user0> op\n");
}

TEST(Ncat, TlsBothWays) {
  Listener listener{{"--ssl"}};
  Program client{ncat({"--ssl", "-v", "127.0.0.1", listener.port})};
  client.wait_for_error("Ncat: SSL connection to 127.0.0.1:" + listener.port + ".\n");
  client.type("secret\n");
  listener.program.wait_for("secret\n");
  listener.program.type("answer\n");
  client.wait_for("answer\n");
  client.close_input();
  EXPECT_EQ(listener.program.wait().status, 0);
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Ncat, AGuestThatNeverShakesHandsKeepsNobodyWaiting) {
  Listener listener{
      {"-k", "--ssl"}
  };
  const Fd silent = came_to(listener.port);
  listener.program.wait_for_error("Connection from 127.0.0.1.\n");
  Program client{ncat({"--ssl", "-v", "127.0.0.1", listener.port})};
  client.wait_for_error("Ncat: SSL connection to");
  client.type("here\n");
  listener.program.wait_for("here\n");
  listener.program.type("to all\n");
  client.wait_for("to all\n");
}

TEST(Ncat, VerifiedTlsRefusesWhoIsNotProven) {
  Listener listener{{"--ssl"}};
  const Ended ended = run(ncat({"--ssl-verify", "-v", "127.0.0.1", listener.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "Ncat: Certificate verification failed (self-signed certificate).\n"))
      << ended.err;
  EXPECT_TRUE(has(ended.err, "Ncat: Input/output error.\n"));
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

TEST(Ncat, DatagramsOfMany) {
  const auto port = free_port(SOCK_DGRAM);
  Program listener{ncat({"-lukv", "127.0.0.1", port})};
  listener.wait_for_error("Listening on 127.0.0.1:" + port);
  Program one{ncat({"-u", "127.0.0.1", port})};
  one.type("one\n");
  listener.wait_for("one\n");
  Program two{ncat({"-u", "127.0.0.1", port})};
  two.type("two\n");
  listener.wait_for("two\n");
  listener.type("to the last\n");
  two.wait_for("to the last\n");
}

TEST(Ncat, EachSenderOfDatagramsHasItsProgram) {
  const auto port = free_port(SOCK_DGRAM);
  Program listener{
      ncat({"-lukv", "-c",
            "while read line && [ $line != end ]; do echo \"$NCAT_REMOTE_PORT $line\"; done",
            "127.0.0.1", port})};
  const auto listening = "Listening on 127.0.0.1:" + port;
  listener.wait_for_error(listening);
  std::vector<Fd> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(client("127.0.0.1", *parse_port(port), SOCK_DGRAM));
    for (const std::string word : {"one", "two"}) put(peers.back(), word + "\n");  // at once
  }
  // The program's lines may come in one datagram or in several.
  const auto hears = [&](const Fd& peer, std::initializer_list<std::string_view> words) {
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    getsockname(peer.get(), reinterpret_cast<sockaddr*>(&own), &size);
    std::string lines, heard;
    for (const auto word : words) lines += fmt::format("{} {}\n", to_endpoint(own).port, word);
    for (std::string more = "?"; heard.size() < lines.size() && !more.empty(); heard += more)
      more = take_datagram(peer);
    EXPECT_EQ(heard, lines);
  };
  for (const Fd& peer : peers) hears(peer, {"one", "two"});
  for (int i = 0; i < 3; ++i) listener.wait_for_error(listening);  // ncat says it each time
  put(peers.front(), "three\n");
  hears(peers.front(), {"three"});
  for (const Fd& peer : peers) put(peer, "end\n");
  listener.signal(SIGINT);
  listener.wait();
}

TEST(Ncat, WhoIsDeniedHasNoProgramForDatagramsEither) {
  const auto port = free_port(SOCK_DGRAM);
  Program listener{ncat({"-lukv", "-e", "/bin/cat", "--allow", "127.0.0.2", "127.0.0.1", port})};
  listener.wait_for_error("Listening on 127.0.0.1:" + port);
  const Fd peer = client("127.0.0.1", *parse_port(port), SOCK_DGRAM);
  put(peer, "one\n");
  listener.wait_for_error("New connection denied: not allowed");
  const Fd welcome{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto from = to_sockaddr({.address = *parse_address("127.0.0.2")});
  const auto to = to_sockaddr({.address = *parse_address("127.0.0.1"), .port = *parse_port(port)});
  ASSERT_EQ(bind(welcome.get(), reinterpret_cast<const sockaddr*>(&from), size_of(from)), 0);
  ASSERT_EQ(connect(welcome.get(), reinterpret_cast<const sockaddr*>(&to), size_of(to)), 0);
  put(welcome, "two\n");
  EXPECT_EQ(take(welcome, 4), "two\n");
}

TEST(Ncat, AListenerThatCannotReadItsInputSaysSo) {
  for (const std::string option : {"-lv", "-lkv"}) {
    const auto port = free_port();
    Program listener{
        {"sh", "-c", "exec \"$0\" ncat " + option + " 127.0.0.1 " + port + " </", trama({})[0]}
    };
    listener.wait_for_error("Listening on");
    const Fd guest = came_to(port);
    const Ended ended = listener.wait();
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(has(ended.err, "Ncat: Is a directory.\n")) << ended.err;
  }
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
