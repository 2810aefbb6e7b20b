#include "packet/make/scenario.h"

#include <algorithm>
#include <charconv>

#include "base/options.h"
#include "base/say.h"
#include "base/terminal.h"
#include "packet/source/packet.h"
#include "wire/protocols/tcp.h"

namespace trama::make {
namespace {

constexpr std::size_t most_lines = 100'000, most_payload = 60'000;

template <class Number>
bool number(std::string_view text, Number& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

// "3/1", "100-200": two numbers.
template <class Number>
bool pair(std::string_view text, char between, Number& first, Number& second) {
  const auto at = text.find(between);
  return at != text.npos && number(text.substr(0, at), first) &&
         number(text.substr(at + 1), second);
}

void put(std::vector<u8>& out, u64 value, unsigned count) {
  while (count > 0) out.push_back(static_cast<u8>(value >> (8 * --count)));
}

// A TCP option: its head, and a value of `count` bytes.
bool option(Line& line, std::initializer_list<u8> head, std::string_view text, unsigned count) {
  u32 value = 0;
  if (!number(text, value) || value >> 8 * count != 0) return false;
  line.options.insert(line.options.end(), head);
  put(line.options, value, count);
  return true;
}

bool take_mss(Line& line, std::string_view text) { return option(line, {2, 4}, text, 2); }
bool take_window_scale(Line& line, std::string_view text) {
  return option(line, {1, 3, 3}, text, 1);
}
bool take_sack_permitted(Line& line, std::string_view) {
  line.options.insert(line.options.end(), {1, 1, 4, 2});
  return true;
}
// "5-9,12-20"
bool take_sack(Line& line, std::string_view text) {
  constexpr std::size_t most_blocks = 4;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    u32 from = 0;
    u32 to = 0;
    if (!pair(text.substr(0, comma), '-', from, to)) return false;
    line.sack.insert(line.sack.end(), {from, to});
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return !line.sack.empty() && line.sack.size() <= 2 * most_blocks;
}
bool take_hex(Line& line, std::string_view text) {
  line.payload.clear();
  for (; text.size() >= 2; text.remove_prefix(2)) {
    u8 byte = 0;
    if (!number(text.substr(0, 2), byte, 16)) return false;
    line.payload += static_cast<char>(byte);
  }
  return text.empty() && line.payload.size() <= most_payload;
}
bool take_port(Line& line, std::string_view text) {
  return number(text, line.server_port) && line.server_port != 0;
}
bool take_mtu(Line& line, std::string_view text) { return number(text, line.mtu); }
// "1480-2960"; fragments start at multiples of 8 (RFC 791).
bool take_part(Line& line, std::string_view text) {
  auto& part = line.part.emplace();
  return pair(text, '-', part.from, part.to) && part.from % 8 == 0 && part.from < part.to &&
         part.to <= most_payload;
}
bool take_udp(Line& line, std::string_view) {
  line.kind = Line::Kind::udp;
  return true;
}

template <auto place>
bool take_number(Line& line, std::string_view text) {
  return number(text, (line.*place).emplace());
}

template <auto place>
bool take_switch(Line& line, std::string_view) {
  return line.*place = true;
}

template <u16 flag>
bool take_flag(Line& line, std::string_view) {
  line.flags |= flag;
  return true;
}

bool take_timestamps(Line& line, std::string_view text) {
  u32 value = 0;
  u32 echo = 0;
  if (!pair(text, '/', value, echo)) return false;
  line.options.insert(line.options.end(), {1, 1, 8, 10});
  put(line.options, value, 4);
  put(line.options, echo, 4);
  return true;
}

bool take_icmp(Line& line, std::string_view text) {
  line.kind = Line::Kind::icmp;
  return pair(text, '/', line.icmp_type, line.icmp_code);
}

bool take_wait(Line& line, std::string_view text) {
  constexpr double longest = 1e9;  // milliseconds
  double wait = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait);
  if (error != std::errc{} || end != text.data() + text.size() || !(wait >= 0 && wait <= longest))
    return false;
  line.wait = static_cast<i64>(wait * 1e6);
  return true;
}

bool take_letters(Line& line, std::string_view text) {
  u32 count = 0;
  if (!number(text, count) || count > most_payload) return false;
  line.payload.clear();
  while (line.payload.size() < count)
    line.payload += static_cast<char>('a' + line.payload.size() % 26);
  return true;
}

// How a word's value is written: not at all, behind "=", or as the next word.
enum class Value : u8 { none, equals, next };

struct Word {
  std::string_view word;
  Value value;
  std::string_view meaning;
  bool (*take)(Line& line, std::string_view value);
};

constexpr Word words[] = {
    {"SYN",    Value::none,   N_("a flag; so are ACK, FIN, RST, PSH, URG, ECE and CWR"),            take_flag<2>            },
    {"ACK",    Value::none,   "",                                                                   take_flag<16>           },
    {"FIN",    Value::none,   "",                                                                   take_flag<1>            },
    {"RST",    Value::none,   "",                                                                   take_flag<4>            },
    {"PSH",    Value::none,   "",                                                                   take_flag<8>            },
    {"URG",    Value::none,   "",                                                                   take_flag<32>           },
    {"ECE",    Value::none,   "",                                                                   take_flag<64>           },
    {"CWR",    Value::none,   "",                                                                   take_flag<128>          },
    {"bytes",  Value::equals, N_("so many bytes of payload, instead of \"text\""),                  take_letters            },
    {"hex",    Value::equals, N_("these bytes of payload, in hexadecimal"),                         take_hex                },
    {"seq",    Value::equals, N_("a relative sequence number, instead of the right one"),
     take_number<&Line::seq>                                                                                                },
    {"ack",    Value::equals, N_("a relative acknowledgement number, instead of the right one"),
     take_number<&Line::ack>                                                                                                },
    {"win",    Value::equals, N_("the window as it stands in the header; usual: 64240"),
     take_number<&Line::window>                                                                                             },
    {"mss",    Value::equals, N_("the option Maximum Segment Size"),                                take_mss                },
    {"wscale", Value::equals, N_("the option Window Scale: a shift"),                               take_window_scale       },
    {"sackok", Value::none,   N_("the option SACK permitted"),                                      take_sack_permitted     },
    {"sack",   Value::equals, N_("SACK blocks, FROM-TO,FROM-TO: relative numbers of what arrived"),
     take_sack                                                                                                              },
    {"ts",     Value::equals, N_("the option Timestamps: VALUE/ECHO"),                              take_timestamps         },
    {"to",     Value::equals, N_("the server's port, from here on; usual: 65432"),                  take_port               },
    {"id",     Value::equals, N_("the IP identification; usual: counted by each end"),
     take_number<&Line::id>                                                                                                 },
    {"after",  Value::next,   N_("milliseconds since the packet before; usual: 1"),                 take_wait               },
    {"again",  Value::none,   N_("the sender's newest segment with data, SYN or FIN, sent again"),
     take_switch<&Line::again>                                                                                              },
    {"copy",   Value::none,   N_("the sender's newest frame once more, bit by bit"),
     take_switch<&Line::copy>                                                                                               },
    {"lost",   Value::none,   N_("the other end never gets it"),                                    take_switch<&Line::lost>},
    {"udp",    Value::none,   N_("a datagram, instead of a segment"),                               take_udp                },
    {"icmp",   Value::next,   N_("an ICMP error, TYPE/CODE, about the other end's newest packet"),
     take_icmp                                                                                                              },
    {"part",   Value::equals,
     N_("only bytes FROM-TO of the packet, an IP fragment; alone: of the one before"),              take_part               },
    {"mtu",    Value::equals, N_("the MTU that an ICMP error 3/4 tells"),                           take_mtu                },
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Takes the first word off; a text in quotes is one word, quotes included. Empty: nothing is left,
// or a quote is not closed.
std::string_view next_word(std::string_view& rest) {
  rest = trimmed(rest);
  std::size_t size = std::min(rest.find_first_of(" \t"), rest.size());
  if (rest.starts_with('"')) {
    size = 1;
    while (size < rest.size() && rest[size] != '"') size += rest[size] == '\\' ? 2 : 1;
    if (size >= rest.size()) return {};
    ++size;
  }
  const auto word = rest.substr(0, size);
  rest.remove_prefix(size);
  return word;
}

// What stands between the quotes, with \n, \r, \t, \xHH; any other character behind \ is itself.
bool take_text(Line& line, std::string_view quoted) {
  line.payload.clear();
  while (!quoted.empty()) {
    char c = quoted.front();
    quoted.remove_prefix(1);
    if (c == '\\' && !quoted.empty()) {
      c = quoted.front();
      quoted.remove_prefix(1);
      u8 byte = 0;
      if (c == 'x') {
        if (quoted.size() < 2 || !number(quoted.substr(0, 2), byte, 16)) return false;
        quoted.remove_prefix(2);
        c = static_cast<char>(byte);
      } else {
        c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
      }
    }
    line.payload += c;
  }
  return line.payload.size() <= most_payload;
}

// One word of a line, with what follows it where it takes that; false: it is none, or wrong.
bool take_word(Line& line, std::string_view word, std::string_view& rest) {
  if (word.size() >= 2 && word.front() == '"' && word.back() == '"')
    return take_text(line, word.substr(1, word.size() - 2));
  const auto equals = word.find('=');
  for (const Word& row : words) {
    if (row.word != word.substr(0, equals)) continue;
    if ((row.value == Value::equals) != (equals != word.npos)) return false;
    if (row.value == Value::next) return row.take(line, next_word(rest));
    return row.take(line, row.value == Value::equals ? word.substr(equals + 1) : "");
  }
  return false;
}

}  // namespace

std::vector<WordHelp> scenario_words() {
  std::vector<WordHelp> help;
  for (const Word& row : words)
    if (!row.meaning.empty()) help.push_back({row.word, row.meaning});
  return help;
}

Result<std::vector<Line>> read_scenario(std::string_view text, std::string_view name) {
  std::vector<Line> lines;
  unsigned number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto whole = trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (!lines.empty() && whole.starts_with("#! ")) lines.back().verdict = whole.substr(3);
    if (!lines.empty() && whole.starts_with("#= ")) lines.back().diagnosis = whole.substr(3);
    if (whole.empty() || whole[0] == '#') continue;
    const auto wrong = [&](std::string_view word) {
      return fail(Exit::bad_input,
                  say("{}:{}: \"{}\" is no word of a scenario; trama make --words lists them",
                      harmless(name), number, harmless(word)));
    };
    if (lines.size() >= most_lines)
      return fail(Exit::bad_input,
                  say("{}: a scenario has at most {} packets", harmless(name), most_lines));
    Line line;
    line.number = number;
    line.text = whole;
    const auto bar = whole.find('|');
    auto packet = trimmed(whole.substr(0, bar));
    if (bar != whole.npos) {
      const auto rest = whole.substr(bar + 1);
      const auto second = rest.find('|');
      auto states = rest.substr(0, second);
      line.client_state = next_word(states);
      line.server_state = next_word(states);
      if (second != rest.npos) line.says = trimmed(rest.substr(second + 1));
    }
    const auto who = next_word(packet);
    if (who != "c" && who != "s")
      return fail(Exit::bad_input,
                  say("{}:{}: a line starts with c or s, for who sends, not \"{}\"", harmless(name),
                      number, harmless(who)));
    line.from = who == "s" ? 1 : 0;
    while (!(packet = trimmed(packet)).empty()) {
      const auto word = next_word(packet);
      if (word.empty() || !take_word(line, word, packet))
        return wrong(word.empty() ? packet : word);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<u8> Player::segment(const Line& line) {
  const unsigned from = line.from;
  TcpParts parts;
  if (line.again) {
    parts = last_[from];
  } else {
    parts.from = ports_[from];
    parts.to = ports_[1 - from];
    parts.seq = next_[from];
    parts.ack = got_[from];
  }
  parts.flags |= line.flags;
  if (!line.payload.empty()) parts.payload = line.payload;
  if (line.seq) parts.seq = first_number[from] + *line.seq;
  if (line.ack) parts.ack = first_number[1 - from] + *line.ack;
  if (line.window) parts.window = *line.window;
  if (!line.options.empty()) parts.options = line.options;
  if (!line.sack.empty()) {
    const auto size = static_cast<u8>(2 + 4 * line.sack.size());
    parts.options.insert(parts.options.end(), {1, 1, 5, size});
    for (const u32 edge : line.sack) put(parts.options, first_number[1 - from] + edge, 4);
  }
  while (parts.options.size() % 4 != 0) parts.options.push_back(1);  // no operation
  constexpr u16 fin = 1, syn = 2, ack = 16;
  const u32 space = static_cast<u32>(parts.payload.size()) + ((parts.flags & syn) != 0 ? 1 : 0) +
                    ((parts.flags & fin) != 0 ? 1 : 0);
  if (space > 0) last_[from] = parts;
  if (parts.seq == next_[from]) next_[from] += space;
  if (!line.lost && space > 0 && ((parts.flags & syn) != 0 || parts.seq == got_[1 - from]))
    got_[1 - from] = parts.seq + space;
  if ((parts.flags & ack) == 0) parts.ack = 0;
  return tcp(parts);
}

// What IP carries, without its checksum.
std::vector<u8> Player::payload_of(const Line& line, u8& protocol) {
  constexpr u8 icmp = 1, tcp_protocol = 6, udp_protocol = 17;
  constexpr std::ptrdiff_t link = 14;
  const unsigned from = line.from;
  if (line.kind == Line::Kind::udp) {
    protocol = udp_protocol;
    return udp(ports_[from], ports_[1 - from], line.payload);
  }
  if (line.kind == Line::Kind::icmp) {
    const auto& about = last_packet_[1 - from];
    protocol = icmp;
    return icmp_error(line.icmp_type, line.icmp_code,
                      {about.begin() + std::min(link, std::ssize(about)), about.end()}, line.mtu);
  }
  protocol = tcp_protocol;
  return segment(line);
}

// Of the line's packet, or of the sender's one before.
std::vector<u8> Player::fragment(const Line& line, bool goes_on) {
  Whole& whole = whole_[line.from];
  if (!goes_on) {
    whole.payload = payload_of(line, whole.protocol);
    whole.id = line.id ? *line.id : id_[line.from]++;
  }
  return ipv4_fragment(whole.protocol, whole.payload, line.from == 1, whole.id, line.part->from,
                       line.part->to);
}

Player::Frame Player::play(const Line& line) {
  const bool back = line.from == 1;
  time_ += line.wait;
  if (line.server_port != 0) ports_[1] = line.server_port;
  auto& packet = last_packet_[line.from];
  if (line.copy && !packet.empty()) return {packet, time_};
  if (line.part) {
    const bool says_more =
        line.kind != Line::Kind::tcp || line.flags != 0 || line.again || !line.payload.empty();
    packet = ethernet(0x0800, fragment(line, !says_more), back);
    return {packet, time_};
  }
  const u16 id = line.id ? *line.id : id_[line.from];
  ++id_[line.from];
  u8 protocol = 0;
  auto payload = payload_of(line, protocol);
  packet = ethernet(0x0800, ipv4(protocol, std::move(payload), back, id), back);
  return {packet, time_};
}

}  // namespace trama::make
