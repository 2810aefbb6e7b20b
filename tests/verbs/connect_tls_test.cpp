// `trama connect --tls` against trama's own TLS server with certificates that the test makes.
#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include "connect/tls_channel.h"
#include "kit/peer.h"
#include "kit/program.h"

namespace trama::tests {
namespace {

// A key, and a certificate for localhost that it signs itself.
struct Certificate {
  Certificate() {
    const Ended made =
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", folder.path("key"), "-out", folder.path("cert"), "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"});
    EXPECT_EQ(made.status, 0) << made.err;
  }
  [[nodiscard]] std::string cert() const { return folder.path("cert"); }
  Folder folder;
};

struct TlsServer {
  TlsServer()
      : program{trama({"serve", "--quiet", "--tls", "--cert", certificate.cert(), "--key",
                       certificate.folder.path("key"), "--alpn", "h2,http/1.1", "tcp", "0"})},
        port(std::to_string(port_in(program.wait_for("this machine only")))) {}
  Certificate certificate;
  Program program;
  std::string port;
};

TEST(Connect, TlsProvesThePeerAndTalks) {
  TlsServer server;
  const std::string text(300'000, 'a');
  const Ended ended = run(connect_to({"-v", "-4", "--tls", "--ca", server.certificate.cert(),
                                      "--alpn", "http/1.1", "localhost", server.port}),
                          text);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, std::string(text.size(), 'A'));
  EXPECT_TRUE(has(ended.err, "TLSv1.3, ")) << ended.err;
  EXPECT_TRUE(has(ended.err, ", ALPN http/1.1\n")) << ended.err;
}

TEST(Connect, TlsShowsACertificateOfItsOwn) {
  const Certificate own;
  const auto key = own.folder.path("key");
  Program server{trama({"serve", "--quiet", "--tls", "--cert", own.cert(), "--key", key,
                        "--client-ca", own.cert(), "tcp", "0"})};
  const auto port = std::to_string(port_in(server.wait_for("this machine only")));
  Ended ended = run(connect_to({"-4", "--tls", "--ca", own.cert(), "localhost", port}), "hi");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  ended = run(connect_to({"--tls", "--ca", own.cert(), "--server-name", "localhost", "--cert",
                          own.cert(), "--key", key, "127.0.0.1", port}),
              "hi");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "HI");
  ended = run(connect_to({"--tls", "--cert", own.cert(), "127.0.0.1", port}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "--cert FILE and --key FILE belong together"));
  ended = run(connect_to({"--tls", "--cert", "/nowhere", "--key", key, "127.0.0.1", port}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(has(ended.err, "/nowhere: no certificate can be read there (PEM)")) << ended.err;
}

TEST(Connect, TlsRefusesWhoIsNotProven) {
  TlsServer server;
  Ended ended = run(connect_to({"-4", "--tls", "localhost", server.port}), "secret");
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(has(ended.err, "localhost is not proven: self")) << ended.err;
  // The right authority, and another name than the certificate's.
  ended = run(connect_to({"--tls", "--ca", server.certificate.cert(), "127.0.0.1", server.port}),
              "secret");
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "127.0.0.1 is not proven: IP address mismatch")) << ended.err;
  ended = run(connect_to({"--tls", "--insecure", "127.0.0.1", server.port}), "hi");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "HI");
  EXPECT_TRUE(has(ended.err, "WARNING: the peer is not proven (--insecure)")) << ended.err;
}

TEST(Connect, TlsThatIsCutOffIsNoSuccess) {
  const Certificate certificate;
  const auto port = free_port();
  Program server{
      {"openssl", "s_server", "-accept", "127.0.0.1:" + port, "-cert", certificate.cert(), "-key",
       certificate.folder.path("key")}
  };
  server.wait_for("ACCEPT");
  Program client{connect_to({"--tls", "--ca", certificate.cert(), "-4", "localhost", port})};
  server.wait_for("CIPHER is");
  server.type("hello\n");
  client.wait_for("hello");
  server.signal(SIGKILL);  // FIN, and no close_notify before it
  server.wait();
  client.close_input();
  const Ended ended = client.wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "hello\n");
  EXPECT_TRUE(has(ended.err, "cut off: the peer closed without ending TLS")) << ended.err;
}

// Reads as the server of a TLS session: the bytes, or "" at the peer's close_notify.
std::string take(connect::Channel& channel) {
  std::array<u8, 65536> space{};
  const ssize_t n = channel.read(space);
  EXPECT_GE(n, 0) << channel.failure();
  return {space.begin(), space.begin() + std::max<ssize_t>(n, 0)};
}

TEST(Connect, TlsSendsTheRestToAPeerThatClosedFirst) {
  const auto host = connect::TlsHost::make({});
  for (const bool notifies : {true, false}) {
    Peer peer;
    Program client{connect_to({"--tls", "--insecure", "127.0.0.1", peer.port})};
    const Fd socket = peer.accepted();
    const auto session = (*host)->channel(socket.get());
    client.type("first");
    EXPECT_EQ(take(*session), "first");
    if (notifies)
      session->end_sending();
    else
      shutdown(socket.get(), SHUT_WR);  // FIN, and no close_notify before it
    client.type("second");
    EXPECT_EQ(take(*session), "second");
    client.close_input();
    EXPECT_EQ(take(*session), "");
    EXPECT_FALSE(session->cut_off());
    const Ended ended = client.wait();
    EXPECT_EQ(ended.status, notifies ? 0 : 1) << ended.err;
    EXPECT_EQ(has(ended.err, "cut off: the peer closed without ending TLS"), !notifies);
  }
}

TEST(Connect, TlsSaysWhichAlertEndedTheHandshake) {
  TlsServer server;
  const Ended ended =
      run(connect_to({"--tls", "--insecure", "--alpn", "smtp", "127.0.0.1", server.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err,
                  "the alert no_application_protocol (it speaks none of the protocols of --alpn)"))
      << ended.err;
}

TEST(Connect, TlsSaysWhereNoTlsIsSpoken) {
  Program plain{trama({"serve", "--quiet", "tcp", "0"})};
  const auto port = std::to_string(port_in(plain.wait_for("this machine only")));
  Ended ended = run(connect_to({"--tls", "127.0.0.1", port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "perhaps no TLS is spoken there")) << ended.err;
  Peer silent;
  ended = run(connect_to({"--tls", "-w", "100ms", "127.0.0.1", silent.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "did not finish TLS's handshake within the time of -w")) << ended.err;
  ended = run(connect_to({"--tls", "-i", "100ms", "127.0.0.1", silent.port}));
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(has(ended.err, "did not finish TLS's handshake within the time of -i")) << ended.err;
  EXPECT_EQ(run(connect_to({"--tls", "-u", "127.0.0.1", port})).status, 2);
  EXPECT_EQ(run(connect_to({"--insecure", "127.0.0.1", port})).status, 2);
  EXPECT_EQ(run(connect_to({"--tls", "--ca", "/dev/null", "127.0.0.1", port})).status, 2);
}

}  // namespace
}  // namespace trama::tests
