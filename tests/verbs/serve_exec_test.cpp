// `trama serve --exec`: programs at the other end.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "kit/serving.h"

namespace trama::tests {
namespace {

constexpr std::size_t all = 100'000'000;

// Until the process is gone; false after 20 s.
bool is_gone(pid_t pid) {
  for (int i = 0; i < 2000; ++i) {
    if (kill(pid, 0) != 0) return true;
    std::this_thread::sleep_for(10ms);  // it is nobody's child: nothing tells of its end
  }
  return false;
}

pid_t pid_from(const Fd& socket) { return static_cast<pid_t>(std::stol(take_until(socket, "\n"))); }

TEST(ServeExec, TheProgramsInputAndOutputAreTheClients) {
  Server server{
      {"--exec", "tr a-z 'A-Z'", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  put(socket, "hello\n");
  shutdown(socket.get(), SHUT_WR);
  EXPECT_EQ(take(socket, all), "HELLO\n");
  server.signal(SIGTERM);
  const auto out = server.wait().out;
  EXPECT_NE(out.find("ended with status 0"), std::string::npos) << out;
  EXPECT_NE(out.find("its program has ended; 1 message, 6 bytes in, 6 out"), std::string::npos);
}

TEST(ServeExec, MuchGoesThroughBothWaysWhoeverReadsSlowly) {
  for (const std::string kind : {"plain", "tls"}) {
    std::vector<std::string> words{"--exec", "cat", "--quiet", "--queue", "100KB", "tcp", "0"};
    if (kind == "tls") words.insert(words.begin(), "--tls");
    Server server{words};
    const auto port = std::to_string(server.port("tcp"));
    const Ended ended =
        run({"python3", "-c",
             "import socket, ssl, sys, threading, time, hashlib\n"
             "s = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
             "if sys.argv[2] == 'tls': s = ssl._create_unverified_context().wrap_socket(s)\n"
             "data = bytes(range(251)) * 40000\n"
             "threading.Thread(target=s.sendall, args=(data,)).start()\n"
             "time.sleep(0.3)\n"  // everything on the way is full now
             "got = b''\n"
             "while len(got) < len(data):\n"
             "    part = s.recv(65536)\n"
             "    if not part: break\n"
             "    got += part\n"
             "print(got == data)\n",
             port, kind});
    EXPECT_EQ(ended.out, "True\n") << kind << ended.err;
  }
}

TEST(ServeExec, AProgramKnowsWhoIsThereAndInheritsNothingElse) {
  Server server{
      {"--sh-exec", "env | grep ^NCAT_ | sort; ls -C /proc/self/fd", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  // What this test itself was given, and the folder that ls reads.
  const auto before = run({"sh", "-c", "ls -C /proc/self/fd"}).out;
  const Fd standing = client("127.0.0.1", port);  // its descriptors are not to be seen
  take(standing, all);
  const Fd socket = client("127.0.0.1", port);
  const auto local = [&] {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size);
    return std::to_string(ntohs(at.sin_port));
  }();
  EXPECT_EQ(take(socket, all),
            "NCAT_LOCAL_ADDR=127.0.0.1\nNCAT_LOCAL_PORT=" + std::to_string(port) +
                "\nNCAT_PROTO=TCP\nNCAT_REMOTE_ADDR=127.0.0.1\n"
                "NCAT_REMOTE_PORT=" +
                local + "\n" + before);
}

TEST(ServeExec, APeerThatIsLostEndsItsProgram) {
  Server server{
      {"--sh-exec", "echo $$; sleep 1000", "tcp", "0"}
  };
  Fd socket = client("127.0.0.1", server.port("tcp"));
  const pid_t pid = pid_from(socket);
  reset(socket);
  server.wait_for("was ended by signal 15");
  EXPECT_TRUE(is_gone(pid));
}

TEST(ServeExec, TheServersEndIsTheProgramsEnd) {
  Server server{
      {"--sh-exec", "echo $$; exec sleep 1000", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  const pid_t pid = pid_from(socket);
  server.signal(SIGTERM);
  const Ended ended = server.wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_NE(ended.out.find("was ended by signal 15"), std::string::npos) << ended.out;
  EXPECT_TRUE(is_gone(pid));
}

TEST(ServeExec, AProgramThatIgnoresSigtermIsKilledWhenTheDrainTimeIsOver) {
  Server server{
      {"--drain", "300ms", "--sh-exec", "trap '' TERM; echo $$; while :; do sleep 1000; done",
       "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  const pid_t pid = pid_from(socket);
  server.signal(SIGTERM);
  const Ended ended = server.wait(5s);
  EXPECT_NE(ended.out.find("was ended by signal 9"), std::string::npos) << ended.out;
  EXPECT_TRUE(is_gone(pid));
}

TEST(ServeExec, SigtermLosesNothingThatWasOnItsWay) {
  Server server{
      {"--exec", "cat", "--quiet", "tcp", "0"}
  };
  const Fd socket = client("127.0.0.1", server.port("tcp"));
  std::string data(2'000'000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i * 7 % 26);
  fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  std::size_t sent = 0;
  pollfd room{socket.get(), POLLOUT, 0};
  while (sent < data.size() && poll(&room, 1, 300) == 1) {
    const ssize_t n = send(socket.get(), data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  server.signal(SIGTERM);
  server.wait_for("ending: 1 connection");
  EXPECT_EQ(take(socket, all), data.substr(0, sent));
  EXPECT_EQ(server.wait().status, 0);
}

TEST(ServeExec, MaxClientsBoundsThePrograms) {
  Server server{
      {"--max-clients", "1", "--exec", "cat", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd first = client("127.0.0.1", port);
  put(first, "a");
  EXPECT_EQ(take(first, 1), "a");
  EXPECT_EQ(take(client("127.0.0.1", port), all), "the server is full, try again later\n");
}

TEST(ServeExec, AProgramThatCannotStartIsToldToBoth) {
  const Folder folder;
  const auto path = folder.path("broken");
  run({"sh", "-c", "echo '#!/no/such/shell' > " + path + "; chmod +x " + path});
  Server server{
      {"--json", "--exec", path, "tcp", "0"}
  };
  const auto port = port_in(server.wait_for("\"port\""));
  const Fd sent_away = client("127.0.0.1", port);
  EXPECT_TRUE(take(sent_away, all).starts_with("cannot start " + path));
  server.wait_for("\"serve.failed\"");
  // At once, though the client has not closed its side.
  server.wait_for("\"not_started\"", 1500ms);
}

TEST(ServeExec, JsonTellsItsEnd) {
  Server server{
      {"--json", "--sh-exec", "exit 7", "tcp", "0"}
  };
  const auto port = port_in(server.wait_for("\"port\""));
  take(client("127.0.0.1", port), all);
  server.wait_for("\"serve.program\"");
  server.wait_for("\"status\":7");
}

TEST(ServeExec, WhatDoesNotFitIsUsage) {
  for (const std::string words :
       {"--exec cat udp 0", "--exec no-such-program", "--exec \"cat 'x\"", "--mode exec",
        "--mode echo --exec cat", "--sh-exec a --exec cat"}) {
    const Ended ended = run({"sh", "-c", trama({})[0] + " serve " + words});
    EXPECT_EQ(ended.status, 2) << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
}

}  // namespace
}  // namespace trama::tests
