// Syslog as it travels (RFC 3164, RFC 5424): <PRI> and a message.
#include <algorithm>
#include <charconv>

#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr Name facilities[] = {
    {0,  "kernel messages"                          },
    {1,  "random user-level messages"               },
    {2,  "mail system"                              },
    {3,  "system daemons"                           },
    {4,  "security/authorization messages"          },
    {5,  "messages generated internally by syslogd" },
    {6,  "line printer subsystem"                   },
    {7,  "network news subsystem"                   },
    {8,  "UUCP subsystem"                           },
    {9,  "clock daemon"                             },
    {10, "security/authorization messages (private)"},
    {11, "ftp daemon"                               },
    {12, "NTP subsystem"                            },
    {13, "log audit"                                },
    {14, "log alert"                                },
    {15, "clock daemon"                             },
    {16, "reserved for local use"                   },
    {17, "reserved for local use"                   },
    {18, "reserved for local use"                   },
    {19, "reserved for local use"                   },
    {20, "reserved for local use"                   },
    {21, "reserved for local use"                   },
    {22, "reserved for local use"                   },
    {23, "reserved for local use"                   },
};
constexpr std::string_view facility_words[] = {
    "KERN",   "USER",   "MAIL",     "DAEMON", "AUTH",   "SYSLOG",   "LPR",      "NEWS",
    "UUCP",   "CRON",   "AUTHPRIV", "FTP",    "NTP",    "LOGAUDIT", "LOGALERT", "CRON",
    "LOCAL0", "LOCAL1", "LOCAL2",   "LOCAL3", "LOCAL4", "LOCAL5",   "LOCAL6",   "LOCAL7"};
constexpr Name levels[] = {
    {0, "system is unusable"              },
    {1, "action must be taken immediately"},
    {2, "critical conditions"             },
    {3, "error conditions"                },
    {4, "warning conditions"              },
    {5, "normal but significant condition"},
    {6, "informational"                   },
    {7, "debug-level messages"            },
};
constexpr std::string_view level_words[] = {"EMERG",   "ALERT",  "CRIT", "ERR",
                                            "WARNING", "NOTICE", "INFO", "DEBUG"};

constexpr auto fields = std::to_array<Field>({
    named(facilities, {"syslog.facility", 0, Show::dec,  N_("what kind of program speaks")                 }
     ),
    named(levels,
          {"syslog.level",    0, Show::dec,  N_("how bad it is: 0 worst, 7 only for debugging")}
     ),
    {"syslog.msg",      0, Show::text, N_("the message")                                 },
});

// One line: what does not print is written as C writes it.
void append_line(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<u8>(c);
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte >= 0x20 && byte != 0x7f) {
          out += c;
        } else {
          const char octal[] = {'\\', static_cast<char>('0' + (byte >> 6)),
                                static_cast<char>('0' + (byte >> 3 & 7)),
                                static_cast<char>('0' + (byte & 7))};
          out.append(octal, sizeof octal);
        }
    }
  }
}

bool read_syslog(Message& message) {
  message.enter(syslog.header);
  message.protocol("Syslog");
  auto text = message.text(0, message.captured);
  unsigned priority = 0;
  bool told = false;
  if (text.starts_with('<')) {
    const auto [end, error] = std::from_chars(
        text.data() + 1, text.data() + std::min<std::size_t>(text.size(), 4), priority);
    const auto digits = static_cast<u32>(end - text.data() - 1);
    told = error == std::errc{} && digits > 0;
    if (told) {
      u32 used = 1 + digits;
      if (used < text.size() && text[used] == '>') ++used;
      message.put(in(fields, "syslog.facility"), 0, used, priority >> 3);
      message.put(in(fields, "syslog.level"), 0, used, priority & 7);
      text.remove_prefix(used);
    }
  }
  const auto shown = static_cast<u32>(std::min(text.find('\0'), text.size()));  // as C ends it
  message.put_text(in(fields, "syslog.msg"), message.captured - static_cast<u32>(text.size()),
                   shown);
  auto& info = message.info();
  if (told) {
    const auto facility = priority >> 3;
    info += facility < std::size(facility_words) ? facility_words[facility] : "UNKNOWN";
    info += '.';
    info += level_words[priority & 7];
    info += ": ";
  }
  append_line(info, text);
  return true;
}

constexpr u16 ports[] = {514};

}  // namespace

const Parser syslog{
    .header =
        {.word = "syslog", .name = "Syslog Message", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .read = read_syslog
};

}  // namespace trama::parse
