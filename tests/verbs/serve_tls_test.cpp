// `trama serve --tls`, with openssl's own client at the other end.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "kit/serving.h"

namespace trama::tests {
namespace {

// What `openssl s_client` gets for what it types; it says no more until its end.
Program speak(unsigned short port, std::vector<std::string> options = {}) {
  std::vector<std::string> command{"openssl",     "s_client", "-quiet",
                                   "-no_ign_eof", "-connect", "127.0.0.1:" + std::to_string(port)};
  command.insert(command.end(), options.begin(), options.end());
  return Program{command};
}

// A certificate authority, and a certificate with its key that the authority has signed.
struct Authority {
  explicit Authority(const Folder& folder)
      : ca(folder.path("ca.pem")), certificate(folder.path("c.pem")), key(folder.path("k.pem")) {
    const auto ca_key = folder.path("ca-key.pem"), request = folder.path("r.pem");
    const std::vector<std::string> self{
        "openssl", "req",   "-x509",  "-newkey", "ec",   "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-subj", "/CN=ca", "-keyout", ca_key, "-out",     ca};
    const std::vector<std::string> asks{
        "openssl", "req",   "-newkey",       "ec",      "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-subj", "/CN=localhost", "-keyout", key,        "-out",
        request};
    const std::vector<std::string> signs{"openssl", "x509",     "-req",   "-in",  request,
                                         "-CA",     ca,         "-CAkey", ca_key, "-CAcreateserial",
                                         "-out",    certificate};
    for (const auto& command : {self, asks, signs}) EXPECT_EQ(run(command).status, 0);
  }
  std::string ca, certificate, key;
};

TEST(ServeTls, AMadeCertificateIsToldAndServes) {
  Server server{
      {"--tls", "tcp", "0"}
  };
  const auto text = server.wait_for("TLS with the certificate of SHA-256 ");
  const auto port = port_in(text, "tcp");
  const auto told = server.wait_for("\n");
  Program program = speak(port);
  program.type("hello\n");
  program.wait_for("HELLO\n");
  server.wait_for("6 bytes: hello");
  const auto shown = run({"sh", "-c",
                          "openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
                              " </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256 "
                              "-ext subjectAltName"});
  const auto at = shown.out.find('=');
  ASSERT_NE(at, std::string::npos) << shown.out << shown.err;
  EXPECT_NE(told.find(shown.out.substr(at + 1, 95)), std::string::npos) << shown.out << told;
  EXPECT_NE(shown.out.find("DNS:localhost"), std::string::npos) << shown.out;
  program.close_input();
  program.wait();
  server.wait_for("closed by the client (FIN); 1 message, 6 bytes in, 6 out");
}

// More than any buffer holds, in both directions, and a clean end.
TEST(ServeTls, LargeStreamsAndFilesComeWhole) {
  const Folder folder;
  const auto path = folder.path("data");
  std::string data(3'000'000, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>('a' + i * 7 % 26);
  std::ofstream{path, std::ios::binary} << data;
  const auto get = [&](unsigned short port, const std::string& input) {
    const auto out = folder.path("got");
    const Ended ended = run(
        {"sh", "-c", "python3 -c \"$0\" " + std::to_string(port) + " " + input + " > " + out,
         "import asyncio, ssl, sys\n"
         "async def main():\n"
         "    data = open(sys.argv[2], 'rb').read()\n"
         "    tls = ssl._create_unverified_context()\n"
         "    reader, writer = await asyncio.open_connection('127.0.0.1', sys.argv[1], ssl=tls)\n"
         "    writer.write(data)\n"  // all at once: it leaves while the answer is read
         "    want = 3000000\n"
         "    while want:\n"
         "        part = await reader.read(65536)\n"
         "        if not part: break\n"
         "        want -= len(part); sys.stdout.buffer.write(part)\n"
         "    writer.transport.abort()\n"
         "asyncio.run(main())\n"});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return read_file(out);
  };
  Server echo{
      {"--tls", "--mode", "echo", "--quiet", "tcp", "0"}
  };
  EXPECT_EQ(get(echo.port("tcp"), path), data);
  Server file{
      {"--tls", "--file", path, "tcp", "0"}
  };
  EXPECT_EQ(get(file.port("tcp"), "/dev/null"), data);
}

TEST(ServeTls, GarbageAndSlowHandshakesDelayNobody) {
  Server server{
      {"--tls", "--mode", "chat", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Fd silent = client("127.0.0.1", port);
  const Fd half = client("127.0.0.1", port);
  put(half, std::string("\x16\x03\x01\x02\x00\x01", 6));  // the start of a ClientHello
  const Fd garbage = client("127.0.0.1", port);
  put(garbage, "GET / HTTP/1.0\r\n\r\n");
  server.wait_for("TLS failed: http request");
  Program ana = speak(port);
  ana.wait_for("0 others are here");  // who has not said hello yet is no member
  Program bea = speak(port);
  bea.wait_for("1 other is here");
  bea.type("oi\n");
  ana.wait_for(": oi\n");
}

TEST(ServeTls, ClientCaKeepsOutWhoShowsNoCertificate) {
  const Folder folder;
  const Authority authority{folder};
  Server server{
      {"--tls", "--cert", authority.certificate, "--key", authority.key, "--client-ca",
       authority.ca, "tcp", "0"}
  };
  const auto port = server.port("tcp");
  Program stranger = speak(port);
  server.wait_for("TLS failed: peer did not return a certificate");
  Program known = speak(port, {"-cert", authority.certificate, "-key", authority.key, "-CAfile",
                               authority.ca, "-verify_return_error"});
  known.type("hello\n");
  known.wait_for("HELLO\n");
}

TEST(ServeTls, AlpnAgreesOnTheFirstOfOursOrFails) {
  Server server{
      {"--tls", "--alpn", "h2,http/1.1", "tcp", "0"}
  };
  const auto port = std::to_string(server.port("tcp"));
  const auto ask = [&](const std::string& offered) {
    return run({"sh", "-c",
                "openssl s_client -connect 127.0.0.1:" + port + " -alpn " + offered +
                    " </dev/null 2>&1"})
        .out;
  };
  EXPECT_NE(ask("http/1.1,h2").find("ALPN protocol: h2"), std::string::npos);
  EXPECT_NE(ask("spdy").find("no application protocol"), std::string::npos);
}

std::string fingerprint(const std::string& certificate) {
  const auto shown =
      run({"openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"}).out;
  return shown.substr(shown.find('=') + 1, 95);
}

TEST(ServeTls, SighupReadsTheCertificateAnewAndABrokenOneChangesNothing) {
  const Folder folder, newer;
  const Authority first{folder}, second{newer};
  Server server{
      {"--tls", "--cert", first.certificate, "--key", first.key, "tcp", "0"}
  };
  server.wait_for(fingerprint(first.certificate));
  const auto port = port_in(server.wait_for("\n"), "tcp");
  Program before = speak(port);
  before.type("one\n");
  before.wait_for("ONE\n");
  std::filesystem::copy(second.certificate, first.certificate,
                        std::filesystem::copy_options::overwrite_existing);
  server.signal(SIGHUP);  // the key is still the old one
  server.wait_for_error("(the certificate from before stays)");
  std::filesystem::copy(second.key, first.key, std::filesystem::copy_options::overwrite_existing);
  server.signal(SIGHUP);
  server.wait_for(fingerprint(second.certificate));
  before.type("two\n");
  before.wait_for("TWO\n");  // who is there stays
  Program after = speak(port, {"-CAfile", second.ca, "-verify_return_error"});
  after.type("three\n");
  after.wait_for("THREE\n");
}

TEST(ServeTls, ClientsThatComeBackResumeTheirSession) {
  const Folder folder;
  Server server{
      {"--tls", "tcp", "0"}
  };
  const auto port = std::to_string(server.port("tcp"));
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const auto path = folder.path(version);
    for (const std::string option : {"-sess_out", "-sess_in"}) {
      Program visitor{
          {"openssl", "s_client", version, "-connect", "127.0.0.1:" + port, option, path}
      };
      visitor.wait_for(option == "-sess_out" ? "New, TLSv1" : "Reused, TLSv1");
      visitor.type("a\n");
      visitor.wait_for("\nA\n");  // TLS 1.3: the ticket came with it
      visitor.close_input();
      visitor.wait();
    }
  }
}

TEST(ServeTls, AClientThatReadsNothingIsStillClosedWithFin) {
  Server server{
      {"--tls", "--mode", "log", "tcp", "0"}
  };
  const Ended ended = run({"python3", "-c",
                           "import socket, ssl, sys\n"
                           "tls = ssl._create_unverified_context().wrap_socket(\n"
                           "    socket.create_connection(('127.0.0.1', int(sys.argv[1]))))\n"
                           "tls.sendall(b'bye'); tls.close()\n",
                           std::to_string(server.port("tcp"))});
  EXPECT_EQ(ended.status, 0) << ended.err;
  server.wait_for("closed by the client (FIN)");
}

// A client that writes until nothing moves, and only then, after SIGTERM, reads its answers.
TEST(ServeTls, SigtermAnswersAllThatHadCome) {
  Server server{
      {"--tls", "--quiet", "tcp", "0"}
  };
  const auto port = server.port("tcp");
  const Ended ended = run({"python3", "-c",
                           "import os, select, signal, socket, ssl, sys\n"
                           "raw = socket.create_connection(('127.0.0.1', int(sys.argv[1])))\n"
                           "s = ssl._create_unverified_context().wrap_socket(raw)\n"
                           "s.setblocking(False)\n"
                           "piece, sent, got = b'abc' * 5000, 0, 0\n"
                           "while True:\n"
                           "    try: sent += s.send(piece)\n"  // as a whole, or not at all
                           "    except ssl.SSLWantWriteError:\n"
                           "        if not select.select([], [s], [], 0.3)[1]: break\n"
                           "os.kill(int(sys.argv[2]), signal.SIGTERM)\n"
                           "writes = True\n"
                           "while True:\n"
                           "    select.select([s], [s] if writes else [], [])\n"
                           "    try: text = s.recv(65536)\n"
                           "    except ssl.SSLWantReadError: text = None\n"
                           "    if text == b'': break\n"
                           "    for byte in (text or b'')[:3]: assert byte in b'ABC'\n"
                           "    got += len(text or b'')\n"
                           "    if writes:\n"
                           "        try: sent += s.send(piece); writes = False\n"
                           "        except ssl.SSLWantWriteError: pass\n"
                           "print(sent > 100000, got == sent, writes)\n",
                           std::to_string(port), std::to_string(server.pid())});
  EXPECT_EQ(ended.out, "True True False\n") << ended.err;
  EXPECT_EQ(server.wait().status, 0);
}

TEST(ServeTls, WhatCannotBeUsedIsSaid) {
  const Folder folder;
  const Authority authority{folder};
  const auto readme = source("README.md");
  const std::vector<std::vector<std::string>> cases{
      {"--cert",  authority.certificate},
      {        "--tls", "--cert", authority.certificate},
      {        "--tls", "--cert",                readme, "--key", authority.key},
      { "--tls",         "--cert",                        authority.certificate, "--key", "/no/such/key"},
      {              "--tls",  "--cert",         authority.ca, "--key", authority.key},
      {                "--tls","--client-ca", readme},
      { "--tls",         "--alpn",                        ",h2"},
      {   "--tls",         "udp",                        "0"}
  };
  for (auto words : cases) {
    words.insert(words.begin(), "serve");
    const Ended ended = run(trama(words));
    EXPECT_EQ(ended.status, 2) << words.back() << ended.err;
    EXPECT_TRUE(ended.err.starts_with("trama: ")) << ended.err;
  }
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--cert",    "/no/such", "--key", "/no/such"},
           {"--key", "/no/such",           "--cert", authority.certificate},
           {"--client-ca", "/no/such"}
  }) {
    auto command = trama({"serve", "--tls"});
    command.insert(command.end(), words.begin(), words.end());
    EXPECT_EQ(run(command).err,
              "trama: /no/such cannot be used for TLS: No such file or directory\n");
  }
  EXPECT_EQ(run(trama({"serve", "--tls", "--cert", readme, "--key", readme})).err,
            "trama: " + readme + " cannot be used for TLS: no start line\n");
}

}  // namespace
}  // namespace trama::tests
