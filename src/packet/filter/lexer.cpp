#include "packet/filter/lexer.h"

#include <charconv>

#include "base/address.h"
#include "base/say.h"
#include "packet/filter/keywords.h"

namespace trama::filter {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
u32 hex_value(char c) {
  if (is_digit(c)) return static_cast<u32>(c - '0');
  return static_cast<u32>((c | 0x20) - 'a' + 10);
}

// No address and no MAC is longer; what is, is no value of this form.
constexpr std::size_t longest_value = 64;

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Checked<std::vector<Token>> run() {
    while (true) {
      while (at_ < text_.size() && is_space(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      start_ = at_;
      if (const auto trouble = one(); !trouble) return tl::make_unexpected(trouble.error());
    }
    tokens_.push_back({
        Kind::end, {text_.size(), text_.size()},
         ""
    });
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] Where here(std::size_t length = 1) const {
    return {at_, std::min(text_.size(), at_ + length)};
  }
  Token& add(Kind kind, std::string text) {
    return tokens_.emplace_back(Token{
        kind, {start_, at_},
         std::move(text)
    });
  }

  Checked<void> one() {
    const char c = peek();
    if (c == '"') return quoted(false);
    if ((c == 'r' || c == 'R') && peek(1) == '"') {
      ++at_;
      return quoted(true);
    }
    if (c == '\'') return character();
    if (c == '[') return ranges(Kind::ranges);
    if (c == '#') {
      ++at_;
      return layers();
    }
    if (const std::size_t length = colon_value(); length > 0) return value(length);
    if (is_word(c)) return word(0, Kind::word);
    if (c == '$') return reference();
    if (c == '@' && (is_word(peek(1)) || peek(1) == '.'))
      return word(peek(1) == '.' ? 2 : 1, Kind::raw);
    if (c == '.' && is_word(peek(1))) return word(1, Kind::field);
    for (const Keyword& sign : signs)
      if (text_.substr(at_).starts_with(sign.text)) {
        at_ += sign.text.size();
        Token& token = add(sign.kind, std::string{sign.text});
        token.relation = sign.relation;
        token.every = sign.every;
        token.sign = sign.sign;
        return {};
      }
    return nothing_known();
  }

  Checked<void> nothing_known() {
    const char c = peek();
    if (c == '=') return complain(here(), say("\"=\" alone compares nothing: write \"==\""));
    if (c == '|') return complain(here(), say("\"|\" alone joins nothing: write \"||\" or \"or\""));
    if ((c & 0x80) != 0) {
      std::size_t length = 1;
      while ((peek(length) & 0xc0) == 0x80) ++length;
      return complain(here(length), say("letters beyond ASCII stand only inside double quotes"));
    }
    return complain(here(), say("this sign has no meaning in a filter"));
  }

  // At "aa:bb:cc" or an IPv6 address (with its prefix length): how long; 0 where there is none.
  [[nodiscard]] std::size_t colon_value() const {
    std::size_t run = 0;
    std::size_t colons = 0;
    while (run < longest_value && (is_hex(peek(run)) || peek(run) == ':' || peek(run) == '.'))
      colons += peek(run++) == ':' ? 1 : 0;
    if (colons == 0) return 0;
    std::size_t length = 0;
    if (peek() == ':' && peek(1) != ':') {  // ":fc": a value for certain
      while (is_word(peek(length + 1)) || peek(length + 1) == ':' || peek(length + 1) == '-' ||
             (peek(length + 1) == '.' && peek(length + 2) != '.'))
        ++length;
      return length == 0 ? 0 : length + 1;
    }
    std::size_t bytes = 0;
    while (is_hex(peek(bytes)) && is_hex(peek(bytes + 1))) {
      bytes += 2;
      if (peek(bytes) != ':' || !is_hex(peek(bytes + 1)) || !is_hex(peek(bytes + 2))) break;
      ++bytes;
    }
    if (bytes >= 5) length = bytes;
    for (std::size_t size = std::min<std::size_t>(run, 45); size > length && size >= 2; --size)
      if (const auto address = parse_address(text_.substr(at_, size)); address && address->v6) {
        length = size;
        if (peek(size) != '/' || !is_digit(peek(size + 1))) return length;
        for (++length; length < size + 4 && is_digit(peek(length));) ++length;
        return length;
      }
    return length;
  }

  Checked<void> value(std::size_t length) {
    std::string_view text = text_.substr(at_, length);
    if (text[0] == ':' && text[1] != ':') text.remove_prefix(1);
    at_ += length;
    add(Kind::value, std::string{text});
    return {};
  }

  Checked<void> word(std::size_t prefix, Kind kind) {
    at_ += prefix;
    const std::size_t from = at_;
    while (is_word(peek()) || peek() == '-' || (peek() == '.' && is_word(peek(1)))) ++at_;
    std::string_view text = text_.substr(from, at_ - from);
    if (kind == Kind::word) {
      for (const Keyword& keyword : keywords)
        if (text == keyword.text) {
          Token& token = add(keyword.kind, std::string{text});
          token.relation = keyword.relation;
          token.every = keyword.every;
          token.sign = keyword.sign;
          return {};
        }
      if (peek() == '/' && is_digit(peek(1)) && parse_address(text)) {  // 10.0.0.0/8
        at_ += is_digit(peek(2)) ? 3 : 2;
        text = text_.substr(from, at_ - from);
        kind = Kind::value;
      }
    }
    if (peek() == '.' && peek(1) != '.')
      return complain(here(), say("a word cannot end with a dot"));
    add(kind, std::string{text});
    return {};
  }

  // "${tcp.port}", "${ip.src#1}": the field of a chosen packet.
  Checked<void> reference() {
    ++at_;
    skip_spaces();
    if (peek() != '{') return complain(here(), say("behind \"$\" stands a field in braces"));
    const std::size_t from = ++at_;
    while (is_word(peek()) || peek() == '-' || peek() == '.') ++at_;
    const std::string name{text_.substr(from, at_ - from)};
    Token layer{Kind::end, here(), ""};
    if (peek() == '#') {
      ++at_;
      if (auto read = layers(); !read) return read;
      layer = std::move(tokens_.back());
      tokens_.pop_back();
    }
    if (name.empty() || peek() != '}')
      return complain(here(), say("behind \"$\" stands a field in braces"));
    ++at_;
    add(Kind::reference, name).ranges = std::move(layer.ranges);
    return {};
  }

  Checked<void> quoted(bool raw) {
    ++at_;
    std::string text;
    while (peek() != '"') {
      if (at_ >= text_.size())
        return complain({start_, text_.size()}, say("the closing quote is missing"));
      if (peek() != '\\') {
        text += text_[at_++];
      } else if (raw) {  // only \" is special, and stays as typed
        text += text_[at_++];
        if (at_ < text_.size()) text += text_[at_++];
      } else if (auto trouble = escape(text); !trouble) {
        return trouble;
      }
    }
    ++at_;
    add(Kind::text, std::move(text)).raw = raw;
    return {};
  }

  Checked<void> character() {
    ++at_;
    std::string text;
    while (peek() != '\'') {
      if (at_ >= text_.size())
        return complain({start_, text_.size()}, say("the closing quote is missing"));
      if (peek() != '\\')
        text += text_[at_++];
      else if (auto trouble = escape(text); !trouble)
        return trouble;
    }
    ++at_;
    // A line feed is none in tshark, whatever its reason.
    if (text.size() != 1 || text_.substr(start_, at_ - start_) == "'\\n'")
      return complain({start_, at_},
                      say("single quotes hold one character; texts stand in double quotes"));
    add(Kind::character, std::move(text));
    return {};
  }

  // At a backslash.
  Checked<void> escape(std::string& out) {
    const std::size_t from = at_++;
    const char c = peek();
    constexpr std::string_view letters = "abfnrtv'\"\\";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v'\"\\";
    if (const auto place = letters.find(c); c != '\0' && place != letters.npos) {
      out += meanings[place];
      ++at_;
      return {};
    }
    const auto number = [&](u32 base, std::size_t most) {
      u32 value = 0;
      for (std::size_t i = 0; i < most && is_hex(peek()) && hex_value(peek()) < base; ++i)
        value = value * base + hex_value(text_[at_++]);
      return value;
    };
    const auto wrong = [&] {
      return complain({from, std::min(text_.size(), from + 2)},
                      say("no such escape; in a regular expression double the backslash or write "
                          "r\"...\""));
    };
    if (c >= '0' && c <= '7') {
      const u32 value = number(8, 3);
      if (value > 255) return complain({from, at_}, say("larger than a byte"));
      out += static_cast<char>(value);
      return {};
    }
    if ((c != 'x' && c != 'u' && c != 'U') || !is_hex(peek(1))) return wrong();
    ++at_;
    const std::size_t first = at_;
    if (c == 'x') {
      out += static_cast<char>(number(16, 2));
      return {};
    }
    const u32 value = number(16, c == 'u' ? 4 : 8);
    if (at_ - first != (c == 'u' ? 4U : 8U)) return wrong();
    // As in C, the simple characters have no such name, and surrogates are none.
    const bool simple = value < 0xa0 && value != '$' && value != '@' && value != '`';
    if (simple || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return wrong();
    append_utf8(out, value);
    return {};
  }

  Checked<void> layers() {
    if (peek() == '[') return ranges(Kind::number);
    if (!is_digit(peek()) || (peek() == '0' && (peek(1) | 0x20) == 'x'))
      return complain(here(), say("behind \"#\" stands a number or [a range]"));
    Range range;
    if (!number(range.start)) return complain(here(), say("this number is too large"));
    add(Kind::number, "").ranges.push_back(range);
    return {};
  }

  // A number of a range, perhaps negative.
  bool number(i64& value) {
    int base = 10;
    const bool negative = peek() == '-';
    std::size_t from = at_ + (negative || peek() == '+' ? 1 : 0);
    const auto left = text_.substr(std::min(from, text_.size()));
    if (left.starts_with("0x") || left.starts_with("0X")) {
      base = 16;
      from += 2;
    }
    if (from >= text_.size() || !is_hex(text_[from])) return false;
    const char* const last = text_.data() + text_.size();
    const auto [end, trouble] = std::from_chars(text_.data() + from, last, value, base);
    if (trouble != std::errc{} || value > 0x7fffffff) return false;
    if (end < last && is_word(*end)) return false;
    if (negative) value = -value;
    at_ = static_cast<std::size_t>(end - text_.data());
    return true;
  }
  void skip_spaces() {
    while (is_space(peek())) ++at_;
  }

  Checked<void> ranges(Kind kind) {
    ++at_;
    std::vector<Range> found;
    do {
      skip_spaces();
      const std::size_t from = at_;
      Range range;
      const bool named = peek() != ':';
      if (named && !number(range.start))
        return complain(here(), say("expected a number: [2], [2:4] (four from 2), [2-4] or [2:]"));
      skip_spaces();
      if (peek() == ':') {
        ++at_;
        skip_spaces();
        if (peek() == ',' || peek() == ']') {
          range.form = Range::Form::to_end;
        } else if (!number(range.end)) {
          return complain(here(),
                          say("expected a number: [2], [2:4] (four from 2), [2-4] or [2:]"));
        } else if (range.end <= 0) {
          return complain({from, at_}, say("a length is at least 1"));
        }
      } else if (peek() == '-') {
        ++at_;
        skip_spaces();
        range.form = Range::Form::until;
        if (!number(range.end))
          return complain(here(),
                          say("expected a number: [2], [2:4] (four from 2), [2-4] or [2:]"));
        if ((range.start < 0) != (range.end < 0) || range.start >= range.end)
          return complain({from, at_}, say("the second number must be the larger one"));
      }
      found.push_back(range);
      skip_spaces();
    } while (peek() == ',' && ++at_ != 0);
    if (peek() != ']') return complain(here(), say("expected \"]\""));
    ++at_;
    add(kind, "").ranges = std::move(found);
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, start_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

void append_utf8(std::string& out, u32 character) {
  if (character > 0x10ffff || (character >= 0xd800 && character < 0xe000)) character = 0xfffd;
  const auto put = [&](u32 byte) { out += static_cast<char>(byte); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xc0 | character >> 6);
  } else {
    if (character < 0x10000) {
      put(0xe0 | character >> 12);
    } else {
      put(0xf0 | character >> 18);
      put(0x80 | (character >> 12 & 63));
    }
    put(0x80 | (character >> 6 & 63));
  }
  put(0x80 | (character & 63));
}

Checked<std::vector<Token>> tokens_of(std::string_view text) { return Lexer{text}.run(); }

}  // namespace trama::filter
