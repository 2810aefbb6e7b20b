// The real server with real clients.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>

#include "base/address.h"
#include "base/fd.h"
#include "kit/crowd.h"
#include "kit/program.h"
#include "kit/serving.h"

namespace trama::tests {
namespace {

TEST(Serve, TellsConnectMessageAndDisconnect) {
  Server server{
      {"tcp", "0"}
  };
  const auto port = server.port("tcp");
  Fd one = client("127.0.0.1", port);
  server.wait_for("#1 tcp 127.0.0.1:");
  server.wait_for("connected\n");
  put(one, "olá\n");
  EXPECT_EQ(take(one, 5), "OLÁ\n");
  server.wait_for("5 bytes: olá\\n\n");
  const Fd two = client("127.0.0.1", port);
  server.wait_for("#2 tcp 127.0.0.1:");
  put(two, "\x1b[31m");
  server.wait_for("5 bytes: \\x1b[31m\n");
  reset(one);
  server.wait_for("#1 tcp");
  server.wait_for("reset by the client (RST); 1 message, 5 bytes in, 5 out, ");
  EXPECT_EQ(take(two, 5), "\x1b[31M");
  shutdown(two.get(), SHUT_WR);
  EXPECT_TRUE(ends_with_fin(two));
  server.wait_for("closed by the client (FIN); 1 message");
  server.signal(SIGINT);
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_NE(ended.out.find("\n2 connections, 0 UDP clients, 2 messages, 10 bytes in, 10 out, "),
            std::string::npos)
      << ended.out;
}

TEST(Serve, ALetterSplitOverTwoReadsComesOutRight) {
  Server server{
      {"tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "ol\xc3");
  EXPECT_EQ(take(socket, 3), "OL\xc3");  // the server has read the first half by itself
  put(socket, "\xa1");
  EXPECT_EQ(take(socket, 1), "\x81");
}

TEST(Serve, AnswersDatagramsFromTheAddressTheyWereSentTo) {
  Program server{trama({"serve", "udp", "0.0.0.0:0", "udp", "127.0.0.1:0"})};
  const auto text = server.wait_for("this machine only");
  const auto at = text.find("0.0.0.0:") + 8;
  const auto any = static_cast<unsigned short>(std::stoi(text.substr(at)));
  const Fd socket = client("127.0.0.5", any, SOCK_DGRAM);  // connected: other sources are not heard
  put(socket, "ação");
  EXPECT_EQ(take(socket, 6), "AÇÃO");
  server.wait_for("#1 udp 127.0.0.1:");
  server.wait_for("6 bytes: ação\n");
  const Fd other = client("127.0.0.1", any, SOCK_DGRAM);
  put(other, "");
  server.wait_for("#2 udp 127.0.0.1:");
  server.wait_for("0 bytes: \n");
  put(socket, "x");
  server.wait_for("#1 udp");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().status, 0);
}

TEST(Serve, ListensOnIpv6) {
  Server server{
      {"[::1]:0", "udp", "[::1]:0"}
  };
  const auto port = server.port("tcp");
  const Fd socket = client("::1", port);
  put(socket, "a");
  EXPECT_EQ(take(socket, 1), "A");
  server.wait_for("#1 tcp [::1]:");
}

TEST(Serve, WritesAllAnswersBeforeItClosesAfterTheClientsFin) {
  Server server{
      {"tcp", "0", "--quiet"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  const std::string text(600'000, 'x');
  put(socket, text);
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket, text.size()), std::string(text.size(), 'X'));
  EXPECT_TRUE(ends_with_fin(socket));
}

TEST(Serve, CloseAfterKeepsItsSideOpenForThatLong) {
  Server server{
      {"tcp", "0", "--close-after", "300ms"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "a");
  EXPECT_EQ(take(socket, 1), "A");
  const auto before = std::chrono::steady_clock::now();
  shutdown(socket.get(), SHUT_WR);
  EXPECT_TRUE(ends_with_fin(socket));
  EXPECT_GE(std::chrono::steady_clock::now() - before, 290ms);
  server.wait_for("closed by the client (FIN); 1 message");
}

TEST(Serve, TellsAClientThatClosesWithoutReadingItsAnswer) {
  Server server{
      {"tcp", "0", "--close-after", "20s"}
  };
  Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "a");
  server.wait_for("1 byte: a");
  pollfd ready{socket.get(), POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, 20'000), 1);  // the answer is there and stays unread: close() sends RST
  socket.close();
  server.wait_for("reset by the client (RST)");
}

TEST(Serve, QuietTellsOnlyStartAndEnd) {
  Server server{
      {"-q", "tcp", "0"}
  };
  Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "a");
  EXPECT_EQ(take(socket, 1), "A");
  socket.close();
  server.signal(SIGINT);
  const Ended ended = server.wait();
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 2) << ended.out;
}

TEST(Serve, JsonHasALineForEachEvent) {
  Program server{trama({"serve", "--json", "tcp", "0", "udp", "0"})};
  const auto text = server.wait_for("\"transport\":\"udp\"");
  Fd socket = client("127.0.0.1", port_in(text, "\"transport\":\"tcp\""));
  put(socket, "olá \"\xff\"\n");
  EXPECT_EQ(take(socket, 9).size(), 9U);
  reset(socket);
  server.wait_for("\"serve.disconnect\"");
  server.wait_for("\"how\":\"reset\"");
  server.signal(SIGINT);
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 130);
  for (const auto* part :
       {R"({"v":1,"type":"serve.listen","time":)", R"({"v":1,"type":"serve.connect","time":)",
        R"("client":1,"transport":"tcp","peer":"127.0.0.1:)",
        R"("bytes":9,"text":"olá \"\u00ff\"\n","hex":"6f6cc3a12022ff220a"})",
        R"({"v":1,"type":"serve.summary","time":)",
        R"("connections":1,"still_open":0,"udp_clients":0,"unanswered":0,"messages":1,)"})
    EXPECT_NE(ended.out.find(part), std::string::npos) << part << " is missing in " << ended.out;
}

TEST(Serve, SaysWhoHoldsATakenPort) {
  Server server{
      {"tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  for (const std::string transport : {"tcp", "udp"}) {
    const auto port = std::to_string(port_in(server.wait_for(""), "on " + transport));
    const Ended second = run(trama({"serve", transport, port}));
    EXPECT_EQ(second.status, 1);
    EXPECT_EQ(second.err, "trama: " + transport + " 127.0.0.1:" + port +
                              " is taken by trama (pid " + std::to_string(server.pid()) +
                              "): stop that, or choose another port\n");
    EXPECT_EQ(second.out, "");
  }
}

TEST(Serve, SaysWhichOfItsOwnPlacesWantTheSamePort) {
  unsigned short free = 0;
  {
    Server server{
        {"tcp", "0"}
    };
    free = server.port("tcp");
  }
  const auto port = std::to_string(free);
  const Ended metrics = run(trama({"serve", "--metrics", port, "tcp", port}));
  EXPECT_EQ(metrics.status, 2);
  EXPECT_EQ(metrics.err, "trama: --metrics 127.0.0.1:" + port + " and tcp 127.0.0.1:" + port +
                             " want the same port: choose another one for one of them\n");
  const Ended both = run(trama({"serve", "tcp", "0.0.0.0:" + port, port}));
  EXPECT_EQ(both.status, 2);
  EXPECT_EQ(both.err, "trama: tcp 127.0.0.1:" + port + " and tcp 0.0.0.0:" + port +
                          " want the same port: choose another one for one of them\n");
}

TEST(Serve, WhatMakesAModeExcludesWhatMakesAnother) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"root",     ".",    "exec",    "cat"},
           {"file",     "x",    "sh-exec", "cat"},
           {"proxy-to", "*:80", "exec",    "cat"}
  }) {
    const Ended ended =
        run(trama({"serve", "--" + words[0], words[1], "--" + words[2], words[3], "tcp", "0"}));
    EXPECT_EQ(ended.status, 2);
    EXPECT_EQ(ended.err, "trama: --" + words[0] + " and --" + words[2] +
                             " exclude each other: a server has one mode\n");
  }
}

TEST(Serve, WrongPlacesAreUsageErrors) {
  for (const std::string place : {"65536", "x:1", "192.0.2.1:0", "1.2.3:0x"}) {
    const Ended ended = run(trama({"serve", place}));
    EXPECT_TRUE(ended.status == 2 || (place == "x:1" && ended.status == 1)) << place << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
}

TEST(Serve, LowPortsNeedARight) {
  // In a network namespace whose owner is another user namespace, nobody may bind them.
  const Ended ended = run({"unshare", "-Urn", "sh", "-c",
                           "ip link set lo up 2>/dev/null; exec setpriv --bounding-set=-all "
                           "--inh-caps=-all --ambient-caps=-all unshare -U \"$@\"",
                           "sh", trama({})[0], "serve", "tcp", "0.0.0.0:80"});
  EXPECT_EQ(ended.status, 77) << ended.out << ended.err;
  EXPECT_NE(ended.err.find("sudo setcap cap_net_bind_service=+ep /"), std::string::npos)
      << ended.err;
}

// A server whose standard output is at that path.
struct Unheard : Program {
  Unheard(const std::string& out, const std::string& socket)
      : Program{
            {"sh", "-c", R"(exec "$0" serve "unix:$1" > "$2")", trama({})[0], socket, out}
  } {}
  // It serves, and at its end says that lines were lost.
  void goes_on(const std::string& socket) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(run({"nc", "-N", "-U", socket}, "hello").out, "HELLO");
    signal(SIGTERM);
    const Ended ended = wait();
    EXPECT_EQ(ended.status, 74);
    const auto told = ended.err.find("takes no more lines");
    EXPECT_EQ(told, ended.err.rfind("takes no more lines")) << ended.err;
    EXPECT_NE(ended.err.find("output was lost: "), std::string::npos) << ended.err;
  }
};

TEST(Serve, AFullDiskUnderItsOutputIsToldOnceAndServingGoesOn) {
  const Folder folder;
  const auto socket = folder.path("s");
  Unheard server{"/dev/full", socket};
  server.wait_for_error(
      "standard output takes no more lines (No space left on device): serving goes on without "
      "them\n");
  server.goes_on(socket);
}

TEST(Serve, AReaderThatLeavesItsOutputIsToldOnceAndServingGoesOn) {
  const Folder folder;
  const auto socket = folder.path("s"), pipe = folder.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  Fd reader{open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  Unheard server{pipe, socket};
  pollfd line{reader.get(), POLLIN, 0};
  ASSERT_EQ(poll(&line, 1, 20'000), 1);
  reader.close();
  EXPECT_EQ(run({"nc", "-N", "-U", socket}, "hello").out, "HELLO");
  server.wait_for_error("standard output takes no more lines (Broken pipe)");
  server.goes_on(socket);
}

TEST(Serve, SpeaksPortuguese) {
  Server server{
      {"--lang", "pt_BR", "tcp", "0", "--json"}
  };
  server.wait_for("serve.listen");
  Program people{trama({"serve", "tcp", "0"}), {"LANG=pt_BR.UTF-8"}};
  people.wait_for("escutando em tcp 127.0.0.1:");
  people.signal(SIGINT);
  EXPECT_NE(people.wait().out.find("0 conexão, 0 cliente UDP, 0 mensagem"), std::string::npos);
}

TEST(Serve, AThousandClientsAtOnceGetEveryAnswerRight) {
  Server server{
      {"tcp", "0", "--quiet"}
  };
  long before = 0;
  const auto result = run_crowd({.port = server.port("tcp"),
                                 .clients = 1000,
                                 .messages = 100,
                                 .pause_after = 10,
                                 .at_pause = [&] { before = resident_kib(server.pid()); }},
                                50s);
  EXPECT_EQ(result.wrong, "");
  EXPECT_EQ(result.right, 100'000U);
  EXPECT_LT(resident_kib(server.pid()), before + 2048);  // memory stays flat
  server.signal(SIGINT);
  const Ended ended = server.wait();
  EXPECT_NE(ended.out.find("1000 connections"), std::string::npos) << ended.out;
  EXPECT_NE(ended.out.find("100000 messages"), std::string::npos) << ended.out;
}

TEST(Serve, AClientThatNeverReadsDelaysNobodyAndTakesBoundedMemory) {
  Server server{
      {"tcp", "0", "--quiet"}
  };
  const auto port = server.port("tcp");
  const Fd stuck = client("127.0.0.1", port);
  fcntl(stuck.get(), F_SETFL, O_NONBLOCK);
  // It sends until the server stops reading from it, and both kernels' buffers are full.
  const std::string block(256 * 1024, 'z');
  std::size_t sent = 0;
  pollfd room{stuck.get(), POLLOUT, 0};
  while (poll(&room, 1, 500) == 1) {
    const ssize_t n = send(stuck.get(), block.data(), block.size(), MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  EXPECT_GT(sent, 1024U * 1024);
  const long before = resident_kib(server.pid());
  const auto result = run_crowd({.port = port, .clients = 9, .messages = 300, .at_pause = {}}, 40s);
  EXPECT_EQ(result.wrong, "");
  EXPECT_EQ(result.right, 2700U);
  EXPECT_LT(result.slowest, 1s);
  EXPECT_LT(resident_kib(server.pid()), before + 1024);
  // Once it reads, it gets all of its answers.
  shutdown(stuck.get(), SHUT_WR);
  EXPECT_EQ(take(stuck, sent + 1), std::string(sent, 'Z'));
}

TEST(Serve, AReaderThatStopsReadingItsOutputDelaysNoClient) {
  Server server{
      {"tcp", "0"}
  };
  const auto port = server.port("tcp");
  // Each message makes a line of 4 KiB: 12 MB, of which nobody reads a byte.
  const Fd socket = client("127.0.0.1", port);
  for (int i = 0; i < 200; ++i) {
    const std::string text(60'000, 'x');
    put(socket, text);
    ASSERT_EQ(take(socket, text.size()), std::string(text.size(), 'X'));
  }
  const auto result =
      run_crowd({.port = port, .clients = 50, .messages = 1000, .at_pause = {}}, 40s);
  EXPECT_EQ(result.wrong, "");
  server.signal(SIGINT);
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 130);
  EXPECT_NE(ended.out.find(" lines left out: the output is too slow\n"), std::string::npos);
  EXPECT_NE(ended.out.find("51 connections"), std::string::npos);
}

TEST(Serve, WithoutFreeDescriptorsClientsWaitAndAreServedLater) {
  Program server{
      {"sh", "-c", "ulimit -n 12; exec \"$0\" serve tcp 0", trama({})[0]}
  };
  const auto port = port_in(server.wait_for("this machine only"), "tcp");
  {
    // All that is told later is told once now: UBSan looks at each kind of object for the first
    // time through a pipe, and takes a missing descriptor for a broken object.
    const Fd first = client("127.0.0.1", port);
    put(first, "a");
    EXPECT_EQ(take(first, 1), "A");
  }
  server.wait_for("closed by the client");
  std::vector<Fd> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(client("127.0.0.1", port));
  server.wait_for("no descriptor is free");
  put(clients.back(), "a");
  for (int i = 0; i < 11; ++i) clients[static_cast<std::size_t>(i)].close();
  EXPECT_EQ(take(clients.back(), 1), "A");
  server.signal(SIGINT);
  const auto out = server.wait().out;
  EXPECT_EQ(out.find("no descriptor"), out.rfind("no descriptor"));  // told once
}

}  // namespace
}  // namespace trama::tests
