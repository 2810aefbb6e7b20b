// The grammar of the socket filter; what a filter means stands in socket_filter.cpp.
#include <netdb.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/options.h"
#include "base/say.h"
#include "base/terminal.h"
#include "host/socket_filter.h"
#include "host/socket_states.h"
#include "host/socket_words.h"

namespace trama::host {
namespace {

bool owned(From from) { return from == From::pid || from == From::fd || from == From::program; }

}  // namespace

// Recursive descent: or, and (written or not), not, then a comparison, a group or a bare word.
class SocketFilterParser {
 public:
  explicit SocketFilterParser(std::string_view text) : text_(text) { next(); }

  Result<SocketFilter> parse() {
    if (token_.empty() && !quoted_) return std::move(filter_);
    auto root = either();
    if (!root) return fail(root);
    if (!token_.empty()) return wrong(say("\"{}\" does not fit here", harmless(token_)));
    filter_.root_ = *root;
    filter_.ask_kernel(*root);
    for (const auto& node : filter_.nodes_)
      filter_.needs_owners_ =
          filter_.needs_owners_ || (node.word != nullptr && owned(node.word->from));
    return std::move(filter_);
  }

 private:
  using Node = SocketFilter::Node;
  using Parsed = Result<std::size_t>;
  static constexpr std::size_t none = ~std::size_t{0};
  static constexpr unsigned deepest = 100;  // so that no text can exhaust the stack
  enum class Compare : u8 { equal, unequal, below, at_most, above, at_least, within, contains };

  // The next token is a quoted text, one of the signs, or all up to a space or a sign.
  void next() {
    end_of_last_ = at_ + token_.size() + (quoted_ ? 2 : 0);
    at_ = std::min(end_of_last_, text_.size());
    while (at_ < text_.size() && std::isspace(static_cast<u8>(text_[at_])) != 0) ++at_;
    const auto left = text_.substr(at_);
    quoted_ = !left.empty() && (left[0] == '"' || left[0] == '\'');
    if (quoted_) {
      const auto close = left.find(left[0], 1);
      open_quote_ = close == left.npos;
      token_ = left.substr(1, open_quote_ ? left.npos : close - 1);
      return;
    }
    for (const std::string_view sign :
         {"==", "!=", "<=", ">=", "&&", "||", "(", ")", "{", "}", ",", "=", "<", ">", "!"})
      if (left.starts_with(sign)) {
        token_ = sign;
        return;
      }
    token_ = left.substr(0, left.find_first_of(" \t\n(){},=<>!&|\"'"));
    if (token_.empty() && !left.empty()) token_ = left.substr(0, 1);
  }

  [[nodiscard]] tl::unexpected<Error> wrong(std::string sentence) const {
    const std::string before = harmless(text_.substr(0, at_));
    const unsigned marked = std::max(1U, width(harmless(token_)) + (quoted_ ? 2U : 0U));
    return fail(Exit::bad_input,
                fmt::format("{}\n  {}\n  {}^{}", sentence, harmless(text_),
                            std::string(width(before), ' '), std::string(marked - 1, '~')));
  }
  [[nodiscard]] tl::unexpected<Error> unfinished() const {
    if (quoted_ && open_quote_) return wrong(say("the quoted text has no end"));
    return wrong(say("the filter ends where a value or a test should follow"));
  }

  [[nodiscard]] bool is(std::string_view a, std::string_view b = {}) const {
    if (quoted_ || token_.empty()) return false;
    const auto equal = [&](std::string_view word) {
      return std::equal(token_.begin(), token_.end(), word.begin(), word.end(), [](char x, char y) {
        return std::tolower(static_cast<u8>(x)) == std::tolower(static_cast<u8>(y));
      });
    };
    return equal(a) || (!b.empty() && equal(b));
  }
  bool take(std::string_view a, std::string_view b = {}) {
    if (!is(a, b)) return false;
    next();
    return true;
  }

  std::size_t add(Node node) {
    filter_.nodes_.push_back(std::move(node));
    return filter_.nodes_.size() - 1;
  }

  Parsed either() {
    auto left = both();
    while (left && take("or", "||")) {
      auto right = both();
      if (!right) return right;
      left = add({.kind = Node::Kind::either, .left = *left, .right = *right});
    }
    return left;
  }

  Parsed both() {
    auto left = one();
    auto states = left && *left == bare_state_ ? bare_state_ : none;
    while (left && !(token_.empty() && !quoted_) && !is("or", "||") && !is(")")) {
      const bool written = take("and", "&&");
      auto right = one();
      if (!right) return right;
      const bool bare = !written && *right == bare_state_;
      if (bare && states != none) {  // ss: several `state X` side by side mean any of them
        auto& all = filter_.nodes_[states].ranges;
        const auto& more = filter_.nodes_[*right].ranges;
        all.insert(all.end(), more.begin(), more.end());
        filter_.nodes_.pop_back();
        bare_state_ = none;
        continue;
      }
      if (bare) states = *right;
      left = add({.kind = Node::Kind::both, .left = *left, .right = *right});
    }
    return left;
  }

  Parsed one() {
    if (token_.empty()) return unfinished();
    if (++depth_ > deepest) return wrong(say("the filter is nested too deeply"));
    auto node = [&]() -> Parsed {
      if (take("not", "!")) {
        auto inner = one();
        if (!inner) return inner;
        return add({.kind = Node::Kind::no, .left = *inner});
      }
      if (take("(")) {
        auto inner = either();
        if (inner && !take(")")) return wrong(say("a \")\" is missing"));
        return inner;
      }
      return test();
    }();
    --depth_;
    return node;
  }

  // The row of the token; nullptr where it is no word of the filter.
  [[nodiscard]] const Word* word_named() const {
    const auto* word = std::find_if(std::begin(socket_words), std::end(socket_words),
                                    [&](const Word& row) { return is(row.name); });
    return word == std::end(socket_words) ? nullptr : word;
  }

  Parsed test() {
    if (const Word* word = word_named()) {
      next();
      return comparison(*word);
    }
    if (is("exclude")) {  // ss: exclude STATE
      next();
      auto inner = comparison(any_state);
      if (!inner) return inner;
      return add({.kind = Node::Kind::no, .left = *inner});
    }
    Node node;  // a bare port, state or address
    if (!quoted_ && states_named(token_) != 0)
      node.word = &any_state;
    else if (parse_port(token_) || token_.starts_with(':'))
      node.word = &any_port;
    else if (host_of(any_host, token_))
      node.word = &any_host;
    else
      return unknown();
    if (auto read = value(node); !read) return fail(read);
    return add(std::move(node));
  }

  // The sentence for "8001-8005"; "" where the token is no such range of ports.
  [[nodiscard]] std::string as_range() const {
    const auto dash = token_.find('-');
    if (quoted_ || dash == token_.npos) return {};
    const auto low = parse_port(token_.substr(0, dash));
    const auto high = parse_port(token_.substr(dash + 1));
    if (!low || !high) return {};
    return say("for a range of ports write port in {{{}..{}}}", *low, *high);
  }

  [[nodiscard]] tl::unexpected<Error> unknown() const {
    if (quoted_ && open_quote_) return unfinished();
    if (const auto range = as_range(); !range.empty()) return wrong(range);
    std::string lower{token_};
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return static_cast<char>(std::tolower(static_cast<u8>(c))); });
    std::vector<std::string_view> names{"established", "listen", "time_wait", "close_wait"};
    for (const Word& row : socket_words) names.push_back(row.name);
    const auto meant = nearest(lower, names);
    if (!meant.empty())
      return wrong(
          say("\"{}\" is no word of the filter: did you mean {}?", harmless(token_), meant));
    const bool like_a_name =
        std::isalpha(static_cast<u8>(lower[0])) != 0 &&
        std::all_of(lower.begin(), lower.end(), [](char c) {
          return std::isalnum(static_cast<u8>(c)) != 0 || c == '-' || c == '_' || c == '.';
        });
    if (!like_a_name)
      return wrong(say("\"{}\" is no word of the filter; trama sockets --help lists them",
                       harmless(token_)));
    return wrong(
        say("\"{0}\" is no word of the filter; for a program of that name write program == {0}",
            harmless(token_)));
  }

  std::optional<Compare> comparator() {
    struct Sign {
      std::string_view sign, word;
      Compare compare;
    };
    constexpr Sign signs[] = {
        {"==",       "eq", Compare::equal   },
        {"=",        "",   Compare::equal   },
        {"!=",       "ne", Compare::unequal },
        {"<=",       "le", Compare::at_most },
        {">=",       "ge", Compare::at_least},
        {"<",        "lt", Compare::below   },
        {">",        "gt", Compare::above   },
        {"in",       "",   Compare::within  },
        {"contains", "",   Compare::contains},
    };
    for (const Sign& sign : signs)
      if (take(sign.sign, sign.word)) return sign.compare;
    return {};
  }

  // Whether the token can only be a value of the word that stands before it.
  [[nodiscard]] bool value_follows(const Word& word) const {
    const char first = token_.empty() ? '\0' : token_[0];
    const bool digit = std::isdigit(static_cast<u8>(first)) != 0;
    switch (word.takes) {
      case Takes::state:
        return states_named(token_) != 0;
      case Takes::host:
        return digit || first == ':' || first == '[' || first == '*';
      case Takes::port:
        return digit || first == ':' || (first != '\0' && number(word, token_).has_value());
      case Takes::number:
        return digit;
      case Takes::text:
        return quoted_ ||
               (std::isalnum(static_cast<u8>(first)) != 0 && !is("and", "or") && !is("not") &&
                !is("exclude") && states_named(token_) == 0 && word_named() == nullptr);
      case Takes::address:
      case Takes::nothing:
        break;
    }
    return false;
  }

  Parsed comparison(const Word& word) {
    Node node{.word = &word};
    const auto place = at_;
    const auto compare = comparator();
    if (!compare) {  // ss needs no "=": state established, dst 10.0.0.1, sport :22
      node.present = !value_follows(word);
      if (!node.present)
        if (auto read = value(node); !read) return fail(read);
      if (node.present && word.takes == Takes::state) return take_state_anyway();
      const auto added = add(std::move(node));
      if (word.takes == Takes::state) bare_state_ = added;
      return added;
    }
    const bool ordered = word.takes == Takes::port || word.takes == Takes::number;
    const bool text = word.takes == Takes::text;
    if (word.takes == Takes::nothing || (*compare == Compare::contains && !text) ||
        (!ordered && *compare >= Compare::below && *compare <= Compare::at_least)) {
      at_ = place;
      token_ = text_.substr(place, end_of_last_ - place);
      quoted_ = false;
      return wrong(say("{} cannot be compared so; use == or !=", word.name));
    }
    node.unequal = *compare == Compare::unequal;
    node.part = *compare == Compare::contains;
    if (*compare == Compare::within) {
      if (!take("{")) return wrong(say("a set in braces must follow: {{22, 8000..8099}}"));
      do {
        if (auto read = value(node); !read) return fail(read);
        take(",");
      } while (!token_.empty() && !is("}"));
      if (!take("}")) return wrong(say("a \"}}\" is missing"));
      return add(std::move(node));
    }
    if (auto read = value(node); !read) return fail(read);
    for (auto& [low, high] : node.ranges) switch (*compare) {
        case Compare::below:
        case Compare::at_most:
          if (*compare == Compare::below && low == 0)
            node.ranges[0] = {1, 0};  // nothing is below 0
          else
            node.ranges[0] = {0, *compare == Compare::below ? low - 1 : low};
          return add(std::move(node));
        case Compare::above:
        case Compare::at_least:
          node.ranges[0] = {*compare == Compare::above ? high + 1 : high, ~u64{0}};
          return add(std::move(node));
        default:
          break;
      }
    return add(std::move(node));
  }

  Parsed take_state_anyway() {
    if (token_.empty()) return unfinished();
    return wrong(
        say("\"{}\" is no state; those of ss, netstat and RFC 9293 are known", harmless(token_)));
  }

  // Reads one value (in a set also low..high) into the node.
  Result<void> value(Node& node) {
    if (token_.empty() && !quoted_) return unfinished();
    if (quoted_ && open_quote_) return unfinished();
    switch (node.word->takes) {
      case Takes::state: {
        const u32 states = states_named(token_);
        if (states == 0) return fail(take_state_anyway());
        for (u32 one = 1; one != 0 && one <= states; one <<= 1)
          if ((states & one) != 0) node.ranges.push_back({one, one});
        break;
      }
      case Takes::port:
      case Takes::number: {
        const auto dots = token_.find("..");
        const auto low = number(*node.word, token_.substr(0, dots));
        const auto high = dots == token_.npos ? low : number(*node.word, token_.substr(dots + 2));
        if (const auto range = as_range(); !low && !range.empty()) return wrong(range);
        if (!low || !high)
          return node.word->takes == Takes::port
                     ? wrong(say("{} takes a port from 0 to 65535, not \"{}\"", node.word->name,
                                 harmless(token_)))
                     : wrong(
                           say("{} takes a number, not \"{}\"", node.word->name, harmless(token_)));
        node.ranges.push_back({*low, *high});
        break;
      }
      case Takes::address:
      case Takes::host: {
        const auto host = host_of(*node.word, token_);
        if (!host && node.word->takes == Takes::address && parse_cidr(token_))
          return wrong(say("{} takes the other family; write {} for \"{}\"", node.word->name,
                           *node.word->v6 ? "ip.addr" : "ipv6.addr", harmless(token_)));
        if (!host) return wrong(say("\"{}\" is no address", harmless(token_)));
        node.hosts.push_back(*host);
        break;
      }
      case Takes::text:
        node.texts.emplace_back(token_);
        break;
      case Takes::nothing:
        break;
    }
    next();
    return {};
  }

  // A number, or for ports ":22" and the system's names of services too.
  static std::optional<u64> number(const Word& word, std::string_view text) {
    if (word.takes == Takes::port && text.starts_with(':')) text.remove_prefix(1);
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    u64 value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (word.takes != Takes::port) return whole ? std::optional{value} : std::nullopt;
    if (whole) return value <= 65535 ? std::optional{value} : std::nullopt;
    const servent* service =
        getservbyname(std::string{text}.c_str(), !word.transport                     ? nullptr
                                                 : *word.transport == Transport::tcp ? "tcp"
                                                                                     : "udp");
    return service == nullptr ? std::nullopt
                              : std::optional<u64>{ntohs(static_cast<u16>(service->s_port))};
  }

  // "10.0.0.0/8", "::1"; where ss's hosts are taken also ":22", "*:22", "10.0.0.1:22", "[::1]:22".
  static std::optional<SocketFilter::Host> host_of(const Word& word, std::string_view text) {
    if (const auto block = parse_cidr(text)) {
      if (word.v6 && *word.v6 != block->base.v6) return {};
      return SocketFilter::Host{block, {}};
    }
    if (word.takes != Takes::host) return {};
    SocketFilter::Host host;
    const auto colon = text.ends_with(']') ? text.npos : text.rfind(':');
    auto address = text.substr(0, colon);
    if (colon != text.npos && text.substr(colon + 1) != "*") {
      const auto port = number(any_port, text.substr(colon + 1));
      if (!port) return {};
      host.port = static_cast<u16>(*port);
    }
    if (address.starts_with('[') && address.ends_with(']'))
      address = address.substr(1, address.size() - 2);
    if (address.empty() || address == "*") return host;
    host.block = parse_cidr(address);
    return host.block ? std::optional{host} : std::nullopt;
  }

  std::string_view text_, token_;
  std::size_t at_ = 0, end_of_last_ = 0;  // where the token stands; where the one before ended
  bool quoted_ = false, open_quote_ = false;
  unsigned depth_ = 0;
  std::size_t bare_state_ = none;  // the node of the last `state X` without a comparison
  SocketFilter filter_;
};

Result<SocketFilter> SocketFilter::parse(std::string_view text) {
  return SocketFilterParser{text}.parse();
}

}  // namespace trama::host
