// Where `trama serve` waits: Unix sockets, both IP versions at once, sockets that a service manager
// hands over; and as whom it runs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>
#include <fstream>

#include "kit/serving.h"
#include "net/unix_socket.h"

namespace trama::tests {
namespace {

// Connects to a path; `from`: where a datagram socket is bound, so that answers find it.
Fd client_at(const std::string& path, int type, const std::string& from = {}) {
  const auto name_of = [](const std::string& text) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    text.copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
  };
  Fd socket{::socket(AF_UNIX, type | SOCK_CLOEXEC, 0)};
  const auto own = name_of(from), to = name_of(path);
  if (!from.empty()) {
    EXPECT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  }
  EXPECT_EQ(connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << path;
  return socket;
}

bool exists(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0;
}

TEST(ServePlaces, UnixSocketsCarryStreamsAndDatagrams) {
  const Folder folder;
  const auto stream = folder.path("s"), datagrams = folder.path("d"), own = folder.path("me");
  Server server{
      {"unix:" + stream, "unixgram:" + datagrams}
  };
  server.wait_for("listening on unix " + stream);
  server.wait_for("listening on unixgram " + datagrams);
  Fd one = client_at(stream, SOCK_STREAM);
  server.wait_for("#1 unix pid " + std::to_string(getpid()) + ", uid ");
  put(one, "olá");
  EXPECT_EQ(take(one, 4), "OLÁ");
  const Fd two = client_at(datagrams, SOCK_DGRAM, own);
  put(two, "a");
  EXPECT_EQ(take_datagram(two), "A");
  server.wait_for("#2 unixgram " + own + "  1 byte: a");
  const Fd nameless = client_at(datagrams, SOCK_DGRAM);
  put(nameless, "b");  // no answer finds it, and nobody minds
  server.wait_for("#3 unixgram ?  1 byte: b");
  one.close();
  server.wait_for("closed by the client (FIN); 1 message, 4 bytes in, 4 out");
  server.signal(SIGINT);
  server.wait();
  EXPECT_FALSE(exists(stream));
  EXPECT_FALSE(exists(datagrams));
}

TEST(ServePlaces, UnixDatagramsAreAnsweredWholeOrRefused) {
  const Folder folder;
  const auto path = folder.path("d"), own = folder.path("me");
  Server server{
      {"--mode", "echo", "unixgram:" + path}
  };
  server.wait_for("listening on unixgram");
  const Fd socket = client_at(path, SOCK_DGRAM, own);
  for (const std::size_t size : {65'507U, 65'508U, 65'536U}) {
    const std::string text(size, static_cast<char>('a' + size % 26));
    put(socket, text);
    EXPECT_TRUE(take_datagram(socket) == text) << size;
  }
  for (const std::size_t size : {65'537U, 100'000U}) put(socket, std::string(size, 'x'));
  server.wait_for("unixgram " + own + "  refused: a datagram has more than the 65,536 bytes");
  put(socket, "end");
  EXPECT_EQ(take_datagram(socket), "end");  // and nothing of those that were refused
  server.signal(SIGINT);
  const auto out = server.wait().out;
  EXPECT_NE(out.find(", 4 messages, "), std::string::npos) << out;
  EXPECT_NE(out.find("; 2 refused\n"), std::string::npos) << out;
}

TEST(ServePlaces, AStaleSocketFileIsReplacedALivingOneRefused) {
  const Folder folder;
  const auto path = folder.path("s");
  {
    Server killed{{"unix:" + path}};
    killed.wait_for("listening on unix");
    killed.signal(SIGKILL);
    killed.wait();
  }
  ASSERT_TRUE(exists(path));
  Server server{{"unix:" + path}};
  server.wait_for("listening on unix");
  for (const std::string kind : {"unix:", "unixgram:"}) {
    const Ended second = run(trama({"serve", kind + path}));
    EXPECT_EQ(second.status, 1);
    EXPECT_EQ(second.err, "trama: " + path +
                              " is in use by another program, or is no socket: choose another "
                              "path\n");
  }
  const Fd still = client_at(path, SOCK_STREAM);
  put(still, "a");
  EXPECT_EQ(take(still, 1), "A");
}

TEST(ServePlaces, OtherFilesAreLeftAlone) {
  const Folder folder;
  const auto path = folder.path("notes");
  std::ofstream{path} << "mine";
  EXPECT_EQ(run(trama({"serve", "unix:" + path})).status, 1);
  EXPECT_EQ(read_file(path), "mine");
  EXPECT_EQ(run(trama({"serve", "unix:" + std::string(200, 'x')})).status, 2);
  EXPECT_EQ(run(trama({"serve", "unix:"})).status, 2);
}

TEST(ServePlaces, DualTakesBothIpVersions) {
  Server server{
      {"--dual", "--deny", "127.0.0.2", "tcp", "[::]:0", "udp", "[::]:0"}
  };
  const auto port_behind = [&](std::string_view text) {
    const auto all = server.wait_for(text);
    const auto rest = server.wait_for("\n");
    return static_cast<unsigned short>(std::stoi(rest.substr(all.rfind(text) + text.size())));
  };
  const auto tcp = port_behind("listening on tcp [::]:");
  const auto udp = port_behind("listening on udp [::]:");
  for (const std::string address : {"127.0.0.1", "::1"}) {
    const Fd stream = client(address, tcp);
    put(stream, "s");
    EXPECT_EQ(take(stream, 1), "S");
    const Fd datagrams = client(address, udp, SOCK_DGRAM);
    put(datagrams, "d");
    EXPECT_EQ(take_datagram(datagrams), "D");
  }
  const auto text = server.wait_for("udp [::1]:");
  EXPECT_NE(text.find("tcp 127.0.0.1:"), std::string::npos) << text;  // not ::ffff:127.0.0.1
  EXPECT_EQ(run(trama({"serve", "--dual", "tcp", "0"})).status, 2);
}

// python3 as the service manager: descriptors 3 and 4, readiness by a datagram.
TEST(ServePlaces, TakesSocketsOfAServiceManagerAndTellsItThatItIsReady) {
  const Folder folder;
  const auto notify = folder.path("notify");
  const Fd manager = std::move(net::listen_at_path(net::Transport::unix_datagram, notify).value());
  const std::string script =
      "import os, socket, sys\n"
      "tcp = socket.socket(); tcp.bind(('127.0.0.1', 0)); tcp.listen()\n"
      "udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 0))\n"
      "a, b = os.dup(tcp.fileno()), os.dup(udp.fileno())\n"
      "os.dup2(a, 3); os.dup2(b, 4)\n"
      "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='2', NOTIFY_SOCKET=sys.argv[1])\n"
      "os.execv(sys.argv[2], sys.argv[2:])\n";
  Program server{
      {"python3", "-c", script, notify, trama({})[0], "serve"}
  };
  const auto text = server.wait_for("listening on udp");
  const Fd stream = client("127.0.0.1", port_in(text, "on tcp"));
  put(stream, "a");
  EXPECT_EQ(take(stream, 1), "A");
  const Fd datagrams = client("127.0.0.1", port_in(server.wait_for("only"), "on udp"), SOCK_DGRAM);
  put(datagrams, "b");
  EXPECT_EQ(take_datagram(datagrams), "B");
  EXPECT_EQ(take_datagram(manager), "READY=1");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait().status, 0);
  EXPECT_EQ(take_datagram(manager), "STOPPING=1");
}

TEST(ServePlaces, SocketsOfAnotherProcessAreNotTaken) {
  Program server{
      trama({"serve", "tcp",   "0"}
      ), {"LISTEN_PID=1",       "LISTEN_FDS=3"}
  };
  server.wait_for("listening on tcp 127.0.0.1");
}

TEST(ServePlaces, UserGivesUpTheRightsOfRoot) {
  EXPECT_EQ(run(trama({"serve", "--user", "nobody-of-this-name", "tcp", "0"})).status, 2);
  if (geteuid() != 0) {
    const Ended ended = run(trama({"serve", "--user", "nobody", "tcp", "0"}));
    EXPECT_EQ(ended.status, 77);
    EXPECT_NE(ended.err.find("start as root"), std::string::npos) << ended.err;
    return;
  }
  Server server{
      {"--user", "nobody", "tcp", "0"}
  };
  server.wait_for("listening");
  const auto status = read_file("/proc/" + std::to_string(server.pid()) + "/status");
  EXPECT_EQ(status.find("\nUid:\t0"), std::string::npos) << status;
  EXPECT_EQ(status.find("\nGid:\t0"), std::string::npos) << status;
  EXPECT_NE(status.find("\nNoNewPrivs:\t1"), std::string::npos) << status;
  EXPECT_NE(status.find("\nCapEff:\t0000000000000000"), std::string::npos) << status;
}

}  // namespace
}  // namespace trama::tests
