#include "base/options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/say.h"

namespace trama {
namespace {

// The rows' own name: what Parsed is asked by.
std::string_view key(const Option& option) {
  return option.name.empty() ? option.letter : option.name;
}

struct Rows {
  std::span<const Option> own, common;

  template <class Claim>
  [[nodiscard]] const Option* first(Claim&& claim) const {
    for (const auto rows : {own, common})
      if (const auto at = std::find_if(rows.begin(), rows.end(), claim); at != rows.end())
        return &*at;
    return nullptr;
  }
  [[nodiscard]] const Option* by_name(std::string_view name) const {
    return first([&](const Option& o) { return !o.name.empty() && o.name == name; });
  }
  // The one row whose name starts so, as getopt_long(3) allows; none where several do.
  [[nodiscard]] const Option* by_start(std::string_view start) const {
    if (start.size() < 2) return nullptr;
    const Option* found = nullptr;
    for (const auto rows : {own, common})
      for (const Option& row : rows) {
        if (!row.name.starts_with(start)) continue;
        if (found != nullptr) return nullptr;
        found = &row;
      }
    return found;
  }
  [[nodiscard]] const Option* by_letter(std::string_view letter) const {
    return first([&](const Option& o) { return !o.letter.empty() && o.letter == letter; });
  }
};

tl::unexpected<Error> unknown(const Rows& rows, std::string_view typed) {
  std::vector<std::string_view> names;
  for (const auto part : {rows.own, rows.common})
    for (const Option& option : part)
      if (!option.name.empty()) names.push_back(option.name);
  const auto meant = typed.starts_with("--") ? nearest(typed.substr(2), names) : std::string_view{};
  if (!meant.empty())
    return fail(Exit::bad_input, say("unknown option {}: did you mean --{}?", typed, meant));
  return fail(Exit::bad_input, say("unknown option {}; --help lists all", typed));
}

}  // namespace

const Option* Parsed::row_of(std::string_view option) const {
  return Rows{own_, common_}.first([&](const Option& o) { return key(o) == option; });
}

std::optional<std::string_view> Parsed::last(std::string_view option) const {
  // NOLINTNEXTLINE(modernize-loop-convert): from the last to the first
  for (auto given = given_.rbegin(); given != given_.rend(); ++given)
    if (key(*given->row) == option) return given->value;
  return {};
}

std::string_view Parsed::text(std::string_view option) const {
  if (const auto value = last(option)) return *value;
  const Option* row = row_of(option);
  return row == nullptr ? std::string_view{} : row->preset;
}

std::vector<std::string_view> Parsed::all(std::string_view option) const {
  std::vector<std::string_view> values;
  for (const Given& given : given_)
    if (key(*given.row) == option) values.push_back(given.value);
  return values;
}

unsigned Parsed::count(std::string_view option) const {
  return static_cast<unsigned>(all(option).size());
}

Result<long long> Parsed::number(std::string_view option, long long low, long long high) const {
  const auto digits = text(option);
  long long value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < low || value > high)
    return fail(Exit::bad_input, say("{} takes a whole number from {} to {}, not \"{}\"",
                                     spelled(*row_of(option)), low, high, digits));
  return value;
}

Result<std::chrono::nanoseconds> Parsed::duration(std::string_view option,
                                                  std::chrono::nanoseconds unit) const {
  auto value = parse_duration(text(option), unit);
  if (!value)
    return fail(Exit::bad_input, say("{}: {}", spelled(*row_of(option)), value.error().sentence));
  return value;
}

std::optional<u64> parse_size(std::string_view text) {
  struct Unit {
    std::string_view name;
    u64 bytes;
  };
  constexpr Unit units[] = {
      {"",    1           },
      {"B",   1           },
      {"kB",  1000        },
      {"KB",  1000        },
      {"MB",  1000'000    },
      {"GB",  1000'000'000},
      {"KiB", 1024        },
      {"K",   1024        },
      {"MiB", 1024 * 1024 },
      {"M",   1024 * 1024 },
      {"GiB", 1024U << 20U},
      {"G",   1024U << 20U}
  };
  u64 count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{}) return {};
  const std::string_view suffix{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  for (const Unit& unit : units)
    if (suffix == unit.name && count <= ~u64{0} / unit.bytes) return count * unit.bytes;
  return {};
}

Result<u64> Parsed::size(std::string_view option) const {
  const auto value = parse_size(text(option));
  if (!value || *value == 0)
    return fail(Exit::bad_input, say("{} takes a number of bytes (4096, 64KiB, 1MiB), not \"{}\"",
                                     spelled(*row_of(option)), text(option)));
  return *value;
}

std::vector<Parsed::Value> Parsed::in_order(std::initializer_list<std::string_view> options) const {
  std::vector<Value> values;
  for (const Given& given : given_)
    if (std::find(options.begin(), options.end(), key(*given.row)) != options.end())
      values.push_back({key(*given.row), given.value});
  return values;
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text,
                                                std::chrono::nanoseconds unit) {
  double count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view suffix{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const double scale = suffix.empty()    ? static_cast<double>(unit.count())
                       : suffix == "ns"  ? 1
                       : suffix == "us"  ? 1e3
                       : suffix == "ms"  ? 1e6
                       : suffix == "s"   ? 1e9
                       : suffix == "m"   ? 60e9
                       : suffix == "min" ? 60e9
                       : suffix == "h"   ? 3600e9
                                         : 0;
  if (error != std::errc{} || scale == 0 || !std::isfinite(count) || count < 0 ||
      count * scale > 9e18)
    return fail(Exit::bad_input, say("\"{}\" is no duration; write 300ms, 1.5s or 2m", text));
  return std::chrono::nanoseconds{static_cast<long long>(count * scale)};
}

Result<Parsed> parse_options(std::span<const Option> own, std::span<const Option> common,
                             std::span<char* const> arguments) {
  const Rows rows{own, common};
  Parsed parsed;
  parsed.own_ = own;
  parsed.common_ = common;
  bool only_operands = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    if (only_operands || word.size() < 2 || word[0] != '-') {
      parsed.operands.push_back(word);
      continue;
    }
    if (word == "--") {
      only_operands = true;
      continue;
    }
    // Takes the value from the word itself, or else from the next argument.
    const auto take = [&](const Option* row,
                          std::optional<std::string_view> attached) -> Result<void> {
      if (row->value.empty()) {
        if (attached) return fail(Exit::bad_input, say("{} takes no value", spelled(*row)));
        parsed.given_.push_back({row, {}});
        return {};
      }
      if (!attached && row->value.starts_with("[=")) {
        parsed.given_.push_back({row, row->preset});
        return {};
      }
      if (!attached && i + 1 >= arguments.size())
        return fail(Exit::bad_input, say("{} needs a value", spelled(*row)));
      parsed.given_.push_back({row, attached ? *attached : std::string_view{arguments[++i]}});
      return {};
    };
    if (word.starts_with("--")) {
      const auto equals = word.find('=');
      const auto name = word.substr(2, equals == word.npos ? word.npos : equals - 2);
      const Option* row = rows.by_name(name);
      if (row == nullptr) row = rows.by_start(name);
      if (row == nullptr) return unknown(rows, word.substr(0, equals));
      const auto attached =
          equals == word.npos ? std::nullopt : std::optional{word.substr(equals + 1)};
      if (auto taken = take(row, attached); !taken) return fail(taken);
      continue;
    }
    if (const Option* row = rows.by_letter(word.substr(1)); row != nullptr) {  // -sU, or one letter
      if (auto taken = take(row, {}); !taken) return fail(taken);
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {  // -nq, -p65432
      const Option* row = rows.by_letter(word.substr(at, 1));
      if (row == nullptr)
        return unknown(rows, at == 1 ? std::string{word} : std::string{'-', word[at]});
      const bool rest = !row->value.empty() && at + 1 < word.size();
      if (auto taken = take(row, rest ? std::optional{word.substr(at + 1)} : std::nullopt); !taken)
        return fail(taken);
      if (!row->value.empty()) break;
    }
  }
  return parsed;
}

std::string spelled(const Option& option) {
  std::string text;
  if (!option.letter.empty()) text += fmt::format("-{}", option.letter);
  if (!option.name.empty()) text += fmt::format("{}--{}", text.empty() ? "" : ", ", option.name);
  if (!option.value.empty())
    text += fmt::format("{}{}", option.value.starts_with("[=") ? "" : " ", option.value);
  return text;
}

namespace {

// How many insertions, deletions, changes, and swaps of neighbours lead from one to the other.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1), last(before_last), row(before_last);
  for (std::size_t i = 0; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      if (i == 0) {
        row[j] = j;
        continue;
      }
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[to.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= least) continue;
    const std::size_t far = distance(word, candidate);
    if (far >= least) continue;
    least = far;
    best = candidate;
  }
  return best;
}

}  // namespace trama
