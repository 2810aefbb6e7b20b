// Megaco, the text form of H.248 (RFC 3525): a gateway is told which media to join. Read here for
// the SDP inside it.
#include <algorithm>

#include "packet/dissect/value.h"
#include "packet/parse/lines.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/sdp.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr auto fields = std::to_array<Field>({
    {"megaco.version", 0, Show::text, N_("version of the protocol")},
    {"megaco.mid",     0, Show::text, N_("who speaks")             },
});

constexpr unsigned most_descriptions = 32;
constexpr std::string_view spaces = " \t\r\n";

// The descriptor's name before the brace at `brace`, of any case, is L, Local, R or Remote.
bool holds_description(std::string_view text, std::size_t brace) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto before = text.substr(0, brace);
  const auto end = before.find_last_not_of(spaces) + 1;  // 0: there is nothing else
  const auto start = before.substr(0, end).find_last_not_of(letters) + 1;
  const auto name = before.substr(start, end - start);
  constexpr std::string_view names[] = {"L", "R", "Local", "Remote"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view known) { return same_word(known, name); });
}

void read_descriptions(Message& message, std::string_view text) {
  unsigned found = 0;
  for (auto brace = text.find('{'); brace != text.npos && found < most_descriptions;
       brace = text.find('{', brace + 1)) {
    if (!holds_description(text, brace)) continue;
    const auto end = text.find('}', brace);
    if (end == text.npos) return;
    auto body = text.substr(brace + 1, end - brace - 1);
    const auto first = std::min(body.find_first_not_of(spaces), body.size());
    body.remove_prefix(first);
    if (!body.starts_with("v=")) continue;
    ++found;
    announce_media(message, body);
    message.carry(sdp, reinterpret_cast<const u8*>(body.data()), static_cast<u32>(body.size()));
  }
}

// "!/1 <name>" or "MEGACO/1 <name>".
bool read_megaco(Message& message) {
  const auto text = message.text(0, message.captured);
  const std::size_t start = text.starts_with("!/") ? 2 : text.starts_with("MEGACO/") ? 7 : 0;
  if (start == 0) return false;
  message.enter(megaco.header);
  message.protocol("MEGACO");
  const auto gap = std::min(text.find_first_of(spaces, start), text.size());
  const auto name = std::min(text.find_first_not_of(spaces, gap), text.size());
  const auto end = std::min(text.find_first_of(spaces, name), text.size());
  message.put_text(in(fields, "megaco.version"), static_cast<u32>(start),
                   static_cast<u32>(gap - start));
  message.put_text(in(fields, "megaco.mid"), static_cast<u32>(name), static_cast<u32>(end - name));
  dissect::append_text(message.info(), text.substr(name, end - name));
  read_descriptions(message, text);
  return true;
}

constexpr u16 ports[] = {2944};

}  // namespace

const Parser megaco{
    .header = {.word = "megaco", .name = "MEGACO", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .moves_numbers = true,
    .read = read_megaco
};

}  // namespace trama::parse
