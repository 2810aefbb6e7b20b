// What each mode of `trama serve` does with what comes, with the real program.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "kit/serving.h"

namespace trama::tests {
namespace {

TEST(ServeModes, EchoSendsBackTheSameBytes) {
  Server server{
      {"--mode", "echo", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const Fd stream = client("127.0.0.1", port_in(text, "on tcp"));
  const Fd datagrams = client("127.0.0.1", port_in(server.wait_for(""), "on udp"), SOCK_DGRAM);
  const std::string bytes("a\xff\0Z", 4);
  put(stream, bytes);
  EXPECT_EQ(take(stream, 4), bytes);
  put(datagrams, bytes);
  EXPECT_EQ(take(datagrams, 4), bytes);
}

TEST(ServeModes, WhatIsTypedAtTheServerGoesToAll) {
  for (const bool chat : {false, true}) {
    Server server{
        {"--mode", chat ? "chat" : "room", "tcp", "0"}
    };
    const auto port = server.port("tcp");
    const Fd one = client("127.0.0.1", port);
    const Fd two = client("127.0.0.1", port);
    server.wait_for("#2");
    if (chat) {
      put(one, "/name ana\n");  // what it answers ends the greeting
      std::string greeting;
      while (greeting.find("you are ana\n") == greeting.npos) greeting += take(one, 1);
      greeting.clear();
      while (greeting.find("is now ana\n") == greeting.npos) greeting += take(two, 1);
    }
    server.type("lunch\n\x1b!\n");
    const std::string text = chat ? "* server: lunch\n* server: \\x1b!\n" : "lunch\n\x1b!\n";
    EXPECT_EQ(take(one, text.size()), text);
    EXPECT_EQ(take(two, text.size()), text);
  }
}

TEST(ServeModes, LogTellsAndKeepsAndAnswersNothing) {
  const Folder folder;
  const auto kept = folder.path("kept.log");
  Server server{
      {"--mode", "log", "--json", "--log", kept, "tcp", "0"}
  };
  const auto port = port_in(server.wait_for("serve.listen"), "\"transport\"");
  ASSERT_NE(port_in(server.wait_for("}\n"), "\"transport\""), 0) << port;
  const Fd socket = client("127.0.0.1", port_in(server.wait_for(""), "\"transport\""));
  put(socket, "nota\n");
  server.wait_for("serve.message");
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket, 1), "");
  server.wait_for("serve.disconnect");
  // Rotated away, and opened anew.
  std::rename(kept.c_str(), folder.path("old.log").c_str());
  server.signal(SIGHUP);
  const Fd second = client("127.0.0.1", port_in(server.wait_for(""), "\"transport\""));
  server.wait_for("serve.connect");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().status, 0);
  const auto old = read_file(folder.path("old.log"));
  EXPECT_NE(old.find(R"("bytes":5,"text":"nota\n")"), std::string::npos) << old;
  EXPECT_EQ(old.find("serve.summary"), std::string::npos) << old;
  EXPECT_NE(read_file(kept).find("serve.summary"), std::string::npos) << read_file(kept);
}

TEST(ServeModes, AFullDiskUnderTheLogIsToldOnceAndServingGoesOn) {
  Server server{
      {"--log", "/dev/full", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  server.wait_for_error("/dev/full takes no more lines");
  const Fd socket = client("127.0.0.1", port);
  for (int i = 0; i < 3; ++i) {
    put(socket, "a");
    EXPECT_EQ(take(socket, 1), "A");
  }
  server.signal(SIGTERM);
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 74);
  EXPECT_EQ(ended.err.find("/dev/full"), ended.err.rfind("/dev/full")) << ended.err;
}

TEST(ServeModes, DiscardReadsWithoutALineForEachMessage) {
  Server server{
      {"--mode", "discard", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, std::string(300'000, 'x'));
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket, 1), "");
  server.wait_for("300000 bytes in, 0 out");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().out.find("bytes: x"), std::string::npos);
}

TEST(ServeModes, ChatTellsLinesNamesJoinsAndLeaves) {
  Server server{
      {"--mode", "chat", "--max-message", "10", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const auto port = port_in(text, "on tcp");
  const Fd ana = client("127.0.0.1", port);
  take_until(ana, "0 others are here\n");
  Fd bea = client("127.0.0.1", port);
  take_until(bea, "1 other is here\n");
  take_until(ana, " joined\n");
  put(ana, "/name ana\r\n");
  EXPECT_NE(take_until(bea, "\n").find(" is now ana\n"), std::string::npos);
  take_until(ana, "* you are ana\n");
  put(bea, "/name ana\n/name a b\n/nome\n");
  take_until(bea, "* ana is taken");
  take_until(bea, "* a name has");
  take_until(bea, "* unknown command; \"/name X\" sets your name\n");
  // A line in pieces, control bytes, a line that is too long, one without its newline.
  put(ana, "o");
  put(ana, "i\a\n0123456789a\n0123456789\n");
  EXPECT_EQ(take_until(bea, "9\n"), "ana: oi\\x07\nana: 0123456789\n");
  take_until(ana, "longer than 10 bytes\n");
  const Fd caio = client("127.0.0.1", port_in(server.wait_for(""), "on udp"), SOCK_DGRAM);
  put(caio, "eu");
  EXPECT_NE(take_until(bea, ": eu\n").find(" joined\n"), std::string::npos);
  put(bea, "fim");
  reset(bea);
  take_until(ana, " left\n");
  while (take_datagram(caio).find(" left\n") == std::string::npos && !HasFailure()) {
  }
  server.wait_for("i\\x07");  // the server's own terminal shows all
}

TEST(ServeModes, AUdpPeerLeavesTheChatWhenItIsSilent) {
  Server server{
      {"--mode", "chat", "--udp-stays", "200ms", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const Fd ana = client("127.0.0.1", port_in(text, "on tcp"));
  const Fd caio = client("127.0.0.1", port_in(server.wait_for(""), "on udp"), SOCK_DGRAM);
  put(caio, "eu");
  take_until(ana, ": eu\n");
  take_until(ana, " left\n");
}

TEST(ServeModes, RoomSendsBytesToAllOthers) {
  Server server{
      {"--mode", "room", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const auto port = port_in(text, "on tcp");
  const Fd one = client("127.0.0.1", port);
  const Fd two = client("127.0.0.1", port);
  const Fd datagrams = client("127.0.0.1", port_in(server.wait_for(""), "on udp"), SOCK_DGRAM);
  server.wait_for("#2 tcp");
  put(datagrams, "d");
  EXPECT_EQ(take(one, 1), "d");
  EXPECT_EQ(take(two, 1), "d");
  const std::string bytes("\0\xff\n", 3);
  put(one, bytes);
  EXPECT_EQ(take(two, 3), bytes);
  EXPECT_EQ(take(datagrams, 3), bytes);
  put(two, "z");
  EXPECT_EQ(take(one, 1), "z");
}

// One that stops reading neither delays the others nor costs more than its queue.
TEST(ServeModes, AStoppedReaderInARoomCostsItsQueueAndDelaysNobody) {
  Server server{
      {"--mode", "room", "--queue", "1MiB", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd stopped = client("127.0.0.1", port);
  const Fd sender = client("127.0.0.1", port);
  const Fd reader = client("127.0.0.1", port);
  server.wait_for("#3 tcp");
  const std::string block(64 * 1024, 'r');
  long before = 0;
  for (int i = 0; i < 600; ++i) {
    if (i == 50) before = resident_kib(server.pid());
    put(sender, block);
    ASSERT_EQ(take(reader, block.size()), block);  // each arrives before the next one is sent
  }
  server.wait_for("#1 tcp 127.0.0.1:");
  server.wait_for("reads too slowly");
  if (!sanitized) {
    EXPECT_LT(resident_kib(server.pid()), before + 4096);
  }
  // It reads on, and is told to have caught up.
  shutdown(sender.get(), SHUT_WR);
  shutdown(reader.get(), SHUT_WR);
  fcntl(stopped.get(), F_SETFL, O_NONBLOCK);
  std::vector<char> space(1 << 20);
  pollfd ready{stopped.get(), POLLIN, 0};
  while (poll(&ready, 1, 300) == 1 && recv(stopped.get(), space.data(), space.size(), 0) > 0) {
  }
  server.wait_for("has caught up: ");
  server.signal(SIGINT);
  EXPECT_NE(server.wait().out.find(" messages left out, "), std::string::npos);
}

TEST(ServeModes, SlowDisconnectEndsAStoppedReader) {
  Server server{
      {"--mode", "room", "--queue", "64KiB", "--slow", "disconnect", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd stopped = client("127.0.0.1", port);
  const Fd sender = client("127.0.0.1", port);
  server.wait_for("#2 tcp");
  fcntl(sender.get(), F_SETFL, O_NONBLOCK);
  const std::string block(64 * 1024, 'r');
  pollfd ready{sender.get(), POLLOUT, 0};
  for (int i = 0; i < 400 && poll(&ready, 1, 5000) == 1; ++i)
    send(sender.get(), block.data(), block.size(), MSG_NOSIGNAL);
  server.wait_for("closed by the server: the client reads too slowly");
}

TEST(ServeModes, FileGoesToEveryClientWhole) {
  const Folder folder;
  const auto path = folder.path("data");
  std::string data(3'000'000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7 / 3);
  std::ofstream{path, std::ios::binary} << data;
  Server server{
      {"--file", path, "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd one = client("127.0.0.1", port);
  const Fd two = client("127.0.0.1", port);
  put(two, "GET / HTTP/1.0\r\n\r\n");  // what it says does not matter
  EXPECT_EQ(take(two, data.size() + 1), data);
  EXPECT_EQ(take(one, data.size() + 1), data);
  shutdown(one.get(), SHUT_WR);
  server.wait_for("closed by the server: the file was sent");
}

TEST(ServeModes, WhatDoesNotFitTogetherIsUsage) {
  const auto readme = source("README.md");
  for (const std::string words :
       {"--mode cat", "--mode file", "--file /nothing/here", "--file /dev/null", "--slow maybe",
        "--queue 0", "--queue 1Mib", "--file README udp 0"}) {
    std::vector<std::string> command{"serve"};
    std::istringstream split{words};
    for (std::string word; split >> word;) command.push_back(word == "README" ? readme : word);
    const Ended ended = run(trama(command));
    EXPECT_EQ(ended.status, 2) << words << ended.err;
  }
}

TEST(ServeModes, TheHelpListsThem) {
  const auto help = run(trama({"serve", "--help"})).out;
  for (const auto* word : {"  upper ", "  echo ", "  log ", "  discard ", "  chat ", "  room ",
                           "  file ", "--queue BYTES"})
    EXPECT_NE(help.find(word), std::string::npos) << word;
}

}  // namespace
}  // namespace trama::tests
