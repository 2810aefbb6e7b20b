// `trama load`, with the real program, against `trama serve`.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "kit/loading.h"
#include "kit/serving.h"

namespace trama::tests {
namespace {

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

TEST(Load, ALoadThatStandsStillOwesWhatFellDueMeanwhile) {
  Server server{
      {"tcp", "0", "udp", "0"}
  };
  const auto started = server.wait_for("udp 127.0.0.1");
  for (const bool udp : {false, true}) {
    const auto port = port_in(started, udp ? "on udp" : "on tcp");
    const std::string size = udp ? "61" : "60";
    std::vector<std::string> words{"load",   "127.0.0.1", std::to_string(port),
                                   "--json", "--rate",    "1000",
                                   "-d",     "300ms",     "-w",
                                   "20s",    "--size",    size};
    if (udp) words.emplace_back("-u");
    Program load{trama(words)};
    server.wait_for(size + " bytes: ");  // it is under way
    load.signal(SIGSTOP);
    std::this_thread::sleep_for(500ms);  // its time passes
    load.signal(SIGCONT);
    const Ended ended = load.wait();
    EXPECT_EQ(number_in(ended.out, "sent") + number_in(ended.out, "unsent"), 300U) << ended.out;
  }
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
  EXPECT_TRUE(tells(ended, "2 wrong answers")) << ended.out;
  ended = load({std::to_string(port_in(text, "on udp")), "-u", "-d", "100ms"});
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_TRUE(tells(ended, "wrong answers")) << ended.out;
}

// One bit of one byte, after many right ones; and bytes nobody asked for.
// A server that stands still for 300 ms of 600: half of all messages waited, 150 ms on average.
TEST(Load, CtrlCGivesTheSummary) {
  Server server{
      {"-q", "tcp", "0"}
  };
  Program program{trama({"load", "127.0.0.1", std::to_string(server.port("tcp")), "-d", "60s"})};
  program.wait_for("messages of 64 bytes to 127.0.0.1:");
  program.signal(SIGINT);
  const auto ended = program.wait();
  EXPECT_EQ(ended.status, 130) << ended.out << ended.err;
  EXPECT_TRUE(tells(ended, "messages sent")) << ended.out;
}

TEST(Load, PublicAddressesNeedAFlag) {
  const auto ended = run(trama({"load", "192.0.2.1", "80"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(tells(ended, "192.0.2.1 is a public address")) << ended.err;
  EXPECT_TRUE(tells(ended, "--allow-public")) << ended.err;
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
    EXPECT_TRUE(tells(ended, sentence)) << ended.err;
  }
}

TEST(Load, SpeaksPortuguese) {
  Server server{
      {"-q", "tcp", "0"}
  };
  const auto ended =
      load({std::to_string(server.port("tcp")), "-c", "2", "-d", "50ms"}, {"LC_ALL=pt_BR.UTF-8"});
  EXPECT_EQ(ended.status, 0) << ended.out;
  EXPECT_TRUE(tells(ended, "todas as respostas estavam certas")) << ended.out;
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
    EXPECT_TRUE(tells(ended, part)) << part << "\n" << ended.out;
}

}  // namespace
}  // namespace trama::tests
