// JA3 and JA3S: what a hello offers, as text, and its MD5: the same program says the same hello.
#include <openssl/evp.h>

#include <charconv>

#include "packet/parse/protocols/tls.h"
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {
namespace {

using wire::in;

// Values that stand for nothing (RFC 8701): clients send them to keep servers tolerant.
bool grease(u16 value) { return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 255); }

template <class T>
void append(std::string& text, const std::vector<T>& values, bool without_grease) {
  bool first = true;
  for (const T value : values) {
    if (without_grease && grease(value)) continue;
    if (!first) text += '-';
    first = false;
    char number[8];
    text.append(number, std::to_chars(number, number + sizeof number, value).ptr);
  }
}

std::string md5(std::string_view text) {
  u8 sum[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), sum, &size, EVP_md5(), nullptr) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[sum[i] >> 4];
    hex += "0123456789abcdef"[sum[i] & 15];
  }
  return hex;
}

}  // namespace

void put_ja3(Message& message, const TlsFingerprint& found, bool client) {
  std::string text = std::to_string(found.version) + ',';
  append(text, found.suites, client);
  text += ',';
  append(text, found.extensions, client);
  if (client) {
    text += ',';
    append(text, found.groups, true);
    text += ',';
    append(text, found.formats, false);
  }
  message.put_text(
      client ? in(tls_fields, "tls.handshake.ja3_full") : in(tls_fields, "tls.handshake.ja3s_full"),
      0, 0, text);
  message.put_text(
      client ? in(tls_fields, "tls.handshake.ja3") : in(tls_fields, "tls.handshake.ja3s"), 0, 0,
      md5(text));
}

}  // namespace trama::parse
