#include "packet/parse/protocols/sip_names.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "packet/parse/protocols/sip_fields.h"

namespace trama::parse {
namespace {

// The one-letter names of headers (RFC 3261 section 7.3.3 and the registry that it began).
constexpr std::pair<char, std::string_view> compact[] = {
    {'a', "Accept-Contact"     },
    {'b', "Referred-by"        },
    {'c', "Content-Type"       },
    {'d', "Request-Disposition"},
    {'e', "Content-Encoding"   },
    {'f', "From"               },
    {'i', "Call-ID"            },
    {'k', "Supported"          },
    {'l', "Content-Length"     },
    {'m', "Contact"            },
    {'o', "Event"              },
    {'r', "Refer-To"           },
    {'s', "Subject"            },
    {'t', "To"                 },
    {'u', "Allow-Events"       },
    {'v', "Via"                },
    {'x', "Session-Expires"    },
    {'y', "Identity"           }
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() &&
         (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n'))
    text.remove_suffix(1);
  return text;
}

std::optional<u32> number_in(std::string_view text) {
  u32 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return {};
  return value;
}

const wire::Field* header_field(std::string_view name) {
  if (name.size() == 1)
    for (const auto& [letter, full] : compact)
      if (lower(name[0]) == letter) name = full;
  for (const wire::Field& field : sip_words::all)
    if (field.label == "the header of that name" && same(field.word.substr(4), name)) return &field;
  return nullptr;
}

}  // namespace trama::parse
