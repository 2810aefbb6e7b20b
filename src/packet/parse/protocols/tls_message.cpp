// What one handshake message of TLS or DTLS holds (RFC 8446 section 4, RFC 5246 section 7.4).
#include "packet/parse/protocols/dtls_fields.h"
#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

enum Kind : u8 {
  hello_request = 0,
  client_hello = 1,
  server_hello = 2,
  hello_verify_request = 3,
  new_session_ticket = 4,
  encrypted_extensions = 8,
  certificate = 11,
  server_key_exchange = 12,
  certificate_request = 13,
  certificate_verify = 15,
  client_key_exchange = 16,
  finished = 20,
  certificate_status = 22,
  key_update = 24,
  compressed_certificate = 25
};

std::string_view name_of(std::span<const Name> names, u64 value) {
  for (const Name& name : names)
    if (name.value == value) return name.text;
  return {};
}

// The random number by which a server hello is a retry request (RFC 8446 section 4.1.3).
bool asks_again(Bytes random) {
  constexpr u8 retry[] = {0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
                          0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB,
                          0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};
  return random.size() >= sizeof retry &&
         std::equal(std::begin(retry), std::end(retry), random.begin());
}

// How the suite agrees on a key, by its name.
enum class Exchange : u8 { unknown, rsa, dhe, ecdhe, psk, psk_rsa, psk_dhe, psk_ecdhe };

Exchange exchange_of(u16 suite) {
  const auto name = name_of(tls_names::suite_names, suite);
  const auto starts = [&](std::string_view start) { return name.starts_with(start); };
  if (starts("TLS_ECDHE_PSK")) return Exchange::psk_ecdhe;
  if (starts("TLS_DHE_PSK")) return Exchange::psk_dhe;
  if (starts("TLS_RSA_PSK")) return Exchange::psk_rsa;
  if (starts("TLS_PSK")) return Exchange::psk;
  if (starts("TLS_ECDH")) return Exchange::ecdhe;
  if (starts("TLS_DH")) return Exchange::dhe;
  if (starts("TLS_RSA_")) return Exchange::rsa;
  return Exchange::unknown;
}

class Handshake {
 public:
  Handshake(Vector& body, TlsState& state, u8 from)
      : v_(body), m_(body.message()), state_(state), from_(from) {}

  void read(u8 type) {
    switch (type) {
      case client_hello:
        return read_client_hello();
      case server_hello:
        return read_server_hello();
      case hello_verify_request:
        if (!state_.datagrams) return;
        v_.number(in(tls_fields, "tls.handshake.version"), 2);
        return read_cookie();
      case new_session_ticket:
        return read_ticket();
      case encrypted_extensions:
        return read_tls_extensions(v_, state_, TlsPlace::encrypted_extensions, nullptr);
      case certificate:
        return read_certificates();
      case server_key_exchange:
        return read_server_key();
      case certificate_request:
        return read_request();
      case certificate_verify:
        return read_signature(in(tls_fields, "tls.handshake.client_cert_vrfy.sig_len"),
                              in(tls_fields, "tls.handshake.client_cert_vrfy.sig"));
      case client_key_exchange:
        return read_client_key();
      case finished:
        if (state_.decoder && state_.version == tls1_3) state_.decoder->finished(is_client());
        v_.mark(in(tls_fields, "tls.handshake.verify_data"), v_.left());
        return;
      case certificate_status:
        v_.number(in(tls_fields, "tls.handshake.extensions_status_request_type"), 1);
        if (m_.rows())
          read_ocsp_response(m_, v_.counted(in(tls_fields, "tls.handshake.ocsp_response_len"), 3));
        return;
      case key_update:
        v_.number(in(tls_fields, "tls.handshake.key_update.request_update"), 1);
        if (state_.decoder) state_.decoder->updated(is_client());
        return;
      case compressed_certificate: {
        v_.number(in(tls_fields, "tls.compress_certificate.algorithm"), 2);
        v_.number(in(tls_fields, "tls.compress_certificate.uncompressed_length"), 3);
        const auto size = v_.number(
            in(tls_fields, "tls.compress_certificate.compressed_certificate_message.length"), 3);
        v_.bytes(in(tls_fields, "tls.compress_certificate.compressed_certificate_message"),
                 static_cast<u32>(size));
        return;
      }
      default:
        return;
    }
  }

 private:
  // Bytes behind their length of `count` bytes.
  void text(const Field& length, u32 count, const Field& field) {
    const auto size = static_cast<u32>(v_.number(length, count));
    if (size > 0) v_.bytes(field, size);
  }

  [[nodiscard]] bool is_client() const { return from_ == state_.client; }

  void keep_random(std::array<u8, 32>& kept) {
    const Bytes rest = v_.rest();
    if (rest.size() >= kept.size()) std::copy_n(rest.begin(), kept.size(), kept.begin());
  }

  // TLS 1.3 has no time in it.
  void read_random(bool halves) {
    if (v_.left() < 32) {
      v_.skip(v_.left());
      return v_.fail();
    }
    Vector whole{v_};
    whole.bytes(in(tls_fields, "tls.handshake.random"), 32);
    if (!halves) return v_.skip(32);
    const u64 seconds = v_.peek(4);
    m_.put(in(tls_fields, "tls.handshake.random_time"), v_.where(), 4, seconds * 1'000'000'000);
    v_.skip(4);
    v_.bytes(in(tls_fields, "tls.handshake.random_bytes"), 28);
  }
  void read_session_id() {
    text(in(tls_fields, "tls.handshake.session_id_length"), 1,
         in(tls_fields, "tls.handshake.session_id"));
  }

  void read_cookie() {
    text(in(dtls_own_fields, "dtls.handshake.cookie_length"), 1,
         in(dtls_own_fields, "dtls.handshake.cookie"));
  }

  [[nodiscard]] u16 version_of(u64 number) const {
    return state_.datagrams ? dtls_version_of(number) : tls_version_of(number);
  }

  void read_client_hello() {
    TlsFingerprint found;
    TlsFingerprint* fingerprint = m_.rows() ? &found : nullptr;
    found.version = static_cast<u16>(v_.number(in(tls_fields, "tls.handshake.version"), 2));
    state_.client = from_;
    keep_random(state_.randoms.client);
    if (!state_.decoder && !m_.key_log().empty()) state_.decoder = std::make_unique<TlsDecoder>();
    read_random(state_.version != tls1_3);
    read_session_id();
    if (state_.datagrams) read_cookie();
    Vector suites = v_.counted(in(tls_fields, "tls.handshake.cipher_suites_length"), 2);
    suites.mark(in(tls_fields, "tls.handshake.ciphersuites"), suites.left());
    while (suites.left() >= 2) {
      const u64 suite = suites.number(in(tls_fields, "tls.handshake.ciphersuite"), 2);
      if (fingerprint != nullptr) found.suites.push_back(static_cast<u16>(suite));
    }
    Vector methods = v_.counted(in(tls_fields, "tls.handshake.comp_methods_length"), 1);
    if (methods.left() > 0)
      methods.mark(in(tls_fields, "tls.handshake.comp_methods"), methods.left());
    while (methods.left() > 0) methods.number(in(tls_fields, "tls.handshake.comp_method"), 1);
    if (v_.left() > 0) read_tls_extensions(v_, state_, TlsPlace::client_hello, fingerprint);
    if (fingerprint != nullptr && !v_.broken()) put_ja3(m_, found, true);
  }

  // A server hello says its version in an extension since TLS 1.3: looks ahead for it, from behind
  // the old place of the version.
  [[nodiscard]] u16 version_of_hello(u16 old) const {
    u32 at = 32 + 1 + static_cast<u32>(v_.peek(1, 32)) + 2 + 1 + 2;
    while (at + 6 <= v_.left()) {
      if (v_.peek(2, at) == 43)
        if (const u16 version = version_of(v_.peek(2, at + 4)); version != 0) return version;
      at += 4 + static_cast<u32>(v_.peek(2, at + 2));
    }
    return version_of(old);
  }

  void read_server_hello() {
    TlsFingerprint found;
    TlsFingerprint* fingerprint = m_.rows() ? &found : nullptr;
    found.version = static_cast<u16>(v_.number(in(tls_fields, "tls.handshake.version"), 2));
    const bool again = asks_again(v_.rest());
    if (const u16 version = version_of_hello(found.version); version != 0) state_.version = version;
    const bool old_draft = found.version >= 0x7f0e && found.version <= 0x7f15;  // no session ID
    keep_random(state_.randoms.server);
    state_.encrypt_then_mac = false;
    if (state_.decoder && state_.version == tls1_3 && !again)
      for (const bool client : {true, false}) state_.decoder->change(client);
    read_random(state_.version != tls1_3);
    if (!old_draft) read_session_id();
    const u64 suite = v_.number(in(tls_fields, "tls.handshake.ciphersuite"), 2);
    state_.suite = static_cast<u16>(suite);
    if (fingerprint != nullptr) found.suites.push_back(state_.suite);
    if (!old_draft) v_.number(in(tls_fields, "tls.handshake.comp_method"), 1);
    if (v_.left() > 0)
      read_tls_extensions(v_, state_, again ? TlsPlace::retry_request : TlsPlace::server_hello,
                          fingerprint);
    if (fingerprint != nullptr && !v_.broken()) put_ja3(m_, found, false);
    if (!state_.quic)
      m_.protocol(state_.datagrams ? dtls_short_name(state_.version)
                                   : tls_short_name(state_.version));
  }

  void read_ticket() {
    const bool modern = state_.version == tls1_3;
    v_.number(in(tls_fields, "tls.handshake.session_ticket_lifetime_hint"), 4);
    if (modern) {
      v_.number(in(tls_fields, "tls.handshake.session_ticket_age_add"), 4);
      text(in(tls_fields, "tls.handshake.session_ticket_nonce_length"), 1,
           in(tls_fields, "tls.handshake.session_ticket_nonce"));
    }
    text(in(tls_fields, "tls.handshake.session_ticket_length"), 2,
         in(tls_fields, "tls.handshake.session_ticket"));
    if (modern) read_tls_extensions(v_, state_, TlsPlace::new_session_ticket, nullptr);
  }

  void read_certificates() {
    const bool modern = state_.version == tls1_3;
    if (modern)
      text(in(tls_fields, "tls.handshake.certificate_request_context_length"), 1,
           in(tls_fields, "tls.handshake.certificate_request_context"));
    Vector list = v_.counted(in(tls_fields, "tls.handshake.certificates_length"), 3);
    if (list.left() == 0) return;
    list.mark(in(tls_fields, "tls.handshake.certificates"), list.left());
    while (list.left() > 0 && !list.broken()) {
      Vector one = list.counted(in(tls_fields, "tls.handshake.certificate_length"), 3);
      if (m_.rows() && one.left() > 0) {
        Vector whole{one};
        whole.bytes(in(tls_fields, "tls.handshake.certificate"), one.left());
        read_certificate(m_, one);
      }
      if (modern) read_tls_extensions(list, state_, TlsPlace::certificate, nullptr);
    }
  }

  void put_curve_key() {
    const u64 kind = v_.number(in(tls_fields, "tls.handshake.server_curve_type"), 1);
    if (kind != 3) return v_.skip(v_.left());
    v_.number(in(tls_fields, "tls.handshake.server_named_curve"), 2);
    text(in(tls_fields, "tls.handshake.server_point_len"), 1,
         in(tls_fields, "tls.handshake.server_point"));
  }
  void put_dh_key() {
    text(in(tls_fields, "tls.handshake.p_len"), 2, in(tls_fields, "tls.handshake.p"));
    text(in(tls_fields, "tls.handshake.g_len"), 2, in(tls_fields, "tls.handshake.g"));
    text(in(tls_fields, "tls.handshake.ys_len"), 2, in(tls_fields, "tls.handshake.ys"));
  }
  void put_hint() {
    text(in(tls_fields, "tls.handshake.hint_len"), 2, in(tls_fields, "tls.handshake.hint"));
  }
  void read_signature(const Field& length, const Field& field) {
    if (state_.version >= tls1_2) {
      const u64 both = v_.peek(2);
      v_.number(in(tls_fields, "tls.handshake.sig_hash_alg"), 2);
      m_.put(in(tls_fields, "tls.handshake.sig_hash_hash"), 0, 0, both >> 8);
      m_.put(in(tls_fields, "tls.handshake.sig_hash_sig"), 0, 0, both & 255);
    }
    text(length, 2, field);
  }
  void sign() {
    if (v_.left() == 0) return;  // anonymous
    read_signature(in(tls_fields, "tls.handshake.sig_len"), in(tls_fields, "tls.handshake.sig"));
  }

  void read_server_key() {
    switch (exchange_of(state_.suite)) {
      case Exchange::ecdhe:
        put_curve_key();
        return sign();
      case Exchange::dhe:
        put_dh_key();
        return sign();
      case Exchange::rsa:
        text(in(tls_fields, "tls.handshake.modulus_len"), 2,
             in(tls_fields, "tls.handshake.modulus"));
        text(in(tls_fields, "tls.handshake.exponent_len"), 2,
             in(tls_fields, "tls.handshake.exponent"));
        return sign();
      case Exchange::psk:
      case Exchange::psk_rsa:
        return put_hint();
      case Exchange::psk_dhe:
        put_hint();
        return put_dh_key();
      case Exchange::psk_ecdhe:
        put_hint();
        return put_curve_key();
      default:
        return;
    }
  }

  void read_client_key() {
    const auto exchange = exchange_of(state_.suite);
    if (exchange >= Exchange::psk)
      text(in(tls_fields, "tls.handshake.identity_len"), 2,
           in(tls_fields, "tls.handshake.identity"));
    switch (exchange) {
      case Exchange::ecdhe:
      case Exchange::psk_ecdhe:
        return text(in(tls_fields, "tls.handshake.client_point_len"), 1,
                    in(tls_fields, "tls.handshake.client_point"));
      case Exchange::dhe:
      case Exchange::psk_dhe:
        return text(in(tls_fields, "tls.handshake.yc_len"), 2, in(tls_fields, "tls.handshake.yc"));
      case Exchange::rsa:
      case Exchange::psk_rsa:
        if (state_.version == ssl3)
          return v_.bytes(in(tls_fields, "tls.handshake.epms"), v_.left());
        return text(in(tls_fields, "tls.handshake.epms_len"), 2,
                    in(tls_fields, "tls.handshake.epms"));
      default:
        return;
    }
  }

  void read_request() {
    if (state_.version == tls1_3) {
      text(in(tls_fields, "tls.handshake.certificate_request_context_length"), 1,
           in(tls_fields, "tls.handshake.certificate_request_context"));
      return read_tls_extensions(v_, state_, TlsPlace::certificate_request, nullptr);
    }
    Vector types = v_.counted(in(tls_fields, "tls.handshake.cert_types_count"), 1);
    if (types.left() > 0) types.mark(in(tls_fields, "tls.handshake.cert_types"), types.left());
    while (types.left() > 0) types.number(in(tls_fields, "tls.handshake.cert_type"), 1);
    if (state_.version >= tls1_2) {
      Vector algorithms = v_.counted(in(tls_fields, "tls.handshake.sig_hash_alg_len"), 2);
      algorithms.mark(in(tls_fields, "tls.handshake.sig_hash_algs"), algorithms.left());
      while (algorithms.left() >= 2) {
        const u64 both = algorithms.number(in(tls_fields, "tls.handshake.sig_hash_alg"), 2);
        m_.put(in(tls_fields, "tls.handshake.sig_hash_hash"), 0, 0, both >> 8);
        m_.put(in(tls_fields, "tls.handshake.sig_hash_sig"), 0, 0, both & 255);
      }
    }
    Vector names = v_.counted(in(tls_fields, "tls.handshake.dnames_len"), 2);
    if (names.left() > 0) names.mark(in(tls_fields, "tls.handshake.dnames"), names.left());
    while (names.left() > 2) {
      Vector name = names.counted(in(tls_fields, "tls.handshake.dname_len"), 2);
      name.mark(in(tls_fields, "tls.handshake.dname"), name.left());
      if (m_.rows()) read_distinguished_name(m_, name);
    }
  }

  Vector& v_;
  Message& m_;
  TlsState& state_;
  u8 from_;
};

}  // namespace

std::string_view tls_message_name(u8 type, Bytes body) {
  if (type == server_hello && body.size() > 2 && asks_again(body.subspan(2)))
    return "Hello Retry Request";
  return name_of(tls_names::handshake_names, type);
}

void read_tls_message(u8 type, Vector& body, TlsState& state, u8 from) {
  Handshake{body, state, from}.read(type);
}

}  // namespace trama::parse
