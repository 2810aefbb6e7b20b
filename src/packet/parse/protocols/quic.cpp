// QUIC (RFC 9000, versions 1, 2 and the later drafts): a datagram holds packets one behind another.
// What opens without secrets is opened: the Initial packets, whose keys come from a connection ID
// (RFC 9001 section 5), and with them the client's hello.
#include "packet/parse/protocols/quic.h"

#include <algorithm>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/quic_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

struct QuicMemory final : flow::Memory {
  QuicConnection connection;
};

constexpr u32 version_2 = 0x6b3343cf;
constexpr u32 longest_id = 20;

enum Kind : u8 { initial, zero_rtt, handshake_packet, retry };
constexpr std::string_view kind_names[] = {"Initial", "0-RTT", "Handshake", "Retry"};

Kind kind_of(u32 version, u8 first) {
  const u8 bits = first >> 4 & 3;
  return static_cast<Kind>(version == version_2 ? (bits + 3) & 3 : bits);
}

// A long header of a version of this family. Version negotiation is told by the versions it lists.
bool looks_like_quic(const Message& message) {
  if (message.around.tcp || !message.whole(0, 13) || (message.data[0] & 0x80) == 0) return false;
  const auto version = static_cast<u32>(message.number(1, 4));
  const u32 to = message.data[5];
  if (version != 0) return quic_draft_of(version) >= 11 && to <= longest_id;
  if (!message.whole(6 + to, 1)) return false;
  const u32 from = message.data[6 + to];
  const u32 list = 7 + to + from;
  if (to > longest_id || from > longest_id || !message.whole(list, 4)) return false;
  for (u32 at = list; message.whole(at, 4); at += 4)
    if (quic_draft_of(static_cast<u32>(message.number(at, 4))) >= 11) return true;
  return false;
}

class Packets {
 public:
  Packets(Message& message, QuicConnection& connection)
      : m_(message), c_(connection), from_(message.from()) {}

  bool read() {
    const bool whole_enough = m_.captured > 0;
    if (!whole_enough) return false;
    if ((m_.data[0] & 0x80) == 0 && !c_.known && !c_.ids[0] && !c_.ids[1]) return false;
    if ((m_.data[0] & 0x80) != 0 && !m_.whole(0, 7)) return false;
    m_.enter(quic.header);
    m_.protocol("QUIC");
    u32 at = 0;
    while (at < m_.captured) {
      if (at > 0 && filling(at)) break;
      at = (m_.data[at] & 0x80) != 0 ? long_packet(at) : short_packet(at);
    }
    return true;
  }

 private:
  // What stands behind the last packet and is none.
  bool filling(u32 at) {
    for (u32 i = at; i < m_.captured; ++i)
      if (m_.data[i] != 0) return false;
    m_.put(in(quic_fields, "quic.coalesced_padding_data"), at, m_.captured - at, 1);
    return true;
  }

  void start(std::string_view name) { m_.info() = name; }
  void add_id(std::string_view name, Bytes id) {
    if (id.empty()) return;
    auto& info = m_.info();
    info += name;
    for (const u8 byte : id) {
      info += "0123456789abcdef"[byte >> 4];
      info += "0123456789abcdef"[byte & 15];
    }
  }

  // A connection ID behind its length; nullopt where it is longer than it may be.
  std::optional<ConnectionId> put_id(Vector& v, const Field& length, const Field& field) {
    const u64 size = v.number(length, 1);
    if (size > longest_id || size > v.left()) return std::nullopt;
    ConnectionId id;
    id.size = static_cast<u8>(size);
    std::copy_n(v.rest().begin(), size, id.bytes.begin());
    if (size > 0) v.bytes(field, static_cast<u32>(size));
    return id;
  }

  // Where the next packet starts.
  u32 long_packet(u32 at) {
    Vector v{m_, at, m_.captured - at};
    const u8 first = m_.data[at];
    const auto version = static_cast<u32>(v.peek(4, 1));
    if (version == 0) return negotiation(at);
    const Kind kind = kind_of(version, first);
    const u32 end = end_of(at, kind);
    m_.put_found(in(quic_fields, "quic.packet_length"), end - at);
    m_.put(in(quic_fields, "quic.header_form"), at, 1, 1);
    if (kind != retry) m_.put(in(quic_fields, "quic.fixed_bit"), at, 1, first >> 6 & 1);
    m_.put(version == version_2 ? in(quic_fields, "quic.long.packet_type_v2")
                                : in(quic_fields, "quic.long.packet_type"),
           at, 1, first >> 4 & 3);
    Vector header = v.part(end - at);
    header.skip(1);
    Vector after_version{header};
    after_version.skip(4);
    // The bits of the first byte that are protected come before the version.
    const Bytes to_bytes = id_at(after_version, 0);
    const Bytes from_bytes = id_at(after_version, 1 + static_cast<u32>(to_bytes.size()));
    note(version, kind, to_bytes, from_bytes);
    start(kind_names[kind]);
    add_id(", DCID=", to_bytes);
    add_id(", SCID=", from_bytes);
    if (kind == retry) {
      put_header(header, version);
      const u32 left = header.left();
      header.bytes(in(quic_fields, "quic.retry_token"), left > 16 ? left - 16 : 0);
      header.bytes(in(quic_fields, "quic.retry_integrity_tag"), header.left());
      return end;
    }
    protected_packet(at, header, kind, version);
    return end;
  }

  static Bytes id_at(const Vector& v, u32 behind) {
    const auto size = static_cast<u32>(v.peek(1, behind));
    const Bytes rest = v.rest();
    if (size > longest_id || rest.size() < behind + 1 + size) return {};
    return rest.subspan(behind + 1, size);
  }

  void put_header(Vector& header, u32 version) {
    m_.put(in(quic_fields, "quic.version"), header.where(), 4, version);
    header.skip(4);
    put_id(header, in(quic_fields, "quic.dcil"), in(quic_fields, "quic.dcid"));
    put_id(header, in(quic_fields, "quic.scil"), in(quic_fields, "quic.scid"));
  }

  // Where a long packet ends: as its length says, else with the datagram.
  u32 end_of(u32 at, Kind kind) const {
    if (kind == retry) return m_.captured;
    Vector v{m_, at, m_.captured - at};
    v.skip(5);
    for (int i = 0; i < 2; ++i) v.skip(1 + static_cast<u32>(v.peek(1)));
    if (kind == initial) {
      const u32 size = quic_number_size(v);
      const u64 token = number_of(v);
      v.skip(size);
      v.skip(static_cast<u32>(std::min<u64>(token, v.left())));
    }
    const u64 length = number_of(v);
    v.skip(quic_number_size(v));
    v.skip(static_cast<u32>(std::min<u64>(length, v.left())));
    return std::max(m_.captured - v.left(), at + 1);
  }

  static u64 number_of(const Vector& v) {
    const u32 size = quic_number_size(v);
    return size == 0 ? 0 : v.peek(size) & ~u64{0} >> (64 - 8 * size + 2);
  }

  // Keeps what the header tells of the connection.
  void note(u32 version, Kind kind, Bytes to, Bytes from) {
    ConnectionId receiver;
    ConnectionId sender;
    receiver.size = static_cast<u8>(to.size());
    sender.size = static_cast<u8>(from.size());
    std::copy(to.begin(), to.end(), receiver.bytes.begin());
    std::copy(from.begin(), from.end(), sender.bytes.begin());
    const bool from_client = !c_.known || from_ == c_.client;
    if (kind == initial && from_client) {
      const bool same = c_.known && version == c_.version &&
                        (receiver == c_.first || receiver == c_.ids[1 - from_]);
      if (!same) {  // a new connection on the same ports, or the same one asked again
        c_ = QuicConnection{};
        c_.tls.quic = true;
        c_.tls.version = tls1_3;
        c_.known = true;
        c_.client = from_;
        c_.version = version;
        c_.first = receiver;
        derive_initial_keys(c_);
      }
    }
    if (kind == retry && c_.known && from_ != c_.client) {
      const auto largest = c_.largest[c_.client][quic_initial];
      c_.first = sender;
      derive_initial_keys(c_);
      c_.largest[c_.client][quic_initial] = largest;
    }
    c_.ids[from_] = sender;
    if (!c_.known && !c_.ids[1 - from_]) c_.ids[1 - from_] = receiver;
  }

  void protected_packet(u32 at, Vector& header, Kind kind, u32 version) {
    const QuicLevel level = kind == initial            ? quic_initial
                            : kind == handshake_packet ? quic_handshake
                                                       : quic_early;
    // Where the packet number stands: behind all that is not protected.
    Vector ahead{header};
    ahead.skip(4);
    for (int i = 0; i < 2; ++i) ahead.skip(1 + static_cast<u32>(ahead.peek(1)));
    if (kind == initial) {
      const u64 token = number_of(ahead);
      ahead.skip(quic_number_size(ahead));
      ahead.skip(static_cast<u32>(std::min<u64>(token, ahead.left())));
    }
    ahead.skip(quic_number_size(ahead));
    const u32 number_at = ahead.where() - at;
    const Opened opened = open(header, at, number_at, level);
    if (opened.unmasked) {
      m_.put(in(quic_fields, "quic.long.reserved"), at, 1, opened.first >> 2 & 3);
      m_.put(in(quic_fields, "quic.packet_number_length"), at, 1, opened.first & 3);
    }
    put_header(header, version);
    if (kind == initial) {
      const u64 token = put_quic_number(header, in(quic_fields, "quic.token_length"));
      if (token > 0)
        header.bytes(in(quic_fields, "quic.token"),
                     static_cast<u32>(std::min<u64>(token, header.left())));
    }
    put_quic_number(header, in(quic_fields, "quic.length"));
    put_payload(header, opened, level, true);
  }

  // A packet after header protection, and its payload where the keys fit.
  struct Opened {
    bool unmasked = false;
    u8 first = 0;
    u32 number_size = 0;
    u64 number = 0;
    Bytes plain;
    bool open = false;
  };

  // `rest` is a copy of the packet's bytes from behind the first one; `number_at` counts from the
  // packet's start.
  Opened open(const Vector& rest, u32 at, u32 number_at, QuicLevel level) {
    Opened out;
    find_quic_keys(c_, m_.key_log(), from_, level);
    auto& key = c_.keys[from_][level];
    const u32 size = rest.left() + 1;
    std::array<u8, 5> mask{};
    if (!key || number_at + 20 > size ||
        !header_mask(*key, {m_.data + at + number_at + 4, 16}, mask))
      return out;
    const bool long_header = (m_.data[at] & 0x80) != 0;
    out.unmasked = true;
    out.first = m_.data[at] ^ (mask[0] & (long_header ? 0x0f : 0x1f));
    out.number_size = 1 + (out.first & 3U);
    u8* head = m_.keep(number_at + out.number_size);
    std::copy_n(m_.data + at, number_at + out.number_size, head);
    head[0] = out.first;
    u64 cut = 0;
    for (u32 i = 0; i < out.number_size; ++i) {
      head[number_at + i] ^= mask[i + 1];
      cut = cut << 8 | head[number_at + i];
    }
    u64& largest = c_.largest[from_][std::min(level, quic_data)];
    out.number = whole_number(largest, cut, 8 * out.number_size);
    const u32 start = number_at + out.number_size;
    if (size < start + tag_size_of(key->cipher)) return out;
    u8* plain = m_.keep(size - start);
    const auto nonce = key->nonce(out.number);
    const Bytes sealed{m_.data + at + start, size - start};
    const bool phase = level == quic_data && (out.first & 4) != 0;
    if (level == quic_data && phase != c_.phase[from_]) {
      Secret secret;
      const PacketKey next = next_quic_key(c_, from_, secret);
      out.open = open_sealed(next.cipher, next.key.view(), next.nonce(out.number), {head, start},
                             sealed, plain);
      if (out.open) {
        key = next;
        c_.secrets[from_] = secret;
        c_.phase[from_] = phase;
      }
    } else {
      out.open = open_sealed(key->cipher, key->key.view(), nonce, {head, start}, sealed, plain);
    }
    if (!out.open) return out;
    out.plain = {plain, size - start - tag_size_of(key->cipher)};
    largest = std::max(largest, out.number);
    return out;
  }

  // RFC 9000 appendix A.3.
  static u64 whole_number(u64 largest, u64 cut, unsigned bits) {
    const u64 expected = largest + 1;
    const u64 window = u64{1} << bits;
    const u64 candidate = (expected & ~(window - 1)) | cut;
    if (candidate + window / 2 <= expected && candidate < (u64{1} << 62) - window)
      return candidate + window;
    if (candidate > expected + window / 2 && candidate >= window) return candidate - window;
    return candidate;
  }

  void put_payload(Vector& rest, const Opened& opened, QuicLevel level, bool marks) {
    if (!opened.unmasked) {
      if (marks) m_.put_found(in(quic_fields, "quic.decryption_failed"), 1);
      if (rest.left() > 0) rest.bytes(in(quic_fields, "quic.remaining_payload"), rest.left());
      return;
    }
    m_.put(in(quic_fields, "quic.packet_number"), rest.where(), opened.number_size, opened.number);
    rest.skip(opened.number_size);
    m_.info() += ", PKN: ";
    m_.info() += std::to_string(opened.number);
    rest.bytes(in(quic_fields, "quic.payload"), rest.left());
    if (!opened.open) {
      m_.put_found(in(quic_fields, "quic.decryption_failed"), 1);
      return;
    }
    read_quic_frames(Vector{m_, opened.plain}, c_, from_, level);
  }

  u32 negotiation(u32 at) {
    Vector v{m_, at, m_.captured - at};
    m_.put_found(in(quic_fields, "quic.packet_length"), v.left());
    m_.put(in(quic_fields, "quic.header_form"), at, 1, 1);
    m_.put(in(quic_fields, "quic.vn.unused"), at, 1, m_.data[at] & 0x7f);
    v.skip(1);
    v.number(in(quic_fields, "quic.version"), 4);
    const auto to = put_id(v, in(quic_fields, "quic.dcil"), in(quic_fields, "quic.dcid"));
    const auto from = put_id(v, in(quic_fields, "quic.scil"), in(quic_fields, "quic.scid"));
    start("Version Negotiation");
    if (to) add_id(", DCID=", to->view());
    if (from) add_id(", SCID=", from->view());
    while (v.left() >= 4) v.number(in(quic_fields, "quic.supported_version"), 4);
    return m_.captured;
  }

  u32 short_packet(u32 at) {
    const u8 first = m_.data[at];
    Vector v{m_, at, m_.captured - at};
    m_.put_found(in(quic_fields, "quic.packet_length"), v.left());
    m_.put(in(quic_fields, "quic.short"), at, v.left(), 1);
    m_.put(in(quic_fields, "quic.header_form"), at, 1, 0);
    m_.put(in(quic_fields, "quic.fixed_bit"), at, 1, first >> 6 & 1);
    m_.put(in(quic_fields, "quic.spin_bit"), at, 1, first >> 5 & 1);
    const u32 size = c_.ids[1 - from_] ? c_.ids[1 - from_]->size : 0;
    v.skip(1);
    const Opened opened = open(v, at, 1 + size, quic_data);
    if (opened.unmasked) {
      m_.put(in(quic_fields, "quic.short.reserved"), at, 1, opened.first >> 3 & 3);
      m_.put(in(quic_fields, "quic.key_phase"), at, 1, opened.first >> 2 & 1);
      m_.put(in(quic_fields, "quic.packet_number_length"), at, 1, opened.first & 3);
    }
    start(opened.unmasked && (opened.first & 4) != 0 ? "Protected Payload (KP1)"
                                                     : "Protected Payload (KP0)");
    const Bytes id = v.rest().first(std::min<std::size_t>(size, v.left()));
    add_id(", DCID=", id);
    if (!id.empty()) v.bytes(in(quic_fields, "quic.dcid"), static_cast<u32>(id.size()));
    put_payload(v, opened, quic_data, at > 0);
    return m_.captured;
  }

  Message& m_;
  QuicConnection& c_;
  u8 from_;
};

bool read_quic(Message& message) {
  if (message.around.tcp) return false;
  auto* memory = message.memory<QuicMemory>();
  QuicConnection alone;
  return Packets{message, memory != nullptr ? memory->connection : alone}.read();
}

}  // namespace

const Parser quic{
    .header = {.word = "quic", .name = "QUIC IETF", .layer = 4, .fields = {}, .found = quic_fields},
    .looks = looks_like_quic,
    .read = read_quic
};

}  // namespace trama::parse
