#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

TEST(Smtp, TellsCommandsAndResponses) {
  Reading reading{25};
  reading.server("250-mail\r\n250-SIZE 100\r\n250 OK\r\n");
  EXPECT_EQ(reading.info(), "S: 250-mail | SIZE 100 | OK");
  EXPECT_EQ(reading.value("smtp.response.code"), "250");
  EXPECT_EQ(reading.value("smtp.rsp.parameter"), "mail,SIZE 100,OK");
  reading.client("MAIL FROM:<a>\r\nRCPT TO:<b>\r\n");
  EXPECT_EQ(reading.info(), "C: MAIL FROM:<a> | RCPT TO:<b>");
  EXPECT_EQ(reading.value("smtp.req.command"), "MAIL,RCPT");
  EXPECT_EQ(reading.value("smtp.req.parameter"), "FROM:<a>,TO:<b>");
}

TEST(Smtp, CountsTheMail) {
  Reading reading{25};
  reading.client("DATA\r\n").server("354 go\r\n").client("QUIT is no command here\r\n");
  EXPECT_EQ(reading.path(), "tcp:smtp:data-text-lines");
  EXPECT_EQ(reading.info(), "C: DATA fragment, 25 bytes");
  reading.client(".\r\n").client("QUIT\r\n");
  EXPECT_EQ(reading.info(), "C: QUIT");
}

TEST(Smtp, WaitsForTheLinesEnd) {
  Reading reading{25};
  reading.server("22").server("0 x\r\n");
  EXPECT_EQ(reading.info(), "S: 220 x");
  EXPECT_EQ(reading.value("tcp.segment.count"), "2");
}

TEST(Smtp, SeesWhoLogsIn) {
  Reading reading{25};
  reading.client("AUTH LOGIN\r\n").server("334 x\r\n").client("dXNlcg==\r\n");
  EXPECT_EQ(reading.info(), "C: User: dXNlcg==");
  EXPECT_EQ(reading.value("smtp.auth.username"), "dXNlcg==");
  reading.server("334 y\r\n").client("cGFzcw==\r\n");
  EXPECT_EQ(reading.value("smtp.auth.password"), "cGFzcw==");
  reading.server("235 ok\r\n").client("QUIT\r\n");
  EXPECT_EQ(reading.info(), "C: QUIT");
}

TEST(Smtp, HandsOverToTls) {
  Reading reading{25};
  reading.client("STARTTLS\r\n").server("220 go\r\n");
  reading.client(std::string("\x15\x03\x03\x00\x02\x01\x00", 7));
  EXPECT_EQ(reading.path(), find_parser("tls") == nullptr ? "tcp" : "tcp:tls");
}

TEST(Smtp, ReadsShortLines) {
  Reading reading{25};
  for (const auto* line : {"\r\n", "\n", "A\r\n", "2\r\n", "25\r\n", "250\r\n", "250-\r\n", "250"})
    reading.server(line).client(line);
  EXPECT_TRUE(reading.told().unfinished);
}

}  // namespace
}  // namespace trama::parse::tests
