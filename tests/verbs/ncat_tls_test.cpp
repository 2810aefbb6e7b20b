// trama in the place of ncat with --ssl: whose end of bytes ends what.
#include <gtest/gtest.h>

#include <csignal>

#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

struct TlsListener {
  explicit TlsListener(std::vector<std::string> more = {}) : program{command(std::move(more))} {
    program.wait_for_error("Ncat: Listening on 127.0.0.1:" + port + "\n");
  }
  std::vector<std::string> command(std::vector<std::string> more) {
    more.insert(more.begin(), {"ncat", "--ssl", "-l", "-v", "127.0.0.1", port});
    return trama(more);
  }
  std::string port = free_port();
  Program program;
};

TEST(NcatTls, AFinWithoutCloseNotifyIsAnEnd) {
  TlsListener listener;
  Program client{
      {"openssl", "s_client", "-quiet", "-connect", "127.0.0.1:" + listener.port}
  };
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
    TlsListener listener;
    listener.program.close_input();
    const std::vector<std::string> words{"127.0.0.1", listener.port};
    const Ended sent = as_ncat
                           ? run(trama({"ncat", "--ssl", "--send-only", words[0], words[1]}), text)
                           : run(connect_to({"--tls", "--insecure", words[0], words[1]}), text);
    EXPECT_EQ(sent.status, 0) << sent.err;
    const Ended ended = listener.program.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.out, text);
  }
}

// Its FIN has come before our close_notify, which is answered with RST.
TEST(NcatTls, AClientThatHasGoneBeforeOurEndHasEndedWell) {
  TlsListener listener;
  Program client{
      {"openssl", "s_client", "-quiet", "-connect", "127.0.0.1:" + listener.port}
  };
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
  const Ended ended = run(trama({"ncat", "-w", "100ms", "--ssl", "127.0.0.1", silent.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "Ncat: TIMEOUT.\n");
}

}  // namespace
}  // namespace trama::tests
