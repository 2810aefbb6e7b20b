// What messages tell that went wrong: TLS alerts, DNS answers without the name, HTTP errors.
#include "packet/parse/words.h"
#include "packet/story/facts.h"

namespace trama::story {
namespace {

// The field behind a word, found once.
const wire::Field* field(std::string_view word) {
  const parse::Word* found = parse::find_word(word);
  return found == nullptr ? nullptr : found->meanings.front().field;
}

struct Words {
  const wire::Field* alert_level = field("tls.alert_message.level");
  const wire::Field* alert = field("tls.alert_message.desc");
  const wire::Field* dns_response = field("dns.flags.response");
  const wire::Field* dns_name = field("dns.qry.name");
  const wire::Field* dns_code = field("dns.flags.rcode");
  const wire::Field* http_code = field("http.response.code");
  const wire::Field* http_phrase = field("http.response.phrase");
  const wire::Field* v4_fragments = field("ip.fragment.count");
  const wire::Field* v6_fragments = field("ipv6.fragment.count");
};

std::string name_of(const dissect::Row& row) {
  for (const wire::Name& name : row.field->names)
    if (name.value == row.value) return std::string{name.text};
  return {};
}

std::string text_of(const dissect::Row& row) {
  return {reinterpret_cast<const char*>(row.data), row.size};
}

void fail(Told& told, u64 number, u64 code, std::string text, bool by_client) {
  if (told.count++ == 0) told = {number, code, std::move(text), by_client, 1};
}

}  // namespace

void note_messages(Facts& facts, const dissect::Tree& tree, u64 number, bool by_client) {
  static const Words words;
  constexpr u64 fatal = 2;
  bool answers = false;
  u64 level = 0;
  const dissect::Row* name = nullptr;
  const dissect::Row* code = nullptr;
  const dissect::Row* status = nullptr;
  const dissect::Row* phrase = nullptr;
  for (const dissect::Row& row : tree.rows()) {
    if (row.field == words.alert_level) level = row.value;
    if (row.field == words.alert && row.value != 0 && level == fatal)
      fail(facts.alert, number, row.value, name_of(row), by_client);
    if (row.field == words.dns_response) answers = row.value != 0;
    if (row.field == words.dns_name && name == nullptr) name = &row;
    if (row.field == words.dns_code) code = &row;
    if (row.field == words.http_code) status = &row;
    if (row.field == words.http_phrase) phrase = &row;
    if (row.field == words.v4_fragments || row.field == words.v6_fragments)
      facts.fragmented.note(number);
  }
  if (name != nullptr && !answers) fail(facts.dns_question, number, 0, text_of(*name), by_client);
  facts.dns_answers += answers ? 1 : 0;
  if (answers && code != nullptr && code->value != 0)
    fail(facts.dns_failure, number, code->value, name != nullptr ? text_of(*name) : "", by_client);
  if (status != nullptr && status->value >= 400)
    fail(facts.http_failure, number, status->value, phrase != nullptr ? text_of(*phrase) : "",
         by_client);
}

}  // namespace trama::story
