// trama in the place of ncat with --ssl: who is proven, and whose end of bytes ends what.
#include <gtest/gtest.h>

#include <csignal>

#include "kit/ncat.h"

namespace trama::tests {
namespace {

// What `openssl s_client` says, it says until it is killed.
Program openssl_at(const NcatListener& listener) {
  return Program{
      {"openssl", "s_client", "-quiet", "-connect", "127.0.0.1:" + listener.port}
  };
}

TEST(NcatTls, TalksBothWays) {
  NcatListener listener{{"--ssl"}};
  Program client{ncat({"--ssl", "-v", "127.0.0.1", listener.port})};
  client.wait_for_error("Ncat: SSL connection to 127.0.0.1:" + listener.port + ".\n");
  client.type("secret\n");
  listener.program.wait_for("secret\n");
  listener.program.type("answer\n");
  client.wait_for("answer\n");
  client.close_input();
  EXPECT_EQ(listener.program.wait().status, 0);
  EXPECT_EQ(client.wait().status, 0);
}

TEST(NcatTls, AGuestThatNeverShakesHandsKeepsNobodyWaiting) {
  NcatListener listener{
      {"-k", "--ssl"}
  };
  const Fd silent = came_to(listener.port);
  listener.program.wait_for_error("Connection from 127.0.0.1.\n");
  Program client{ncat({"--ssl", "-v", "127.0.0.1", listener.port})};
  client.wait_for_error("Ncat: SSL connection to");
  client.type("here\n");
  listener.program.wait_for("here\n");
  listener.program.type("to all\n");
  client.wait_for("to all\n");
}

TEST(NcatTls, VerifyRefusesWhoIsNotProven) {
  NcatListener listener{{"--ssl"}};
  const Ended ended = run(ncat({"--ssl-verify", "-v", "127.0.0.1", listener.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "Ncat: Certificate verification failed (self-signed certificate).\n"))
      << ended.err;
  EXPECT_TRUE(has(ended.err, "Ncat: Input/output error.\n"));
}

TEST(NcatTls, AFinWithoutCloseNotifyIsAnEnd) {
  NcatListener listener{{"--ssl"}};
  Program client = openssl_at(listener);
  client.type("hello\n");
  listener.program.wait_for("hello\n");
  client.signal(SIGKILL);  // FIN alone
  const Ended ended = listener.program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "hello\n");
}

TEST(NcatTls, AListenerWithoutInputStillReceives) {
  const std::string text(300'000, 'x');
  for (const bool as_ncat : {true, false}) {
    NcatListener listener{{"--ssl"}};
    listener.program.close_input();
    const std::vector<std::string> words{"127.0.0.1", listener.port};
    const Ended sent = as_ncat ? run(ncat({"--ssl", "--send-only", words[0], words[1]}), text)
                               : run(connect_to({"--tls", "--insecure", words[0], words[1]}), text);
    EXPECT_EQ(sent.status, 0) << sent.err;
    const Ended ended = listener.program.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.out, text);
  }
}

// Its FIN has come before our close_notify, which is answered with RST.
TEST(NcatTls, AClientThatHasGoneBeforeOurEndHasEndedWell) {
  NcatListener listener{{"--ssl"}};
  Program client = openssl_at(listener);
  client.type("hello\n");
  listener.program.wait_for("hello\n");
  listener.program.signal(SIGSTOP);
  client.signal(SIGKILL);
  client.wait();
  listener.program.close_input();
  listener.program.signal(SIGCONT);
  const Ended ended = listener.program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
}

TEST(NcatTls, ASilentHandshakeIsATimeout) {
  const Peer silent;
  const Ended ended = run(ncat({"-w", "100ms", "--ssl", "127.0.0.1", silent.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "Ncat: TIMEOUT.\n");
}

}  // namespace
}  // namespace trama::tests
