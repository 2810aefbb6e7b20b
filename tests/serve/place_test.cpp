#include "serve/place.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace trama::serve {
namespace {

std::string shown(std::vector<std::string_view> words) {
  const auto places = parse_places(words);
  if (!places) return fmt::format("{}", static_cast<int>(places.error().exit));
  std::string text;
  for (const Place& place : *places)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", net::name_of(place.transport),
                        to_string(place));
  return text;
}

TEST(Place, AloneMeansBothUsualPorts) {
  EXPECT_EQ(shown({}), "tcp 127.0.0.1:65432, udp 127.0.0.1:65431");
  EXPECT_EQ(shown({"tcp"}), "tcp 127.0.0.1:65432");
  EXPECT_EQ(shown({"udp"}), "udp 127.0.0.1:65431");
  EXPECT_EQ(shown({"tcp", "udp"}), "tcp 127.0.0.1:65432, udp 127.0.0.1:65431");
}

TEST(Place, ATransportCountsForThePortsBehindIt) {
  EXPECT_EQ(shown({"80"}), "tcp 127.0.0.1:80");
  EXPECT_EQ(shown({"tcp", "1", "2", "udp", "3"}),
            "tcp 127.0.0.1:1, tcp 127.0.0.1:2, udp 127.0.0.1:3");
  EXPECT_EQ(shown({"7", "udp", "0"}), "tcp 127.0.0.1:7, udp 127.0.0.1:0");
}

TEST(Place, HostsAreAddressesStarsAndNames) {
  EXPECT_EQ(shown({"0.0.0.0:80"}), "tcp 0.0.0.0:80");
  EXPECT_EQ(shown({"*:80"}), "tcp 0.0.0.0:80");
  EXPECT_EQ(shown({"[::1]:80"}), "tcp [::1]:80");
  EXPECT_EQ(shown({"[::]:80"}), "tcp [::]:80");
  EXPECT_EQ(shown({"localhost:80"}), "tcp 127.0.0.1:80");
}

TEST(Place, UnixSocketsStandForThemselves) {
  EXPECT_EQ(shown({"unix:/run/x", "80", "unixgram:@y", "udp", "unix:z", "1"}),
            "unix /run/x, tcp 127.0.0.1:80, unixgram @y, unix z, udp 127.0.0.1:1");
  EXPECT_EQ(shown({"unix:x", "unix:x"}), "2");
}

TEST(Place, WhatIsWrongIsBadInput) {
  for (const auto* word :
       {"65536", "-1", "http-of-nobody", ":80", "::1:80", "::", "[::1]", "1.2.3.4:", "127.0.0.1",
        "", "1 2", "[::1", "::1]:80", "[::1]80", "[]:80", "[localhost]:80", "[[::1]]:80"})
    EXPECT_EQ(shown({word}), "2") << word;
}

TEST(Place, ATransportIsKnownInAnyCase) { EXPECT_EQ(shown({"TCP", "80"}), "tcp 127.0.0.1:80"); }

TEST(Place, TheSamePlaceTwiceIsBadInput) {
  EXPECT_EQ(shown({"80", "80"}), "2");
  EXPECT_EQ(shown({"tcp", "127.0.0.1:80", "udp", "80", "tcp", "80"}), "2");
  EXPECT_EQ(shown({"0", "0"}), "tcp 127.0.0.1:0, tcp 127.0.0.1:0");
}

TEST(Place, AHostApartFromItsPortIsExplained) {
  const auto hint = [](std::vector<std::string_view> words) {
    const auto places = parse_places(words);
    return places ? std::string{} : places.error().sentence;
  };
  EXPECT_TRUE(hint({"tcp", "127.0.0.1", "7720"}).ends_with("trama serve tcp 127.0.0.1:7720"));
  EXPECT_TRUE(hint({"udp", "localhost", "7720"}).ends_with("trama serve udp localhost:7720"));
  EXPECT_TRUE(hint({"::1", "7720"}).ends_with("trama serve tcp [::1]:7720"));
  EXPECT_TRUE(hint({"tcp", ":7720"}).ends_with("trama serve tcp 127.0.0.1:7720"));
  EXPECT_TRUE(hint({"127.0.0.1"}).ends_with("trama serve tcp 127.0.0.1:PORT"));
  EXPECT_TRUE(hint({"[::1"}).ends_with("write PORT, HOST:PORT or [IPV6]:PORT"));
}

}  // namespace
}  // namespace trama::serve
