#include "packet/filter/batch.h"

#include <algorithm>
#include <limits>

#include "packet/filter/times.h"

namespace trama::filter {
namespace {

using wire::Show;

constexpr u64 sign_bit = u64{1} << 63;
constexpr u64 top = ~u64{0};

Relation turned(Relation relation) {  // a < b is b > a
  switch (relation) {
    case Relation::greater:
      return Relation::less;
    case Relation::greater_equal:
      return Relation::less_equal;
    case Relation::less:
      return Relation::greater;
    case Relation::less_equal:
      return Relation::greater_equal;
    default:
      return relation;
  }
}

// Adds what the spans of one list share with those of another.
template <class Any>
void share(const std::vector<Any>& first, const std::vector<Any>& second, std::vector<Any>& all) {
  for (const Any& a : first)
    for (const Any& b : second) {
      const auto low = std::max(a.low, b.low);
      const auto high = std::min(a.low + a.width, b.low + b.width);
      if (low <= high) all.push_back({low, high - low});
    }
}

}  // namespace

FastTest::FastTest(const Test& test) {
  switch (test.kind) {
    case Test::Kind::both:
      kind_ = Kind::both;
      break;
    case Test::Kind::either:
      kind_ = Kind::either;
      break;
    case Test::Kind::differing:
      kind_ = Kind::differing;
      break;
    case Test::Kind::negated:
      kind_ = Kind::negated;
      break;
    default:
      leaf(test);
  }
  for (const Test& part : test.parts) parts_.emplace_back(part);
}

void FastTest::leaf(const Test& test) {
  all_ = test.all;
  bool known = false;
  switch (test.kind) {
    case Test::Kind::exists:
      known = look_at(test.operands.front());
      kind_ = Kind::present;
      break;
    case Test::Kind::compare:
      known = compare(test);
      break;
    case Test::Kind::within:
      known = within(test);
      break;
    case Test::Kind::truth:
      known = truth(test);
      break;
    default:
      break;
  }
  if (!known) kind_ = Kind::unknown;
  for (Look& look : looks_) {
    if (kind_ == Kind::spans) look.want(spans_, bits_, flip_);
    if (kind_ == Kind::wide_spans) look.want(wide_spans_);
  }
  pair_ = kind_ == Kind::spans && !all_ && !inverted_ && looks_.size() == 2 &&
          looks_[0].pairs_with(looks_[1]);
}

// Finds out where the field's values stand; false where the tables do not say.
bool FastTest::look_at(const Expression& field) {
  if (!is_plain_field(field)) return false;
  using From = Look::From;
  const auto frame = [this](From from) {
    looks_.emplace_back(from);
    return true;
  };
  const std::string_view word = field.word->word;
  if (word == "frame") return frame(From::always);
  if (word == "frame.number") return frame(From::number);
  if (word == "frame.len") return frame(From::wire_length);
  if (word == "frame.cap_len") return frame(From::captured);
  if (word == "frame.time" || word == "frame.time_epoch") return frame(From::time);
  if (word == "frame.time_relative") return frame(From::since_first);
  if (word == "frame.time_delta") return frame(From::since_previous);
  if (field.word->meanings.size() == 1)
    if (const auto fact = flow::fact_of(*field.word->meanings.front().field)) {
      looks_.emplace_back(*fact);
      return true;
    }
  for (const parse::Meaning& meaning : field.word->meanings) {
    const bool is_layer = meaning.field->show == Show::layer;
    // What no header claims is the parsers': the marks do not tell it.
    if (is_layer ? meaning.stage == wire::Stage::parse : !meaning.fixed) return false;
    // A mark of several bits is 1 where any of them is.
    if (meaning.field->show == Show::flag && meaning.field->bits > 1) return false;
    looks_.emplace_back(meaning);
  }
  return !looks_.empty();
}

void FastTest::add_span(const Type& type, Relation relation, const Constant& constant) {
  const auto add = [&](auto& spans, auto low, auto high, auto most) {
    using Span = typename std::remove_reference_t<decltype(spans)>::value_type;
    using Number = decltype(low);
    switch (relation) {
      case Relation::equal:
      case Relation::differ:  // the caller inverts
        return spans.push_back(Span{low, high - low});
      case Relation::greater_equal:
        return spans.push_back(Span{low, most - low});
      case Relation::less_equal:
        return spans.push_back(Span{Number{0}, high});
      case Relation::greater:
        if (high != most) spans.push_back(Span{high + 1, most - high - 1});
        return;
      case Relation::less:
        if (low != 0) spans.push_back(Span{Number{0}, low - 1});
        return;
    }
  };
  const Value value = constant.view();
  if (type.sort == Sort::ipv6) {
    const Wide mask = mask6(value.prefix);
    const Wide base = wide_of(value.data);
    return add(wide_spans_, base & mask, base | ~mask, ~Wide{0});
  }
  if (type.sort == Sort::unsigned_number && value.number < 0) return;  // incomparable
  if (is_time(type.sort)) {
    const std::vector<Span> times = times_that(type.sort, relation, value.number);
    spans_.insert(spans_.end(), times.begin(), times.end());
    return;
  }
  auto low = static_cast<u64>(value.number);
  u64 high = low;
  if (type.sort == Sort::ipv4) {
    low &= mask4(value.prefix);
    high = low | static_cast<u32>(~mask4(value.prefix));
  }
  add(spans_, low ^ flip_, high ^ flip_, top);
}

// field relation constant, (field & constant) relation constant, and the constant on the left.
bool FastTest::compare(const Test& test) {
  const Expression* field = &test.operands[0];
  const Expression* constant = &test.operands[1];
  Relation relation = test.relation;
  if (field->kind == Expression::Kind::constant) {
    if (field->constant.value.number < 0) return false;
    std::swap(field, constant);
    relation = turned(relation);
  }
  if (constant->kind != Expression::Kind::constant) return false;
  const Sort sort = field->type.sort;
  if (field->kind == Expression::Kind::arithmetic) {
    const Expression& mask = field->parts[1];
    if (field->sign != '&' || sort != Sort::unsigned_number ||
        mask.kind != Expression::Kind::constant || mask.constant.value.number < 0)
      return false;
    bits_ = static_cast<u64>(mask.constant.value.number);
    field = field->parts.data();
  }
  if (sort == Sort::bytes || sort == Sort::protocol || sort == Sort::text || sort == Sort::mark ||
      !look_at(*field) || looks_.front().is_frame())
    return false;
  kind_ = sort == Sort::ipv6 ? Kind::wide_spans : Kind::spans;
  if (sort == Sort::signed_number || is_time(sort)) flip_ = sign_bit;
  inverted_ = relation == Relation::differ;
  add_span(field->type, relation, constant->constant);
  return true;
}

bool FastTest::within(const Test& test) {
  const Expression& field = test.operands.front();
  const Sort sort = field.type.sort;
  if (sort == Sort::bytes || sort == Sort::protocol || sort == Sort::text || sort == Sort::mark ||
      !look_at(field) || looks_.front().is_frame())
    return false;
  kind_ = sort == Sort::ipv6 ? Kind::wide_spans : Kind::spans;
  if (sort == Sort::signed_number || is_time(sort)) flip_ = sign_bit;
  for (std::size_t i = 1; i + 1 < test.operands.size(); i += 2) {
    const Expression& low = test.operands[i];
    const Expression& high = test.operands[i + 1];
    if (low.kind != Expression::Kind::constant || high.kind != Expression::Kind::constant)
      return false;
    // The two ends as spans of their own; the member is what they share.
    FastTest from;
    FastTest to;
    from.flip_ = to.flip_ = flip_;
    from.add_span(field.type, Relation::greater_equal, low.constant);
    to.add_span(field.type, Relation::less_equal, high.constant);
    share(from.spans_, to.spans_, spans_);
    share(from.wide_spans_, to.wide_spans_, wide_spans_);
  }
  return true;
}

// field & constant
bool FastTest::truth(const Test& test) {
  const Expression& operand = test.operands.front();
  if (operand.kind != Expression::Kind::arithmetic || operand.sign != '&' ||
      operand.type.sort != Sort::unsigned_number ||
      operand.parts[1].kind != Expression::Kind::constant ||
      operand.parts[1].constant.value.number < 0 || !look_at(operand.parts[0]))
    return false;
  bits_ = static_cast<u64>(operand.parts[1].constant.value.number);
  kind_ = Kind::spans;
  spans_.push_back({1, top - 1});
  return true;
}

Answer FastTest::ask_leaf(Asked& packets, u64 asked) const {
  // What the packet says of its frame is true of the deep ones too.
  const bool in_step = looks_.front().in_step();
  if (in_step && packets.steps.empty()) return {};
  const u64 sure = in_step || looks_.front().in_header() ? asked & ~packets.batch.deep : asked;
  if (pair_) {
    const u64 good = Look::either(looks_[0], looks_[1], packets.batch, sure);
    return {good, sure & ~good};
  }
  u64 good = 0;
  u64 bad = 0;
  for (const Look& look : looks_) {
    const u64 there = look.present(packets, sure);
    const u64 found = kind_ == Kind::present ? there : look.inside(packets, there);
    good |= inverted_ ? there & ~found : found;
    bad |= inverted_ ? found : there & ~found;
    if (!all_ && good == sure) break;
  }
  if (all_) good &= ~bad;
  return {good, sure & ~good};
}

Answer FastTest::ask(Asked& packets, u64 asked) const {
  switch (kind_) {
    case Kind::unknown:
      return {};
    case Kind::both: {
      Answer all{asked, 0};
      for (const FastTest& part : parts_) {
        const Answer answer = part.ask(packets, asked & ~all.no);
        all.yes &= answer.yes;
        all.no |= answer.no;
        if (all.no == asked) break;
      }
      all.yes &= ~all.no;
      return all;
    }
    case Kind::either: {
      Answer any{0, asked};
      for (const FastTest& part : parts_) {
        const Answer answer = part.ask(packets, asked & ~any.yes);
        any.yes |= answer.yes;
        any.no &= answer.no;
        if (any.yes == asked) break;
      }
      any.no &= ~any.yes;
      return any;
    }
    case Kind::differing: {
      Answer odd{0, asked};
      u64 known = asked;
      for (const FastTest& part : parts_) {
        const Answer answer = part.ask(packets, known);
        known &= answer.yes | answer.no;
        odd.yes ^= answer.yes;
      }
      return {odd.yes & known, ~odd.yes & known};
    }
    case Kind::negated: {
      const Answer answer = parts_.front().ask(packets, asked);
      return {answer.no, answer.yes};
    }
    default:
      return ask_leaf(packets, asked);
  }
}

unsigned cost_of(const Test& test) {
  unsigned cost = 1;
  for (const Test& part : test.parts) cost += cost_of(part);
  switch (test.kind) {
    case Test::Kind::contains:
      return cost + 300;
    case Test::Kind::matches:
      return cost + 1000;
    case Test::Kind::compare:
    case Test::Kind::within:
    case Test::Kind::truth:
    case Test::Kind::exists: {
      const bool quick = std::all_of(test.operands.begin(), test.operands.end(), [](const auto& e) {
        return e.kind == Expression::Kind::constant ||
               (is_plain_field(e) && (e.word->meanings.front().fixed || e.word->is_layer));
      });
      return cost + (quick ? static_cast<unsigned>(test.operands.size()) : 100);
    }
    default:
      return cost;
  }
}

}  // namespace trama::filter
