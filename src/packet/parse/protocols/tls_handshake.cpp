// Where handshake messages stand: one after another in the content of records, and one may go on in
// the sender's next record.
#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using wire::in;

// One whole message: its header of 4 bytes and its body.
bool read_one(Vector whole, TlsState& state, u8 from) {
  const auto type = static_cast<u8>(whole.peek(1));
  whole.mark(in(tls_fields, "tls.handshake"), whole.left());
  whole.number(in(tls_fields, "tls.handshake.type"), 1);
  whole.number(in(tls_fields, "tls.handshake.length"), 3);
  if (!state.quic) add_to_info(whole.message(), tls_message_name(type, whole.rest()));
  read_tls_message(type, whole, state, from);
  return !whole.broken();
}

}  // namespace

bool tls_encrypted(Bytes content, const TlsState& state, u8 from, u64 packet) {
  if (!state.parts[from].bytes.empty()) return false;
  // Encryption adds at least 16 bytes.
  if (content.size() < 16) return false;
  if (state.changed[from] != 0 && packet >= state.changed[from]) return true;
  return tls_message_name(content[0]).empty() || content[1] != 0;
}

bool read_tls_handshake(Vector content, TlsState& state, u8 from) {
  Message& message = content.message();
  const u64 packet = message.around.packet.number;
  TlsState::Part& part = state.parts[from];
  bool first = true;
  while (content.left() > 0) {
    if (part.bytes.empty()) {
      const u64 size = content.left() < 4 ? longest_handshake : 4 + content.peek(3, 1);
      if (size <= content.left()) {
        if (!read_one(content.part(static_cast<u32>(size)), state, from)) return false;
        first = false;
        continue;
      }
    }
    // A part: it waits for the sender's next records.
    content.mark(in(tls_fields, "tls.handshake"), content.left());
    if (first && part.bytes.empty() && !state.quic) {
      const auto name = tls_message_name(static_cast<u8>(content.peek(1)));
      add_to_info(message, "[");
      message.info().append(name.empty() ? "Encrypted Handshake Message" : name) += " Fragment]";
    }
    first = false;
    if (part.packets.size() < most_parts) part.packets.push_back(packet);
    const auto take = [&](u32 until) {  // as many bytes as the message then has
      const auto have = static_cast<u32>(part.bytes.size());
      const Bytes piece = content.rest().first(std::min(until - have, content.left()));
      content.skip(static_cast<u32>(piece.size()));
      return part.bytes.add(message, piece);
    };
    bool fits = part.bytes.size() >= 4 || take(4);
    if (fits && part.bytes.size() < 4) return true;
    const Bytes head = part.bytes.view();
    const u32 size = fits ? 4 + (u32{head[1]} << 16 | u32{head[2]} << 8 | head[3]) : 0;
    fits = fits && size <= longest_handshake && take(size);
    if (!fits) {
      part.forget();
      return true;
    }
    if (part.bytes.size() < size) return true;
    u8* kept = message.keep(size);
    std::copy_n(part.bytes.view().begin(), size, kept);
    for (const u64 brought : part.packets)
      message.put_found(in(tls_fields, "tls.handshake.fragment"), brought);
    message.put_found(in(tls_fields, "tls.handshake.fragments"), 1);
    message.put_found(in(tls_fields, "tls.handshake.fragment.count"), part.packets.size());
    part.forget();
    if (!read_one(
            Vector{
                message, {kept, size}
    },
            state, from))
      return false;
  }
  return true;
}

}  // namespace trama::parse
