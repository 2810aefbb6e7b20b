// DTLS (RFC 4347, RFC 6347): TLS's records in datagrams, each with its epoch and number, and
// handshake messages in pieces that may come in any order. What the messages hold is
// tls_handshake.cpp's.
#include <algorithm>
#include <functional>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/dtls_fields.h"
#include "packet/parse/protocols/tls.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

constexpr u16 dtls1_0_draft = 0x0100, dtls1_0 = 0xfeff, dtls1_2 = 0xfefd;  // OpenSSL's before 1.0
constexpr u32 record_header = 13, message_header = 12;
constexpr u32 longest_message = 1U << 16;

// The message that one end sends in pieces; the next one takes its place.
struct Pieces {
  u16 number = 0;
  u32 length = 0;  // 0: none has begun
  bool whole = false;
  WaitingPieces waiting;  // until it is whole
};

struct DtlsMemory final : flow::Memory {
  TlsState state;
  Pieces pieces[2];
};

constexpr u16 ports[] = {853, 2221, 5684, 5868};

bool is_expected(const Around& around) {
  return std::any_of(std::begin(ports), std::end(ports),
                     [&](u16 port) { return port == around.from_port || port == around.to_port; });
}

bool valid_type(u8 type) { return type >= change_cipher_spec && type <= connection_id; }

// Whole records from the first byte to the last.
bool looks_like_dtls(const Message& message) {
  if (message.around.tcp || message.length < record_header) return false;
  u32 at = 0;
  while (at < message.length) {
    if (!message.whole(at, record_header)) return at != 0 && message.captured < message.length;
    if (!valid_type(message.data[at]) || dtls_version_of(message.number(at + 1, 2)) == 0)
      return false;
    at += record_header + static_cast<u32>(message.number(at + 11, 2));
  }
  return at == message.length;
}

// TLS's rows in DTLS's words.
const Field* in_dtls(const Field& field) {
  static constexpr auto places = [] {  // of each row of TLS in DTLS's table
    std::array<std::size_t, tls_fields.size()> all{};
    std::size_t row = 0;
    for (std::size_t i = 0; i < tls_fields.size(); ++i)
      all[i] = dtls_table::is_shared(tls_fields[i]) ? row++ : dtls_fields.size();
    return all;
  }();
  const auto place_in = [&](const auto& table) -> std::size_t {
    const std::less<> before;
    const bool inside =
        !before(&field, table.data()) && before(&field, table.data() + table.size());
    return inside ? static_cast<std::size_t>(&field - table.data()) : table.size();
  };
  if (const auto place = place_in(tls_fields); place < tls_fields.size())
    return places[place] < dtls_fields.size() ? &dtls_fields[places[place]] : nullptr;
  if (const auto place = place_in(dtls_own_fields); place < dtls_own_fields.size())
    return &dtls_fields[dtls_fields.size() - dtls_own_fields.size() + place];
  return &field;
}

class Records {
 public:
  Records(Message& message, DtlsMemory& memory)
      : m_(message), state_(memory.state), pieces_(memory.pieces[message.from()]) {
    state_.datagrams = true;
  }

  void read() {
    m_.translate(in_dtls);
    m_.enter(dtls.header);
    m_.protocol("DTLS");
    m_.clear_info();
    for (u32 at = 0; at < m_.length && !done_;) at = record(at);
  }

 private:
  u32 broken() {
    m_.malformed();
    done_ = true;
    return m_.length;
  }

  // Reads one record; where the next starts.
  u32 record(u32 at) {
    if (!m_.whole(at, 1)) return broken();
    const u8 type = m_.data[at];
    if (!m_.whole(at, record_header)) return broken();
    if (!valid_type(type)) {
      add_to_info(m_, "Continuation Data");
      return m_.length;
    }
    const u64 version = m_.number(at + 1, 2);
    const auto size = static_cast<u32>(m_.number(at + 11, 2));
    if (state_.version == 0 && (type != handshake || tells_version(at + record_header)))
      state_.version = dtls_version_of(version);
    if (size > 0) m_.protocol(dtls_short_name(state_.version));
    const u32 body = std::min(size, m_.captured - at - record_header);
    m_.put(in(tls_fields, "tls.record"), at, record_header + body, 1);
    m_.put(type == connection_id ? in(dtls_own_fields, "dtls.record.special_type")
                                 : in(tls_fields, "tls.record.content_type"),
           at, 1, type);
    m_.put(in(tls_fields, "tls.record.version"), at + 1, 2, version);
    m_.put(in(dtls_own_fields, "dtls.record.epoch"), at + 3, 2, m_.number(at + 3, 2));
    m_.put(in(dtls_own_fields, "dtls.record.sequence_number"), at + 5, 6, m_.number(at + 5, 6));
    m_.put(in(tls_fields, "tls.record.length"), at + 11, 2, size);
    if (size == 0) return broken();
    content(type, Vector{m_, at + record_header, body}, size);
    if (!done_ && m_.captured - at < record_header + size) return broken();
    return at + record_header + size;
  }

  // A handshake message that is sent once the version is agreed on.
  [[nodiscard]] bool tells_version(u32 at) const {
    return !m_.whole(at, 1) || (m_.data[at] != 1 && !tls_message_name(m_.data[at]).empty());
  }

  void content(u8 type, Vector body, u32 size) {
    switch (type) {
      case change_cipher_spec:
        add_to_info(m_, "Change Cipher Spec");
        return body.mark(in(tls_fields, "tls.change_cipher_spec"), size);
      case alert:
        return read_tls_alert(body, size);
      case handshake:
        return messages(body, size);
      case application_data:
        add_to_info(m_, "Application Data");
        if (body.left() >= size) body.bytes(in(tls_fields, "tls.app_data"), size);
        return;
      case heartbeat:
        return read_tls_heartbeat(body, size);
      default:
        return add_to_info(m_, "Connection ID");
    }
  }

  // The handshake messages of one record, or pieces of them.
  void messages(Vector body, u32 size) {
    const u32 missing = size - body.left();  // of the record, by the capture
    std::string_view name;
    for (bool first = true; body.left() > 0 && !done_; first = false) {
      if (!m_.whole(body.where(), message_header)) {
        body.mark(in(tls_fields, "tls.handshake"), body.left());
        broken();
        return;
      }
      // A length that reaches beyond the record is no length: the bytes are encrypted. Behind a
      // message such bytes go by its name, as in Wireshark.
      const u8 type = static_cast<u8>(body.peek(1));
      if (body.peek(3, 9) <= body.left() + missing) name = tls_message_name(type);
      if (name.empty() && !first) return;
      add_to_info(m_, name.empty() ? "Encrypted Handshake Message" : name);
      body.mark(in(tls_fields, "tls.handshake"), body.left());
      if (name.empty()) return;
      message(type, body);
    }
  }

  void message(u8 type, Vector& body) {
    body.number(in(tls_fields, "tls.handshake.type"), 1);
    const auto all = static_cast<u32>(body.number(in(tls_fields, "tls.handshake.length"), 3));
    const auto number =
        static_cast<u16>(body.number(in(dtls_own_fields, "dtls.handshake.message_seq"), 2));
    const auto from =
        static_cast<u32>(body.number(in(dtls_own_fields, "dtls.handshake.fragment_offset"), 3));
    const auto size =
        static_cast<u32>(body.number(in(dtls_own_fields, "dtls.handshake.fragment_length"), 3));
    if (from + size <= all && size < all && body.left() >= size)
      return piece(type, number, all, from, body.part(size));
    if (body.left() < size) {
      broken();
      return;
    }
    Vector whole = body.part(size);
    read_tls_message(type, whole, state_, m_.from());
    if (whole.broken()) broken();
  }

  void piece(u8 type, u16 number, u32 all, u32 from, Vector part) {
    if (pieces_.number != number || pieces_.length != all) {
      pieces_.waiting.forget();
      pieces_.whole = false;
      pieces_.number = number;
      pieces_.length = all;
    }
    if (pieces_.whole) {  // sent again
      m_.info() +=
          "[Reassembly error, protocol DTLS: New fragment overlaps old data (retransmission?)]";
      done_ = true;
      return;
    }
    const Bytes bytes = part.rest();
    if (all <= longest_message) pieces_.waiting.add(m_, from, bytes, m_.around.packet.number);
    pieces_.whole = pieces_.waiting.reach(0) == all;
    // As in Wireshark: only the piece that ends the message may make it whole.
    if (!pieces_.whole || from + bytes.size() != all) {
      m_.info() += " (Fragment)";
      if (pieces_.whole) pieces_.waiting.forget();
      return;
    }
    m_.info() += " (Reassembled)";
    for (const auto& piece : pieces_.waiting.all())
      m_.put_found(in(dtls_own_fields, "dtls.fragment"), piece.packet);
    m_.put_found(in(dtls_own_fields, "dtls.reassembled.length"), all);
    u8* kept = m_.keep(all);
    pieces_.waiting.copy(0, all, kept);
    pieces_.waiting.forget();
    Vector whole{
        m_, {kept, all}
    };
    read_tls_message(type, whole, state_, m_.from());
    if (whole.broken()) broken();
  }

  Message& m_;
  TlsState& state_;
  Pieces& pieces_;
  bool done_ = false;
};

bool read_dtls(Message& message) {
  if (message.around.tcp || (!is_expected(message.around) && !looks_like_dtls(message)))
    return false;
  DtlsMemory alone;
  auto* memory = message.memory<DtlsMemory>();
  Records{message, memory != nullptr ? *memory : alone}.read();
  return true;
}

}  // namespace

u16 dtls_version_of(u64 number) {
  switch (number) {
    case dtls1_0_draft:
      return tls1_0;
    case dtls1_0:
      return tls1_1;
    case dtls1_2:
      return tls1_2;
    default:
      return 0;
  }
}

std::string_view dtls_short_name(u16 version) {
  switch (version) {
    case tls1_0:
      return "DTLS 1.0 (OpenSSL pre 0.9.8f)";
    case tls1_1:
      return "DTLSv1.0";
    case tls1_2:
      return "DTLSv1.2";
    default:
      return "DTLS";
  }
}

const Parser dtls{
    .header = {.word = "dtls",
               .name = "Datagram Transport Layer Security",
               .layer = 6,
               .fields = {},
               .found = dtls_fields},
    .udp_ports = ports,
    .looks = looks_like_dtls,
    .read = read_dtls
};

}  // namespace trama::parse
