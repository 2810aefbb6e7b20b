// The frames of QUIC (RFC 9000 section 19, DATAGRAM RFC 9221), as they stand in an opened packet.
#include <fmt/core.h>

#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/quic.h"
#include "packet/parse/protocols/quic_fields.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

class Frames {
 public:
  Frames(Vector& v, QuicConnection& connection, u8 from, QuicLevel level)
      : v_(v), m_(v.message()), connection_(connection), from_(from), level_(level) {}

  void read() {
    while (v_.left() > 0 && !v_.broken()) one();
  }

 private:
  u64 number(const Field& field) { return put_quic_number(v_, field); }
  void name(std::string_view text) { add_to_info(m_, text); }

  void one() {
    v_.mark(in(quic_fields, "quic.frame"), 1);
    const u64 type = number(in(quic_fields, "quic.frame_type"));
    if (type >= 0x08 && type <= 0x0f) return stream(type);
    switch (type) {
      case 0x00:
        return padding();
      case 0x01:
        return name("PING");
      case 0x02:
      case 0x03:
        return ack(type == 0x03);
      case 0x04:
        name("RS");
        number(in(quic_fields, "quic.rsts.stream_id"));
        number(in(quic_fields, "quic.rsts.application_error_code"));
        number(in(quic_fields, "quic.rsts.final_size"));
        return;
      case 0x05:
        name("SS");
        number(in(quic_fields, "quic.ss.stream_id"));
        number(in(quic_fields, "quic.ss.application_error_code"));
        return;
      case 0x06:
        return crypto();
      case 0x07: {
        name("NT");
        const u64 size = number(in(quic_fields, "quic.nt.length"));
        return v_.bytes(in(quic_fields, "quic.nt.token"), clipped(size));
      }
      case 0x10:
        name("MD");
        number(in(quic_fields, "quic.md.maximum_data"));
        return;
      case 0x11:
        name("MSD");
        number(in(quic_fields, "quic.msd.stream_id"));
        number(in(quic_fields, "quic.msd.maximum_stream_data"));
        return;
      case 0x12:
      case 0x13:
        name("MS");
        number(in(quic_fields, "quic.ms.max_streams"));
        return;
      case 0x14:
        name("DB");
        number(in(quic_fields, "quic.sb.stream_data_limit"));
        return;
      case 0x15:
        name("SDB");
        number(in(quic_fields, "quic.sdb.stream_id"));
        number(in(quic_fields, "quic.sb.stream_data_limit"));
        return;
      case 0x16:
      case 0x17:
        name("SB");
        number(in(quic_fields, "quic.sib.stream_limit"));
        return;
      case 0x18:
        return new_id();
      case 0x19:
        name("RC");
        number(in(quic_fields, "quic.rci.sequence"));
        return;
      case 0x1a:
        name("PC");
        return v_.bytes(in(quic_fields, "quic.path_challenge.data"), 8);
      case 0x1b:
        name("PR");
        return v_.bytes(in(quic_fields, "quic.path_response.data"), 8);
      case 0x1c:
      case 0x1d:
        return close(type == 0x1c);
      case 0x1e:
        return name("DONE");
      case 0x30:
      case 0x31: {
        name("DG");
        const u64 size = type == 0x31 ? number(in(quic_fields, "quic.dg.length")) : v_.left();
        return v_.bytes(in(quic_fields, "quic.dg"), clipped(size));
      }
      case 0xac:
        return name("IA");
      case 0x2f5:
        name("TS");
        number(in(quic_fields, "quic.ts"));
        return;
      default:  // its length is unknown, so is what follows
        return v_.skip(v_.left());
    }
  }

  [[nodiscard]] u32 clipped(u64 size) const {
    return static_cast<u32>(std::min<u64>(size, v_.left()));
  }

  void padding() {
    name("PADDING");
    u32 size = 1;
    while (v_.left() > 0 && v_.peek(1) == 0) {
      v_.skip(1);
      ++size;
    }
    m_.put_found(in(quic_fields, "quic.padding_length"), size);
  }

  void ack(bool counts) {
    name(counts ? "ACK_ECN" : "ACK");
    number(in(quic_fields, "quic.ack.largest_acknowledged"));
    number(in(quic_fields, "quic.ack.ack_delay"));
    const u64 ranges = number(in(quic_fields, "quic.ack.ack_range_count"));
    number(in(quic_fields, "quic.ack.first_ack_range"));
    for (u64 i = 0; i < ranges && v_.left() > 0 && !v_.broken(); ++i) {
      number(in(quic_fields, "quic.ack.gap"));
      number(in(quic_fields, "quic.ack.ack_range"));
    }
    if (!counts) return;
    number(in(quic_fields, "quic.ack.ect0_count"));
    number(in(quic_fields, "quic.ack.ect1_count"));
    number(in(quic_fields, "quic.ack.ecn_ce_count"));
  }

  // TLS's bytes: given to TLS as soon as all before them came.
  void crypto() {
    name("CRYPTO");
    const u64 offset = number(in(quic_fields, "quic.crypto.offset"));
    const u64 size = number(in(quic_fields, "quic.crypto.length"));
    v_.mark(in(quic_fields, "quic.crypto.crypto_data"), clipped(size));
    const Vector data = v_.part(clipped(size));
    if (level_ > quic_data) return;
    const Bytes ready = connection_.streams[from_][level_].add(m_, offset, data.rest());
    if (ready.empty()) return;
    m_.enter(find_parser("tls")->header, 0, 0);
    if (!read_tls_handshake(Vector{m_, ready}, connection_.tls, from_)) m_.malformed();
    m_.leave();
  }

  void stream(u64 type) {
    const u64 id = [&] {
      m_.put_found(in(quic_fields, "quic.stream.fin"), type & 1);
      m_.put_found(in(quic_fields, "quic.stream.len"), type >> 1 & 1);
      m_.put_found(in(quic_fields, "quic.stream.off"), type >> 2 & 1);
      return number(in(quic_fields, "quic.stream.stream_id"));
    }();
    m_.put_found(in(quic_fields, "quic.stream.initiator"), id & 1);
    m_.put_found(in(quic_fields, "quic.stream.direction"), id >> 1 & 1);
    add_to_info(m_, "STREAM(");
    fmt::format_to(std::back_inserter(m_.info()), "{})", id);
    if ((type & 4) != 0) number(in(quic_fields, "quic.stream.offset"));
    const u64 size = (type & 2) != 0 ? number(in(quic_fields, "quic.stream.length")) : v_.left();
    v_.bytes(in(quic_fields, "quic.stream_data"), clipped(size));
  }

  void new_id() {
    name("NCI");
    number(in(quic_fields, "quic.nci.sequence"));
    number(in(quic_fields, "quic.nci.retire_prior_to"));
    const u64 size = v_.number(in(quic_fields, "quic.nci.connection_id.length"), 1);
    v_.bytes(in(quic_fields, "quic.nci.connection_id"), static_cast<u32>(size));
    v_.bytes(in(quic_fields, "quic.nci.stateless_reset_token"), 16);
  }

  void close(bool transport) {
    name("CC");
    if (transport) {
      const u64 code = number(in(quic_fields, "quic.cc.error_code"));
      if (code >> 8 == 1)
        m_.put_found(in(quic_fields, "quic.cc.error_code.tls_alert"), code & 0xff);
      number(in(quic_fields, "quic.cc.frame_type"));
    } else {
      number(in(quic_fields, "quic.cc.error_code.app"));
    }
    const u64 size = number(in(quic_fields, "quic.cc.reason_phrase.length"));
    if (size > 0) v_.bytes(in(quic_fields, "quic.cc.reason_phrase"), clipped(size));
  }

  Vector& v_;
  Message& m_;
  QuicConnection& connection_;
  u8 from_;
  QuicLevel level_;
};

}  // namespace

u32 quic_number_size(const Vector& v) {
  const u32 size = 1U << (v.peek(1) >> 6);
  return v.left() >= size ? size : 0;
}

u64 put_quic_number(Vector& v, const Field& field) {
  const u32 size = quic_number_size(v);
  if (size == 0) {
    v.skip(v.left());
    v.fail();
    return 0;
  }
  const u64 value = v.peek(size) & ~u64{0} >> (64 - 8 * size + 2);
  v.message().put(field, v.where(), size, value);
  v.skip(size);
  return value;
}

void read_quic_frames(Vector frames, QuicConnection& connection, u8 from, QuicLevel level) {
  Frames{frames, connection, from, level}.read();
}

}  // namespace trama::parse
