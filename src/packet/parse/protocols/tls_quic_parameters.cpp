// QUIC's transport parameters (RFC 9000 section 18), which travel as an extension of TLS's hellos.
#include "packet/parse/protocols/quic.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

struct Parameter {
  u64 type;
  const Field* field;
  bool number;
};

constexpr Parameter parameters[] = {
    {0x00,       &in(tls_fields, "tls.quic.parameter.original_destination_connection_id"),  false},
    {0x01,       &in(tls_fields, "tls.quic.parameter.max_idle_timeout"),                    true },
    {0x02,       &in(tls_fields, "tls.quic.parameter.stateless_reset_token"),               false},
    {0x03,       &in(tls_fields, "tls.quic.parameter.max_udp_payload_size"),                true },
    {0x04,       &in(tls_fields, "tls.quic.parameter.initial_max_data"),                    true },
    {0x05,       &in(tls_fields, "tls.quic.parameter.initial_max_stream_data_bidi_local"),  true },
    {0x06,       &in(tls_fields, "tls.quic.parameter.initial_max_stream_data_bidi_remote"), true },
    {0x07,       &in(tls_fields, "tls.quic.parameter.initial_max_stream_data_uni"),         true },
    {0x08,       &in(tls_fields, "tls.quic.parameter.initial_max_streams_bidi"),            true },
    {0x09,       &in(tls_fields, "tls.quic.parameter.initial_max_streams_uni"),             true },
    {0x0a,       &in(tls_fields, "tls.quic.parameter.ack_delay_exponent"),                  true },
    {0x0b,       &in(tls_fields, "tls.quic.parameter.max_ack_delay"),                       true },
    {0x0e,       &in(tls_fields, "tls.quic.parameter.active_connection_id_limit"),          true },
    {0x0f,       &in(tls_fields, "tls.quic.parameter.initial_source_connection_id"),        false},
    {0x10,       &in(tls_fields, "tls.quic.parameter.retry_source_connection_id"),          false},
    {0x20,       &in(tls_fields, "tls.quic.parameter.max_datagram_frame_size"),             true },
    {0x1057,     &in(tls_fields, "tls.quic.parameter.loss_bits"),                           true },
    {0x3127,     &in(tls_fields, "tls.quic.parameter.google.initial_rtt"),                  true },
    {0x3128,     &in(tls_fields, "tls.quic.parameter.google.connection_options"),           false},
    {0x3129,     &in(tls_fields, "tls.quic.parameter.google.user_agent"),                   false},
    {0x7158,     &in(tls_fields, "tls.quic.parameter.enable_time_stamp_v2"),                true },
    {0xde1a,     &in(tls_fields, "tls.quic.parameter.min_ack_delay"),                       true },
    {0xff03de1a, &in(tls_fields, "tls.quic.parameter.min_ack_delay"),                       true },
    {0xff02de1a, &in(tls_fields, "tls.quic.parameter.min_ack_delay"),                       true },
};

void read_value(u64 type, Vector& v) {
  for (const Parameter& parameter : parameters) {
    if (parameter.type != type) continue;
    if (parameter.number && v.left() == 0) return;
    if (parameter.number)
      put_quic_number(v, *parameter.field);
    else
      v.bytes(*parameter.field, v.left());
    return;
  }
  if (type == 0x4752) {  // Google's version, perhaps those that it supports
    v.number(in(tls_fields, "tls.quic.parameter.google.quic_version"), 4);
    if (v.left() == 0) return;
    Vector list =
        v.counted(in(tls_fields, "tls.quic.parameter.google.supported_versions_length"), 1);
    while (list.left() >= 4)
      list.number(in(tls_fields, "tls.quic.parameter.google.supported_version"), 4);
  } else if (type == 0x11) {
    v.number(in(tls_fields, "tls.quic.parameter.vi.chosen_version"), 4);
    while (v.left() >= 4) v.number(in(tls_fields, "tls.quic.parameter.vi.other_version"), 4);
  }
}

}  // namespace

void read_quic_parameters(Vector& v) {
  while (v.left() > 0 && !v.broken()) {
    const u64 type = put_quic_number(v, in(tls_fields, "tls.quic.parameter.type"));
    const u64 size = put_quic_number(v, in(tls_fields, "tls.quic.parameter.length"));
    if (v.broken()) return;
    Vector value = v.part(static_cast<u32>(std::min<u64>(size, v.left())));
    Vector whole{value};
    whole.bytes(in(tls_fields, "tls.quic.parameter.value"), value.left());
    read_value(type, value);
  }
}

}  // namespace trama::parse
