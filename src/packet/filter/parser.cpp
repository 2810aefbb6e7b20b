#include "packet/filter/parser.h"

#include "base/say.h"
#include "packet/filter/lexer.h"

namespace trama::filter {
namespace {

class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens)
      : text_(text), tokens_(std::move(tokens)) {}

  Checked<Node> run() {
    auto node = alternatives();
    if (node && next().kind != Kind::end) return unexpected();
    return node;
  }

 private:
  [[nodiscard]] const Token& next(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool take(Kind kind) {
    if (next().kind != kind) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] std::string typed(const Token& token) const {
    return std::string{text_.substr(token.where.at, token.where.end - token.where.at)};
  }

  // What stands here cannot: the sentence for the case.
  [[nodiscard]] tl::unexpected<Complaint> unexpected() const {
    const Token& token = next();
    switch (token.kind) {
      case Kind::end:
        return complain(token.where, say("the filter ends too early here"));
      case Kind::close:
        return complain(token.where, say("this bracket closes nothing"));
      case Kind::relation:
        if (at_ > 0 && tokens_[at_ - 1].kind == Kind::close)
          return complain(token.where,
                          say("only a field or a value can be compared; calculations are grouped "
                              "with {{ }}"));
        break;
      case Kind::word:
      case Kind::field:
      case Kind::value:
      case Kind::text:
      case Kind::character:
      case Kind::open:
        if (at_ > 0)
          return complain(
              token.where,
              say("\"{}\" does not follow here: an operator (==, and, or, ...) is missing",
                  typed(token)));
        break;
      default:
        break;
    }
    return complain(token.where, say("\"{}\" does not belong here", typed(token)));
  }

  [[nodiscard]] tl::unexpected<Complaint> too_deep() const {
    return complain(next().where, say("too many brackets inside each other"));
  }

  static Node join(Form form, Node left, Node right) {
    const Where where{left.where.at, right.where.end};
    if (left.form == form) {  // a chain is one node, however long
      left.where = where;
      left.parts.push_back(std::move(right));
      return left;
    }
    Node node{form, where, ""};
    node.parts.push_back(std::move(left));
    node.parts.push_back(std::move(right));
    return node;
  }

  template <class Inner>
  Checked<Node> joined(Kind kind, Form form, Inner&& inner) {
    auto left = inner();
    while (left && take(kind)) {
      auto right = inner();
      if (!right) return right;
      left = join(form, std::move(*left), std::move(*right));
    }
    return left;
  }

  Checked<Node> alternatives() {
    return joined(Kind::either, Form::either, [this] {
      return joined(Kind::differing, Form::differing, [this] {
        return joined(Kind::both, Form::both, [this] { return negation(); });
      });
    });
  }

  Checked<Node> negation() {
    const std::size_t from = next().where.at;
    bool negated = false;
    bool seen = false;
    while (take(Kind::negated)) {
      negated = !negated;
      seen = true;
    }
    auto inner = primary();
    if (!inner || !seen || !negated) return inner;
    Node node{
        Form::negated, {from, inner->where.end},
         ""
    };
    node.parts.push_back(std::move(*inner));
    return node;
  }

  Checked<Node> primary() {
    if (next().kind == Kind::open) {
      if (++depth_ > deepest_nesting) return too_deep();
      const Where open = next().where;
      ++at_;
      auto inner = alternatives();
      if (!inner) return inner;
      if (next().kind == Kind::end) return complain(open, say("this bracket is never closed"));
      if (!take(Kind::close)) return unexpected();
      --depth_;
      return inner;
    }
    Quantity quantity = Quantity::by_relation;
    const Token& first = next();
    if (first.kind == Kind::any || first.kind == Kind::all) {
      quantity = first.kind == Kind::any ? Quantity::any : Quantity::all;
      ++at_;
    }
    auto node = relation(quantity);
    if (node && quantity != Quantity::by_relation) {
      const bool compares = node->form == Form::compare || node->form == Form::both ||
                            node->form == Form::contains || node->form == Form::matches ||
                            node->form == Form::within || node->form == Form::negated;
      if (!compares)
        return complain(first.where, say("\"{}\" stands before a comparison", first.text));
    }
    return node;
  }

  Checked<Node> relation(Quantity quantity) {
    auto left = arithmetic();
    if (!left) return left;
    const Token& token = next();
    if (token.kind == Kind::relation) return chain(std::move(*left), quantity);
    const bool denied = token.kind == Kind::negated && next(1).kind == Kind::in;
    if (token.kind != Kind::contains && token.kind != Kind::matches && token.kind != Kind::in &&
        !denied)
      return left;
    if (left->form == Form::arithmetic || left->form == Form::minus || left->form == Form::plus ||
        left->form == Form::group)
      return complain(left->where,
                      say("\"{}\" takes a field here, not a calculation", typed(token)));
    ++at_;
    if (denied) ++at_;
    if (denied || token.kind == Kind::in) return set(std::move(*left), quantity, denied);
    auto right = entity();
    if (!right) return right;
    Node node = join(token.kind == Kind::contains ? Form::contains : Form::matches,
                     std::move(*left), std::move(*right));
    node.quantity = quantity;
    return node;
  }

  // a < b < c is a < b and b < c.
  Checked<Node> chain(Node left, Quantity quantity) {
    std::optional<Node> all;
    while (next().kind == Kind::relation) {
      const Token& token = next();
      ++at_;
      auto right = arithmetic();
      if (!right) return right;
      const bool more = next().kind == Kind::relation;
      Node next_left = more ? *right : Node{Form::word, {}, ""};
      Node node{
          Form::compare, {left.where.at, right->where.end},
           ""
      };
      node.parts.push_back(std::move(left));
      node.parts.push_back(std::move(*right));
      node.relation = token.relation;
      node.every = token.every;
      node.quantity = quantity;
      left = std::move(next_left);
      all = all ? join(Form::both, std::move(*all), std::move(node)) : std::move(node);
    }
    return std::move(*all);
  }

  Checked<Node> set(Node left, Quantity quantity, bool denied) {
    Node node{Form::within, left.where, ""};
    node.quantity = denied ? Quantity::any : quantity;
    node.parts.push_back(std::move(left));
    if (next().kind != Kind::open_set) {
      if (next().kind == Kind::end) return unexpected();
      return complain(next().where, say("a set stands in braces: {{80, 443, 8000..8999}}"));
    }
    ++at_;
    do {
      auto low = element();
      if (!low) return low;
      auto high = low;
      if (take(Kind::dots)) {
        high = element();
        if (!high) return high;
      }
      node.parts.push_back(std::move(*low));
      node.parts.push_back(std::move(*high));
    } while (take(Kind::comma));
    if (next().kind == Kind::word || next().kind == Kind::value || next().kind == Kind::text)
      return complain(next().where, say("commas separate the values of a set"));
    node.where.end = next().where.end;
    if (!take(Kind::close_set)) return unexpected();
    if (!denied) return node;
    Node outer{Form::negated, node.where, ""};
    outer.parts.push_back(std::move(node));
    return outer;
  }

  Checked<Node> element() {
    if (next().kind == Kind::sign && (next().sign == '-' || next().sign == '+')) return unary();
    return entity();
  }

  template <class Inner>
  Checked<Node> calculated(std::string_view signs, Inner&& inner) {
    auto left = inner();
    while (left && next().kind == Kind::sign && signs.find(next().sign) != signs.npos) {
      if (++calculations_ > most_calculations) return too_deep();  // they nest to the left
      const char sign = next().sign;
      ++at_;
      auto right = inner();
      if (!right) return right;
      Node node{
          Form::arithmetic, {left->where.at, right->where.end},
           ""
      };
      node.sign = sign;
      node.parts.push_back(std::move(*left));
      node.parts.push_back(std::move(*right));
      left = std::move(node);
    }
    return left;
  }

  Checked<Node> arithmetic() {
    return calculated("&", [this] {
      return calculated("+-", [this] { return calculated("*/%", [this] { return unary(); }); });
    });
  }

  Checked<Node> unary() {
    const Token& token = next();
    if (token.kind == Kind::sign && (token.sign == '-' || token.sign == '+')) {
      ++at_;
      auto inner = entity();
      if (!inner) return inner;
      Node node{
          token.sign == '-' ? Form::minus : Form::plus, {token.where.at, inner->where.end},
                 ""
      };
      node.parts.push_back(std::move(*inner));
      return node;
    }
    if (token.kind != Kind::open_set) return entity();
    if (++depth_ > deepest_nesting) return too_deep();
    ++at_;
    auto inner = arithmetic();
    if (!inner) return inner;
    if (next().kind == Kind::end) return complain(token.where, say("this bracket is never closed"));
    const std::size_t end = next().where.end;
    if (!take(Kind::close_set)) return unexpected();
    --depth_;
    Node node{
        Form::group, {token.where.at, end},
         ""
    };
    node.parts.push_back(std::move(*inner));
    return node;
  }

  Checked<Node> entity() {
    const Token token = next();
    Form form{};
    switch (token.kind) {
      case Kind::word:
        form = Form::word;
        break;
      case Kind::field:
        form = Form::field;
        break;
      case Kind::value:
        form = Form::value;
        break;
      case Kind::text:
        form = Form::text;
        break;
      case Kind::character:
        form = Form::character;
        break;
      case Kind::reference:
        form = Form::reference;
        break;
      case Kind::raw:
        form = Form::raw;
        break;
      default:
        return unexpected();
    }
    ++at_;
    Node node{form, token.where, token.text};
    node.ranges = token.ranges;
    if (form == Form::word && next().kind == Kind::open) {
      if (auto called = call(node); !called) return called;
    } else if (next().kind == Kind::number && (form == Form::word || form == Form::field)) {
      wrap(Form::layers, node);
    }
    unsigned slices = 0;
    while (next().kind == Kind::ranges) {
      if (++slices > deepest_nesting) return too_deep();
      wrap(Form::slice, node);
    }
    return node;
  }

  void wrap(Form form, Node& node) {
    Node outer{
        form, {node.where.at, next().where.end},
         ""
    };
    outer.ranges = next().ranges;
    ++at_;
    outer.parts.push_back(std::move(node));
    node = std::move(outer);
  }

  Checked<Node> call(Node& node) {
    if (++depth_ > deepest_nesting) return too_deep();
    node.form = Form::call;
    ++at_;
    if (next().kind != Kind::close) {
      do {
        auto argument = arithmetic();
        if (!argument) return argument;
        node.parts.push_back(std::move(*argument));
      } while (take(Kind::comma));
    }
    node.where.end = next().where.end;
    if (!take(Kind::close)) return unexpected();
    --depth_;
    return node;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  unsigned depth_ = 0, calculations_ = 0;
};

}  // namespace

Checked<std::optional<Node>> parse_text(std::string_view text) {
  if (text.size() > longest_text)
    return complain({longest_text, text.size()}, say("the filter is too long"));
  auto tokens = tokens_of(text);
  if (!tokens) return tl::make_unexpected(std::move(tokens.error()));
  if (tokens->size() == 1) return std::optional<Node>{};
  auto node = Parser{text, std::move(*tokens)}.run();
  if (!node) return tl::make_unexpected(std::move(node.error()));
  return std::optional<Node>{std::move(*node)};
}

}  // namespace trama::filter
