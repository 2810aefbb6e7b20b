// What TLS's hellos and certificates carry as extensions (RFC 8446 section 4.2 and IANA's
// registry); QUIC's transport parameters are tls_quic_parameters.cpp's.
#include "packet/parse/protocols/dtls_fields.h"
#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

enum Extension : u16 {
  server_name = 0,
  max_fragment_length = 1,
  status_request = 5,
  cert_type = 9,
  supported_groups = 10,
  ec_point_formats = 11,
  srp = 12,
  signature_algorithms = 13,
  use_srtp = 14,
  heartbeat_mode = 15,
  alpn = 16,
  status_request_v2 = 17,
  signed_certificate_timestamp = 18,
  client_certificate_type = 19,
  server_certificate_type = 20,
  padding = 21,
  encrypt_then_mac = 22,
  extended_master_secret = 23,
  compress_certificate = 27,
  record_size_limit = 28,
  delegated_credentials = 34,
  key_share_draft = 40,
  pre_shared_key = 41,
  early_data = 42,
  supported_versions = 43,
  cookie = 44,
  psk_key_exchange_modes = 45,
  ticket_early_data = 46,
  certificate_authorities = 47,
  oid_filters = 48,
  post_handshake_auth = 49,
  signature_algorithms_cert = 50,
  key_share = 51,
  connection_id_draft = 53,
  connection_id_extension = 54,
  quic_transport_parameters = 57,
  next_protocol = 13172,
  application_settings = 17513,
  quic_transport_parameters_draft = 65445,
  encrypted_server_name = 65486,
  renegotiation_info = 65281
};

void read_names(Vector& v) {
  if (v.left() == 0) return;
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_server_name_list_len"), 2);
  while (list.left() > 0 && !list.broken()) {
    list.number(in(tls_fields, "tls.handshake.extensions_server_name_type"), 1);
    const u64 size = list.number(in(tls_fields, "tls.handshake.extensions_server_name_len"), 2);
    if (!list.broken())
      list.bytes(in(tls_fields, "tls.handshake.extensions_server_name"), static_cast<u32>(size));
  }
}

void read_alpn(Vector& v, TlsState& state, bool server) {
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_alpn_len"), 2);
  list.mark(in(tls_fields, "tls.handshake.extensions_alpn_list"), list.left());
  while (list.left() > 0 && !list.broken()) {
    const auto size =
        static_cast<u32>(list.number(in(tls_fields, "tls.handshake.extensions_alpn_str_len"), 1));
    if (server && size <= 32 && size <= list.left())
      state.alpn.assign(reinterpret_cast<const char*>(list.rest().data()), size);
    list.bytes(in(tls_fields, "tls.handshake.extensions_alpn_str"), size);
  }
}

void read_settings(Vector& v) {
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_alps_len"), 2);
  list.mark(in(tls_fields, "tls.handshake.extensions_alps_alpn_list"), list.left());
  while (list.left() > 0 && !list.broken()) {
    const u64 size = list.number(in(tls_fields, "tls.handshake.extensions_alps_alpn_str_len"), 1);
    list.bytes(in(tls_fields, "tls.handshake.extensions_alps_alpn_str"), static_cast<u32>(size));
  }
}

void read_groups(Vector& v, TlsFingerprint* found) {
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_supported_groups_length"), 2);
  list.mark(in(tls_fields, "tls.handshake.extensions_supported_groups"), list.left());
  while (list.left() >= 2) {
    const u64 group = list.number(in(tls_fields, "tls.handshake.extensions_supported_group"), 2);
    if (found != nullptr) found->groups.push_back(static_cast<u16>(group));
  }
}

void read_formats(Vector& v, TlsFingerprint* found) {
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_ec_point_formats_length"), 1);
  list.mark(in(tls_fields, "tls.handshake.extensions_ec_point_formats"), list.left());
  while (list.left() > 0) {
    const u64 format = list.number(in(tls_fields, "tls.handshake.extensions_ec_point_format"), 1);
    if (found != nullptr) found->formats.push_back(static_cast<u8>(format));
  }
}

void read_signatures(Vector& v) {
  Vector list = v.counted(in(tls_fields, "tls.handshake.sig_hash_alg_len"), 2);
  list.mark(in(tls_fields, "tls.handshake.sig_hash_algs"), list.left());
  while (list.left() >= 2) {
    Vector both = list.part(2);
    Vector halves{both};
    both.number(in(tls_fields, "tls.handshake.sig_hash_alg"), 2);
    halves.number(in(tls_fields, "tls.handshake.sig_hash_hash"), 1);
    halves.number(in(tls_fields, "tls.handshake.sig_hash_sig"), 1);
  }
}

void read_share(Vector& v) {
  v.number(in(tls_fields, "tls.handshake.extensions_key_share_group"), 2);
  const u64 size =
      v.number(in(tls_fields, "tls.handshake.extensions_key_share_key_exchange_length"), 2);
  v.bytes(in(tls_fields, "tls.handshake.extensions_key_share_key_exchange"),
          static_cast<u32>(size));
}

void read_key_share(Vector& v, TlsPlace place) {
  if (place == TlsPlace::server_hello) return read_share(v);
  if (place == TlsPlace::retry_request) {
    v.number(in(tls_fields, "tls.handshake.extensions_key_share_selected_group"), 2);
    return;
  }
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_key_share_client_length"), 2);
  while (list.left() >= 4 && !list.broken()) read_share(list);
}

void read_versions(Vector& v, TlsState& state, TlsPlace place) {
  if (place == TlsPlace::client_hello) {
    Vector list = v.counted(in(tls_fields, "tls.handshake.extensions.supported_versions_len"), 1);
    while (list.left() >= 2)
      list.number(in(tls_fields, "tls.handshake.extensions.supported_version"), 2);
    return;
  }
  const u64 version = v.number(in(tls_fields, "tls.handshake.extensions.supported_version"), 2);
  if (const u16 chosen = tls_version_of(version); chosen != 0) state.version = chosen;
}

void read_psk(Vector& v, TlsPlace place) {
  if (place != TlsPlace::client_hello) {
    v.number(in(tls_fields, "tls.handshake.extensions.psk.identity.selected"), 2);
    return;
  }
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions.psk.identities.length"), 2);
  while (list.left() > 0 && !list.broken()) {
    const u64 size =
        list.number(in(tls_fields, "tls.handshake.extensions.psk.identity.identity_length"), 2);
    list.bytes(in(tls_fields, "tls.handshake.extensions.psk.identity.identity"),
               static_cast<u32>(size));
    list.number(in(tls_fields, "tls.handshake.extensions.psk.identity.obfuscated_ticket_age"), 4);
  }
  Vector binders = v.counted(in(tls_fields, "tls.handshake.extensions.psk.binders_len"), 2);
  binders.mark(in(tls_fields, "tls.handshake.extensions.psk.binders"), binders.left());
}

void read_status(Vector& v, TlsPlace place) {
  if (place != TlsPlace::client_hello && place != TlsPlace::certificate) return;
  const u64 type = v.number(in(tls_fields, "tls.handshake.extensions_status_request_type"), 1);
  if (type != 1) return;
  if (place == TlsPlace::certificate) {
    const Vector answer = v.counted(in(tls_fields, "tls.handshake.ocsp_response_len"), 3);
    if (v.message().rows()) read_ocsp_response(v.message(), answer);
    return;
  }
  v.counted(in(tls_fields, "tls.handshake.extensions_status_request_responder_ids_len"), 2);
  v.counted(in(tls_fields, "tls.handshake.extensions_status_request_exts_len"), 2);
}

void read_status_v2(Vector& v, TlsPlace place) {
  if (place != TlsPlace::client_hello) return;
  Vector list = v.counted(in(tls_fields, "tls.handshake.extensions_status_request_list_len"), 2);
  while (list.left() > 0 && !list.broken()) {
    list.number(in(tls_fields, "tls.handshake.extensions_status_request_type"), 1);
    Vector one = list.counted(in(tls_fields, "tls.handshake.extensions_status_request_len"), 2);
    one.counted(in(tls_fields, "tls.handshake.extensions_status_request_responder_ids_len"), 2);
    one.counted(in(tls_fields, "tls.handshake.extensions_status_request_exts_len"), 2);
  }
}

void read_timestamps(Vector& v) {
  if (v.left() > 0) read_certificate_timestamps(v);
}

void read_certificate_types(Vector& v, TlsPlace place) {
  if (place != TlsPlace::client_hello) {
    v.number(in(tls_fields, "tls.handshake.cert_type.type"), 1);
    return;
  }
  Vector list = v.counted(in(tls_fields, "tls.handshake.cert_type.types_len"), 1);
  list.mark(in(tls_fields, "tls.handshake.cert_type.types"), list.left());
  while (list.left() > 0) list.number(in(tls_fields, "tls.handshake.cert_type.type"), 1);
}

void read_next_protocols(Vector& v) {
  while (v.left() > 0 && !v.broken()) {
    const u64 size = v.number(in(tls_fields, "tls.handshake.extensions_npn_str_len"), 1);
    v.bytes(in(tls_fields, "tls.handshake.extensions_npn"), static_cast<u32>(size));
  }
}

// RFC 5764 section 4.1.1.
void read_srtp(Vector& v) {
  Vector list = v.counted(in(dtls_own_fields, "dtls.use_srtp.protection_profiles_length"), 2);
  while (list.left() >= 2) list.number(in(dtls_own_fields, "dtls.use_srtp.protection_profile"), 2);
  const u64 size = v.number(in(dtls_own_fields, "dtls.use_srtp.mki_length"), 1);
  if (size > 0) v.bytes(in(dtls_own_fields, "dtls.use_srtp.mki"), static_cast<u32>(size));
}

void put_data(Vector& v) { v.bytes(in(tls_fields, "tls.handshake.extension.data"), v.left()); }

void read_extension(u16 type, Vector& v, TlsState& state, TlsPlace place, TlsFingerprint* found) {
  switch (type) {
    case server_name:
      return read_names(v);
    case max_fragment_length:
      v.number(in(tls_fields, "tls.handshake.max_fragment_length"), 1);
      return;
    case status_request:
      return read_status(v, place);
    case status_request_v2:
      return read_status_v2(v, place);
    case supported_groups:
      return read_groups(v, found);
    case ec_point_formats:
      return read_formats(v, found);
    case signature_algorithms:
    case signature_algorithms_cert:
    case delegated_credentials:
      return read_signatures(v);
    case heartbeat_mode:
      v.number(in(tls_fields, "tls.handshake.extension.heartbeat.mode"), 1);
      return;
    case alpn:
      return read_alpn(v, state,
                       place == TlsPlace::server_hello || place == TlsPlace::encrypted_extensions);
    case application_settings:
      return read_settings(v);
    case signed_certificate_timestamp:
      return read_timestamps(v);
    case client_certificate_type:
    case server_certificate_type:
      return read_certificate_types(v, place);
    case padding:
      return v.bytes(in(tls_fields, "tls.handshake.extensions_padding_data"), v.left());
    case use_srtp:
      if (state.datagrams) read_srtp(v);
      return;
    case encrypt_then_mac:
      if (place == TlsPlace::server_hello) state.encrypt_then_mac = true;
      return;
    case cert_type:
    case srp:
    case extended_master_secret:
    case key_share_draft:
    case ticket_early_data:
    case oid_filters:
    case post_handshake_auth:
    case encrypted_server_name:
      return;
    case compress_certificate: {
      Vector list = v.counted(in(tls_fields, "tls.compress_certificate.algorithms_length"), 1);
      while (list.left() >= 2) list.number(in(tls_fields, "tls.compress_certificate.algorithm"), 2);
      return;
    }
    case record_size_limit:
      v.number(in(tls_fields, "tls.record_size_limit"), 2);
      return;
    case pre_shared_key:
      return read_psk(v, place);
    case early_data:
      if (place == TlsPlace::new_session_ticket)
        v.number(in(tls_fields, "tls.early_data.max_early_data_size"), 4);
      return;
    case supported_versions:
      return read_versions(v, state, place);
    case cookie: {
      const u64 size = v.number(in(tls_fields, "tls.handshake.extensions.cookie_len"), 2);
      return v.bytes(in(tls_fields, "tls.handshake.extensions.cookie"), static_cast<u32>(size));
    }
    case psk_key_exchange_modes: {
      Vector list = v.counted(in(tls_fields, "tls.extension.psk_ke_modes_length"), 1);
      while (list.left() > 0) list.number(in(tls_fields, "tls.extension.psk_ke_mode"), 1);
      return;
    }
    case key_share:
      return read_key_share(v, place);
    case certificate_authorities: {
      Vector names = v.counted(in(tls_fields, "tls.handshake.dnames_len"), 2);
      names.mark(in(tls_fields, "tls.handshake.dnames"), names.left());
      while (names.left() > 2) {
        Vector name = names.counted(in(tls_fields, "tls.handshake.dname_len"), 2);
        name.mark(in(tls_fields, "tls.handshake.dname"), name.left());
        if (v.message().rows()) read_distinguished_name(v.message(), name);
      }
      return;
    }
    case connection_id_draft:
    case connection_id_extension: {
      const u64 size = v.number(in(tls_fields, "tls.connection_id_length"), 1);
      if (size > 0) v.bytes(in(tls_fields, "tls.connection_id"), static_cast<u32>(size));
      return;
    }
    case quic_transport_parameters:
    case quic_transport_parameters_draft:
      return read_quic_parameters(v);
    case next_protocol:
      return read_next_protocols(v);
    case renegotiation_info: {
      const u64 size = v.number(in(tls_fields, "tls.handshake.extensions_reneg_info_len"), 1);
      if (size > 0)
        v.bytes(in(tls_fields, "tls.handshake.extensions_reneg_info"), static_cast<u32>(size));
      return;
    }
    default:
      return put_data(v);
  }
}

}  // namespace

void read_certificate_timestamps(Vector& v) {
  Vector list = v.counted(in(tls_fields, "tls.sct.scts_length"), 2);
  while (list.left() > 0 && !list.broken()) {
    Vector one = list.counted(in(tls_fields, "tls.sct.sct_length"), 2);
    one.number(in(tls_fields, "tls.sct.sct_version"), 1);
    one.bytes(in(tls_fields, "tls.sct.sct_logid"), 32);
    const u64 milliseconds = one.take(8);
    one.message().put(in(tls_fields, "tls.sct.sct_timestamp"), 0, 0, milliseconds * 1'000'000);
    one.counted(in(tls_fields, "tls.sct.sct_extensions_length"), 2);
    const u64 both = one.number(in(tls_fields, "tls.handshake.sig_hash_alg"), 2);
    one.message().put(in(tls_fields, "tls.handshake.sig_hash_hash"), 0, 0, both >> 8);
    one.message().put(in(tls_fields, "tls.handshake.sig_hash_sig"), 0, 0, both & 255);
    const u64 size = one.number(in(tls_fields, "tls.sct.sct_signature_length"), 2);
    one.bytes(in(tls_fields, "tls.sct.sct_signature"), static_cast<u32>(size));
  }
}

void read_tls_extensions(Vector& in_vector, TlsState& state, TlsPlace place,
                         TlsFingerprint* found) {
  Vector all = in_vector.counted(in(tls_fields, "tls.handshake.extensions_length"), 2);
  while (all.left() >= 4) {
    const auto type =
        static_cast<u16>(all.number(in(tls_fields, "tls.handshake.extension.type"), 2));
    if (found != nullptr) found->extensions.push_back(type);
    Vector one = all.counted(in(tls_fields, "tls.handshake.extension.len"), 2);
    read_extension(type, one, state, place, found);
    if (one.broken()) return in_vector.fail();
  }
}

}  // namespace trama::parse
