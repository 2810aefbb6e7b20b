// Bodies by what they are: JSON, XML, pictures, several parts, mails; and what follows a change of
// protocol: WebSocket, HTTP/2.
#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

using namespace std::string_literals;  // NOLINT: messages with zeros

std::string response(const std::string& type, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Case {
  std::string type, body, path, info;
};

TEST(Media, IsReadByTypeAndByItsFirstBytes) {
  const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\0IEND\xae\x42\x60\x82"s;
  const std::string gif = "GIF89a\1\0\1\0\0\0\0\x21\xff\1x\0;"s;
  const std::string jpeg = "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"s;
  for (const Case& one : {
           Case{"application/json",                R"({"a": [1, "b", null]})",                  "tcp:http:json",
                ", JavaScript Object Notation (application/json)"                                                                                                   },
           Case{"application/json",                "{\"a\": }",                                 "tcp:http:json:data-text-lines",
                ", JavaScript Object Notation (application/json)"                                                                                                   },
           Case{"text/xml",                        "<a/>",                                      "tcp:http:xml",                                 ""                  },
           Case{"image/png",                       png,                                         "tcp:http:png",                                 " (PNG)"            },
           Case{"image/x",                         gif + "abc",                                 "tcp:http:image-gif",                           " (GIF89a)"         },
           Case{"image/jpeg",                      jpeg,                                        "tcp:http:image-jfif",                          " (JPEG JFIF image)"},
           Case{"image/jpeg",                      "none",                                      "tcp:http:media",                               " (image/jpeg)"     },
           Case{"multipart/mixed; boundary=\"X\"",
                "--X\r\nContent-Type: text/plain\r\n\r\nhi\r\n--X\r\n\r\nthere\r\n--X--\r\n",   "tcp:http:mime_multipart:data-text-lines:data", " (text/plain)"     },
           Case{"multipart/mixed; boundary=X",     "--X\r\nContent-Type: text/plain\r\n\r\nhi",
                "tcp:http:mime_multipart",                                                                                                      ""                  },
  }) {
    Reading reading{80};
    reading.client("GET / HTTP/1.1\r\n\r\n").server(response(one.type, one.body));
    EXPECT_EQ(reading.path(), one.path) << one.type;
    EXPECT_EQ(reading.info(), "HTTP/1.1 200 OK " + one.info) << one.type;
  }
}

TEST(Media, SaysWhenAPictureIsCut) {
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\n\r\n");
  reading.server(response("image/png", "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR1234"s));
  EXPECT_EQ(reading.told().remark, "[Malformed Packet]");
}

TEST(Mail, IsReadWithItsLastLine) {
  Reading reading{25};
  reading.client("DATA\r\n").server("354 go\r\n");
  reading.client("From: a@b.c\r\nSubject: one\r\n two\r\nContent-Type: text/plain\r\n\r\nhello");
  EXPECT_EQ(reading.path(), "tcp:smtp:data-text-lines");
  reading.client("\r\n.\r\n");
  EXPECT_EQ(reading.path(), "tcp:smtp:imf:data-text-lines");
  EXPECT_EQ(reading.protocol(), "SMTP/IMF");
  EXPECT_EQ(reading.value("imf.from"), "a@b.c");
  EXPECT_EQ(reading.waiting(), 0U);
}

TEST(Pop, PutsAMailTogetherByItsSize) {
  Reading reading{110};
  reading.client("RETR 1\r\n");
  EXPECT_EQ(reading.info(), "C: RETR 1");
  reading.server("+OK 30 octets\r\n");
  EXPECT_EQ(reading.info(), "S: +OK 30 octets");
  reading.server("From: a@b\r\n\r\n");
  EXPECT_EQ(reading.info(), "S: DATA fragment, 13 bytes");
  reading.server("hello there\r\n.\r\nxx");
  EXPECT_EQ(reading.protocol(), "POP/IMF");
  EXPECT_EQ(reading.path(), "tcp:pop:imf");
  EXPECT_EQ(reading.waiting(), 0U);
  reading.client("STLS\r\n").server("+OK\r\n").client("\x15\x03\x03\x00\x02\x01\x00"s);
  EXPECT_EQ(reading.path(), "tcp:tls");
}

std::string frame(char first, const std::string& payload) {
  return first + std::string(1, static_cast<char>(payload.size())) + payload;
}

TEST(Websocket, UnmasksAndJoinsFrames) {
  Reading reading{80};
  reading.client("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
  reading.server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  reading.client("\x82\x83\1\2\3\4\1\2\3"s);
  EXPECT_EQ(reading.info(), "WebSocket Binary [FIN] [MASKED]");
  EXPECT_EQ(reading.path(), "tcp:http:websocket:data");
  EXPECT_EQ(reading.value("data.data"), "000000");
  reading.server(frame('\x01', "hel"));
  EXPECT_EQ(reading.info(), "WebSocket Text[FRAGMENT]  ");
  const auto rest = frame('\x80', "lo") + frame('\x89', "");
  for (std::size_t cut = 1; cut < rest.size(); ++cut) {
    Reading other{80};
    other.client("GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    other.server("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
    other.server(frame('\x01', "hel") + rest.substr(0, cut)).server(rest.substr(cut));
    EXPECT_TRUE(other.info().ends_with("WebSocket Ping [FIN] ")) << cut;
    EXPECT_EQ(other.waiting(), 0U) << cut;
  }
  reading.server(rest);
  EXPECT_EQ(reading.value("websocket.payload.text"), "hello");
  reading.server("\x82\x7f"s + std::string(8, '\xff') + "x");  // longer than any message
  EXPECT_TRUE(reading.told().unfinished);
}

std::string http2(char type, char stream, const std::string& payload) {
  return "\0\0"s + static_cast<char>(payload.size()) + type + '\0' + "\0\0\0"s + stream + payload;
}

TEST(Http2, ListsFrames) {
  Reading reading{80};
  reading.client("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + http2(4, 0, "\0\3\0\0\0\x64"s));
  EXPECT_EQ(reading.info(), "Magic, SETTINGS[0]");
  EXPECT_EQ(reading.path(), "tcp:http:http2");
  reading.client(http2(1, 1, "\x82\x84\x86"));
  EXPECT_EQ(reading.info(), "HEADERS[1]: GET /");
  const auto answer = http2(1, 1, "\x88") + http2(0, 1, "hello");
  reading.server(answer.substr(0, 5)).server(answer.substr(5));
  EXPECT_EQ(reading.info(), "HEADERS[1]: 200 OK, DATA[1]");
  EXPECT_EQ(reading.value("http2.streamid"), "1,1");
}

}  // namespace
}  // namespace trama::parse::tests
