#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

std::string four(u32 value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string packet(u8 code, const std::string& body) {
  const std::string padding(8, '\0');
  return four(static_cast<u32>(2 + body.size() + padding.size())) + '\x08' +
         static_cast<char>(code) + body + padding;
}

std::string list(const std::string& names) { return four(static_cast<u32>(names.size())) + names; }

std::string offer(const std::string& exchange, const std::string& cipher) {
  std::string body(16, 'c');
  for (const auto& names : {exchange, std::string{"ssh-ed25519"}, cipher, cipher,
                            std::string{"hmac-sha1"}, std::string{"hmac-sha1"}, std::string{"none"},
                            std::string{"none"}, std::string{}, std::string{}})
    body += list(names);
  return packet(20, body + std::string(5, '\0'));
}

TEST(Ssh, FollowsTheKeyExchange) {
  Reading reading{22};
  reading.client("SSH-2.0-a\r\n");
  EXPECT_EQ(reading.info(), "Client: Protocol (SSH-2.0-a)");
  EXPECT_EQ(reading.protocol(), "SSH");
  reading.server("SSH-2.0-b\r\n");
  EXPECT_EQ(reading.protocol(), "SSHv2");
  reading.client(offer("x,curve25519-sha256", "3des-cbc"));
  EXPECT_EQ(reading.info(), "Client: Key Exchange Init");
  EXPECT_EQ(reading.value("ssh.kex_algorithms"), "x,curve25519-sha256");
  EXPECT_EQ(reading.value("ssh.message_code"), "20");
  EXPECT_EQ(reading.value("ssh.kex.hassh_algorithms"),
            "x,curve25519-sha256;3des-cbc;hmac-sha1;none");
  reading.server(offer("curve25519-sha256", "3des-cbc"));
  reading.client(packet(30, "key"));
  EXPECT_EQ(reading.info(), "Client: Elliptic Curve Diffie-Hellman Key Exchange Init");
  reading.server(packet(31, "key") + packet(21, ""));
  EXPECT_EQ(reading.info(), "Server: Elliptic Curve Diffie-Hellman Key Exchange Reply, New Keys");
  reading.server(std::string(48, 'e'));
  EXPECT_EQ(reading.info(), "Server: Encrypted packet (len=48)");
}

TEST(Ssh, ForgetsLongListsOnceBothSidesAgreed) {
  std::string names = "curve25519-sha256";
  for (int i = 0; i < 100; ++i) names += ",some-other-exchange";
  Reading reading{22};
  reading.client("SSH-2.0-a\r\n").server("SSH-2.0-b\r\n").client(offer(names, "aes128-ctr"));
  EXPECT_GT(reading.waiting(), 1000U);
  reading.server(offer(names, "aes128-ctr"));
  EXPECT_EQ(reading.waiting(), 0U);
  reading.client(packet(21, "")).client(std::string(48, 'e'));
  EXPECT_EQ(reading.info(), "Client: ") << "its ciphers' packets are not counted";
}

TEST(Ssh, WaitsForAPacketsRest) {
  const auto whole = offer("curve25519-sha256", "aes128-ctr");
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    Reading reading{22};
    reading.client("SSH-2.0-a\r\n").client(whole.substr(0, cut));
    EXPECT_TRUE(reading.told().unfinished) << cut;
    EXPECT_EQ(reading.info(), "");
    reading.client(whole.substr(cut));
    EXPECT_EQ(reading.info(), "Client: Key Exchange Init") << cut;
  }
}

TEST(Ssh, SaysWhatItCannotRead) {
  Reading reading{22};
  reading.client("SSH-2.0-a\r\n").client(packet(20, std::string(16, 'c') + four(99) + "short"));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
  Reading other{22};
  other.server("Welcome\r\n");
  EXPECT_EQ(other.info(), "Server: Encrypted packet (len=9)");
}

TEST(Ssh, StopsWhereTheCaptureStops) {
  const auto whole = offer("curve25519-sha256", "aes128-ctr");
  for (u32 cut = 1; cut < whole.size(); ++cut) {
    Reading reading{22};
    reading.client("SSH-2.0-a\r\n").client(whole, cut);
    EXPECT_FALSE(reading.told().unfinished);
  }
}

}  // namespace
}  // namespace trama::parse::tests
