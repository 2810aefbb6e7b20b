// A body of several parts (RFC 2046 section 5.1): each has its own header lines and type.
#include <algorithm>
#include <string>

#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/media.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"mime_multipart.type", 0, Show::text, N_("kind of the body")},
    {"mime_multipart.header.content-type", 0, Show::text, N_("kind of a part")},
    {"mime_multipart.header.content-disposition", 0, Show::text, N_("what a part is for")},
    {"mime_multipart.header.content-transfer-encoding", 0, Show::text, N_("how a part is coded")},
});
// clang-format on

struct Known {
  std::string_view name;
  const Field& field;
};
constexpr Known known_lines[] = {
    {"Content-Type",              in(fields, "mime_multipart.header.content-type")             },
    {"Content-Disposition",       in(fields, "mime_multipart.header.content-disposition")      },
    {"Content-Transfer-Encoding", in(fields, "mime_multipart.header.content-transfer-encoding")},
};
constexpr unsigned most_parts = 256;

// What stands behind "boundary=", without its quotes.
std::string_view boundary_of(std::string_view type) {
  constexpr std::string_view word = "boundary=";
  for (auto at = type.find(';'); at != type.npos; at = type.find(';', at + 1)) {
    auto rest = type.substr(at + 1);
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    if (rest.size() < word.size() || !same_word(rest.substr(0, word.size()), word)) continue;
    rest.remove_prefix(word.size());
    if (rest.starts_with('"')) return rest.substr(1, rest.find('"', 1) - 1);
    return rest.substr(0, rest.find_first_of("; \t\r\n"));
  }
  return {};
}

// Where "--boundary" starts a line, at or behind `at`; npos: nowhere.
std::size_t find_mark(std::string_view all, std::string_view mark, std::size_t at) {
  while ((at = all.find(mark, at)) != all.npos && at != 0 && all[at - 1] != '\n') ++at;
  return at;
}

void read_part(Message& message, u32 at, u32 end) {
  std::string_view type;
  while (at < end) {
    const Line line = line_at(message, at);
    at = line.next;
    if (line.size == 0) break;
    const auto text = message.text(line.at, line.size);
    const auto* known = std::find_if(
        std::begin(known_lines), std::end(known_lines),
        [&](const Known& one) { return same_word(one.name, text.substr(0, text.find(':'))); });
    if (known == std::end(known_lines) || text.find(':') == text.npos) continue;
    auto value = text.substr(text.find(':') + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    message.put_text(known->field, line.at + line.size - static_cast<u32>(value.size()),
                     static_cast<u32>(value.size()));
    if (known == std::begin(known_lines)) type = value;
  }
  if (at < end) read_media(message, type, message.data + at, end - at);
}

bool read_multipart(Message& message) {
  const auto type = message.said;
  message.enter(mime_multipart.header);
  message.put_text(in(fields, "mime_multipart.type"), 0, 0, type.substr(0, type.find(';')));
  const auto boundary = boundary_of(type);
  const auto mark = "--" + std::string{boundary};
  const auto all = message.text(0, message.captured);
  std::size_t at = boundary.empty() ? all.npos : find_mark(all, mark, 0);
  if (at == all.npos) {
    read_media(message, {}, message.data, message.captured);
    return true;
  }
  for (unsigned parts = 0; parts < most_parts; ++parts) {
    at += mark.size();
    if (all.substr(at, 2) == "--") return true;
    const auto feed = all.find('\n', at);
    const auto next = feed == all.npos ? all.npos : find_mark(all, mark, feed + 1);
    if (next == all.npos) return true;
    std::size_t end = next - 1;  // the line's end before the mark is the mark's
    if (end > feed && all[end - 1] == '\r') --end;
    if (end > feed) read_part(message, static_cast<u32>(feed + 1), static_cast<u32>(end));
    at = next;
  }
  return true;
}

}  // namespace

const Parser mime_multipart{
    .header = {.word = "mime_multipart",
               .name = "MIME Multipart Media Encapsulation",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_multipart
};

}  // namespace trama::parse
