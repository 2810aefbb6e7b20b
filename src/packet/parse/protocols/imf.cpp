// Internet Message Format (RFC 5322): a mail, from its header lines to its body, which is read by
// the type that it says it has.
#include <algorithm>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/media.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr auto fields = std::to_array<Field>({
    {"imf.from", 0, Show::text, N_("who wrote it")},
    {"imf.to", 0, Show::text, N_("to whom it goes")},
    {"imf.cc", 0, Show::text, N_("who gets it, too")},
    {"imf.subject", 0, Show::text, N_("what it is about")},
    {"imf.date", 0, Show::text, N_("when it was written")},
    {"imf.message_id", 0, Show::text, N_("name of the message")},
    {"imf.reply_to", 0, Show::text, N_("to whom an answer goes")},
    {"imf.received", 0, Show::text, N_("a station on its way")},
    {"imf.content.type", 0, Show::text, N_("kind of the body")},
    {"imf.content.transfer_encoding", 0, Show::text, N_("how the body is coded")},
    {"imf.mime_version", 0, Show::text, N_("version of MIME")},
});
// clang-format on

struct Known {
  std::string_view name;
  const Field& field;
};
constexpr Known known_lines[] = {
    {"From",                      in(fields, "imf.from")                     },
    {"To",                        in(fields, "imf.to")                       },
    {"Cc",                        in(fields, "imf.cc")                       },
    {"Subject",                   in(fields, "imf.subject")                  },
    {"Date",                      in(fields, "imf.date")                     },
    {"Message-ID",                in(fields, "imf.message_id")               },
    {"Reply-To",                  in(fields, "imf.reply_to")                 },
    {"Received",                  in(fields, "imf.received")                 },
    {"Content-Type",              in(fields, "imf.content.type")             },
    {"Content-Transfer-Encoding", in(fields, "imf.content.transfer_encoding")},
    {"MIME-Version",              in(fields, "imf.mime_version")             },
};

// A header line with those that continue it: its name, its value, where the next one starts. False
// where there is none.
bool take_line(const Message& message, u32& at, std::string_view& name, std::string_view& value) {
  const u32 start = at;
  Line line = line_at(message, at);
  const auto first = message.text(line.at, line.size);
  const auto colon = first.find(':');
  if (!line.ended || colon == first.npos || colon == 0) return false;
  u32 end = line.at + line.size;
  at = line.next;
  while (at < message.captured && (message.data[at] == ' ' || message.data[at] == '\t')) {
    line = line_at(message, at);
    end = line.at + line.size;
    at = line.next;
  }
  name = first.substr(0, colon);
  value =
      message.text(start + static_cast<u32>(colon) + 1, end - start - static_cast<u32>(colon) - 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  return true;
}

// Lines of a body that says nothing of its type: they stand in the list.
void list_lines(Message& message, u32 at) {
  auto& info = message.info();
  constexpr std::size_t enough = 4096;  // of a column
  while (at < message.captured && info.size() < enough) {
    const Line line = line_at(message, at);
    if (!info.empty()) info += ", ";
    dissect::append_text(info, message.text(line.at, line.size));
    info.append(line.next - line.at - line.size, ' ');
    at = line.next;
  }
}

bool read_imf(Message& message) {
  message.enter(imf.header);
  auto& info = message.info();
  std::string_view type;
  std::string_view name;
  std::string_view value;
  u32 at = 0;
  while (at < message.captured && take_line(message, at, name, value)) {
    const auto* known = std::find_if(std::begin(known_lines), std::end(known_lines),
                                     [&](const Known& one) { return same_word(one.name, name); });
    if (known == std::end(known_lines)) continue;
    const Field& field = known->field;
    const auto where = static_cast<u32>(value.data() - message.text(0, 0).data());
    message.put_text(field, where, static_cast<u32>(value.size()));
    if (&field == &in(fields, "imf.content.type")) type = value;
    const bool from = &field == &in(fields, "imf.from");
    if (!from && &field != &in(fields, "imf.subject")) continue;
    info += from ? "from: " : "subject: ";
    dissect::append_text(info, value);
    info += ", ";
  }
  const Line line = line_at(message, std::min(at, message.captured));
  if (line.size == 0) at = line.next;
  if (at >= message.captured) {
    constexpr std::string_view plain = "text/plain";
    if (same_word(type.substr(0, plain.size()), plain)) info.append(" (").append(plain) += ')';
    return true;
  }
  if (type.empty())
    list_lines(message, at);
  else
    read_media(message, type, message.data + at, message.captured - at);
  return true;
}

}  // namespace

const Parser imf{
    .header = {.word = "imf",
               .name = "Internet Message Format",
               .layer = 7,
               .fields = {},
               .found = fields},
    .read = read_imf
};

}  // namespace trama::parse
