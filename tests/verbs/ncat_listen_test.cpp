// trama in the place of ncat: what scripts that listen with it find.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>

#include "kit/ncat.h"

namespace trama::tests {
namespace {

TEST(NcatListen, ListensForOneAndEndsWithIt) {
  NcatListener listener;
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

TEST(NcatListen, ManyAtOnceWithK) {
  NcatListener listener{{"-k"}};
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

TEST(NcatListen, AFileLargerThanAllBuffersReachesEveryClient) {
  const std::string text(3'000'000, 'x');
  NcatListener listener{
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

TEST(NcatListen, MaxConnsTurnsAway) {
  NcatListener listener{
      {"-k", "-m", "1"}
  };
  Fd one = came_to(listener.port);
  put(one, "in\n");
  listener.program.wait_for("in\n");
  const Fd two = came_to(listener.port);
  EXPECT_EQ(take(two), "");
  listener.program.wait_for_error("New connection denied: connection limit reached");
}

TEST(NcatListen, AllowAndDeny) {
  const Folder folder;
  std::ofstream{folder.path("hosts")} << "192.0.2.0/24 # nobody\n\n127.0.0.1\n";
  {
    NcatListener listener{
        {"--deny", "10.0.0.0/8,127.0.0.1"}
    };
    EXPECT_EQ(take(came_to(listener.port)), "");
    listener.program.wait_for_error("Ncat: New connection denied: not allowed\n");
  }
  // --allow is stronger than --deny.
  NcatListener listener{
      {"--deny", "127.0.0.1", "--allowfile", folder.path("hosts")}
  };
  Fd in = came_to(listener.port);
  put(in, "hi\n");
  listener.program.wait_for("hi\n");
}

TEST(NcatListen, AProgramAnswersEachClient) {
  NcatListener listener{
      {"-k", "-c", "echo $NCAT_LOCAL_PORT $NCAT_REMOTE_ADDR $NCAT_PROTO; tr a-z A-Z"}
  };
  for (int i = 0; i < 3; ++i) {
    Fd client = came_to(listener.port);
    put(client, "shout\n");
    shutdown(client.get(), SHUT_WR);
    EXPECT_EQ(take(client), listener.port + " 127.0.0.1 TCP\nSHOUT\n");
  }
}

TEST(NcatListen, ManyProgramsAtOnce) {
  NcatListener listener{
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

TEST(NcatListen, BrokerAndChatAndWhatIsTypedThere) {
  NcatListener broker{{"--broker"}};
  Fd one = came_to(broker.port);
  broker.program.wait_for_error("Connection from 127.0.0.1.\n");
  Fd two = came_to(broker.port);
  broker.program.wait_for_error("Connection from 127.0.0.1.\n");
  put(one, "hello\n");
  EXPECT_EQ(take(two, 6), "hello\n");
  broker.program.type("all\n");
  EXPECT_EQ(take(one, 4), "all\n");
  EXPECT_EQ(take(two, 4), "all\n");

  NcatListener chat{{"--chat"}};
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

TEST(NcatListen, DatagramsOfMany) {
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

TEST(NcatListen, EachSenderOfDatagramsHasItsProgram) {
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

TEST(NcatListen, WhoIsDeniedHasNoProgramForDatagramsEither) {
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

TEST(NcatListen, AListenerThatCannotReadItsInputSaysSo) {
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

}  // namespace
}  // namespace trama::tests
