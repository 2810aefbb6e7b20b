// The lab end to end, as an ordinary user: the kernel's states at the right packets, programs of
// other people's in both hosts, losses, steps, and nothing left behind.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include "kit/program.h"

namespace trama::tests {
namespace {

// The binary where everybody may run it: a build folder may be closed to other users.
class Lab : public testing::Test {
 protected:
  void SetUp() override {
    chmod(folder_.path().c_str(), 0755);
    std::filesystem::copy_file(trama({})[0], binary_);
    chmod(binary_.c_str(), 0755);
  }

  // "lab" with these arguments; root gives its rights up first.
  [[nodiscard]] std::vector<std::string> lab(std::vector<std::string> arguments) const {
    std::vector<std::string> command;
    if (geteuid() == 0)
      command = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"};
    command.insert(command.end(), {binary_, "lab"});
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
  }

  // A file that the lab's programs may read.
  [[nodiscard]] std::string put(std::string_view name, std::string_view text) const {
    std::string path = folder_.path(name);
    std::ofstream{path} << text;
    chmod(path.c_str(), 0644);
    return path;
  }

  Folder folder_;
  std::string binary_ = folder_.path("trama");
};

// The value of a member in one line of NDJSON, without quotes; "" where it has none.
std::string member(std::string_view line, std::string_view key) {
  const std::string wanted = "\"" + std::string{key} + "\":";
  auto at = line.find(wanted);
  if (at == line.npos) return {};
  at += wanted.size();
  if (line[at] == '[') return std::string{line.substr(at, line.find(']', at) + 1 - at)};
  if (line[at] != '"') return std::string{line.substr(at, line.find_first_of(",}", at) - at)};
  return std::string{line.substr(at + 1, line.find('"', at + 1) - at - 1)};
}

std::vector<std::string> lines_of(const std::string& text, std::string_view type) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (member(line, "type") == type) lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

// "client [SYN] 0 SYN_SENT SYN_RCVD": who sent it, flags, payload, sender's and receiver's state.
std::string told(const std::string& frame) {
  return member(frame, "from") + ' ' +
         (member(frame, "transport") == "tcp" ? member(frame, "flags")
                                              : member(frame, "transport")) +
         ' ' + member(frame, "payload") + ' ' + member(frame, "sender") + ' ' +
         member(frame, "receiver");
}

std::vector<std::string> story(const std::string& text) {
  std::vector<std::string> story;
  for (const auto& frame : lines_of(text, "lab.frame")) story.push_back(told(frame));
  return story;
}

// Where a frame stands in the story at or after `from`; the story's size where it does not.
std::size_t find(const std::vector<std::string>& story, const std::string& frame,
                 std::size_t from = 0) {
  while (from < story.size() && story[from] != frame) ++from;
  return from;
}

std::string joined(const std::vector<std::string>& story) {
  std::string text;
  for (const auto& frame : story) text += frame + '\n';
  return text;
}

TEST_F(Lab, ShowsTheKernelsStatesAtTheRightPackets) {
  const Ended lab = run(this->lab({"--once", "--delay", "60ms", "--json"}));
  ASSERT_EQ(lab.status, 0) << lab.out << lab.err;
  const auto story = tests::story(lab.out);
  std::size_t at = 0;
  for (const char* frame : {
           R"(client ["SYN"] 0 SYN_SENT SYN_RCVD)",
           R"(server ["SYN","ACK"] 0 SYN_RCVD ESTABLISHED)",
           R"(client ["ACK"] 0 ESTABLISHED ESTABLISHED)",
           R"(client ["PSH","ACK"] 12 ESTABLISHED ESTABLISHED)",
           R"(server ["PSH","ACK"] 12 ESTABLISHED ESTABLISHED)",
           R"(client ["FIN","ACK"] 0 FIN_WAIT_1 CLOSE_WAIT)",
           R"(server ["ACK"] 0 CLOSE_WAIT FIN_WAIT_2)",
           R"(server ["FIN","ACK"] 0 LAST_ACK TIME_WAIT)",
           R"(client ["ACK"] 0 TIME_WAIT no socket)",
           "client udp 12 connected bound",
           "server udp 12 bound connected",
       }) {
    at = find(story, frame, at);
    ASSERT_LT(at, story.size()) << "no " << frame << " where it belongs in\n" << joined(story);
    ++at;
  }
  EXPECT_EQ(member(lines_of(lab.out, "lab.end").at(0), "lost"), "0");
}

TEST_F(Lab, FramesTravelInAPipelineEachDelayed) {
  const Ended lab = run(this->lab({"--once", "--delay", "80ms", "--json"}));
  ASSERT_EQ(lab.status, 0) << lab.err;
  std::vector<std::pair<double, double>> times;
  for (const auto& frame : lines_of(lab.out, "lab.frame"))
    times.emplace_back(std::stod(member(frame, "time")), std::stod(member(frame, "delivered")));
  ASSERT_GE(times.size(), 4U);
  for (const auto& [caught, delivered] : times) EXPECT_GE(delivered - caught, 0.0799);
  // The third ACK and the message leave together: the second one did not wait for the first.
  EXPECT_LT(times[3].first, times[2].second);
}

TEST_F(Lab, AgreesWithSockDiagAboutOtherPeoplesPrograms) {
  // The client pauses, as a prompt close skips states before anybody can read them.
  // The server prints what its own namespace's sock_diag says at moments that it knows.
  const std::string server = put("server.py", R"(
import os, socketserver, subprocess, sys
class Answer(socketserver.StreamRequestHandler):
  def handle(self):
    data = self.request.recv(100)
    self.request.sendall(data.upper())
    self.request.recv(100)
    table = open('/proc/net/tcp').read().split('\n')
    states = [row.split()[3] for row in table[1:] if row and row.split()[2][-4:] != '0000']
    print('states ' + ' '.join(states) + '\n', end='')
socketserver.TCPServer.allow_reuse_address = True
server = socketserver.ThreadingTCPServer((os.environ['TRAMA_SERVER'], int(os.environ['TRAMA_PORT'])), Answer)
server.serve_forever()
)");
  const Ended lab = run(
      this->lab({"--once", "--delay", "40ms", "--json", "--server", "python3 " + server, "--client",
                 "(printf hello; sleep 0.4) | nc.openbsd -N -w 5 $TRAMA_SERVER $TRAMA_PORT"}));
  ASSERT_EQ(lab.status, 0) << lab.out << lab.err;
  const auto story = tests::story(lab.out);
  EXPECT_NE(lab.out.find("HELLO"), std::string::npos) << lab.out;
  EXPECT_NE(lab.out.find("states 08"), std::string::npos) << lab.out;  // 08: CLOSE_WAIT
  std::size_t at = 0;
  for (const char* frame :
       {R"(client ["SYN"] 0 SYN_SENT SYN_RCVD)", R"(server ["SYN","ACK"] 0 SYN_RCVD ESTABLISHED)",
        R"(client ["ACK"] 0 ESTABLISHED ESTABLISHED)"}) {
    at = find(story, frame, at);
    ASSERT_LT(at, story.size()) << "no " << frame << " in\n" << joined(story);
  }
  EXPECT_EQ(story.back().substr(story.back().rfind("TIME_WAIT")), "TIME_WAIT no socket")
      << joined(story);
}

TEST_F(Lab, TellsARefusalFromBothEnds) {
  const Ended lab = run(this->lab(
      {"--once", "--delay", "20ms", "--json", "--client", "nc.openbsd -z $TRAMA_SERVER 9"}));
  EXPECT_EQ(lab.status, 1) << lab.err;  // the network said no
  const auto story = tests::story(lab.out);
  ASSERT_EQ(story.size(), 2U) << lab.out;
  EXPECT_EQ(story[0], R"(client ["SYN"] 0 SYN_SENT no socket)");
  EXPECT_EQ(story[1], R"(server ["RST","ACK"] 0 no socket no socket)");
}

TEST_F(Lab, LosesTheSameFramesForTheSameSeed) {
  const auto lose = [&](std::string seed) {
    const Ended lab = run(this->lab({"--once", "--delay", "5ms", "--loss", "60%", "--seed",
                                     std::move(seed), "--json", "--client",
                                     "for i in 1 2 3 4 5 6 7 8; do printf x; sleep 0.02; done |"
                                     " nc.openbsd -u -q 1 -w 1 $TRAMA_SERVER 65431"}));
    std::string fates;
    for (const auto& frame : lines_of(lab.out, "lab.frame"))
      if (member(frame, "from") == "client") fates += member(frame, "fate") + ' ';
    return fates;
  };
  const std::string fates = lose("7");
  EXPECT_NE(fates.find("lost"), std::string::npos) << fates;
  EXPECT_NE(fates.find("delivered"), std::string::npos) << fates;
  EXPECT_EQ(fates, lose("7"));
}

TEST_F(Lab, StepHoldsEachFrameUntilEnter) {
  Program lab{this->lab({"--once", "--step", "--json"})};
  lab.wait_for(R"("lab.held","id":1,)");
  const std::string before = lab.wait_for("\n");
  EXPECT_EQ(before.find("lab.frame"), std::string::npos) << before;
  lab.type("\n");
  lab.wait_for(R"("lab.frame","id":1,)");
  const std::string held = lab.wait_for(R"("lab.held","id":2,)");
  EXPECT_EQ(held.find(R"("lab.frame","id":2,)"), std::string::npos) << held;
  lab.close_input();  // and from here the wire goes on by itself
  const Ended ended = lab.wait();
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_FALSE(lines_of(ended.out, "lab.end").empty());
}

// The processes whose parent is this one, from /proc.
bool has_children(pid_t pid) {
  const std::string file = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid);
  return !read_file(file + "/children").empty();
}

bool is_gone(pid_t pid) { return kill(pid, 0) != 0; }

TEST_F(Lab, LeavesNothingBehind) {
  for (const int number : {SIGINT, SIGKILL}) {
    Program lab{this->lab({"--delay", "10ms", "--json", "--server",
                           "sh -c 'trap \"\" TERM; nc.openbsd -lk $TRAMA_SERVER $TRAMA_PORT'",
                           "--client", "sleep 1000"})};
    lab.wait_for("lab.start");
    const std::string start = lab.wait_for("sleep 1000");
    const pid_t client = std::stoi(member(lines_of(start, "lab.start").at(0), "client_pid"));
    const pid_t server = std::stoi(member(lines_of(start, "lab.start").at(0), "server_pid"));
    EXPECT_TRUE(has_children(lab.pid()));
    EXPECT_FALSE(is_gone(client));
    lab.signal(number);
    const Ended ended = lab.wait();
    EXPECT_EQ(ended.status, number == SIGINT ? 130 : 128 + SIGKILL);
    EXPECT_EQ(lines_of(ended.out, "lab.end").size(), number == SIGINT ? 1U : 0U);
    // The kernel ends the namespace's processes; where the lab itself was killed, a moment later.
    for (int tries = 0; tries < 2000 && !(is_gone(client) && is_gone(server)); ++tries)
      usleep(1000);
    EXPECT_TRUE(is_gone(client));
    EXPECT_TRUE(is_gone(server));
  }
}

TEST_F(Lab, ServerThatListensNowhereIsTold) {
  const Ended lab = run(this->lab({"--once", "--server", "exit 3"}));
  EXPECT_EQ(lab.status, 1);
  EXPECT_NE(lab.err.find("ended before it listened"), std::string::npos) << lab.err;
}

TEST_F(Lab, RunsOverIpv6WhereAsked) {
  const Ended lab = run(this->lab({"--once", "--ipv6", "--delay", "10ms", "--json"}));
  EXPECT_EQ(lab.status, 0) << lab.out << lab.err;
  const auto story = tests::story(lab.out);
  EXPECT_LT(find(story, R"(client ["SYN"] 0 SYN_SENT SYN_RCVD)"), story.size()) << joined(story);
}

TEST_F(Lab, WithoutNamespacesTheSameConversationOverLoopback) {
  // In a namespace of its own, in which no more can be made.
  const auto forbidden = [&](std::vector<std::string> arguments) {
    std::vector<std::string> command = lab(std::move(arguments));
    std::string line =
        "for n in user net pid; do echo 0 > /proc/sys/user/max_${n}_namespaces; "
        "done; ip link set lo up; exec \"$0\" \"$@\"";
    const auto at = std::find(command.begin(), command.end(), binary_);
    command.insert(at, {"unshare", "-Urn", "sh", "-c", line});
    return run(std::move(command));
  };
  const Ended lab = forbidden({"--json", "--delay", "1ms"});
  EXPECT_EQ(lab.status, 0) << lab.out << lab.err;
  EXPECT_NE(lab.err.find("sudo sysctl -w user.max_user_namespaces="), std::string::npos) << lab.err;
  std::string calls;
  for (const auto& call : lines_of(lab.out, "lab.call"))
    calls += member(call, "call") + ' ' + member(call, "client_implied") + ' ' +
             member(call, "client") + ' ' + member(call, "server") + '\n';
  for (const char* call :
       {"listen  no socket LISTEN\n", "connect SYN_SENT ESTABLISHED ESTABLISHED\n",
        "shutdown FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT\n", "close FIN_WAIT_2 TIME_WAIT no socket\n",
        "sendto  bound bound\n"})
    EXPECT_NE(calls.find(call), std::string::npos) << call << "not in\n" << calls;
  // Root of that namespace may see its packets.
  EXPECT_FALSE(lines_of(lab.out, "lab.frame").empty());
  const Ended program = forbidden({"--server", "true"});
  EXPECT_EQ(program.status, 77) << program.err;  // no lab, and loopback cannot stand in for it
}

TEST_F(Lab, WritesWhatItSaw) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  const std::string file = folder_.path("lab.pcapng");
  const Ended lab = run(this->lab({"--once", "--delay", "5ms", "--json", "-w", file}));
  EXPECT_EQ(lab.status, 0) << lab.err;
  const std::string bytes = read_file(file);
  EXPECT_TRUE(bytes.starts_with("\x0a\x0d\x0d\x0a"));  // a Section Header Block
  EXPECT_NE(bytes.find("Hello, world"), bytes.npos);
  EXPECT_NE(bytes.find("HELLO, WORLD"), bytes.npos);
  const Ended full = run(this->lab({"--once", "--delay", "5ms", "-w", "/dev/full"}));
  EXPECT_EQ(full.status, 74) << full.err;
}

TEST_F(Lab, WrongInputIsOneSentence) {
  for (const auto& [arguments, sentence] :
       std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"--loss", "120%"},  "--loss takes a percentage"   },
           {{"--delay", "2h30"}, "is no duration"              },
           {{"--delay", "120m"}, "an hour at most"             },
           {{"--port", "1"},     "whole number from 2 to 65535"},
           {{"nc"},              "behind --server or --client" }
  }) {
    const Ended lab = run(this->lab(arguments));
    EXPECT_EQ(lab.status, 2);
    EXPECT_NE(lab.err.find(sentence), std::string::npos) << lab.err;
  }
}

TEST_F(Lab, SpeaksPortugueseInsideToo) {
  const Ended lab = run(this->lab({"--once", "--delay", "5ms", "--lang", "pt_BR"}));
  EXPECT_EQ(lab.status, 0) << lab.err;
  EXPECT_NE(lab.out.find("cada quadro leva 5 ms"), std::string::npos) << lab.out;
  EXPECT_NE(lab.out.find("SYN_SENT ●"), std::string::npos) << lab.out;
}

}  // namespace
}  // namespace trama::tests
