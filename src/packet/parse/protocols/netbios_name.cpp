#include "packet/parse/protocols/netbios_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "wire/field.h"

namespace trama::parse {
namespace {

constexpr std::size_t raw_size = 16;

constexpr wire::Name kinds[] = {
    {0x00, "Workstation/Redirector"                    },
    {0x01, "Browser"                                   },
    {0x02, "Workstation/Redirector"                    },
    {0x03, "Messenger service/Main name"               },
    {0x05, "Forwarded name"                            },
    {0x06, "RAS Server service"                        },
    {0x1b, "Domain Master Browser"                     },
    {0x1c, "Domain Controllers"                        },
    {0x1d, "Local Master Browser"                      },
    {0x1e, "Browser Election Service"                  },
    {0x1f, "Net DDE Service"                           },
    {0x20, "Server service"                            },
    {0x21, "RAS client service"                        },
    {0x22, "Exchange Interchange (MSMail Connector)"   },
    {0x23, "Exchange Store"                            },
    {0x24, "Exchange Directory"                        },
    {0x2b, "Lotus Notes Server service"                },
    {0x30, "Modem sharing server service"              },
    {0x31, "Modem sharing client service"              },
    {0x43, "SMS Clients Remote Control"                },
    {0x44, "SMS Administrators Remote Control Tool"    },
    {0x45, "SMS Clients Remote Chat"                   },
    {0x46, "SMS Clients Remote Transfer"               },
    {0x4c, "DEC Pathworks TCP/IP Service on Windows NT"},
    {0x52, "DEC Pathworks TCP/IP Service on Windows NT"},
    {0x6a, "Microsoft Exchange IMC"                    },
    {0x87, "Microsoft Exchange MTA"                    },
    {0xbe, "Network Monitor Agent"                     },
    {0xbf, "Network Monitor Analyzer"                  },
};

}  // namespace

std::string_view netbios_kind(u8 kind) {
  const auto* found = std::find_if(std::begin(kinds), std::end(kinds),
                                   [&](const wire::Name& one) { return one.value == kind; });
  return found == std::end(kinds) ? "Unknown" : found->text;
}

std::string netbios_name(Bytes raw) {
  if (raw.size() < raw_size) return {};
  std::size_t size = raw_size - 1;
  while (size > 0 && raw[size - 1] == ' ') --size;
  std::string name;
  for (const u8 byte : raw.first(size))
    byte >= 0x20 && byte < 0x7f ? name += static_cast<char>(byte)
                                : name += fmt::format("<{:02x}>", byte);
  return name += fmt::format("<{:02x}>", raw[raw_size - 1]);
}

std::string netbios_name(std::string_view domain) {
  const auto label = domain.substr(0, domain.find('.'));
  if (label.size() != 2 * raw_size ||
      !std::all_of(label.begin(), label.end(), [](char c) { return c >= 'A' && c <= 'P'; }))
    return {};
  std::array<u8, raw_size> raw;
  for (std::size_t i = 0; i < raw_size; ++i)
    raw[i] = static_cast<u8>((label[2 * i] - 'A') << 4 | (label[2 * i + 1] - 'A'));
  return netbios_name(Bytes{raw}).append(domain.substr(label.size()));
}

}  // namespace trama::parse
