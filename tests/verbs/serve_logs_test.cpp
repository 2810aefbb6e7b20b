// What `trama serve` keeps and shows about its work, with the real program.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>

#include "kit/serving.h"

namespace trama::tests {
namespace {

std::string ask(unsigned short port, std::string_view request) {
  const Fd socket = client("127.0.0.1", port);
  put(socket, request);
  return take(socket, 100'000);
}

TEST(ServeLogs, AccessLogHasALineForEachConnection) {
  const Folder folder;
  const auto path = folder.path("access");
  Server server{
      {"--access-log", path, "--max-clients", "1", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd socket = client("127.0.0.1", port);
  put(socket, "hello");
  EXPECT_EQ(take(socket, 5), "HELLO");
  take(client("127.0.0.1", port), 1000);
  server.wait_for("refused");
  shutdown(socket.get(), SHUT_WR);
  EXPECT_TRUE(ends_with_fin(socket));
  server.wait_for("closed by the client");
  // Rotated away: what comes later goes into a new file.
  std::rename(path.c_str(), folder.path("old").c_str());
  server.signal(SIGHUP);
  Fd last = client("127.0.0.1", port);
  server.wait_for("connected");
  server.signal(SIGINT);
  server.wait();
  const auto old = read_file(folder.path("old"));
  EXPECT_NE(old.find(" in=0 out=0 seconds=0.000 end=full\n"), std::string::npos) << old;
  EXPECT_NE(old.find(" in=5 out=5 seconds=0."), std::string::npos) << old;
  EXPECT_NE(old.find(" end=fin\n"), std::string::npos) << old;
  EXPECT_EQ(old.find("left_open"), std::string::npos) << old;
  const auto fresh = read_file(path);
  EXPECT_NE(fresh.find(" in=0 out=0 "), std::string::npos) << fresh;
  EXPECT_NE(fresh.find(" end=left_open\n"), std::string::npos) << fresh;
}

TEST(ServeLogs, AUnixPeerIsOneFieldOfTheAccessLog) {
  const Folder folder;
  const auto path = folder.path("access"), socket = folder.path("s");
  Server server{
      {"--access-log", path, "unix:" + socket}
  };
  server.wait_for("listening on unix");
  EXPECT_EQ(run({"nc", "-N", "-U", socket}, "hello").out, "HELLO");
  server.wait_for("closed by the client");
  server.signal(SIGTERM);
  server.wait();
  const auto text = read_file(path);
  EXPECT_NE(text.find(" unix \"pid "), std::string::npos) << text;
  EXPECT_NE(text.find("\" " + socket + " in=5 out=5 "), std::string::npos) << text;
}

TEST(ServeLogs, AccessLogSpeaksJsonAndSurvivesAFullDisk) {
  const Folder folder;
  const auto path = folder.path("access");
  Server server{
      {"--json", "--access-log", path, "--log", "/dev/full", "tcp", "0"}
  };
  server.wait_for_error("/dev/full takes no more lines");
  const auto port = port_in(server.wait_for("}\n"), "\"local\"");
  Fd socket = client("127.0.0.1", port);
  reset(socket);
  server.wait_for("serve.disconnect");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().status, 74);
  const auto text = read_file(path);
  EXPECT_TRUE(text.starts_with(R"({"v":1,"type":"serve.access","time":)")) << text;
  EXPECT_NE(text.find(R"("bytes_in":0,"bytes_out":0,"dropped":0,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("end":"reset"})"), std::string::npos) << text;
  EXPECT_EQ(run(trama({"serve", "--access-log", "/no/such/folder/x", "tcp", "0"})).status, 2);
}

TEST(ServeLogs, HexShowsBytes) {
  Server server{
      {"-x", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, std::string("0123456789abcdef\0\n", 18));
  server.wait_for("18 bytes: \n");
  server.wait_for(
      "  0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n"
      "  0010  00 0a                                             ..\n");
}

TEST(ServeLogs, MetricsAndHealthAnswerByHttp) {
  Server server{
      {"--metrics", "0", "--drain", "20s", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("/metrics\n");
  const auto web = port_in(text, "metrics at");
  const Fd socket = client("127.0.0.1", port_in(text, "on tcp"));
  put(socket, "hello");
  EXPECT_EQ(take(socket, 5), "HELLO");
  // Neither one that says nothing nor one that talks nonsense is in the way.
  const Fd silent = client("127.0.0.1", web);
  EXPECT_TRUE(ask(web, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(ask(web, "POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  EXPECT_TRUE(ask(web, "GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
  const auto health = ask(web, "GET /health HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(health.starts_with("HTTP/1.1 200 OK\r\n")) << health;
  EXPECT_TRUE(health.ends_with("\r\n\r\nok\n")) << health;
  const auto page = ask(web, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  for (const auto* line :
       {"trama_connections_total 1\n", "trama_connections_open 1\n",
        "trama_received_bytes_total 5\n", "trama_sent_bytes_total 5\n", "trama_messages_total 1\n",
        "trama_disconnects_total{end=\"fin\"} 0\n", "# TYPE trama_connections_open gauge\n"})
    EXPECT_NE(page.find(line), std::string::npos) << line << " is missing in " << page;
  // One that does not read its answer keeps the server from its end; it says so meanwhile.
  const Fd stuck = client("127.0.0.1", port_in(text, "on tcp"));
  const std::string block(256 * 1024, 'z');
  pollfd room{stuck.get(), POLLOUT, 0};
  while (poll(&room, 1, 300) == 1)
    send(stuck.get(), block.data(), block.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  server.signal(SIGTERM);
  server.wait_for("ending: ");
  EXPECT_TRUE(ask(web, "GET /health HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 503 "));
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().status, 0);
}

TEST(ServeLogs, ManyThatOnlyConnectKeepNobodyFromTheMetrics) {
  Server server{
      {"--metrics", "0", "tcp", "0"}
  };
  const auto web = port_in(server.wait_for("/metrics\n"), "metrics at");
  std::vector<Fd> idle;
  for (int i = 0; i < 40; ++i) idle.push_back(client("127.0.0.1", web));
  EXPECT_TRUE(ask(web, "GET /health HTTP/1.0\r\n\r\n").ends_with("ok\n"));
  EXPECT_TRUE(ask(web, "GET /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(ends_with_fin(idle.front()));  // it gave way, and that is no reset
  put(idle.back(), "GET /health HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(take(idle.back(), 100'000).ends_with("ok\n"));
}

}  // namespace
}  // namespace trama::tests
