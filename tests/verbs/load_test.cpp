// `trama load`, with the real program, against `trama serve` and servers that misbehave.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "kit/peer.h"
#include "kit/serving.h"

namespace trama::tests {
namespace {

Ended load(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  arguments.insert(arguments.begin(), {"load", "127.0.0.1"});
  return run(trama(arguments), {}, std::move(environment));
}

Ended load_json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return load(std::move(arguments));
}

u64 number_in(const std::string& json, const std::string& key) {
  const auto at = json.find("\"" + key + "\":");
  if (at == json.npos) {
    ADD_FAILURE() << key << " is not in: " << json;
    return 0;
  }
  return std::stoull(json.substr(at + key.size() + 3));
}

TEST(Load, AClosedLoopIsAnsweredToTheLastByte) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended = load_json({std::to_string(server.port("tcp")), "-c", "20", "--pipeline", "5",
                                "--size", "37", "-d", "200ms"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const auto sent = number_in(ended.out, "sent");
  EXPECT_GT(sent, 100U);
  EXPECT_EQ(number_in(ended.out, "answered"), sent);
  EXPECT_EQ(number_in(ended.out, "bytes_in"), sent * 37);
  EXPECT_EQ(number_in(ended.out, "opened"), 20U);
}

TEST(Load, AnOpenLoopSendsWhatIsDue) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended = load_json({std::to_string(server.port("tcp")), "-c", "3", "--rate", "1000",
                                "-d", "300ms", "-w", "20s"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(number_in(ended.out, "sent") + number_in(ended.out, "unsent"), 300U);
}

TEST(Load, LongMessagesAreComparedToo) {
  Server server{
      {"-q", "-m", "echo", "tcp", "0"}
  };
  const auto ended = load_json({std::to_string(server.port("tcp")), "-e", "echo", "--size", "1MiB",
                                "--pipeline", "3", "-d", "200ms", "-w", "20s"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_GT(number_in(ended.out, "answered"), 0U);
}

TEST(Load, DatagramsFindTheirQuestions) {
  Server server{
      {"-q", "udp", "0"}
  };
  const auto ended = load_json(
      {std::to_string(server.port("udp")), "-u", "-c", "3", "--pipeline", "7", "-d", "200ms"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_GT(number_in(ended.out, "answered"), 100U);
  EXPECT_EQ(number_in(ended.out, "wrong"), 0U);
}

TEST(Load, AConnectionForEachMessage) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended =
      load_json({std::to_string(server.port("tcp")), "--accepts", "-c", "5", "-d", "200ms"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_GT(number_in(ended.out, "answered"), 50U);
  EXPECT_GT(number_in(ended.out, "connections_a_second"), 250U);
}

TEST(Load, ARoomGetsWhatOneWrites) {
  Server server{
      {"-q", "-m", "room", "tcp", "0"}
  };
  const auto ended = load_json({std::to_string(server.port("tcp")), "-e", "room", "-c", "11",
                                "--pipeline", "4", "-d", "200ms", "-w", "20s"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_EQ(number_in(ended.out, "answered"), number_in(ended.out, "sent") * 10);
}

TEST(Load, WhereNoAnswerIsExpectedNoneIsAwaited) {
  Server server{
      {"-q", "-m", "discard", "tcp", "0", "udp", "0"}
  };
  const auto text = server.wait_for("udp 127.0.0.1");
  const auto more = server.wait_for("\n");
  for (const bool udp : {false, true}) {
    std::vector<std::string> arguments{std::to_string(port_in(more, udp ? "on udp" : "on tcp")),
                                       "-e", "none", "-d", "100ms"};
    if (udp) arguments.emplace_back("-u");
    const auto ended = load_json(arguments);
    EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
    EXPECT_GT(number_in(ended.out, "sent"), 100U);
    EXPECT_EQ(number_in(ended.out, "answered"), 0U);
  }
}

TEST(Load, AWrongAnswerIsFound) {
  Server server{
      {"-q", "-m", "echo", "tcp", "0", "udp", "0"}
  };
  server.wait_for("udp 127.0.0.1");
  const auto text = server.wait_for("\n");
  auto ended = load({std::to_string(port_in(text, "on tcp")), "-c", "2", "-d", "10s"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(has(ended.out, "2 wrong answers")) << ended.out;
  ended = load({std::to_string(port_in(text, "on udp")), "-u", "-d", "100ms"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(has(ended.out, "wrong answers")) << ended.out;
}

// One bit of one byte, after many right ones; and bytes nobody asked for.
TEST(Load, OneWrongByteIsFound) {
  for (const bool flips : {true, false}) {
    const Peer peer;
    std::thread server{[&] {
      const Fd socket = peer.accepted();
      for (int i = 0; i < 50; ++i) put(socket, take(socket, 64));
      auto text = take(socket, 64);
      if (flips)
        text[40] ^= 1;
      else
        text += 'x';
      put(socket, text);
      take(socket);
    }};
    const auto ended = load({peer.port, "-e", "echo", "-d", "20s"});
    server.join();
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(has(ended.out, "1 wrong answer\n")) << ended.out;
    EXPECT_FALSE(has(ended.out, "every answer was right")) << ended.out;
  }
}

TEST(Load, ARefusalIsASentenceAndStatusOne) {
  auto ended = load({free_port(), "-c", "5", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "refused: no program listens there")) << ended.err;
  ended = load({free_port(), "--accepts", "-c", "5", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "refused: no program listens there")) << ended.err;
  ended = load({free_port(SOCK_DGRAM), "-u", "-d", "20s"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "no program has that UDP port open")) << ended.err;
}

TEST(Load, AServerThatClosesOrResetsIsCounted) {
  for (const bool resets : {true, false}) {
    const Peer peer;
    std::thread server{[&] {
      Fd one = peer.accepted();
      Fd two = peer.accepted();
      put(one, take(one, 64));
      put(two, take(two, 64));
      if (resets) {
        reset(one);
        return reset(two);
      }
      shutdown(one.get(), SHUT_WR);
      shutdown(two.get(), SHUT_WR);
      take(one);
      take(two);
    }};
    const auto ended = load_json({peer.port, "-c", "2", "-e", "echo", "-d", "20s"});
    server.join();
    EXPECT_EQ(ended.status, 1) << ended.out;
    EXPECT_EQ(number_in(ended.out, resets ? "reset" : "closed"), 2U) << ended.out;
  }
}

TEST(Load, AServerThatHangsDoesNotHoldItUp) {
  const Peer peer;  // its queue takes the connections, and nobody reads
  for (const std::string pace : {"--pipeline=4", "--rate=100"}) {
    const auto ended = load({peer.port, "-c", "2", pace, "-d", "100ms", "-w", "100ms"});
    EXPECT_EQ(ended.status, 1) << ended.out;
    EXPECT_TRUE(has(ended.out, "without their answers at the end")) << ended.out;
  }
  const auto ended = load({peer.port, "--accepts", "-c", "2", "-d", "200ms", "-w", "100ms"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(has(ended.out, "2 connections timed out")) << ended.out;
}

TEST(Load, LostDatagramsAreCountedAndTheRestGoesOn) {
  const Peer peer{SOCK_DGRAM};
  std::thread server{[&] {
    for (int i = 0;; ++i) {
      std::array<char, 64> text{};
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      pollfd ready{peer.socket.get(), POLLIN, 0};
      if (poll(&ready, 1, 20'000) != 1) return;
      const auto n = recvfrom(peer.socket.get(), text.data(), text.size(), 0,
                              reinterpret_cast<sockaddr*>(&from), &size);
      if (n == 0) return;  // the test's end
      if (i % 10 == 3) continue;
      const int times = i % 10 == 5 ? 2 : 1;
      for (int k = 0; k < times; ++k)
        sendto(peer.socket.get(), text.data(), static_cast<std::size_t>(n), 0,
               reinterpret_cast<sockaddr*>(&from), size);
    }
  }};
  const auto ended = load_json(
      {peer.port, "-u", "-e", "echo", "--rate", "500", "-d", "200ms", "-w", "200ms", "-p", "256"});
  const Fd last = client("127.0.0.1", peer.number, SOCK_DGRAM);
  send(last.get(), "", 0, 0);
  server.join();
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_EQ(number_in(ended.out, "sent"), 100U);
  EXPECT_EQ(number_in(ended.out, "answered"), 90U);
  EXPECT_EQ(number_in(ended.out, "unanswered"), 10U);
  EXPECT_EQ(number_in(ended.out, "late"), 10U) << "answered twice";
}

// A server that stands still for 300 ms of 600: half of all messages waited, 150 ms on average.
TEST(Load, AnOpenLoopCountsFromWhenAMessageWasDue) {
  const Peer peer;
  std::thread server{[&] {
    const Fd socket = peer.accepted();
    put(socket, take(socket, 64));
    std::this_thread::sleep_for(300ms);
    for (std::string text; !(text = take(socket, 64)).empty();) put(socket, text);
  }};
  const auto ended =
      load({peer.port, "-e", "echo", "-p", "1", "-r", "100", "-d", "600ms", "-w", "20s", "--json"});
  server.join();
  EXPECT_EQ(ended.status, 0) << ended.out;
  const auto p50_of = [&](std::string_view key) {
    const auto at = ended.out.find("\"p50\":", ended.out.find(key));
    return std::stod(ended.out.substr(at + 6));
  };
  EXPECT_GT(p50_of("\"latency\""), 0.010);
  EXPECT_LT(p50_of("\"service_time\""), p50_of("\"latency\""));
}

TEST(Load, CtrlCGivesTheSummary) {
  Server server{
      {"-q", "tcp", "0"}
  };
  Program program{trama({"load", "127.0.0.1", std::to_string(server.port("tcp")), "-d", "60s"})};
  program.wait_for("messages of 64 bytes to 127.0.0.1:");
  program.signal(SIGINT);
  const auto ended = program.wait();
  EXPECT_EQ(ended.status, 130) << ended.out << ended.err;
  EXPECT_TRUE(has(ended.out, "messages sent")) << ended.out;
}

TEST(Load, PublicAddressesNeedAFlag) {
  const auto ended = run(trama({"load", "192.0.2.1", "80"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "192.0.2.1 is a public address")) << ended.err;
  EXPECT_TRUE(has(ended.err, "--allow-public")) << ended.err;
}

TEST(Load, BadUseIsASentenceAndStatusTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> all{
      {{},                                     "load needs HOST and PORT" },
      {{"1", "-e", "lower"},                   "not \"lower\""            },
      {{"1", "-d", "0"},                       "--duration is more than 0"},
      {{"1", "-d", "2h"},                      "--duration"               },
      {{"1", "-s", "2MiB"},                    "--size is at most 1MiB"   },
      {{"1", "-u", "-s", "4"},                 "--size is 5 to 65507"     },
      {{"1", "-u", "--accepts"},               "exclude each other"       },
      {{"1", "-e", "room"},                    "two connections at least" },
      {{"1", "-c", "0"},                       "whole number"             },
      {{"1", "-c", "200000", "--pipeline=30"}, "--connections times"      },
      {{"1", "-c", "200000"},                  "descriptors"              },
      {{"0"},                                  "nobody can be at port 0"  },
  };
  for (const auto& [arguments, sentence] : all) {
    const auto ended = load(arguments);
    EXPECT_EQ(ended.status, 2) << sentence;
    EXPECT_TRUE(has(ended.err, sentence)) << ended.err;
  }
}

TEST(Load, SpeaksPortuguese) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended =
      load({std::to_string(server.port("tcp")), "-c", "2", "-d", "50ms"}, {"LC_ALL=pt_BR.UTF-8"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_TRUE(has(ended.out, "todas as respostas estavam certas")) << ended.out;
}

// The bytes that a person's eyes should find: names and values, line by line.
TEST(Load, TellsAPersonWhatCame) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended = load({std::to_string(server.port("tcp")), "-c", "2", "-d", "50ms"});
  for (const auto* part :
       {"over 2 connections, 1 under way on each, for 50.0 ms\n", "2 connections opened in ",
        " messages sent, ", " answered in ", "answered after:  p50 ", "  p99.9 ", "  max ",
        "every answer was right\n"})
    EXPECT_TRUE(has(ended.out, part)) << part << "\n" << ended.out;
}

}  // namespace
}  // namespace trama::tests
