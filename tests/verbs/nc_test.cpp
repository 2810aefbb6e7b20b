// trama in the place of OpenBSD's nc: what scripts written for it find.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <csignal>
#include <cstring>
#include <filesystem>

#include "kit/peer.h"
#include "kit/program.h"
#include "lab/parcel.h"

namespace trama::tests {
namespace {

std::vector<std::string> nc(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "nc");
  return trama(arguments);
}

TEST(Nc, TheNameOfTheProgramChoosesIt) {
  const Folder folder;
  for (const std::string name : {"nc", "netcat"}) {
    const auto link = folder.path(name);
    std::filesystem::create_symlink(trama({})[0], link);
    const Ended ended = run({link, "-z", "127.0.0.1", free_port()});
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.err, "");  // no -v, no word
  }
}

TEST(Nc, TheEndOfInputIsNotSent) {
  Peer peer;
  Program client{nc({"127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  client.type("hi\n");
  client.close_input();
  EXPECT_EQ(take(socket, 3), "hi\n");
  pollfd more{socket.get(), POLLIN, 0};
  EXPECT_EQ(poll(&more, 1, 200), 0);  // neither bytes nor FIN
  put(socket, "late\n");
  socket.close();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "late\n");
}

TEST(Nc, CapitalNAndQSendIt) {
  for (const std::string option : {"-N", "-q5"}) {
    Peer peer;
    Program client{nc({option, "127.0.0.1", peer.port})};
    Fd socket = peer.accepted();
    client.type("hi\n");
    client.close_input();
    EXPECT_EQ(take(socket), "hi\n");  // to FIN
    socket.close();
    EXPECT_EQ(client.wait().status, 0);
  }
}

TEST(Nc, QuitsAfterItsTimeThoughThePeerStays) {
  Peer peer;
  Program client{nc({"-q", "1", "127.0.0.1", peer.port})};
  const Fd socket = peer.accepted();
  client.close_input();
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Nc, AResetIsNothingSpecial) {
  Peer peer;
  Program client{nc({"127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  put(socket, "x");
  client.wait_for("x");
  reset(socket);
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

TEST(Nc, SaysWhatScriptsMatchInEnglish) {
  Peer peer;
  const auto closed = free_port();
  const Ended ended = run(nc({"-zv", "127.0.0.1", closed, peer.port}), "",
                          {"LANG=pt_BR.UTF-8", "LC_ALL=pt_BR.UTF-8"});
  EXPECT_EQ(ended.status, 0);  // one of them is open
  EXPECT_EQ(ended.err, "nc: connect to 127.0.0.1 port " + closed +
                           " (tcp) failed: Connection refused\nConnection to 127.0.0.1 " +
                           peer.port + " port [tcp/*] succeeded!\n");
  EXPECT_EQ(run(nc({"-zv", "127.0.0.1", closed})).status, 1);
}

TEST(Nc, TakesRangesOfPorts) {
  const Ended ended = run(nc({"-znv", "127.0.0.1", "3-1"}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err,
            "nc: connect to 127.0.0.1 port 1 (tcp) failed: Connection refused\n"
            "nc: connect to 127.0.0.1 port 2 (tcp) failed: Connection refused\n"
            "nc: connect to 127.0.0.1 port 3 (tcp) failed: Connection refused\n");
}

TEST(Nc, ListensForOneAndEndsWithIt) {
  Program server{nc({"-lvnp", "0"})};
  // Port 0 is none to nc: -p wants 1 to 65535.
  EXPECT_EQ(server.wait().status, 1);
  const auto port = free_port();
  Program listener{nc({"-lvn", "127.0.0.1", port})};
  listener.wait_for_error("Listening on 127.0.0.1 " + port + "\n");
  Fd client = came_to(port);
  listener.wait_for_error("Connection received on 127.0.0.1 ");
  listener.type("to the client\n");
  EXPECT_EQ(take(client, 14), "to the client\n");
  put(client, "to the server\n");
  client.close();
  const Ended ended = listener.wait();  // though its input is open
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "to the server\n");
}

TEST(Nc, WithKTakesOneAfterTheOther) {
  const auto port = free_port();
  Program listener{nc({"-lkn", "-v", "127.0.0.1", port})};
  listener.wait_for_error("Listening on");
  for (const std::string line : {"one\n", "two\n", "three\n"}) {
    Fd client = came_to(port);
    put(client, line);
    listener.wait_for(line);
  }
  listener.signal(SIGINT);
  EXPECT_EQ(listener.wait().status, 130);
}

TEST(Nc, ListensForDatagramsAndAnswersTheFirst) {
  const auto port = free_port(SOCK_DGRAM);
  Program listener{nc({"-luvn", "127.0.0.1", port})};
  listener.wait_for_error("Bound on 127.0.0.1 " + port + "\n");
  Program client{nc({"-un", "127.0.0.1", port})};
  client.type("ping\n");
  listener.wait_for("ping\n");
  listener.wait_for_error("Connection received on 127.0.0.1 ");
  listener.type("pong\n");
  client.wait_for("pong\n");
}

TEST(Nc, UnixSocketsBothWays) {
  const Folder folder;
  const auto path = folder.path("s");
  Program listener{nc({"-lvU", path})};
  listener.wait_for_error("Listening on " + path + "\n");
  EXPECT_EQ(run(nc({"-NU", path}), "hi\n").status, 0);
  const Ended ended = listener.wait();
  EXPECT_EQ(ended.out, "hi\n");
  EXPECT_EQ(ended.status, 0);
  const Ended nobody = run(nc({"-U", folder.path("nobody")}));
  EXPECT_EQ(nobody.status, 1);
  EXPECT_EQ(nobody.err, "nc: " + folder.path("nobody") + ": No such file or directory\n");
}

TEST(Nc, RefusesTelnetsOptions) {
  Peer peer;
  Program client{nc({"-t", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  put(socket, "\xff\xfd\x01\xff\xfb\x03");
  EXPECT_EQ(take(socket, 6), "\xff\xfc\x01\xff\xfe\x03");
}

TEST(Nc, EndsAfterSoManyReads) {
  Peer peer;
  Program client{nc({"-W", "1", "127.0.0.1", peer.port})};
  Fd socket = peer.accepted();
  put(socket, "one");
  const Ended ended = client.wait();
  EXPECT_EQ(ended.out, "one");
  EXPECT_EQ(ended.status, 0);
}

TEST(Nc, HandsItsSocketOver) {
  Peer peer;
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const Fd ours{ends[0]};
  Fd its{ends[1]};
  Program client{
      {"sh", "-c", "exec \"$0\" nc -F 127.0.0.1 " + peer.port + " >&" + std::to_string(its.get()),
       trama({})[0]}
  };
  Fd socket = peer.accepted();
  put(socket, "through");
  its.close();
  const auto given = lab::receive_parcel(ours.get());
  ASSERT_TRUE(given);
  ASSERT_EQ(given->fds.size(), 1U);
  EXPECT_EQ(given->bytes.size(), 1U);  // a stream carries descriptors on bytes only
  EXPECT_EQ(take(given->fds[0], 7), "through");
  EXPECT_EQ(client.wait().status, 0);
}

TEST(Nc, TellsATimeoutAndNoRouteAsBothToolsDo) {
  const Ended ended = run_beside_silence(
      "for words in 'nc -vw1 192.0.2.1 80' 'ncat -w 100ms 192.0.2.1 80' "
      "'nc -v 198.51.100.1 80' 'ncat 198.51.100.1 80'; do \"$0\" $words </dev/null; echo $?; done");
  EXPECT_EQ(ended.out, "1\n1\n1\n1\n");
  EXPECT_EQ(ended.err,
            "nc: connect to 192.0.2.1 port 80 (tcp) timed out: Operation now in progress\n"
            "Ncat: TIMEOUT.\n"
            "nc: connect to 198.51.100.1 port 80 (tcp) failed: Network is unreachable\n"
            "Ncat: Network is unreachable.\n");
}

TEST(Nc, EachWrongWordHasNcsSentence) {
  struct Row {
    std::vector<std::string> words;
    std::string_view says;
  };
  const Row rows[] = {
      {{"127.0.0.1"},                       "nc: missing port number\n"                      },
      {{"127.0.0.1", "nonsense"},           "nc: port number invalid: nonsense\n"            },
      {{"127.0.0.1", "70000"},              "nc: port number too large: 70000\n"             },
      {{"-w", "x", "127.0.0.1", "1"},       "nc: timeout invalid: x\n"                       },
      {{"-T", "what", "127.0.0.1", "1"},    "nc: illegal tos value what\n"                   },
      {{"-zl", "1"},                        "nc: cannot use -z and -l\n"                     },
      {{"-X", "9", "127.0.0.1", "1"},       "nc: unsupported proxy protocol\n"               },
      {{"-u", "-x", "127.0.0.1", "a", "1"}, "nc: no proxy support for UDP mode\n"            },
      {{"-n", "localhost", "1"},            "nc: getaddrinfo for host \"localhost\" port 1: "},
      {{"-Q"},                              "nc: invalid option -- 'Q'\nusage: nc"           },
      {{"127.0.0.1", "1", "-w"},            "nc: option requires an argument -- 'w'"         },
      {{"-S", "127.0.0.1", "1"},            "nc: -S: TCP MD5 signatures are not supported"   },
      {{},                                  "usage: nc "                                     },
  };
  for (const Row& row : rows) {
    const Ended ended = run(nc(row.words));
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err.substr(0, row.says.size()), row.says);
  }
}

TEST(Nc, HelpIsInBothLanguages) {
  const Ended english = run(nc({"-h"}));
  EXPECT_EQ(english.status, 0);
  EXPECT_TRUE(has(english.out, "closes this side (FIN) at the end of input")) << english.out;
  const Ended portuguese = run(nc({"-h"}), "", {"LC_ALL=pt_BR.UTF-8"});
  EXPECT_TRUE(has(portuguese.out, "fecha este lado (FIN) no fim da entrada")) << portuguese.out;
}

}  // namespace
}  // namespace trama::tests
