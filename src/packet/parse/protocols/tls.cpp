// TLS from SSL 3.0 to TLS 1.3 (RFC 8446 and before) and the hello of SSL 2.0: the records. Several
// share a segment, and one may span many; what stands inside is tls_handshake.cpp's.
#include "packet/parse/protocols/tls.h"

#include <fmt/core.h>

#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

struct TlsMemory final : flow::Memory {
  TlsState state;
};

bool valid_type(u64 type) { return type >= change_cipher_spec && type <= connection_id; }
bool record_version(u64 version) { return version >= ssl3 && version <= tls1_2; }
bool printable(u8 byte) { return byte >= 0x20 && byte < 0x7f; }

// Text, so something else speaks on this port.
bool is_text(const Message& message) {
  return message.whole(0, 4) && printable(message.data[0]) && printable(message.data[1]) &&
         printable(message.data[2]) && printable(message.data[3]);
}

// A client hello in the old form (RFC 5246 appendix E.2) that says it is of SSL 3.0 or later.
bool is_old_hello(const Message& message, u32 at) {
  if (!message.whole(at, 46)) return false;
  const u64 ciphers = message.number(at + 5, 2);
  const u64 session = message.number(at + 7, 2);
  return message.data[at] == 0x80 && message.data[at + 2] == 1 && ciphers != 0 &&
         ciphers % 3 == 0 && (session == 0 || session == 16) && message.number(at + 9, 2) == 32;
}

// By content: the header of a record of the two common kinds, or the old hello.
bool looks_like_tls(const Message& message) {
  if (!message.around.tcp || !message.whole(0, 6)) return false;
  const u64 type = message.data[0];
  const u64 length = message.number(3, 2);
  if ((type == handshake || type == application_data) && record_version(message.number(1, 2)))
    return length > 0 && length < 16384 + 2048;
  return is_old_hello(message, 0);
}

// One conversation's bytes, record after record.
class Records {
 public:
  Records(Message& message, TlsState& state) : m_(message), state_(state) {}

  void read() {
    m_.enter(tls.header);
    m_.protocol(tls_short_name(state_.version));
    m_.clear_info();
    u32 at = 0;
    while (at < m_.length && !done_) {
      if (at >= m_.captured) return limited();
      at = record(at);
    }
  }

 private:
  // The record at `at` is not whole: asks for more, or ends. Its first bytes tell how much where
  // `more` is not 0.
  u32 wait(u32 at, u32 more) {
    done_ = true;
    if (m_.waits()) m_.need_here(at, more);
    return m_.length;
  }
  void limited() {
    m_.malformed();
    done_ = true;
  }

  void malformed() {
    m_.malformed();
    done_ = true;
  }

  // Reads one record; where the next starts.
  u32 record(u32 at) {
    const u32 available = m_.length - at;
    const u32 least = state_.version == 0 ? 6 : 5;
    if (state_.version == ssl2) return old_record(at);
    if (available < least) return wait(at, 0);
    if (!m_.whole(at, least)) {
      limited();
      return m_.length;
    }
    if (state_.version != 0) return is_v2_hello(at) ? old_record(at) : new_record(at);
    if (looks_old(at)) return old_record(at);
    if (valid_type(m_.data[at]) && record_version(m_.number(at + 1, 2))) return new_record(at);
    add_to_info(m_, "Continuation Data");
    return m_.length;
  }

  [[nodiscard]] bool is_v2_hello(u32 at) const {
    return m_.whole(at, 5) && (m_.data[at] & 0x80) != 0 && m_.data[at + 2] == 1 &&
           tls_version_of(m_.number(at + 3, 2)) != 0;
  }
  [[nodiscard]] bool looks_old(u32 at) const {
    const u8 type = m_.data[at + 2];
    return m_.data[at] >= 0x80 && (type <= 2 || type == 4);
  }

  u32 new_record(u32 at) {
    const u8 type = m_.data[at];
    const u32 available = m_.length - at;
    if (!valid_type(type)) {
      m_.put(in(tls_fields, "tls.ignored_unknown_record"), at, available, 1);
      if (m_.captured < m_.length) {
        limited();
        return m_.length;
      }
      add_to_info(m_, "Ignored Unknown Record");
      return m_.length;
    }
    const u64 version = m_.number(at + 1, 2);
    const auto size = static_cast<u32>(m_.number(at + 3, 2));
    if (available < 5 + size) return wait(at, 5 + size - available);
    if (size == 0) {
      malformed();
      return m_.length;
    }
    if (state_.version == 0 && (type != handshake || !m_.whole(at, 6) || m_.data[at + 5] != 1))
      state_.version = tls_version_of(version);
    m_.protocol(tls_short_name(state_.version != 0 ? state_.version : tls_version_of(version)));
    const bool hidden = state_.version == tls1_3 && type == application_data;
    const u32 body = std::min(size, m_.captured - at - 5);
    m_.put(in(tls_fields, "tls.record"), at, 5 + body, 1);
    m_.put(hidden ? in(tls_fields, "tls.record.opaque_type")
                  : in(tls_fields, "tls.record.content_type"),
           at, 1, type);
    m_.put(in(tls_fields, "tls.record.version"), at + 1, 2, version);
    m_.put(in(tls_fields, "tls.record.length"), at + 3, 2, size);
    if (!opened(type, static_cast<u16>(version), at + 5, body, size))
      content(type, Vector{m_, at + 5, body}, size);
    return at + 5 + size;
  }

  // Reads the record's bytes as they were before encryption, where the key log has their secrets.
  bool opened(u8 type, u16 version, u32 at, u32 here, u32 size) {
    if (!state_.decoder || here < size || type == change_cipher_spec) return false;
    u8* plain = m_.keep(size);
    u8 inner = type;
    const auto count = state_.decoder->open(
        {state_.version, state_.suite, state_.encrypt_then_mac, state_.randoms}, m_.key_log(),
        m_.from() == state_.client, {type, version, m_.bytes(at, size)}, plain, inner);
    if (!count) return false;
    if (state_.version == tls1_3) m_.put_found(in(tls_fields, "tls.record.content_type"), inner);
    if (inner == application_data) {
      Vector{m_, at, size}.bytes(in(tls_fields, "tls.app_data"), size);
      if (m_.rows()) put_inner();
      application({plain, *count});
    } else if (inner == handshake) {
      if (!read_tls_handshake(
              Vector{
                  m_, {plain, *count}
      },
              state_, m_.from()))
        malformed();
    } else {
      content(inner,
              Vector{
                  m_, {plain, *count}
      },
              *count);
    }
    return true;
  }

  // What TLS carries: given to whom it belongs, with what waited for it.
  void application(Bytes plain) {
    auto& waiting = state_.waiting[m_.from()];
    if (!waiting.empty()) {
      const std::size_t size = waiting.size() + plain.size();
      u8* all = m_.keep(size);
      std::copy(plain.begin(), plain.end(),
                std::copy(waiting.view().begin(), waiting.view().end(), all));
      plain = {all, size};
      waiting.forget();
    }
    const TlsInner inner = tls_inner(state_, m_.around);
    const Parser* parser = find_parser(inner.word.empty() ? "http" : inner.word);
    u32 left = 0;
    if (parser == nullptr || plain.empty() ||
        !m_.carry(*parser, plain.data(), static_cast<u32>(plain.size()), &left))
      return add_to_info(m_, "Application Data");
    if (left == plain.size()) add_to_info(m_, "[TLS segment of a reassembled PDU]");
    if (left <= most_waiting_data) waiting.add(m_, plain.last(left));
  }

  void content(u8 type, Vector body, u32 size) {
    const u8 from = m_.from();
    switch (type) {
      case change_cipher_spec:
        add_to_info(m_, "Change Cipher Spec");
        body.mark(in(tls_fields, "tls.change_cipher_spec"), size);
        state_.changed[from] = m_.around.packet.number;
        if (state_.decoder && state_.version != tls1_3)
          state_.decoder->change(from == state_.client);
        break;
      case alert:
        read_tls_alert(body, size);
        break;
      case handshake:
        read_handshake(body, size);
        break;
      case application_data:
        add_to_info(m_, "Application Data");
        body.bytes(in(tls_fields, "tls.app_data"), size);
        if (m_.rows()) put_inner();
        break;
      case heartbeat:
        read_tls_heartbeat(body, size);
        break;
      default:
        break;
    }
  }

  // What the encrypted bytes are most likely, by ALPN or by port.
  void put_inner() {
    const TlsInner inner = tls_inner(state_, m_.around);
    if (!inner.name.empty()) m_.put_text(in(tls_fields, "tls.app_data_proto"), 0, 0, inner.name);
  }

  void read_handshake(Vector body, u32 size) {
    if (body.left() < size) {
      if (body.left() < 4) return limited();
    } else if (tls_encrypted(body.rest(), state_, m_.from(), m_.around.packet.number)) {
      add_to_info(m_, "Encrypted Handshake Message");
      body.mark(in(tls_fields, "tls.handshake"), size);
      return;
    }
    if (read_tls_handshake(body, state_, m_.from())) return;
    done_ = true;
    m_.malformed();
    m_.info() +=
        m_.captured < m_.length ? "[Packet size limited during capture]" : "[Malformed Packet]";
  }

  // A record of SSL 2.0: two bytes of length, or three where it is padded.
  u32 old_record(u32 at) {
    const u32 available = m_.length - at;
    if (available < 3) return wait(at, 0);
    if (!m_.whole(at, 3)) {
      limited();
      return m_.length;
    }
    const bool padded = (m_.data[at] & 0x80) == 0;
    const u32 header = padded ? 3 : 2;
    const u32 size = static_cast<u32>(m_.number(at, 2)) & (padded ? 0x3fffU : 0x7fffU);
    if (available < header + size) return wait(at, header + size - available);
    if (!m_.whole(at + header, 1)) {
      limited();
      return m_.length;
    }
    Vector body{m_, at + header, std::min(size, m_.captured - at - header)};
    const u64 type = body.peek(1);
    if (state_.version == 0 && type >= 2 && type <= 8) state_.version = ssl2;
    m_.protocol("SSLv2");
    const bool hello =
        type == 1 && (tls_version_of(body.peek(2, 1)) != 0 || body.peek(2, 1) == ssl2);
    const bool answer =
        type == 4 && (tls_version_of(body.peek(2, 3)) != 0 || body.peek(2, 3) == ssl2);
    m_.put(in(tls_fields, "tls.record"), at, std::min(header + size, m_.captured - at), 1);
    if (!hello && !answer) {
      m_.put(in(tls_fields, "tls.record.version"), at, header, ssl2);
      add_to_info(m_, "Encrypted Data");
      return at + header + size;
    }
    m_.put(in(tls_fields, "tls.record.version"), at, header, ssl2);
    m_.put(in(tls_fields, "tls.record.length"), at, header, size);
    body.mark(in(tls_fields, "tls.handshake"), size);
    body.number(in(tls_fields, "tls.handshake.type"), 1);
    add_to_info(m_, hello ? "Client Hello" : "Server Hello");
    if (hello) old_hello(body);
    return at + header + size;
  }

  void old_hello(Vector& body) {
    body.number(in(tls_fields, "tls.handshake.version"), 2);
    const u64 ciphers = body.number(in(tls_fields, "tls.handshake.cipher_spec_len"), 2);
    const u64 session = body.number(in(tls_fields, "tls.handshake.session_id_length"), 2);
    body.number(in(tls_fields, "tls.handshake.challenge_length"), 2);
    for (u64 i = 0; i + 3 <= ciphers && body.left() >= 3; i += 3)
      body.number(in(tls_fields, "tls.handshake.cipherspec"), 3);
    if (session > 0)
      body.bytes(in(tls_fields, "tls.handshake.session_id"), static_cast<u32>(session));
    body.mark(in(tls_fields, "tls.handshake.challenge"), body.left());
  }

  Message& m_;
  TlsState& state_;
  bool done_ = false;
};

bool read_tls(Message& message) {
  if (!message.around.tcp || is_text(message)) return false;
  TlsState alone;
  auto* memory = message.memory<TlsMemory>();
  Records{message, memory != nullptr ? memory->state : alone}.read();
  return true;
}

// As Wireshark expects TLS.
constexpr u16 ports[] = {443,  636,  465,  853,  993,  995,  324,  802,  1300, 2221,  2443,  3249,
                         3250, 3251, 3252, 3496, 5061, 5671, 5684, 5868, 8883, 11207, 19999, 27017};

}  // namespace

std::string_view tls_short_name(u16 version) {
  switch (version) {
    case ssl2:
      return "SSLv2";
    case ssl3:
      return "SSLv3";
    case tls1_0:
      return "TLSv1";
    case tls1_1:
      return "TLSv1.1";
    case tls1_2:
      return "TLSv1.2";
    case tls1_3:
      return "TLSv1.3";
    default:
      return "SSL";
  }
}

u16 tls_version_of(u64 number) {
  if (number >= ssl3 && number <= tls1_3) return static_cast<u16>(number);
  const bool draft = (number >= 0x7f0e && number <= 0x7f1c) || number == 0xfb17 || number == 0xfb1a;
  return draft ? tls1_3 : 0;
}

void add_to_info(Message& message, std::string_view name) {
  auto& info = message.info();
  if (!info.empty()) info += ", ";
  info += name;
}

const Parser tls{
    .header = {.word = "tls",
               .name = "Transport Layer Security",
               .layer = 6,
               .fields = {},
               .found = tls_fields},
    .tcp_ports = ports,
    .looks = looks_like_tls,
    .read = read_tls
};

}  // namespace trama::parse
