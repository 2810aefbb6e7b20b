// The language over hand-made packets: which are kept, and that both paths say the same. Expected
// numbers follow Wireshark's rules for several and for absent values.
#include "packet/filter/filter.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "packets.h"

namespace trama::filter::tests {
namespace {

struct Case {
  const char* text;
  const char* kept;
};

std::string numbers(u64 mask) {
  std::string out;
  for (unsigned i = 0; i < 64; ++i)
    if ((mask >> i & 1) != 0) out += fmt::format("{}{}", out.empty() ? "" : " ", i + 1);
  return out;
}

// Gives trees, and counts how often it was asked for each packet.
class Counted final : public Trees {
 public:
  explicit Counted(const std::deque<source::Interface>& interfaces) : plain_(interfaces) {}
  const dissect::Tree& of(const Packet& packet) override {
    ++asked[packet.number];
    return plain_.of(packet);
  }
  std::array<unsigned, Batch::most + 1> asked{};

 private:
  PlainTrees plain_;
};

void expect_kept(std::span<const Case> cases) {
  Packets packets;
  add_all(packets);
  for (const auto& [text, kept] : cases) {
    const auto filter = Filter::parse(text);
    ASSERT_TRUE(filter) << filter.error().sentence;
    Counted trees{packets.interfaces};
    EXPECT_EQ(numbers(filter->keep(packets.batch, trees)), kept) << text;
    for (const unsigned asked : trees.asked) EXPECT_LE(asked, 1U) << text;
    u64 slow = 0;
    PlainTrees plain{packets.interfaces};
    for (unsigned i = 0; i < packets.batch.count; ++i)
      slow |= static_cast<u64>(filter->matches(plain.of(packets.batch.packets[i]))) << i;
    EXPECT_EQ(numbers(slow), kept) << text << " by the trees";
  }
}

TEST(Filter, Presence) {
  constexpr Case cases[] = {
      {"",                    "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"  ",                  "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"frame",               "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"tcp",                 "1 2 3 6 10 11"             },
      {"TCP",                 "1 2 3 6 10 11"             },
      {"!tcp",                "4 5 7 8 9 12"              },
      {"not tcp",             "4 5 7 8 9 12"              },
      {"udp",                 "4 8 9 12"                  },
      {"arp",                 "5"                         },
      {"ip",                  "1 2 3 4 7 8 9 10 11 12"    },
      {"ipv6",                "6"                         },
      {"icmp",                "8"                         },
      {"vlan",                "9"                         },
      {"data",                "3 4 7"                     },
      {".tcp",                "1 2 3 6 10 11"             },
      {"tcp or udp",          "1 2 3 4 6 8 9 10 11 12"    },
      {"tcp || udp && arp",   "1 2 3 6 10 11"             },
      {"(tcp || udp) && !ip", "6"                         },
      {"tcp AND NOT ipv6",    "1 2 3 10 11"               },
      {"ip xor tcp",          "4 6 7 8 9 12"              },
      {"tcp.payload",         "3"                         },
      {"ip.flags.df",         "1 2 3 4 7 8 9 10 11 12"    },
      {"eth.len",             ""                          },
      {"tcp.srcport",         "1 2 3 6 10 11"             },
  };
  expect_kept(cases);
}

TEST(Filter, SeveralValuesAndNone) {
  constexpr Case cases[] = {
      {"tcp.port == 80",                  "1 2 3 11"                  },
      {"TCP.PORT==80",                    "1 2 3 11"                  },
      {"tcp.port != 80",                  "6 10"                      },
      {"tcp.port !== 80",                 "1 2 3 6 10 11"             },
      {"tcp.port === 80",                 ""                          },
      {"tcp.port ~= 80",                  "1 2 3 6 10 11"             },
      {"!(tcp.port == 80)",               "4 5 6 7 8 9 10 12"         },
      {"!tcp.port == 80",                 "4 5 6 7 8 9 10 12"         },
      {"all tcp.port < 1000",             "10"                        },
      {"any tcp.port < 1000",             "1 2 3 6 10 11"             },
      {"udp.port === 7",                  "9"                         },
      {"tcp.port > 1024",                 "1 2 3 6 11"                },
      {"tcp.port in {80, 443}",           "1 2 3 6 11"                },
      {"tcp.port in {1..79}",             "10"                        },
      {"tcp.port in {1..2, 443}",         "6 10"                      },
      {"tcp.port not in {80, 443, 1..2}", "4 5 7 8 9 12"              },
      {"tcp.srcport in {-1..5000}",       ""                          },
      {"tcp.port > -1",                   ""                          },
      {"tcp.port < -1",                   ""                          },
      {"tcp.port != -1",                  "1 2 3 6 10 11"             },
      {"tcp.port in {tcp.srcport}",       "1 2 3 6 10 11"             },
      {"ip.addr == 10.0.0.1",             "1 2 3 4 7 8 9 10 11"       },
      {"ip.addr != 10.0.0.1",             "12"                        },
      {"ip.src == 10.0.0.0/8",            "1 2 3 4 7 8 9 10 11"       },
      {"ip.addr == 192.168.0.0/16",       "4 8 10"                    },
      {"ip.src < 10.0.0.2",               "1 3 4 7 8 9 10 11"         },
      {"ip.src > 10.0.0.0/8",             "8 10 12"                   },
      {"ip.src in {10.0.0.2..10.0.0.9}",  "2"                         },
      {"ip.src#1 == 192.168.1.5",         "8"                         },
      {"ip.src#2 == 192.168.1.5",         "10"                        },
      {"ip.src#[-1] == 192.168.1.5",      "10"                        },
      {"ip#2",                            "8 10"                      },
      {"ip.src == ip.dst",                "8 10 12"                   },
      {"udp.srcport == udp.dstport",      "9 12"                      },
      {"ipv6.src == 2001:db8::1",         "6"                         },
      {"ipv6.addr == 2001:db8::/32",      "6"                         },
      {"ipv6.addr != 2001:db8::/32",      ""                          },
      {"ipv6.src < 2001:db8::2",          "6"                         },
      {"ipv6.dst in {::1..2001:db8::2}",  "6"                         },
      {"eth.src == 02:00:00:00:00:01",    "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"eth.src == 02-00-00-00-00-01",    "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"eth.src == 0200.0000.0001",       "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"tcp.srcport == tcp.dstport",      ""                          },
      {"1 < tcp.srcport < 100",           "2"                         },
      {"tcp.srcport > tcp.dstport > 79",  "1 3 11"                    },
  };
  expect_kept(cases);
}

TEST(Filter, NumbersNamesAndFlags) {
  constexpr Case cases[] = {
      {"ip.ttl == 0x80",                                  "4"                      },
      {"ip.ttl == 0200",                                  "4"                      },
      {"ip.ttl == 0b10000000",                            "4"                      },
      {"ip.ttl == '<'",                                   "8"                      },
      {"ip.ttl < 64",                                     "8 10"                   },
      {"ip.proto == TCP",                                 "1 2 3 10 11"            },
      {"ip.proto == \"udp\"",                             "4 7 8 9 12"             },
      {"6 == ip.proto",                                   "1 2 3 10 11"            },
      {"arp.opcode == request",                           "5"                      },
      {"ip.flags.df == 1",                                "1 2 3 8 9 10 11 12"     },
      {"ip.flags.df == True",                             "1 2 3 8 9 10 11 12"     },
      {"ip.flags.df == false",                            "4 7 8 10"               },
      {"ip.flags.mf == Set",                              "7"                      },
      {"tcp.flags == 0x012",                              "2"                      },
      {"tcp.flags & 2",                                   "1 2"                    },
      {"tcp.flags & 0x12 == 0x12",                        "2"                      },
      {"tcp.flags bitwise_and 1",                         "10"                     },
      {"tcp.flags.syn == 1 && tcp.flags.ack == 0",        "1"                      },
      {"tcp.flags.str contains \"S\"",                    "1 2"                    },
      {"frame.number < 3",                                "1 2"                    },
      {"frame.number % 4 == 0",                           "4 8 12"                 },
      {"frame.number & 8",                                "8 9 10 11 12"           },
      {"frame.len > 54 and tcp",                          "3 6 10"                 },
      {"frame.cap_len < frame.len",                       "11"                     },
      {"frame.len - 100 < -60",                           ""                       },
      {"ip.len - 20 == 23",                               ""                       },
      {"-ip.ttl == -9",                                   "10"                     },
      {"{ip.ttl + 1} * 2 == 20",                          "10"                     },
      {"ip.ttl + 250 == 255",                             ""                       },
      {"ip.ttl / 0",                                      ""                       },
      {"frame.time_delta == 0.25",                        "2 3 4 5 6 7 8 9 10 11"  },
      {"frame.time_relative < 0.5",                       "1 2"                    },
      {"frame.time_relative >= 2.5s",                     "11"                     },
      {"frame.time_delta > -1",                           "1 2 3 4 5 6 7 8 9 10 11"},
      {"frame.time >= \"2020-09-13T12:26:42Z\"",          "9 10 11"                },
      {"frame.time < \"Sep 13, 2020 12:26:40.5 UTC\"",    "1 2"                    },
      {"frame.time_epoch in {1600000000..1600000000.25}", "1 2"                    },
      {"vlan.id == 100",                                  "9"                      },
  };
  expect_kept(cases);
}

TEST(Filter, BytesAndTexts) {
  constexpr Case cases[] = {
      {"eth.dst[0:3] == 00:1b:21",                 "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"eth.dst[0] & 1",                           ""                          },
      {"eth.src[-1] == 01",                        "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"ip.src[0:2] == 7f:00",                     "12"                        },
      {"ip.src[3] == 2",                           "2"                         },
      {"tcp[13] & 2",                              "1 2"                       },
      {"tcp[13] == 0x18",                          "3"                         },
      {"tcp[0:2] == 01:bb",                        "6"                         },
      {"tcp[20:3] == \"GET\"",                     "3"                         },
      {"udp[8]",                                   ""                          },
      {"udp contains \"abc\"",                     "4"                         },
      {"tcp contains \"HTTP\"",                    "3"                         },
      {"tcp contains 48:54:54:50",                 "3"                         },
      {"frame contains \"\"",                      ""                          },
      {"tcp.payload == \"GET / HTTP/1.1\"",        "3"                         },
      {"tcp.payload[0:3] == 47:45:54",             "3"                         },
      {"tcp.payload[0-2,4] == \"GET/\"",           "3"                         },
      {"udp.payload[99]",                          ""                          },
      {"tcp.payload matches \"^get\"",             "3"                         },
      {"tcp.payload matches \"(?-i)^get\"",        ""                          },
      {"tcp.payload ~ r\"HTTP/\\d\\.\\d$\"",       "3"                         },
      {"frame matches \"http|abc\"",               "3 4 7"                     },
      {"frame.protocols contains \"icmp:ip\"",     "8"                         },
      {"frame.protocols == \"eth:ethertype:arp\"", "5"                         },
      {"upper(frame.protocols) contains \"ARP\"",  "5"                         },
      {"len(udp.payload) == 3",                    "4"                         },
      {"len(ip) == 20 && len(tcp) == 34",          "3"                         },
      {"count(ip.src) == 2",                       "8 10"                      },
      {"count(arp) == 0",                          ""                          },
      {"string(ip.src) matches \"^192\"",          "8 10"                      },
      {"string(frame.number) == \"12\"",           "12"                        },
      {"max(tcp.srcport, tcp.dstport) > 45000",    "6"                         },
      {"min(udp.port) == 53",                      "4 8"                       },
      {"abs(frame.len - 100) > 50",                "4 5 9 12"                  },
      {"frame[0:6] == eth.dst",                    "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"ip.src == frame[26:4]",                    "1 2 3 4 7 8 10 11 12"      },
      {"frame == eth",                             ""                          },
  };
  expect_kept(cases);
}

// What tshark 4.0 does not have.
TEST(Filter, BeyondTshark) {
  constexpr Case cases[] = {
      {"TCP AND NOT IPV6",               "1 2 3 10 11"        },
      {"80 == tcp.port",                 "1 2 3 11"           },
      {"1024 > tcp.dstport",             "1 3 10 11"          },
      {"tcp.flags.syn == true",          "1 2"                },
      {"@tcp.dstport == 00:50",          "1 3 11"             },
      {"@ip.src[0] == 0a",               "1 2 3 4 7 8 9 10 11"},
      {"@frame.number",                  ""                   },
      {"vals(ip.proto) == \"UDP\"",      "4 7 8 9 12"         },
      {"vals(ip.proto) matches \"^tc\"", "1 2 3 10 11"        },
      {"dec(tcp.dstport) == \"80\"",     "1 3 11"             },
      {"hex(tcp.dstport) == \"0x0050\"", "1 3 11"             },
      {"tcp xor ip",                     "4 6 7 8 9 12"       },
  };
  expect_kept(cases);
}

// Where tshark's language has corners.
TEST(Filter, Corners) {
  constexpr Case cases[] = {
      {"+tcp.dstport",                               "1 2 3 6 10 11"             },
      {"+ip.src",                                    "1 2 3 4 7 8 9 10 11 12"    },
      {"tcp.port == ${tcp.port}",                    ""                          },
      {"not tcp.port in {${tcp.port#1}}",            "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"${ip.src} == ip.src",                        ""                          },
      {"eth.dst[+1] == 1b",                          "1 2 3 4 5 6 7 8 9 10 11 12"},
      {"frame contains fc",                          ""                          },
      {"fc",                                         ""                          },
      {"tcp.payload contains \"\"",                  "3"                         },
      {"frame contains \"\"",                        ""                          },
      {"tcp.flags.ack == +1",                        "2 3 10"                    },
      {"frame.time < \"3000-01-01\"",                "1 2 3 4 5 6 7 8 9 10 11"   },
      {"frame.time > \"1600-01-01 UTC\"",            "1 2 3 4 5 6 7 8 9 10 11"   },
      {"frame.time < \"2090-01-01\"",                ""                          }, // times.h
      {"frame.time_relative < 1.5.5",                "1 2 3 4 5 6"               },
      {"tcp.dstport == 0b",                          ""                          },
      {"eth.ig == \"Individual address (unicast)\"", "1 2 3 4 5 6 7 8 9 10 11 12"},
  };
  expect_kept(cases);
  for (const auto* refused :
       {"tcp.srcport == '\\n'", "frame contains \"\\u0045\"", "ip#0x1", "${tcp.port}",
        "${nosuch} == 1", "${ tcp.port } == 1", "ip.src == ${ip.src}[0:1]", "tcp.payload == fc",
        "frame.time > \"2020-07-04T12:34:56 UTC\"", "frame.time > \"2020-07-04 12:34:56 GMT\"",
        "frame.time > \"Sep 4, 2020 01:02:03Z\"", "frame.time_relative > 1s",
        "max(tcp.payload[0:2]) == 1", "vals(tcp.port) == \"a\"", "hex(ip.src) == \"a\"",
        "@nosuch == 1", "@ == 1", "$ == 1"})
    EXPECT_FALSE(Filter::parse(refused)) << refused;
}

TEST(Filter, CommonTestsNeedNoTree) {
  Packets packets;
  add_all(packets);
  for (const auto* text : {"tcp.port == 80", "ip.addr == 10.0.0.0/8 && !udp", "eth.type == 0x806",
                           "ipv6.addr == 2001:db8::/32", "tcp.flags & 2 && frame.len > 10",
                           "tcp.port != 80 or udp.port in {53, 67..68}", "frame.time_delta < 1"}) {
    const auto filter = Filter::parse(text);
    ASSERT_TRUE(filter) << filter.error().sentence;
    Counted trees{packets.interfaces};
    static_cast<void>(filter->keep(packets.batch, trees));
    for (unsigned i = 0; i < packets.batch.count; ++i)
      if (!packets.batch.packets[i].deep) {
        EXPECT_EQ(trees.asked[i + 1], 0U) << text << " " << i + 1;
      }
  }
}

TEST(Filter, AsksOnlyAboutThoseWanted) {
  Packets packets;
  add_all(packets);
  PlainTrees trees{packets.interfaces};
  const auto filter = Filter::parse("ip");
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->keep(packets.batch, trees, 0b1011), 0b1011U);
  EXPECT_EQ(Filter::parse("")->keep(packets.batch, trees, 0b100), 0b100U);
}

TEST(Filter, KnowsWhetherItNeedsTheFlows) {
  EXPECT_EQ(Filter::parse("ip && (udp or tcp.stream == 1)")->stage(), wire::Stage::flow);
  EXPECT_EQ(Filter::parse("abs(tcp.time_delta) > 1")->stage(), wire::Stage::flow);
  EXPECT_EQ(Filter::parse("data.len > 3")->stage(), wire::Stage::parse);
  EXPECT_EQ(Filter::parse("tcp.seq_raw == 1 and tcp.len > 0")->stage(), wire::Stage::dissect);
  EXPECT_EQ(Filter::parse("")->stage(), wire::Stage::dissect);
}

}  // namespace
}  // namespace trama::filter::tests
