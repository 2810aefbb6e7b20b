// Network Time Protocol (RFC 5905, control messages RFC 9327) and what ntpdc spoke with ntpd.
#include <fmt/format.h>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name leap_names[] = {
    {0, "no warning"                           },
    {1, "last minute of the day has 61 seconds"},
    {2, "last minute of the day has 59 seconds"},
    {3, "unknown (clock unsynchronized)"       },
};

constexpr Name version_names[] = {
    {1, "NTP Version 1"},
    {2, "NTP Version 2"},
    {3, "NTP Version 3"},
    {4, "NTP Version 4"},
};

constexpr Name mode_names[] = {
    {0, "reserved"         },
    {1, "symmetric active" },
    {2, "symmetric passive"},
    {3, "client"           },
    {4, "server"           },
    {5, "broadcast"        },
    {6, "control"          },
    {7, "private"          },
};

constexpr Name request_names[] = {
    {0,  "PEER_LIST"       },
    {1,  "PEER_LIST_SUM"   },
    {2,  "PEER_INFO"       },
    {3,  "PEER_STATS"      },
    {4,  "SYS_INFO"        },
    {5,  "SYS_STATS"       },
    {6,  "IO_STATS"        },
    {7,  "MEM_STATS"       },
    {8,  "LOOP_INFO"       },
    {9,  "TIMER_STATS"     },
    {10, "CONFIG"          },
    {11, "UNCONFIG"        },
    {12, "SET_SYS_FLAG"    },
    {13, "CLR_SYS_FLAG"    },
    {16, "GET_RESTRICT"    },
    {17, "RESADDFLAGS"     },
    {18, "RESSUBFLAGS"     },
    {19, "UNRESTRICT"      },
    {20, "MON_GETLIST"     },
    {21, "RESET_STATS"     },
    {22, "RESET_PEER"      },
    {23, "REREAD_KEYS"     },
    {24, "DO_DIRTY_HACK"   },
    {25, "DONT_DIRTY_HACK" },
    {26, "TRUSTKEY"        },
    {27, "UNTRUSTKEY"      },
    {28, "AUTHINFO"        },
    {29, "TRAPS"           },
    {30, "ADD_TRAP"        },
    {31, "CLR_TRAP"        },
    {32, "REQUEST_KEY"     },
    {33, "CONTROL_KEY"     },
    {34, "GET_CTLSTATS"    },
    {35, "GET_LEAPINFO"    },
    {36, "GET_CLOCKINFO"   },
    {37, "SET_CLKFUDGE"    },
    {38, "GET_KERNEL"      },
    {39, "GET_CLKBUGINFO"  },
    {41, "SET_PRECISION"   },
    {42, "MON_GETLIST_1"   },
    {43, "HOSTNAME_ASSOCID"},
    {44, "IF_STATS"        },
    {45, "IF_RELOAD"       },
};

constexpr auto fields = std::to_array<Field>({
    {"ntp.flags",              0, Show::hex2,       N_("flags, all of them")                              },
    named(leap_names, {"ntp.flags.li",           0, Show::dec,        N_("leap second that comes")                          }
    ),
    named(version_names, {"ntp.flags.vn",           0, Show::dec,        N_("version of the protocol")                         }
    ),
    named(mode_names, {"ntp.flags.mode",         0, Show::dec,        N_("who speaks to whom")                              }
    ),
    {"ntp.stratum",            0, Show::dec,        N_("servers between this one and its clock")          },
    {"ntp.ppoll",              0, Show::dec,        N_("seconds between questions, as a power of two")    },
    {"ntp.precision",          0, Show::dec,        N_("precision of the clock, as a power of two")       },
    {"ntp.rootdelay",          0, Show::dec,        N_("time to the clock and back, in 1/65536 seconds")  },
    {"ntp.rootdispersion",     0, Show::dec,        N_("largest error to the clock, in 1/65536 seconds")  },
    {"ntp.refid",              0, Show::bytes,      N_("the clock that is followed")                      },
    {"ntp.reftime",            0, Show::moment_utc, N_("when the clock was set last")                     },
    {"ntp.org",                0, Show::moment_utc, N_("when the question left, by the asker's clock")    },
    {"ntp.rec",                0, Show::moment_utc, N_("when the question arrived, by the server's clock")},
    {"ntp.xmt",                0, Show::moment_utc, N_("when this message left, by the sender's clock")   },
    {"ntp.ext",                0, Show::mark,       N_("an extension")                                    },
    {"ntp.ext.type",           0, Show::hex4,       N_("kind of extension")                               },
    {"ntp.ext.length",         0, Show::dec,        N_("length of the extension")                         },
    {"ntp.ext.value",          0, Show::bytes,      N_("value of the extension")                          },
    {"ntp.keyid",              0, Show::bytes,      N_("which key")                                       },
    {"ntp.mac",                0, Show::bytes,      N_("signature")                                       },
    {"ntp.ctrl.flags2",        0, Show::hex2,       N_("flags, all of them")                              },
    {"ntp.ctrl.flags2.r",      0, Show::flag,       N_("an answer, not a question")                       },
    {"ntp.ctrl.flags2.error",  0, Show::flag,       N_("an error")                                        },
    {"ntp.ctrl.flags2.more",   0, Show::flag,       N_("more messages follow")                            },
    {"ntp.ctrl.flags2.opcode", 0, Show::dec,        N_("what is asked for")                               },
    {"ntp.ctrl.sequence",      0, Show::dec,        N_("number that an answer repeats")                   },
    {"ntp.ctrl.status",        0, Show::hex4,       N_("state of the server")                             },
    {"ntp.ctrl.associd",       0, Show::dec,        N_("association that is meant")                       },
    {"ntp.ctrl.offset",        0, Show::dec,        N_("where the data belong")                           },
    {"ntp.ctrl.count",         0, Show::dec,        N_("bytes of the data")                               },
    {"ntp.priv.flags.r",       0, Show::flag,       N_("an answer, not a question")                       },
    {"ntp.priv.flags.more",    0, Show::flag,       N_("more messages follow")                            },
    {"ntp.priv.auth_seq",      0, Show::hex2,       N_("flags, all of them")                              },
    {"ntp.priv.auth",          0, Show::flag,       N_("a signature follows")                             },
    {"ntp.priv.seq",           0, Show::dec,        N_("number that an answer repeats")                   },
    {"ntp.priv.impl",          0, Show::dec,        N_("whose server")                                    },
    named(request_names, {"ntp.priv.reqcode",       0, Show::dec,        N_("what is asked for")                               }
    ),
});

constexpr u64 control = 6;
constexpr u64 private_mode = 7;

// Seconds since 1900 (since 2036 where the first bit is 0) and their fraction: nanoseconds since
// 1970. The zero timestamp means that there is none.
i64 since_1970(u64 timestamp) {
  constexpr i64 era_1900 = 2'208'988'800;
  constexpr i64 era_2036 = 2'085'978'496;
  constexpr i64 second = 1'000'000'000;
  const auto seconds = static_cast<i64>(timestamp >> 32);
  const auto fraction = static_cast<i64>((timestamp & 0xffffffff) * second >> 32);
  const i64 since = (timestamp >> 63) != 0 ? seconds - era_1900 : seconds + era_2036;
  return timestamp == 0 ? dissect::no_moment : since * second + fraction;
}

std::string_view name_of(std::span<const Name> names, u64 value, std::string_view unknown) {
  for (const Name& name : names)
    if (name.value == value) return name.text;
  return unknown;
}

// Takes one value after the other; false from the first that is not there.
class Taker {
 public:
  explicit Taker(Message& message) : message_(message) {}
  bool number(const Field& field, u32 size) {
    if (ok = ok && message_.whole(at, size); ok) message_.put_number(field, at, size);
    at += size;
    return ok;
  }
  bool bytes(const Field& field, u32 size) {
    if (ok = ok && message_.whole(at, size); ok) message_.put_bytes(field, at, size);
    at += size;
    return ok;
  }
  bool moment(const Field& field) {
    if (ok = ok && message_.whole(at, 8); ok)
      message_.put(field, at, 8, static_cast<u64>(since_1970(message_.number(at, 8))));
    at += 8;
    return ok;
  }
  u32 at = 0;
  bool ok = true;

 private:
  Message& message_;
};

void read_extensions(Message& message, u32 at, u64 version) {
  while (message.whole(at, 4)) {
    const auto size = static_cast<u32>(message.number(at + 2, 2));
    if (version != 4 || size < 16 || size % 4 != 0 || !message.whole(at, size)) break;
    message.put(in(fields, "ntp.ext"), at, size, 0);
    message.put_number(in(fields, "ntp.ext.type"), at, 2);
    message.put_number(in(fields, "ntp.ext.length"), at + 2, 2);
    message.put_bytes(in(fields, "ntp.ext.value"), at + 4, size - 4);
    at += size;
  }
  if (!message.whole(at, 4)) return;
  message.put_bytes(in(fields, "ntp.keyid"), at, 4);
  if (message.captured > at + 4)
    message.put_bytes(in(fields, "ntp.mac"), at + 4, message.captured - at - 4);
}

bool read_time(Message& message, u64 version) {
  Taker take{message};
  take.at = 1;
  take.number(in(fields, "ntp.stratum"), 1);
  take.number(in(fields, "ntp.ppoll"), 1);
  take.number(in(fields, "ntp.precision"), 1);
  take.number(in(fields, "ntp.rootdelay"), 4);
  take.number(in(fields, "ntp.rootdispersion"), 4);
  take.bytes(in(fields, "ntp.refid"), 4);
  take.moment(in(fields, "ntp.reftime"));
  take.moment(in(fields, "ntp.org"));
  take.moment(in(fields, "ntp.rec"));
  take.moment(in(fields, "ntp.xmt"));
  if (take.ok) read_extensions(message, take.at, version);
  return take.ok;
}

bool read_control(Message& message) {
  Taker take{message};
  take.at = 1;
  if (!take.number(in(fields, "ntp.ctrl.flags2"), 1)) return false;
  const u64 flags = message.data[1];
  message.put(in(fields, "ntp.ctrl.flags2.r"), 1, 1, flags >> 7);
  message.put(in(fields, "ntp.ctrl.flags2.error"), 1, 1, flags >> 6 & 1);
  message.put(in(fields, "ntp.ctrl.flags2.more"), 1, 1, flags >> 5 & 1);
  message.put(in(fields, "ntp.ctrl.flags2.opcode"), 1, 1, flags & 31);
  take.number(in(fields, "ntp.ctrl.sequence"), 2);
  take.number(in(fields, "ntp.ctrl.status"), 2);
  take.number(in(fields, "ntp.ctrl.associd"), 2);
  take.number(in(fields, "ntp.ctrl.offset"), 2);
  take.number(in(fields, "ntp.ctrl.count"), 2);
  return take.ok;
}

bool read_private(Message& message) {
  if (!message.whole(1, 1)) return false;
  const u64 sequence = message.put_number(in(fields, "ntp.priv.auth_seq"), 1, 1);
  message.put(in(fields, "ntp.priv.auth"), 1, 1, sequence >> 7);
  message.put(in(fields, "ntp.priv.seq"), 1, 1, sequence & 127);
  Taker take{message};
  take.at = 2;
  take.number(in(fields, "ntp.priv.impl"), 1);
  return take.number(in(fields, "ntp.priv.reqcode"), 1);
}

bool read_ntp(Message& message) {
  const u64 flags = message.number(0, 1);
  const u64 version = flags >> 3 & 7;
  const u64 mode = flags & 7;
  message.enter(ntp.header);
  message.protocol("NTP");
  std::string& info = message.info();
  info = name_of(version_names, version, "reserved");
  info += ", ";
  info += mode_names[mode].text;
  if (mode == private_mode && message.whole(3, 1)) {
    info += flags >> 7 == 0 ? ", Request, " : ", Response, ";
    info += name_of(request_names, message.data[3], "Unknown");
  }
  message.put(in(fields, "ntp.flags"), 0, 1, flags);
  if (mode == private_mode) {
    message.put(in(fields, "ntp.priv.flags.r"), 0, 1, flags >> 7);
    message.put(in(fields, "ntp.priv.flags.more"), 0, 1, flags >> 6 & 1);
  } else {
    message.put(in(fields, "ntp.flags.li"), 0, 1, flags >> 6);
  }
  message.put(in(fields, "ntp.flags.vn"), 0, 1, version);
  message.put(in(fields, "ntp.flags.mode"), 0, 1, mode);
  const bool whole = mode == control        ? read_control(message)
                     : mode == private_mode ? read_private(message)
                                            : read_time(message, version);
  if (!whole) message.malformed();
  return true;
}

constexpr u16 ports[] = {123};

}  // namespace

const Parser ntp{
    .header =
        {.word = "ntp", .name = "Network Time Protocol", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .udp_ports = ports,
    .read = read_ntp
};

}  // namespace trama::parse
