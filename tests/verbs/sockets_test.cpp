#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/address.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

struct Opened {
  Fd fd;
  std::string port;
};

Opened open_at_loopback(int type) {
  Fd fd{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
  sockaddr_storage name = to_sockaddr({*parse_address("127.0.0.1"), 0});
  socklen_t size = size_of(name);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), size), 0);
  if (type == SOCK_STREAM) {
    EXPECT_EQ(listen(fd.get(), 7), 0);
  }
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&name), &size);
  return {std::move(fd), std::to_string(to_endpoint(name).port)};
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Sockets, ShowsAListenerWithItsOwner) {
  const auto server = open_at_loopback(SOCK_STREAM);
  for (const auto& filter : {server.port, "tcp.port == " + server.port, "TCP.PORT==" + server.port,
                             "sport = :" + server.port}) {
    const Ended ended = run(trama({"sockets", filter}));
    EXPECT_EQ(ended.status, 0) << filter;
    EXPECT_TRUE(has(ended.out, "127.0.0.1:" + server.port)) << ended.out;
    EXPECT_TRUE(has(ended.out, "LISTEN 0/7")) << ended.out;
    EXPECT_TRUE(has(ended.out, fmt::format("verbs_tests/{}", getpid()))) << ended.out;
    EXPECT_EQ(ended.err, "");
  }
}

// In a network namespace of its own, where no other program has sockets at these ports.
TEST(Sockets, TakesNetstatsOptionsInOneCluster) {
  struct Row {
    std::string words;
    bool shows;
  };
  const std::vector<Row> rows{
      {"-tulpan 7001",                                   true },
      {"-tulpan 7002",                                   true },
      {"-tl 7001",                                       true },
      {"-ul 7001",                                       false},
      {"-t 7002",                                        false},
      {"-une4 7002",                                     true },
      {"-6 7001",                                        false},
      {"--tcp --listen --programs --numeric --all 7001", true },
      {"--udp --program --processes --num 7002",         true },
      {"--p 7001",                                       false}
  };
  std::vector<std::string> command{
      "unshare",
      "-Urn",
      "sh",
      "-c",
      "ip link set lo up; pipe=$1; shift; mkfifo \"$pipe\"; "
      "\"$0\" serve --quiet tcp 7001 udp 7002 > \"$pipe\" & exec 3< \"$pipe\"; read -r line <&3; "
      "for words; do \"$0\" sockets $words > \"$pipe.out\" 2>&1; echo $?; done; kill $!",
      trama({})[0]};
  const Folder folder;
  command.push_back(folder.path("pipe"));
  std::string statuses;
  for (const auto& [words, shows] : rows) {
    command.push_back(words);
    statuses += shows ? "0\n" : words.starts_with("--p ") ? "2\n" : "1\n";
  }
  const Ended ended = run(command);
  EXPECT_EQ(ended.out, statuses) << ended.err;
}

TEST(Sockets, JoinsUnquotedWords) {
  const auto server = open_at_loopback(SOCK_DGRAM);
  const Ended ended =
      run(trama({"sockets", "udp.port", "==", server.port, "and", "program", "==", "verbs_tests"}));
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(has(ended.out, "bound")) << ended.out;
}

TEST(Sockets, SaysInOneSentenceThatNoneMatches) {
  const Ended ended = run(trama({"sockets", "port == 1 and pid == 1"}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(ended.err, "No socket matches: port == 1 and pid == 1\n");
  EXPECT_EQ(run(trama({"sockets", "--lang", "pt_BR", "port == 1 and pid == 1"})).err,
            "Nenhum socket corresponde a: port == 1 and pid == 1\n");
}

TEST(Sockets, SaysThatTheOwnerAskedForMayBeHidden) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run({"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                           "--inh-caps=-all", "--bounding-set=-all", trama({}).front(), "sockets",
                           "program == verbs_tests and " + server.port});
  if (ended.status == 127 || has(ended.err, "setpriv")) GTEST_SKIP() << ended.err;
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(has(ended.err, "\n1 socket (?) belongs to somebody else's process: sudo trama"))
      << ended.err;
}

TEST(Sockets, PointsAtAWrongFilter) {
  const Ended ended = run(trama({"sockets", "tcp.prt == 22"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "did you mean tcp.port?\n  tcp.prt == 22\n  ^~~~~~~\n")) << ended.err;
}

TEST(Sockets, WritesOneJsonObjectASocket) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run(trama({"sockets", "--json", server.port}));
  EXPECT_EQ(ended.status, 0);
  EXPECT_TRUE(ended.out.starts_with(
      "{\"v\":1,\"type\":\"socket\",\"transport\":\"tcp\",\"family\":\"ipv4\",\"state\":\"LISTEN\","
      "\"local\":\"127.0.0.1\",\"local_port\":" +
      server.port))
      << ended.out;
  EXPECT_TRUE(has(
      ended.out, fmt::format("\"processes\":[{{\"pid\":{},\"program\":\"verbs_tests\"", getpid())));
  EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1);
}

TEST(Sockets, TellsALostTable) {
  const auto server = open_at_loopback(SOCK_STREAM);
  const Ended ended = run({"sh", "-c", "exec \"$0\" sockets > /dev/full", trama({}).front()});
  EXPECT_EQ(ended.status, 74) << ended.err;
}

}  // namespace
}  // namespace trama::tests
