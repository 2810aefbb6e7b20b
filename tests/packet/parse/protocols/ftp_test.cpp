#include <gtest/gtest.h>

#include "packet/parse/reading.h"

namespace trama::parse::tests {
namespace {

TEST(Ftp, TellsCommandsAndResponses) {
  Reading reading{21};
  reading.server("220-Hello\r\n220 there\r\n");
  EXPECT_EQ(reading.info(), "Response: 220-Hello");
  EXPECT_EQ(reading.value("ftp.response.code"), "220");
  EXPECT_EQ(reading.value("ftp.response.arg"), "Hello");
  EXPECT_EQ(reading.value("ftp.request"), "0");
  reading.client("RETR a  b\r\n");
  EXPECT_EQ(reading.info(), "Request: RETR a  b");
  EXPECT_EQ(reading.value("ftp.request.command"), "RETR");
  EXPECT_EQ(reading.value("ftp.request.arg"), "a  b");
  reading.server("not a code\r\n");
  EXPECT_EQ(reading.value("ftp.response.code"), "");
  EXPECT_EQ(reading.value("ftp.response.arg"), "not a code");
}

TEST(Ftp, ReadsWhereTheDataGoes) {
  Reading reading{21};
  reading.server("227 Entering Passive Mode (10,0,0,2,200,10)\r\n");
  EXPECT_EQ(reading.value("ftp.passive.ip"), "10.0.0.2");
  EXPECT_EQ(reading.value("ftp.passive.port"), "51210");
  reading.server("229 Extended (|||50001|)\r\n");
  EXPECT_EQ(reading.value("ftp.epsv.ip"), "10.0.0.2");
  EXPECT_EQ(reading.value("ftp.epsv.port"), "50001");
  reading.client("PORT 10,0,0,1,150,1\r\n");
  EXPECT_EQ(reading.value("ftp.active.cip"), "10.0.0.1");
  EXPECT_EQ(reading.value("ftp.active.port"), "38401");
  reading.client("EPRT |2|::1|333|\r\n");
  EXPECT_EQ(reading.value("ftp.eprt.af"), "2");
  EXPECT_EQ(reading.value("ftp.eprt.ipv6"), "::1");
  EXPECT_EQ(reading.value("ftp.eprt.port"), "333");
}

TEST(Ftp, SurvivesNonsense) {
  Reading reading{21};
  for (const auto* line : {"PORT 1,2\r\n", "PORT 999,1,1,1,1,1\r\n", "EPRT |\r\n", "EPRT |2|::1|x",
                           "EPRT |1||99999999|\r\n", "PORT \r\n", "\r\n", "\r", " \r\n"})
    reading.client(line);
  for (const auto* line : {"227 (1,2,3,4,5\r\n", "229 (|||\r\n", "229 (|||99999999|)", "227\r\n",
                           "257 \"x\r\n", "2\r\n"})
    reading.server(line);
  EXPECT_EQ(reading.path(), "tcp:ftp");
}

TEST(Ftp, RemembersTheFolder) {
  Reading reading{21};
  reading.client("PWD\r\n").server("257 \"/home\" is it\r\n");
  EXPECT_EQ(reading.value("ftp.current-working-directory"), "/home");
  reading.client("CWD a\r\n").server("250 ok\r\n");
  EXPECT_EQ(reading.value("ftp.current-working-directory"), "/home/a");
  reading.client("CDUP\r\n").server("250 ok\r\n");
  EXPECT_EQ(reading.value("ftp.current-working-directory"), "/home");
}

TEST(Ftp, ShowsDataOnItsOwnPort) {
  Reading reading{20};
  reading.server("plain text\r\n");
  EXPECT_EQ(reading.path(), "tcp:ftp-data:data-text-lines");
  EXPECT_EQ(reading.info(), "FTP Data: 12 bytes");
  reading.server(std::string("\0\1\2", 3));
  EXPECT_EQ(reading.path(), "tcp:ftp-data");
}

}  // namespace
}  // namespace trama::parse::tests
