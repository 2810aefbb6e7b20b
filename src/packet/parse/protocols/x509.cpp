// X.509 certificates (RFC 5280) as far as people ask for them: who it is for, from whom and until
// when, its names and extensions. The bytes are DER; each piece that an object identifier announces
// gives frame.protocols a word, as in Wireshark. Depth and pieces are bounded.
#include <fmt/format.h>

#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/x509_words.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: tables of fields

constexpr auto af_fields = std::to_array<Field>({
    {"x509af.version",      0, Show::dec,   N_("version of the certificate, less one")},
    {"x509af.serialNumber", 0, Show::bytes, N_("serial number of the certificate")    },
    {"x509af.algorithm.id", 0, Show::text,  N_("algorithm")                           },
    {"x509af.utcTime",      0, Show::text,  N_("from or until when it is valid")      },
    {"x509af.extension.id", 0, Show::text,  N_("which extension")                     },
});
constexpr auto if_fields = std::to_array<Field>({
    {"x509if.oid", 0, Show::text, N_("which part of a name")},
});
constexpr auto sat_fields = std::to_array<Field>({
    {"x509sat.uTF8String",      0, Show::text, N_("part of a name")},
    {"x509sat.printableString", 0, Show::text, N_("part of a name")},
    {"x509sat.teletexString",   0, Show::text, N_("part of a name")},
    {"x509sat.CountryName",     0, Show::text, N_("country")       },
    {"x509sat.PrintableString", 0, Show::text, N_("part of a name")},
    {"x509sat.IA5String",       0, Show::text, N_("part of a name")},
});
constexpr auto ce_fields = std::to_array<Field>({
    {"x509ce.dNSName",                   0, Show::text, N_("host that the certificate is for")},
    {"x509ce.rfc822Name",                0, Show::text, N_("mail address")                    },
    {"x509ce.uniformResourceIdentifier", 0, Show::text, N_("address of a document")           },
});

// Boxes in boxes, and how many: no real certificate comes near.
constexpr unsigned deepest = 24;
constexpr unsigned most_pieces = 4000;

enum Tag : u8 {
  boolean = 0x01,
  integer = 0x02,
  octets = 0x04,
  identifier = 0x06,
  utf8 = 0x0c,
  printable = 0x13,
  teletex = 0x14,
  ia5 = 0x16,
  utc_time = 0x17,
  general_time = 0x18,
  sequence = 0x30
};

struct Piece {  // tag, length, value (X.690)
  u8 tag = 0;
  Vector value;
};

std::string_view word_of(Bytes bytes) {
  if (bytes.empty()) return {};
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  for (const OidWord& row : oid_words)
    if (text.size() == row.prefix.size() + 1 && text.starts_with(row.prefix) &&
        bytes.back() >= row.from && bytes.back() <= row.to)
      return row.word;
  return {};
}

std::string dotted(Bytes bytes) {
  std::string text;
  u64 number = 0;
  bool first = true;
  for (const u8 byte : bytes) {
    number = number << 7 | (byte & 0x7fU);
    if ((byte & 0x80) != 0) continue;
    if (first) {
      const u64 start = std::min<u64>(number / 40, 2);
      fmt::format_to(std::back_inserter(text), "{}.{}", start, number - 40 * start);
    } else {
      fmt::format_to(std::back_inserter(text), ".{}", number);
    }
    first = false;
    number = 0;
  }
  return text;
}

class Certificate {
 public:
  explicit Certificate(Message& message) : m_(message) {}

  void read(Vector bytes) {
    Vector outer = inside(bytes);
    Vector signed_part = inside(outer);
    Piece piece = next(signed_part);
    if (piece.tag == 0xa0) {
      put_integer(in(af_fields, "x509af.version"), next(piece.value));
      piece = next(signed_part);
    }
    put_integer(in(af_fields, "x509af.serialNumber"), piece);
    read_algorithm(signed_part);
    walk(next(signed_part), 0);  // issuer
    Vector validity = inside(signed_part);
    put_time(next(validity));
    put_time(next(validity));
    walk(next(signed_part), 0);  // subject
    Vector key = inside(signed_part);
    read_algorithm(key);
    while (signed_part.left() > 0 && !failed_) {
      piece = next(signed_part);
      if (piece.tag != 0xa3) continue;
      Vector list = inside(piece.value);
      while (list.left() > 0 && !failed_) read_extension(inside(list));
    }
    read_algorithm(outer);
  }

  void walk_name(Vector bytes) { walk(next(bytes), 0); }

  // RFC 6960: a status, and bytes of the kind that an identifier tells.
  void read_status(Vector bytes) {
    Vector response = inside(bytes);
    next(response);
    Vector tagged = inside(response);
    Vector both = inside(tagged);
    const Piece kind = next(both);
    const Piece content = next(both);
    if (failed_ || kind.tag != identifier || content.tag != octets) return;
    m_.path(word_of(kind.value.rest()));
    Vector basic = content.value;
    walk(next(basic), 0);
  }

 private:
  Piece next(Vector& v) {
    if (failed_ || v.left() < 2 || ++pieces_ > most_pieces) {
      failed_ = true;
      return {0, v.part(0)};
    }
    const auto tag = static_cast<u8>(v.take(1));
    u64 size = v.take(1);
    if (size >= 0x80) {
      const u64 count = size & 0x7f;
      if (count == 0 || count > 4 || count > v.left()) {
        failed_ = true;
        return {0, v.part(0)};
      }
      size = v.take(static_cast<u32>(count));
    }
    return {tag, v.part(static_cast<u32>(std::min<u64>(size, v.left())))};
  }
  Vector inside(Vector& v) { return next(v).value; }

  void put(const Field& field, Vector value) { value.bytes(field, value.left()); }
  void put_integer(const Field& field, Piece piece) {
    if (piece.tag != integer) return;
    if (field.show == Show::bytes)
      put(field, piece.value);
    else
      piece.value.number(field, std::min(piece.value.left(), 8U));
  }
  void put_oid(const Field& field, const Piece& piece) {
    if (piece.tag == identifier) m_.put_text(field, 0, 0, dotted(piece.value.rest()));
  }

  void read_algorithm(Vector& v) {
    const Piece piece = next(v);
    Vector peeked = piece.value;
    put_oid(in(af_fields, "x509af.algorithm.id"), next(peeked));
    walk(piece, 0);
  }

  // "200101000000Z" is shown as "2020-01-01 00:00:00 (UTC)".
  void put_time(const Piece& piece) {
    if (piece.tag != utc_time && piece.tag != general_time) return;
    const Bytes digits = piece.value.rest();
    std::string text;
    std::size_t at = 0;
    if (piece.tag == utc_time) text = !digits.empty() && digits[0] < '5' ? "20" : "19";
    const auto take = [&](std::size_t count, std::string_view behind) {
      for (; count > 0 && at < digits.size(); --count) text += static_cast<char>(digits[at++]);
      text += behind;
    };
    take(piece.tag == utc_time ? 2 : 4, "-");
    take(2, "-");
    take(2, " ");
    take(2, ":");
    take(2, ":");
    take(2, " (UTC)");
    m_.put_text(in(af_fields, "x509af.utcTime"), 0, 0, text);
  }

  void read_extension(Vector v) {
    const Piece id = next(v);
    if (id.tag != identifier) return;
    put_oid(in(af_fields, "x509af.extension.id"), id);
    Piece value = next(v);
    if (value.tag == boolean) value = next(v);
    const auto word = word_of(id.value.rest());
    if (word.empty() || value.tag != octets) return;
    m_.path(word);
    const auto bytes = id.value.rest();
    const bool listed = bytes.size() == 3 && bytes[1] == 0x1d;
    if (listed && bytes[2] == 37) return;  // uses of the key: bare identifiers
    if (word == "tls") return read_timestamps(value.value);
    names_ = listed && (bytes[2] == 17 || bytes[2] == 18 || bytes[2] == 31);
    policies_ = listed && bytes[2] == 32;
    if (value.value.left() > 0) walk(next(value.value), 0);
    names_ = policies_ = false;
    failed_ = false;  // what an extension breaks stays inside it
  }

  // Certificate transparency (RFC 6962 section 3.3): TLS's list in an octet string.
  void read_timestamps(Vector v) {
    Vector list = inside(v);
    if (!failed_) read_certificate_timestamps(list);
  }

  // Everything inside a piece; where an identifier announces what follows it, its word.
  void walk(const Piece& piece, unsigned depth) {
    if (failed_ || depth > deepest) return;
    put_name(piece);
    const bool constructed = (piece.tag & 0x20) != 0;
    if (!constructed) return;
    Vector rest = piece.value;
    bool first = true;
    Bytes announced;
    while (rest.left() > 0 && !failed_) {
      const Piece inner = next(rest);
      if (first && inner.tag == identifier) {
        announced = inner.value.rest();
      } else if (!announced.empty()) {
        const auto word = word_of(announced);
        if (in_name(announced)) m_.put_text(in(if_fields, "x509if.oid"), 0, 0, dotted(announced));
        if (!word.empty()) {
          m_.path(word);
          if (in_name(announced)) put_attribute(announced, inner);
        }
        const bool known = !word.empty() || policies_;
        announced = {};
        if (known) walk(inner, depth + 1);
      } else {
        walk(inner, depth + 1);
      }
      first = false;
    }
  }

  // A part of a name: X.500's attributes, those of PKCS #9, of pilot directories, Microsoft's.
  static bool in_name(Bytes id) {
    const std::string_view text{reinterpret_cast<const char*>(id.data()), id.size()};
    return text.starts_with(oid::attribute) || text.starts_with(oid::pkcs9) ||
           text.starts_with(oid::pilot) || text.starts_with(oid::jurisdiction);
  }

  // The value of an attribute of a name, by its kind and its kind of string.
  void put_attribute(Bytes id, const Piece& piece) {
    const bool plain = id.size() == 3;
    if (plain && id[2] == 6) return put(in(sat_fields, "x509sat.CountryName"), piece.value);
    if (plain && (id[2] == 5 || id[2] == 46))
      return put(in(sat_fields, "x509sat.PrintableString"), piece.value);
    switch (piece.tag) {
      case utf8:
        return put(in(sat_fields, "x509sat.uTF8String"), piece.value);
      case printable:
        return put(in(sat_fields, "x509sat.printableString"), piece.value);
      case teletex:
        return put(in(sat_fields, "x509sat.teletexString"), piece.value);
      case ia5:
        return put(in(sat_fields, "x509sat.IA5String"), piece.value);
      default:
        return;
    }
  }

  // A GeneralName (RFC 5280 section 4.2.1.6) in an extension.
  void put_name(const Piece& piece) {
    if (!names_) return;
    if (piece.tag == 0x81) put(in(ce_fields, "x509ce.rfc822Name"), piece.value);
    if (piece.tag == 0x82) put(in(ce_fields, "x509ce.dNSName"), piece.value);
    if (piece.tag == 0x86) put(in(ce_fields, "x509ce.uniformResourceIdentifier"), piece.value);
  }

  Message& m_;
  unsigned pieces_ = 0;
  bool failed_ = false;
  bool names_ = false;     // inside an extension that lists general names
  bool policies_ = false;  // inside one whose identifiers announce more identifiers
};

bool read_nothing(Message& /*message*/) { return false; }  // only TLS carries them

}  // namespace

void read_certificate(Message& message, Vector bytes) { Certificate{message}.read(bytes); }

void read_distinguished_name(Message& message, Vector bytes) {
  Certificate{message}.walk_name(bytes);
}

void read_ocsp_response(Message& message, Vector bytes) { Certificate{message}.read_status(bytes); }

const Parser x509af{
    .header = {.word = "x509af",
               .name = "X.509 Authentication Framework",
               .layer = 6,
               .fields = {},
               .found = af_fields},
    .read = read_nothing
};
const Parser x509if{
    .header = {.word = "x509if",
               .name = "X.509 Information Framework",
               .layer = 6,
               .fields = {},
               .found = if_fields},
    .read = read_nothing
};
const Parser x509sat{
    .header = {.word = "x509sat",
               .name = "X.509 Selected Attribute Types",
               .layer = 6,
               .fields = {},
               .found = sat_fields},
    .read = read_nothing
};
const Parser x509ce{
    .header = {.word = "x509ce",
               .name = "X.509 Certificate Extensions",
               .layer = 6,
               .fields = {},
               .found = ce_fields},
    .read = read_nothing
};

}  // namespace trama::parse
