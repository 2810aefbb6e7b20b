// What TLS's records carry beside handshake messages and data: alerts (RFC 8446 section 6) and
// heartbeats (RFC 6520). DTLS's records carry the same.
#include <fmt/core.h>

#include <iterator>

#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

std::string_view name_in(std::span<const Name> names, u64 value) {
  for (const Name& name : names)
    if (name.value == value) return name.text;
  return {};
}

std::string_view or_unknown(std::string_view name) { return name.empty() ? "Unknown" : name; }

}  // namespace

void read_tls_alert(Vector body, u32 size) {
  Message& message = body.message();
  body.mark(in(tls_fields, "tls.alert_message"), size);
  const auto level = name_in(tls_names::alert_level_names, body.peek(1));
  const auto reason = name_in(tls_names::alert_names, body.peek(1, 1));
  // DTLS takes for encrypted what has no name, TLS what has not two bytes.
  const bool named = !level.empty() && !reason.empty();
  if (body.left() < 2 || (message.around.tcp ? size != 2 : !named))
    return add_to_info(message, "Encrypted Alert");
  body.number(in(tls_fields, "tls.alert_message.level"), 1);
  body.number(in(tls_fields, "tls.alert_message.desc"), 1);
  add_to_info(message, "");
  fmt::format_to(std::back_inserter(message.info()), "Alert (Level: {}, Description: {})",
                 or_unknown(level), or_unknown(reason));
}

void read_tls_heartbeat(Vector body, u32 size) {
  Message& message = body.message();
  body.mark(in(tls_fields, "tls.heartbeat_message"), size);
  const u64 type = body.peek(1);
  const auto echoed = static_cast<u32>(body.peek(2, 1));
  if (body.left() < 3 || type < 1 || type > 2 || echoed + 19 > size)
    return add_to_info(message, "Encrypted Heartbeat");
  add_to_info(message, type == 1 ? "Heartbeat Request" : "Heartbeat Response");
  body.number(in(tls_fields, "tls.heartbeat_message.type"), 1);
  body.number(in(tls_fields, "tls.heartbeat_message.payload_length"), 2);
  body.bytes(in(tls_fields, "tls.heartbeat_message.payload"), echoed);
  body.bytes(in(tls_fields, "tls.heartbeat_message.padding"), body.left());
}

}  // namespace trama::parse
