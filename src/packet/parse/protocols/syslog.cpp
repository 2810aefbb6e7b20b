// Syslog over UDP (RFC 3164, RFC 5424).
#include <array>
#include <charconv>
#include <ctime>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name facility_names[] = {
    {0,  "KERN"    },
    {1,  "USER"    },
    {2,  "MAIL"    },
    {3,  "DAEMON"  },
    {4,  "AUTH"    },
    {5,  "SYSLOG"  },
    {6,  "LPR"     },
    {7,  "NEWS"    },
    {8,  "UUCP"    },
    {9,  "CRON"    },
    {10, "AUTHPRIV"},
    {11, "FTP"     },
    {12, "NTP"     },
    {13, "LOGAUDIT"},
    {14, "LOGALERT"},
    {15, "CRON"    },
    {16, "LOCAL0"  },
    {17, "LOCAL1"  },
    {18, "LOCAL2"  },
    {19, "LOCAL3"  },
    {20, "LOCAL4"  },
    {21, "LOCAL5"  },
    {22, "LOCAL6"  },
    {23, "LOCAL7"  },
};

constexpr Name level_names[] = {
    {0, "EMERG"  },
    {1, "ALERT"  },
    {2, "CRIT"   },
    {3, "ERR"    },
    {4, "WARNING"},
    {5, "NOTICE" },
    {6, "INFO"   },
    {7, "DEBUG"  },
};

constexpr auto fields = std::to_array<Field>({
    named(facility_names, {"syslog.facility",          0, Show::dec,        N_("kind of program that speaks")      }
     ),
    named(level_names, {"syslog.level",             0, Show::dec,        N_("how urgent it is")                 }
     ),
    {"syslog.msg",               0, Show::text,       N_("all that is said")                 },
    {"syslog.version",           0, Show::text,       N_("version of the protocol")          },
    {"syslog.timestamp",         0, Show::moment_utc, N_("when it was said")                 },
    {"syslog.timestamp_rfc3164", 0, Show::text,       N_("when it was said")                 },
    {"syslog.hostname",          0, Show::text,       N_("host that speaks")                 },
    {"syslog.appname",           0, Show::text,       N_("program that speaks")              },
    {"syslog.procid",            0, Show::text,       N_("process that speaks")              },
    {"syslog.msgid",             0, Show::text,       N_("kind of message, and what follows")},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "2003-08-24T05:14:15.000003-07:00": nanoseconds since 1970, 0 where it is something else.
i64 moment_of(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00T00:00:00";
  if (text.size() < shape.size()) return 0;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if (shape[i] == '0' ? !is_digit(text[i]) : shape[i] != text[i]) return 0;
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  tm parts{};
  parts.tm_year = number(0, 4) - 1900;
  parts.tm_mon = number(5, 2) - 1;
  parts.tm_mday = number(8, 2);
  parts.tm_hour = number(11, 2);
  parts.tm_min = number(14, 2);
  parts.tm_sec = number(17, 2);
  i64 fraction = 0;
  std::size_t at = shape.size();
  if (at < text.size() && text[at] == '.') {
    i64 unit = 100'000'000;
    for (++at; at < text.size() && is_digit(text[at]); ++at, unit /= 10)
      fraction += unit * (text[at] - '0');
  }
  i64 zone = 0;
  if (text.size() >= at + 6 && (text[at] == '+' || text[at] == '-')) {
    zone = (number(at + 1, 2) * 60 + number(at + 4, 2)) * 60;
    if (text[at] == '-') zone = -zone;
  }
  return (timegm(&parts) - zone) * 1'000'000'000 + fraction;
}

// The word at `at` that a space ends: false where none does.
bool take_word(const Message& message, u32& at, u32& size) {
  const auto rest = message.text(at, message.captured - at);
  const auto space = rest.find(' ');
  if (space == rest.npos) return false;
  size = static_cast<u32>(space);
  return true;
}

void read_rfc5424(Message& message, u32 at) {
  message.put_ascii(in(fields, "syslog.version"), at, 1);
  at += 2;
  u32 size = 0;
  if (!take_word(message, at, size)) return;
  message.put(in(fields, "syslog.timestamp"), at, size,
              static_cast<u64>(moment_of(message.text(at, size))));
  at += size + 1;
  for (const Field* field : {&in(fields, "syslog.hostname"), &in(fields, "syslog.appname"),
                             &in(fields, "syslog.procid")}) {
    if (!take_word(message, at, size)) return;
    message.put_ascii(*field, at, size);
    at += size + 1;
  }
  message.put_ascii(in(fields, "syslog.msgid"), at, message.captured - at);
}

// "Oct 11 22:14:15 "
bool is_rfc3164(std::string_view text) {
  constexpr std::string_view shape = "Aaa 10 00:00:00 ";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() < shape.size()) return false;
  for (std::size_t i = 3; i < shape.size(); ++i) {
    const bool fits = shape[i] == '0'   ? is_digit(text[i])
                      : shape[i] == '1' ? is_digit(text[i]) || text[i] == ' '
                                        : shape[i] == text[i];
    if (!fits) return false;
  }
  for (std::size_t i = 0; i < months.size(); i += 3)
    if (text.substr(0, 3) == months.substr(i, 3)) return true;
  return false;
}

void read_rfc3164(Message& message, u32 at) {
  constexpr u32 stamp = 15;
  message.put_ascii(in(fields, "syslog.timestamp_rfc3164"), at, stamp);
  at += stamp + 1;
  u32 size = 0;
  if (!take_word(message, at, size)) return;
  message.put_ascii(in(fields, "syslog.hostname"), at, size);
  at += size + 1;
  const auto rest = message.text(at, message.captured - at);
  const auto end = rest.find_first_of("[: ");
  if (end == rest.npos) return;
  size = static_cast<u32>(end);
  message.put_ascii(in(fields, "syslog.procid"), at, size);
  message.put_ascii(in(fields, "syslog.msgid"), at + size, message.captured - at - size);
}

bool read_syslog(Message& message) {
  message.enter(syslog.header);
  message.protocol("Syslog");
  std::string& info = message.info();
  info.clear();
  u32 at = 0;
  u32 priority = 0;
  const bool marked = message.data[0] == '<';
  if (marked) {
    for (at = 1; at < 4 && message.whole(at, 1) && is_digit(static_cast<char>(message.data[at]));
         ++at)
      priority = priority * 10 + message.data[at] - '0';
    if (message.whole(at, 1) && message.data[at] == '>') ++at;
    if (!message.whole(at, 1)) {
      message.malformed();
      return true;
    }
    const u32 facility = priority >> 3;
    info += facility < std::size(facility_names) ? facility_names[facility].text : "UNKNOWN";
    info.append(".").append(level_names[priority & 7].text) += ": ";
    message.put(in(fields, "syslog.facility"), 0, at, facility);
    message.put(in(fields, "syslog.level"), 0, at, priority & 7);
  }
  const auto text = message.text(at, message.captured - at);
  dissect::append_text(info, text);
  if (message.rows()) {
    message.put_text(in(fields, "syslog.msg"), at,
                     static_cast<u32>(std::min(text.find('\0'), text.size())));
    if (marked && text.starts_with("1 "))
      read_rfc5424(message, at);
    else if (is_rfc3164(text))
      read_rfc3164(message, at);
  }
  if (message.captured < message.length) message.malformed();
  return true;
}

constexpr u16 ports[] = {514};

}  // namespace

const Parser syslog{
    .header =
        {.word = "syslog", .name = "Syslog message", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .read = read_syslog
};

}  // namespace trama::parse
