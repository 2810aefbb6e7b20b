#include "packet/filter/literals.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <limits>

#include "base/address.h"
#include "base/say.h"
#include "packet/filter/times.h"

namespace trama::filter {
namespace {

constexpr i64 second = 1'000'000'000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

enum class Outcome : u8 { good, no_number, too_large };

// 10, 012 (octal), 0xa, 0b1010.
Outcome read_number(std::string_view text, u64& value) {
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char second_letter = lower(text[1]);
    base = second_letter == 'x' ? 16 : second_letter == 'b' ? 2 : 8;
    text.remove_prefix(base == 8 ? 1 : 2);
    if (base == 2 && text.empty()) {  // "0b", as tshark reads it
      value = 0;
      return Outcome::good;
    }
  }
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (trouble == std::errc::result_out_of_range) return Outcome::too_large;
  return trouble == std::errc{} && end == text.data() + text.size() ? Outcome::good
                                                                    : Outcome::no_number;
}

Checked<Constant> number(const Node& node, Type type, const ValueNames& values) {
  const auto names = values.shown();
  if (node.form == Form::character) return Constant{{.number = static_cast<u8>(node.text[0])}, {}};
  u64 value = 0;
  const Outcome outcome =
      node.form == Form::text ? Outcome::no_number : read_number(node.text, value);
  if (outcome == Outcome::no_number) {
    for (const wire::Name& name : names)
      if (same_text(values.of(name), node.text))
        return Constant{{.number = static_cast<i64>(name.value)}, {}};
    for (const wire::Name& name : names)
      if (same_text(name.text, node.text))
        return complain(node.where, say("filters call this value \"{}\": write that, in quotes, or "
                                        "its number, {}",
                                        values.of(name), name.value));
    if (node.form == Form::text && names.empty()) {
      if (read_number(node.text, value) == Outcome::good)
        return complain(node.where, say("a number stands without quotes: {}", node.text));
      return complain(node.where, say("expected a number, not a text"));
    }
    if (!names.empty())
      return complain(node.where, say("\"{}\" is neither a number nor one of this field's names "
                                      "({}, ...)",
                                      node.text, values.of(names.front())));
    return complain(node.where, say("\"{}\" is no number", node.text));
  }
  const bool is_signed = type.sort == Sort::signed_number;
  const u64 most = type.bits >= 64 ? std::numeric_limits<i64>::max()
                                   : (u64{1} << (type.bits - (is_signed ? 1 : 0))) - 1;
  if (outcome == Outcome::too_large || value > most)
    return complain(node.where, say("{} is too large: this field goes to {}", node.text, most));
  return Constant{{.number = static_cast<i64>(value)}, {}};
}

Checked<Constant> boolean(const Node& node, std::span<const wire::Name> names) {
  const auto is = [](bool value) { return Constant{{.number = value ? 1 : 0}, {}}; };
  if (node.form == Form::character) return is(node.text[0] != '\0');
  if (same_text(node.text, "set")) return is(true);
  if (same_text(node.text, "not set")) return is(false);
  for (const wire::Name& name : names)
    if (same_text(name.text, node.text)) return is(name.value != 0);
  if (node.form != Form::text) {
    for (const auto yes : {"True", "TRUE", "true"})
      if (node.text == yes) return is(true);
    for (const auto no : {"False", "FALSE", "false"})
      if (node.text == no) return is(false);
    u64 value = 0;
    if (read_number(node.text, value) == Outcome::good) return is(value != 0);
  }
  return complain(node.where, say("expected true, false, 1 or 0"));
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = lower(c);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// aa:bb, aa-bb, aa.bb, aabb.ccdd, aabbcc; 0xff alone. Nothing where it is none of these.
std::optional<std::string> read_bytes(std::string_view text) {
  std::string bytes;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    if (text.size() != 4) return {};
    text.remove_prefix(2);
  }
  char separator = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t run = 0;
    while (at + run < text.size() && digit(text[at + run]) >= 0) ++run;
    if (run == 0) return {};
    for (std::size_t i = 0; i < run; i += 2) {
      const int high = digit(text[at + i]);
      bytes += static_cast<char>(i + 1 < run ? high << 4 | digit(text[at + i + 1]) : high);
    }
    at += run;
    if (at == text.size()) break;
    const char c = text[at++];
    if ((c != ':' && c != '-' && c != '.') || (separator != 0 && c != separator)) return {};
    separator = c;
    if (at == text.size()) return {};
  }
  if (bytes.empty()) return {};
  return bytes;
}

Checked<Constant> ether(const Node& node, bool part) {
  const auto bytes = node.form == Form::text || node.form == Form::character
                         ? std::nullopt
                         : read_bytes(node.text);
  if (!bytes || (!part && bytes->size() != 6) || bytes->size() > 6)
    return complain(node.where,
                    say("expected a hardware address, such as 00:1b:21:3c:9d:f8, without quotes"));
  Constant constant;
  constant.bytes = *bytes;
  for (const char byte : *bytes)
    constant.value.number = constant.value.number << 8 | static_cast<u8>(byte);
  return constant;
}

Checked<Constant> address(const Node& node, bool v6) {
  const auto wrong = [&] {
    return complain(node.where,
                    v6 ? say("expected an IPv6 address or block, such as 2001:db8::/32, without "
                             "quotes")
                       : say("expected an IPv4 address or block, such as 10.0.0.0/8, without "
                             "quotes"));
  };
  if (node.form == Form::text || node.form == Form::character) return wrong();
  const auto slash = node.text.find('/');
  const auto parsed = parse_address(std::string_view{node.text}.substr(0, slash));
  if (!parsed || parsed->v6 != v6) return wrong();
  Constant constant;
  if (slash != node.text.npos) {
    const unsigned most = v6 ? 128 : 32;
    unsigned prefix = 0;
    std::from_chars(node.text.data() + slash + 1, node.text.data() + node.text.size(), prefix);
    if (prefix > most)
      return complain({node.where.at + slash + 1, node.where.end},
                      say("a prefix has at most {} bits", most));
    constant.value.prefix = static_cast<u8>(prefix);
  }
  for (const u8 byte : parsed->view()) {
    constant.bytes += static_cast<char>(byte);
    if (!v6) constant.value.number = constant.value.number << 8 | byte;
  }
  return constant;
}

Checked<Constant> seconds(const Node& node) {
  const auto wrong = [&] {
    return complain(node.where, say("expected seconds, such as 0.25, without quotes"));
  };
  if (node.form == Form::text || node.form == Form::character) return wrong();
  std::string_view text = node.text;
  const auto dot = std::min(text.find('.'), text.size());
  u64 whole = 0;
  const auto [end, trouble] = std::from_chars(text.data(), text.data() + dot, whole);
  if (dot == 0 || end != text.data() + dot) return wrong();
  if (trouble == std::errc::result_out_of_range) whole = std::numeric_limits<u64>::max();
  i64 fraction = 0;
  if (dot < text.size()) {
    // What is no digit ends it, as in tshark: "1.5.5" is 1.5.
    auto digits = text.substr(dot + 1);
    digits = digits.substr(0, digits.find_first_not_of("0123456789"));
    if (digits.size() > 9) return wrong();
    for (std::size_t i = 0; i < 9; ++i)
      fraction = fraction * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return Constant{{.number = comparable_seconds(whole) * second + fraction}, {}};
}

// Reads a date piece by piece.
class Clock {
 public:
  explicit Clock(std::string_view text) : left_(text) {}

  bool number(int& value, std::size_t most_digits = 4) {
    std::size_t size = 0;
    value = 0;
    while (size < most_digits && size < left_.size() && left_[size] >= '0' && left_[size] <= '9')
      value = value * 10 + (left_[size++] - '0');
    left_.remove_prefix(size);
    return size > 0;
  }
  bool sign(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  void spaces() {
    while (left_.starts_with(' ')) left_.remove_prefix(1);
  }
  bool month(int& value) {
    constexpr std::string_view names = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (value = 0; value < 12; ++value)
      if (same_text(left_.substr(0, 3), names.substr(static_cast<std::size_t>(value) * 3, 3))) {
        left_.remove_prefix(3);
        return true;
      }
    return false;
  }
  bool fraction(i64& nanoseconds) {
    if (!sign('.')) return true;
    std::size_t size = 0;
    i64 unit = second;
    while (size < left_.size() && left_[size] >= '0' && left_[size] <= '9') {
      unit /= 10;
      nanoseconds += (left_[size++] - '0') * unit;  // beyond nanoseconds nothing is added
    }
    left_.remove_prefix(size);
    return true;
  }
  // The end: nothing (local time); UTC, behind a space or not, but not in the form with T; in
  // numeric dates, Z or +hh:mm behind the time. False where something else stands there.
  bool zone(std::optional<int>& minutes, bool with_t, bool numeric) {
    const std::string_view all = left_;
    spaces();
    if (left_.empty()) return true;
    if (left_ == "UTC" || (left_ == "Z" && numeric && left_ == all)) {
      minutes = 0;
      return left_ == "Z" || !with_t;
    }
    if (!numeric || left_ != all) return false;
    const bool west = left_.starts_with('-');
    int hours = 0;
    int rest = 0;
    if (!sign('+') && !sign('-')) return false;
    if (!number(hours, 2)) return false;
    sign(':');
    if (!left_.empty() && !number(rest, 2)) return false;
    minutes = (hours * 60 + rest) * (west ? -1 : 1);
    spaces();
    return left_.empty();
  }
  [[nodiscard]] bool done() const { return left_.empty(); }

 private:
  std::string_view left_;
};

// "2020-07-04[ T]12:34:56.5[Z]" or "Sep 26, 2004 23:18:04.95".
bool read_moment(std::string_view text, i64& nanoseconds) {
  Clock clock{text};
  tm parts{};
  clock.spaces();
  const bool named = clock.month(parts.tm_mon);
  if (named) {
    clock.spaces();
    if (!clock.number(parts.tm_mday, 2) || !clock.sign(',')) return false;
    clock.spaces();
    if (!clock.number(parts.tm_year)) return false;
  } else {
    if (!clock.number(parts.tm_year) || !clock.sign('-') || !clock.number(parts.tm_mon, 2) ||
        !clock.sign('-') || !clock.number(parts.tm_mday, 2))
      return false;
    --parts.tm_mon;
  }
  parts.tm_year -= 1900;
  const bool with_t = !named && clock.sign('T');
  if (with_t) {
    if (!clock.number(parts.tm_hour, 2)) return false;
  } else {
    clock.spaces();
    if (!clock.number(parts.tm_hour, 2) && named) return false;
  }
  i64 fraction = 0;
  const bool minutes = clock.sign(':');
  if (minutes && !clock.number(parts.tm_min, 2)) return false;
  const bool seconds = minutes && clock.sign(':');
  if (seconds && (!clock.number(parts.tm_sec, 2) || !clock.fraction(fraction))) return false;
  if (named && !seconds) return false;
  std::optional<int> zone;
  if (!clock.zone(zone, with_t, !named && minutes)) return false;
  if (parts.tm_mon < 0 || parts.tm_mon > 11 || parts.tm_mday < 1 || parts.tm_mday > 31 ||
      parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60)
    return false;
  parts.tm_isdst = -1;
  const i64 when = zone ? timegm(&parts) - i64{*zone} * 60 : mktime(&parts);
  nanoseconds = comparable_seconds(static_cast<u64>(when)) * second + fraction;
  return true;
}

Checked<Constant> moment(const Node& node) {
  Constant constant;
  if (node.form == Form::character || !read_moment(node.text, constant.value.number))
    return complain(node.where, say("expected a date, such as \"2026-07-04 12:34:56\" (local time) "
                                    "or \"2026-07-04T12:34:56Z\""));
  return constant;
}

}  // namespace

Checked<Constant> constant_of(const Node& node, Type type, const ValueNames& names, bool part) {
  switch (type.sort) {
    case Sort::unsigned_number:
    case Sort::signed_number:
      return number(node, type, names);
    case Sort::boolean:
      return boolean(node, names.shown());
    case Sort::ether:
      return ether(node, part);
    case Sort::ipv4:
    case Sort::ipv6:
      return address(node, type.sort == Sort::ipv6);
    case Sort::bytes:
    case Sort::protocol: {
      if (node.form == Form::text || node.form == Form::character) return Constant{{}, node.text};
      if (auto bytes = read_bytes(node.text)) return Constant{{}, std::move(*bytes)};
      return complain(node.where, say("expected bytes, such as 47:45:54, or a text in quotes"));
    }
    case Sort::text:
      return Constant{{}, node.text};
    case Sort::seconds:
      return seconds(node);
    case Sort::moment:
      return moment(node);
    case Sort::mark:
      break;
  }
  return complain(node.where, say("the field has no value: write its name alone"));
}

}  // namespace trama::filter
