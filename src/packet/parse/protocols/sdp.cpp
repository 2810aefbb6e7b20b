// Session Description Protocol (RFC 8866): which media go where.
#include <charconv>

#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr auto fields = std::to_array<Field>({
    {"sdp.version",                      0, Show::text, N_("version of the description")      },
    {"sdp.owner",                        0, Show::text, N_("who made it, and which one it is")},
    {"sdp.owner.username",               0, Show::text, N_("user that made it")               },
    {"sdp.owner.sessionid",              0, Show::text, N_("names the session")               },
    {"sdp.owner.version",                0, Show::text, N_("how often it changed")            },
    {"sdp.owner.network_type",           0, Show::text, N_("kind of network: IN")             },
    {"sdp.owner.address_type",           0, Show::text, N_("kind of address: IP4 or IP6")     },
    {"sdp.owner.address",                0, Show::text, N_("where it was made")               },
    {"sdp.session_name",                 0, Show::text, N_("name of the session")             },
    {"sdp.session_info",                 0, Show::text, N_("about the session")               },
    {"sdp.uri",                          0, Show::text, N_("page about the session")          },
    {"sdp.email",                        0, Show::text, N_("whom to write to")                },
    {"sdp.phone",                        0, Show::text, N_("whom to call")                    },
    {"sdp.connection_info",              0, Show::text, N_("where media are received")        },
    {"sdp.connection_info.network_type", 0, Show::text, N_("kind of network: IN")             },
    {"sdp.connection_info.address_type", 0, Show::text, N_("kind of address: IP4 or IP6")     },
    {"sdp.connection_info.address",      0, Show::text, N_("address that receives media")     },
    {"sdp.bandwidth",                    0, Show::text, N_("bits a second")                   },
    {"sdp.bandwidth.modifier",           0, Show::text, N_("how they are counted")            },
    {"sdp.bandwidth.value",              0, Show::text, N_("how many")                        },
    {"sdp.time",                         0, Show::text, N_("from when to when")               },
    {"sdp.time.start",                   0, Show::text, N_("from when; 0: always")            },
    {"sdp.time.stop",                    0, Show::text, N_("until when; 0: for ever")         },
    {"sdp.session_attr",                 0, Show::text, N_("attribute of the session")        },
    {"sdp.session_attr.field",           0, Show::text, N_("its name")                        },
    {"sdp.session_attr.value",           0, Show::text, N_("its value")                       },
    {"sdp.media",                        0, Show::text, N_("a medium, its port and formats")  },
    {"sdp.media.media",                  0, Show::text, N_("kind of medium")                  },
    {"sdp.media.port",                   0, Show::dec,  N_("port that receives it")           },
    {"sdp.media.proto",                  0, Show::text, N_("how it is carried")               },
    {"sdp.media.format",                 0, Show::text, N_("a format that is understood")     },
    {"sdp.media_title",                  0, Show::text, N_("about the medium")                },
    {"sdp.media_attr",                   0, Show::text, N_("attribute of the medium")         },
    {"sdp.media_attribute.field",        0, Show::text, N_("its name")                        },
    {"sdp.media_attribute.value",        0, Show::text, N_("its value")                       },
    {"sdp.mime.type",                    0, Show::text, N_("name of a format")                },
    {"sdp.sample_rate",                  0, Show::text, N_("samples a second")                },
});

class Lines {
 public:
  explicit Lines(Message& message) : message_(message) {}

  void put(std::string_view word, std::string_view value) {
    for (const Field& field : fields)
      if (field.word == word)
        return message_.put_text(field, at(value), static_cast<u32>(value.size()));
  }
  void put_port(std::string_view value) {
    u16 port = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), port).ec == std::errc{})
      message_.put(in(fields, "sdp.media.port"), at(value), static_cast<u32>(value.size()), port);
  }
  // The space-separated parts of a line, one word each; the last word takes what is left.
  void parts(std::string_view value, std::initializer_list<std::string_view> words,
             char between = ' ') {
    for (const auto word : words) {
      const auto end = std::min(value.find(between), value.size());
      if (value.empty()) return;
      put(word, value.substr(0, end));
      value.remove_prefix(std::min(value.size(), end + 1));
    }
  }
  void line(char type, std::string_view value) {
    switch (type) {
      case 'v':
        return put("sdp.version", value);
      case 'o':
        put("sdp.owner", value);
        return parts(value,
                     {"sdp.owner.username", "sdp.owner.sessionid", "sdp.owner.version",
                      "sdp.owner.network_type", "sdp.owner.address_type", "sdp.owner.address"});
      case 's':
        return put("sdp.session_name", value);
      case 'i':
        return put(in_media_ ? "sdp.media_title" : "sdp.session_info", value);
      case 'u':
        return put("sdp.uri", value);
      case 'e':
        return put("sdp.email", value);
      case 'p':
        return put("sdp.phone", value);
      case 'c':
        put("sdp.connection_info", value);
        return parts(value, {"sdp.connection_info.network_type", "sdp.connection_info.address_type",
                             "sdp.connection_info.address"});
      case 'b':
        put("sdp.bandwidth", value);
        return parts(value, {"sdp.bandwidth.modifier", "sdp.bandwidth.value"}, ':');
      case 't':
        put("sdp.time", value);
        return parts(value, {"sdp.time.start", "sdp.time.stop"});
      case 'm':
        in_media_ = true;
        return media(value);
      case 'a':
        return attribute(value);
      default:
        return;
    }
  }

 private:
  [[nodiscard]] u32 at(std::string_view value) const {
    return static_cast<u32>(reinterpret_cast<const u8*>(value.data()) - message_.data);
  }
  void media(std::string_view value) {
    put("sdp.media", value);
    const auto next = [&] {
      const auto end = std::min(value.find(' '), value.size());
      const auto part = value.substr(0, end);
      value.remove_prefix(std::min(value.size(), end + 1));
      return part;
    };
    put("sdp.media.media", next());
    put_port(next());
    put("sdp.media.proto", next());
    while (!value.empty()) put("sdp.media.format", next());
  }
  void attribute(std::string_view value) {
    put(in_media_ ? "sdp.media_attr" : "sdp.session_attr", value);
    parts(value,
          in_media_ ? std::initializer_list<std::string_view>{"sdp.media_attribute.field"}
                    : std::initializer_list<std::string_view>{"sdp.session_attr.field"},
          ':');
    const auto colon = value.find(':');
    if (colon == value.npos) return;
    const auto rest = value.substr(colon + 1);
    if (!value.starts_with("rtpmap:"))
      return put(in_media_ ? "sdp.media_attribute.value" : "sdp.session_attr.value", rest);
    const auto space = rest.find(' ');
    if (space == rest.npos) return;
    parts(rest.substr(space + 1), {"sdp.mime.type", "sdp.sample_rate"}, '/');
  }

  Message& message_;
  bool in_media_ = false;
};

bool read_sdp(Message& message) {
  message.enter(sdp.header);
  if (!message.rows()) return true;
  Lines lines{message};
  auto text = message.text(0, message.captured);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() >= 2 && line[1] == '=') lines.line(line[0], line.substr(2));
  }
  return true;
}

}  // namespace

const Parser sdp{
    .header = {.word = "sdp",
               .name = "Session Description Protocol",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_sdp
};

}  // namespace trama::parse
