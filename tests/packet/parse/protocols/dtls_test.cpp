// DTLS in made datagrams; what is expected was seen with Wireshark 4.0 on the same bytes.
#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

std::string number(u64 value, unsigned bytes) {
  std::string text;
  while (bytes-- > 0) text += static_cast<char>(value >> 8 * bytes);
  return text;
}

std::string record(unsigned type, const std::string& body, unsigned version = 0xfefd,
                   unsigned epoch = 0, u64 sequence = 0) {
  return number(type, 1) + number(version, 2) + number(epoch, 2) + number(sequence, 6) +
         number(body.size(), 2) + body;
}

std::string piece(unsigned type, const std::string& body, std::size_t from, std::size_t count) {
  return number(type, 1) + number(body.size(), 3) + number(7, 2) + number(from, 3) +
         number(count, 3) + body.substr(from, count);
}
std::string message(unsigned type, const std::string& body) {
  return piece(type, body, 0, body.size());
}

std::string extension(unsigned type, const std::string& body) {
  return number(type, 2) + number(body.size(), 2) + body;
}

std::string client_hello(const std::string& cookie = {}) {
  const std::string extensions =
      extension(0, number(14, 2) + '\0' + number(11, 2) + "a.b.example") +
      extension(14, number(2, 2) + number(7, 2) + '\0') +
      extension(16, number(5, 2) +
                        "\x04"
                        "coap");
  return number(0xfefd, 2) + std::string(32, 'r') + '\0' + number(cookie.size(), 1) + cookie +
         number(4, 2) + number(0xc02b, 2) + number(0xc02f, 2) + '\1' + '\0' +
         number(extensions.size(), 2) + extensions;
}

std::string server_hello() {
  return number(0xfefd, 2) + std::string(32, 's') + '\0' + number(0xc02b, 2) + '\0';
}

TEST(Dtls, TellsAHandshakeWithItsCookie) {
  Datagrams reading{7777};
  reading.client(record(22, message(1, client_hello()), 0xfeff));
  EXPECT_EQ(reading.protocol(), "DTLS");
  EXPECT_EQ(reading.info(), "Client Hello");
  EXPECT_EQ(reading.value("dtls.handshake.extensions_server_name"), "a.b.example");
  EXPECT_EQ(reading.value("dtls.handshake.extensions_alpn_str"), "coap");
  EXPECT_EQ(reading.value("dtls.handshake.ciphersuite"), "0xc02b,0xc02f");
  EXPECT_EQ(reading.value("dtls.use_srtp.protection_profile"), "0x0007");
  EXPECT_EQ(reading.value("dtls.handshake.cookie_length"), "0");
  EXPECT_EQ(reading.value("tls.handshake.type"), "");
  EXPECT_NE(reading.value("frame.protocols").find(":udp:dtls"), std::string::npos);
  reading.server(record(22, message(3, number(0xfeff, 2) + "\4abcd"), 0xfeff));
  EXPECT_EQ(reading.info(), "Hello Verify Request");
  EXPECT_EQ(reading.protocol(), "DTLSv1.0");
  EXPECT_EQ(reading.value("dtls.handshake.cookie"), "61626364");
  reading.client(record(22, message(1, client_hello("abcd")), 0xfefd, 0, 1));
  EXPECT_EQ(reading.value("dtls.handshake.cookie"), "61626364");
  EXPECT_EQ(reading.value("dtls.record.sequence_number"), "1");
  reading.server(record(22, message(2, server_hello()) + message(14, "")));
  EXPECT_EQ(reading.info(), "Server Hello, Server Hello Done");
  EXPECT_EQ(reading.protocol(), "DTLSv1.2");
}

TEST(Dtls, TellsWhatRecordsCarry) {
  Datagrams reading{7777};
  reading.client(record(20, "\1") + record(22, std::string(40, '\xff'), 0xfefd, 1));
  EXPECT_EQ(reading.info(), "Change Cipher Spec, Encrypted Handshake Message");
  EXPECT_EQ(reading.value("dtls.record.epoch"), "0,1");
  reading.client(record(23, "secret", 0xfefd, 1, 5));
  EXPECT_EQ(reading.info(), "Application Data");
  EXPECT_EQ(reading.value("dtls.app_data"), "736563726574");
  reading.server(record(21, "\2\x28"));
  EXPECT_EQ(reading.info(), "Alert (Level: Fatal, Description: Handshake Failure)");
  reading.server(record(21, std::string(18, '\xee')));
  EXPECT_EQ(reading.info(), "Encrypted Alert");
}

TEST(Dtls, PutsPiecesTogether) {
  const std::string hello = client_hello();
  Datagrams reading{7777};
  reading.client(record(22, piece(1, hello, 0, 20)));
  EXPECT_EQ(reading.info(), "Client Hello (Fragment)");
  reading.client(record(22, piece(1, hello, 20, hello.size() - 20)));
  EXPECT_EQ(reading.info(), "Client Hello (Reassembled)");
  EXPECT_EQ(reading.value("dtls.handshake.extensions_server_name"), "a.b.example");
  EXPECT_EQ(reading.value("dtls.fragment"), "1,2");
  reading.client(record(22, piece(1, hello, 0, 20)));
  EXPECT_NE(reading.info().find("New fragment overlaps"), std::string::npos);
}

TEST(Dtls, PutsPiecesTogetherInAnyOrder) {
  const std::string hello = client_hello();
  Datagrams reading{7777};
  reading.client(record(22, piece(1, hello, 60, 10)));
  reading.client(record(22, piece(1, hello, 0, 65)));
  EXPECT_GT(reading.waiting(), 0U);
  reading.client(record(22, piece(1, hello, 70, hello.size() - 70)));
  EXPECT_EQ(reading.info(), "Client Hello (Reassembled)");
  EXPECT_EQ(reading.value("dtls.handshake.extensions_server_name"), "a.b.example");
  EXPECT_EQ(reading.value("dtls.fragment"), "1,2,3");
  EXPECT_EQ(reading.waiting(), 0U) << "what is whole is not kept";
}

TEST(Dtls, KeepsWhatCameNotWhatIsAnnounced) {
  const std::string certificate(60000, 'x');
  Datagrams reading{7777};
  for (int i = 0; i < 500; ++i) {
    reading.next_client();
    reading.client(record(22, piece(11, certificate, 0, 1)));
    reading.server(record(22, piece(11, certificate, 0, 1)));
  }
  EXPECT_GT(reading.waiting(), 0U);
  EXPECT_LT(reading.waiting(), 1000U * 128);
  for (int i = 0; i < 1500; ++i)
    reading.next_client().client(record(22, piece(11, certificate, 0, 10000)));
  EXPECT_LE(reading.waiting(), most_waiting);
  EXPECT_EQ(reading.info(), "Certificate (Fragment)");
}

TEST(Dtls, TakesOnlyWholeRecordsForItsOwn) {
  const std::string data = record(23, std::string(30, 'x'));
  Datagrams reading{7777};
  for (const std::string& other :
       {data + "junk", data.substr(0, 40), record(23, "x", 0x0303), record(19, "x"),
        record(23, "x", 0xfefc), std::string{"GET / HTTP/1.1"}}) {
    reading.client(other);
    EXPECT_EQ(reading.protocol(), "") << other;
  }
  Datagrams expected{853};  // its port
  expected.client(data + "junk");
  EXPECT_EQ(expected.info(), "Application Data");
  EXPECT_EQ(expected.told().remark, "[Malformed Packet]");
  expected.client("hello world, no DTLS");
  EXPECT_EQ(expected.info(), "Continuation Data");
}

TEST(Dtls, SaysWhereBytesBreakOff) {
  Datagrams reading{853};
  const std::string hello = record(22, message(1, client_hello()));
  for (std::size_t count = 1; count < hello.size(); ++count) {
    reading.client(hello.substr(0, count));
    EXPECT_EQ(reading.told().remark, "[Malformed Packet]") << count;
  }
  reading.client(hello, 20);
  EXPECT_EQ(reading.told().remark, "[Packet size limited during capture]");
}

}  // namespace
}  // namespace trama::parse::tests
