// People type display filters where BPF is wanted. One comparison of a well-known field is turned
// into BPF; anything longer gets an example.
#include <cctype>

#include "packet/source/live.h"

namespace trama::source {
namespace {

struct Counterpart {
  std::string_view field, bpf;
};
constexpr Counterpart counterparts[] = {
    {"tcp.port",    "tcp port"    },
    {"tcp.srcport", "tcp src port"},
    {"tcp.dstport", "tcp dst port"},
    {"udp.port",    "udp port"    },
    {"udp.srcport", "udp src port"},
    {"udp.dstport", "udp dst port"},
    {"ip.addr",     "host"        },
    {"ip.src",      "src host"    },
    {"ip.dst",      "dst host"    },
    {"ipv6.addr",   "ip6 host"    },
    {"ipv6.src",    "ip6 src host"},
    {"ipv6.dst",    "ip6 dst host"},
    {"eth.addr",    "ether host"  },
    {"eth.src",     "ether src"   },
    {"eth.dst",     "ether dst"   },
};

constexpr std::string_view protocols[] = {"eth.",  "ip.",     "ipv6.",  "tcp.", "udp.",  "arp.",
                                          "icmp.", "icmpv6.", "frame.", "dns.", "http.", "tls."};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool looks_like_one(std::string_view text) {
  if (text.find("==") != text.npos) return true;
  for (const auto protocol : protocols)
    for (auto at = text.find(protocol); at != text.npos; at = text.find(protocol, at + 1)) {
      const bool starts = at == 0 || (text[at - 1] != '.' &&
                                      std::isalnum(static_cast<unsigned char>(text[at - 1])) == 0);
      const auto behind = at + protocol.size();
      if (starts && behind < text.size() &&
          std::isalpha(static_cast<unsigned char>(text[behind])) != 0)
        return true;
    }
  return false;
}

}  // namespace

std::string bpf_for(std::string_view display_filter) {
  std::string text;
  for (const char c : display_filter)
    text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!looks_like_one(text)) return {};
  for (const std::string_view equals : {"==", " eq "}) {
    const auto at = text.find(equals);
    if (at == text.npos) continue;
    const auto field = trimmed(std::string_view{text}.substr(0, at));
    const auto value = trimmed(std::string_view{text}.substr(at + equals.size()));
    if (value.empty() || value.find_first_of(" &|()") != value.npos) continue;
    for (const auto& [known, bpf] : counterparts)
      if (field == known) {
        // A block of addresses is a "net" in BPF.
        std::string words{bpf};
        if (value.find('/') != value.npos && words.ends_with("host"))
          words.replace(words.size() - 4, 4, "net");
        return words + " " + std::string{value};
      }
  }
  return "tcp port 80";
}

}  // namespace trama::source
