#include "packet/filter/explain.h"

#include <algorithm>

#include "base/address.h"
#include "base/say.h"
#include "base/terminal.h"

namespace trama::filter {
namespace {

// Columns that a text takes on a terminal: UTF-8 characters, as harmless() shows them.
std::size_t columns(std::string_view text) {
  const std::string shown = harmless(text);
  return static_cast<std::size_t>(
      std::count_if(shown.begin(), shown.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\n")));
    if (text.empty()) return words;
    const auto end = std::min(text.size(), text.find_first_of(" \t\n"));
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The longest part of a filter that an error shows: whoever types more finds the place by it.
constexpr std::size_t most_shown = 2000;

}  // namespace

std::string from_capture_filter(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() < 2) return {};
  std::size_t at = 0;
  std::string_view protocol;
  if (is_one_of(words[at], {"tcp", "udp", "ip", "ip6", "ether", "arp"})) protocol = words[at++];
  std::string_view side;
  if (is_one_of(words[at], {"src", "dst"})) side = words[at++];
  if (at == words.size()) return {};
  std::string_view kind = "host";
  if (is_one_of(words[at], {"host", "net", "port", "portrange", "proto"}))
    kind = words[at++];
  else if (side.empty())
    return is_one_of(words[0], {"less", "greater", "gateway", "broadcast", "multicast"}) ? "?" : "";
  if (at + 1 != words.size()) return "?";
  const std::string value{words[at]};
  if (kind == "port" && (protocol.empty() || protocol == "tcp" || protocol == "udp") &&
      parse_port(value)) {
    const std::string end = side.empty() ? "port" : std::string{side} + "port";
    const auto one = [&](std::string_view name) {
      return fmt::format("{}.{} == {}", name, end, value);
    };
    return protocol.empty() ? one("tcp") + " or " + one("udp") : one(protocol);
  }
  if (kind == "portrange" && (protocol == "tcp" || protocol == "udp")) {
    const auto dash = value.find('-');
    if (dash == value.npos) return "?";
    return fmt::format("{}.{}port in {{{}..{}}}", protocol, side, value.substr(0, dash),
                       value.substr(dash + 1));
  }
  if ((kind == "host" || kind == "net") && protocol != "ether") {
    const auto block = parse_cidr(value);
    if (!block) return "?";
    return fmt::format("{}.{} == {}", block->base.v6 ? "ipv6" : "ip", side.empty() ? "addr" : side,
                       value);
  }
  return "?";
}

std::string explained(const Complaint& complaint, std::string_view text) {
  std::string sentence = complaint.sentence;
  if (const std::string display = from_capture_filter(text); display == "?")
    sentence =
        say("this looks like a capture filter (BPF), which -f takes; this is the place of a "
            "display filter, such as tcp.port == 80");
  else if (!display.empty())
    sentence =
        say("this looks like a capture filter (BPF), which -f takes; as a display filter "
            "write: {}",
            display);
  const std::size_t at = std::min(complaint.where.at, text.size());
  const std::size_t end = std::clamp(complaint.where.end, at, text.size());
  if (at > most_shown) return sentence;
  const std::size_t before = columns(text.substr(0, at));
  const std::size_t width =
      std::max<std::size_t>(1, columns(text.substr(at, std::min(end, most_shown) - at)));
  return fmt::format("{}\n  {}\n  {}^{}", sentence, harmless(text.substr(0, most_shown)),
                     std::string(before, ' '), std::string(width - 1, '~'));
}

}  // namespace trama::filter
