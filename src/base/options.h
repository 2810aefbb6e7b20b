// An option is a row: the parser, --help and the tests read the same table. Our own parser, since
// people bring flags of four tools: nmap's `-sU -p65432`, tshark's repeated `-e`, netstat's
// `-tulpan`.
#pragma once
#include <chrono>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace trama {

struct Option {
  std::string_view name;    // "delay" for --delay; "" where only the short form exists
  std::string_view letter;  // "d" for -d; more letters for a word behind one dash: "sU" for -sU
  std::string_view value;   // the value's name in the help ("MS"); "" for a switch;
                            // "[=SECONDS]" for one that may be left out (then: the preset)
  std::string_view preset;  // the default that the help shows; "" for none
  std::string_view help;    // the English sentence, a key of the catalogue
};

// What stood on a command line, by row. Views point into argv and the tables.
class Parsed {
 public:
  [[nodiscard]] bool has(std::string_view option) const { return last(option).has_value(); }
  // The value given last, "" for a switch. `option` is the row's name, or its letter where it has
  // none.
  [[nodiscard]] std::optional<std::string_view> last(std::string_view option) const;
  // The same, and the row's preset where it was not given.
  [[nodiscard]] std::string_view text(std::string_view option) const;
  [[nodiscard]] std::vector<std::string_view> all(std::string_view option) const;
  [[nodiscard]] unsigned count(std::string_view option) const;

  // A whole number between the bounds; an Error that names the option where it is none.
  [[nodiscard]] Result<long long> number(std::string_view option, long long low,
                                         long long high) const;
  // "300ms", "1.5s", "2m", "10us"; a bare number counts in `unit`.
  [[nodiscard]] Result<std::chrono::nanoseconds> duration(
      std::string_view option, std::chrono::nanoseconds unit = std::chrono::seconds{1}) const;
  // Bytes: "4096", "64KiB", "1MiB", "10MB"; 1 at least.
  [[nodiscard]] Result<u64> size(std::string_view option) const;
  // What was given for any of these options, in the order of the command line.
  struct Value {
    std::string_view option, value;
  };
  [[nodiscard]] std::vector<Value> in_order(std::initializer_list<std::string_view> options) const;

  std::vector<std::string_view> operands;  // what was no option, in order; all behind "--" too

 private:
  friend Result<Parsed> parse_options(std::span<const Option>, std::span<const Option>,
                                      std::span<char* const>);
  struct Given {
    const Option* row;
    std::string_view value;
  };
  [[nodiscard]] const Option* row_of(std::string_view option) const;
  std::span<const Option> own_, common_;
  std::vector<Given> given_;
};

// Reads the arguments against the verb's rows and the rows that every verb has. A long name may be
// cut short where only one row starts so (--prog).
// Errors (Exit::bad_input): an unknown option (with the nearest one), a missing or superfluous
// value.
Result<Parsed> parse_options(std::span<const Option> own, std::span<const Option> common,
                             std::span<char* const> arguments);

// "-p, --ports LIST", as the help shows it.
std::string spelled(const Option& option);

// "64KiB" -> 65536; nothing where the text is no size.
std::optional<u64> parse_size(std::string_view text);

Result<std::chrono::nanoseconds> parse_duration(std::string_view text,
                                                std::chrono::nanoseconds unit);

// The candidate that a mistyped word most likely meant: smallest edit distance, at most a third of
// the word's length (and at least 1); "" where none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace trama
