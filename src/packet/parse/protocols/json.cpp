// JavaScript Object Notation (RFC 8259): whether a body is some, and its keys. What is not stands
// as lines of text.
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"json.key", 0, Show::text, N_("name of a value")},
    {"json.value.string", 0, Show::text, N_("a text")},
    {"json.value.number", 0, Show::text, N_("a number")},
});
// clang-format on

constexpr unsigned deepest = 64;

// Reads values one after the other; without a message it only says whether they are well formed.
class Json {
 public:
  Json(std::string_view text, Message* message) : text_(text), message_(message) {}

  // Objects and lists up to the end, at least one.
  bool all() {
    bool any = false;
    for (blanks(); at_ < text_.size(); blanks(), any = true)
      if ((text_[at_] != '{' && text_[at_] != '[') || !value(0)) return false;
    return any;
  }

 private:
  void blanks() {
    const auto next = text_.find_first_not_of(" \t\r\n", at_);
    at_ = next == text_.npos ? text_.size() : next;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  bool string(const Field& field) {
    if (!take('"')) return false;
    const auto start = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) return false;
    put(field, start, at_ - start);
    ++at_;
    return true;
  }
  bool number() {
    const auto start = at_;
    const auto end = text_.find_first_not_of("+-.0123456789eE", at_);
    at_ = end == text_.npos ? text_.size() : end;
    put(in(fields, "json.value.number"), start, at_ - start);
    return at_ != start;
  }
  bool value(unsigned depth) {
    blanks();
    if (depth >= deepest || at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '{':
        return list('{', '}', depth);
      case '[':
        return list('[', ']', depth);
      case '"':
        return string(in(fields, "json.value.string"));
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }
  bool list(char open, char close, unsigned depth) {
    if (!take(open)) return false;
    if (take(close)) return true;
    do {
      if (open == '{' && !(string(in(fields, "json.key")) && take(':'))) return false;
      if (!value(depth + 1)) return false;
    } while (take(','));
    return take(close);
  }
  void put(const Field& field, std::size_t at, std::size_t size) {
    if (message_ != nullptr)
      message_->put_text(field, static_cast<u32>(at), static_cast<u32>(size));
  }

  std::string_view text_;
  Message* message_;
  std::size_t at_ = 0;
};

bool read_json(Message& message) {
  message.enter(json.header);
  if (!message.rows()) return true;
  const auto text = message.text(0, message.captured);
  if (Json{text, nullptr}.all())
    Json{text, &message}.all();
  else
    message.carry(data_text_lines, message.data, message.captured);
  return true;
}

}  // namespace

const Parser json{
    .header = {.word = "json",
               .name = "JavaScript Object Notation",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_json
};

}  // namespace trama::parse
