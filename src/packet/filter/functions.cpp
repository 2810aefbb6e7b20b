#include "packet/filter/functions.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/address.h"
#include "base/options.h"
#include "base/say.h"
#include "packet/dissect/value.h"
#include "packet/filter/scratch.h"

namespace trama::filter {
namespace {

constexpr FunctionRow rows[] = {
    {"lower",  Function::lower,       1, 1  },
    {"upper",  Function::upper,       1, 1  },
    {"len",    Function::length,      1, 1  },
    {"count",  Function::count,       1, 1  },
    {"string", Function::string,      1, 1  },
    {"max",    Function::largest,     1, 255},
    {"min",    Function::smallest,    1, 255},
    {"abs",    Function::absolute,    1, 1  },
    {"vals",   Function::names,       1, 1  },
    {"dec",    Function::decimal,     1, 1  },
    {"hex",    Function::hexadecimal, 1, 1  },
};

void append_value(std::string& out, Sort sort, const Value& value) {
  switch (sort) {
    case Sort::ether:
      return dissect::append_ether(out, static_cast<u64>(value.number));
    case Sort::ipv4:
      return dissect::append_ipv4(out, static_cast<u32>(value.number));
    case Sort::ipv6:
      if (value.size == 16) out += to_string(address_of(value.bytes()));
      return;
    default:
      fmt::format_to(std::back_inserter(out), "{}", value.number);
  }
}

std::span<const wire::Name> names_of(const Expression& field) {
  return field.word->meanings.front().field->names;
}

// What vals(), dec() and hex() make of a number; nothing where it has no name.
void append_text(std::string& out, const Expression& call, const Value& value) {
  const Expression& field = call.parts.front();
  if (call.function == Function::names) {
    for (const wire::Name& name : names_of(field))
      if (name.value == static_cast<u64>(value.number)) out = name.text;
    return;
  }
  if (call.function == Function::decimal)
    fmt::format_to(std::back_inserter(out), "{}", value.number);
  else
    fmt::format_to(std::back_inserter(out), "{:#0{}x}", static_cast<u64>(value.number),
                   field.type.bits / 4 + 2);
}

i64 length_of(Type type, const Value& value) {
  switch (type.sort) {
    case Sort::unsigned_number:
    case Sort::signed_number:
      return type.bits / 8;
    case Sort::ether:
      return 6;
    case Sort::ipv4:
      return 4;
    case Sort::bytes:
    case Sort::protocol:
    case Sort::text:
    case Sort::ipv6:
      return value.length();
    default:
      return 0;  // as tshark says of flags and times
  }
}

}  // namespace

const FunctionRow* find_function(std::string_view name) {
  const auto* row = std::find_if(std::begin(rows), std::end(rows),
                                 [&](const FunctionRow& r) { return r.name == name; });
  return row == std::end(rows) ? nullptr : row;
}

std::string_view nearest_function(std::string_view name) {
  std::vector<std::string_view> names;
  for (const FunctionRow& row : rows) names.push_back(row.name);
  return nearest(name, names);
}

Checked<Type> type_of_call(const FunctionRow& row, const std::vector<Expression>& arguments,
                           const Node& call) {
  const Where where = call.parts.front().where;
  const Expression& first = arguments.front();
  const bool is_field = first.kind == Expression::Kind::field;
  const Sort sort = first.type.sort;
  switch (row.function) {
    case Function::lower:
    case Function::upper:
      if (!is_field || sort != Sort::text)
        return complain(where, say("{}() takes a field with a text", row.name));
      return Type{Sort::text};
    case Function::length:
    case Function::count:
      if (!is_field) return complain(where, say("{}() takes a field", row.name));
      return Type{Sort::unsigned_number, 32};
    case Function::string:
      if (!is_field || (!first.type.is_number() && sort != Sort::ether && sort != Sort::ipv4 &&
                        sort != Sort::ipv6))
        return complain(where, say("{}() takes a field with a number or an address", row.name));
      return Type{Sort::text};
    case Function::names:
      if (!is_field || names_of(first).empty())
        return complain(where, say("{}() takes a field whose numbers have names", row.name));
      return Type{Sort::text};
    case Function::decimal:
    case Function::hexadecimal:
      if (!is_field || !first.type.is_number())
        return complain(where, say("{}() takes a field with a number", row.name));
      return Type{Sort::text};
    case Function::largest:
    case Function::smallest:
      if (first.kind == Expression::Kind::slice) break;
      for (std::size_t i = 1; i < arguments.size(); ++i)
        if (arguments[i].type != first.type)
          return complain(call.parts[i].where,
                          say("the arguments of {}() must be of one kind and width", row.name));
      if (sort == Sort::mark) break;
      return first.type;
    case Function::absolute:
      if (!first.type.is_number() && sort != Sort::seconds && sort != Sort::boolean) break;
      return first.type;
  }
  return complain(where, say("{}() takes a field with a number", row.name));
}

void apply(const Expression& call, Scratch& scratch, std::size_t from) {
  auto& stack = scratch.stack;
  if (stack.size() == from) return;  // absent arguments: no value
  const Type type = call.parts.front().type;
  switch (call.function) {
    case Function::lower:
    case Function::upper: {
      const bool down = call.function == Function::lower;
      for (std::size_t i = from; i < stack.size(); ++i) {
        std::string& text = scratch.text();
        for (const char c : stack[i].text()) {
          const char first = down ? 'A' : 'a';
          text += c >= first && c < first + 26 ? static_cast<char>(c ^ 0x20) : c;
        }
        stack[i].data = reinterpret_cast<const u8*>(text.data());
      }
      return;
    }
    case Function::length:
      for (std::size_t i = from; i < stack.size(); ++i)
        stack[i] = {.number = length_of(type, stack[i])};
      return;
    case Function::count: {
      const auto count = static_cast<i64>(stack.size() - from);
      stack.resize(from);
      return scratch.push_number(count);
    }
    case Function::string:
      for (std::size_t i = from; i < stack.size(); ++i) {
        std::string& text = scratch.text();
        append_value(text, type.sort, stack[i]);
        stack[i] = {.data = reinterpret_cast<const u8*>(text.data()),
                    .size = static_cast<u32>(text.size())};
      }
      return;
    case Function::names:
    case Function::decimal:
    case Function::hexadecimal: {
      std::size_t kept = from;
      for (std::size_t i = from; i < stack.size(); ++i) {
        std::string& text = scratch.text();
        append_text(text, call, stack[i]);
        if (!text.empty())
          stack[kept++] = {.data = reinterpret_cast<const u8*>(text.data()),
                           .size = static_cast<u32>(text.size())};
      }
      return stack.resize(kept);
    }
    case Function::largest:
    case Function::smallest: {
      const int wanted = call.function == Function::largest ? 1 : -1;
      Value best = stack.back();  // from the last to the first, as tshark: absurd times show it
      for (std::size_t i = stack.size() - 1; i-- > from;)
        if (compare(type.sort, stack[i], best) == wanted) best = stack[i];
      stack.resize(from);
      stack.push_back(best);
      return;
    }
    case Function::absolute: {
      // Of times tshark looks at the whole seconds alone: -0.5 s has none.
      const i64 negative = is_time(type.sort) ? -1'000'000'000 : -1;
      for (std::size_t i = from; i < stack.size(); ++i)
        if (stack[i].number <= negative) stack[i].number = -stack[i].number;
      return;
    }
  }
}

}  // namespace trama::filter
