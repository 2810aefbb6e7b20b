// The cryptography that TLS 1.3 and QUIC share, by OpenSSL: keys derived from secrets (RFC 5869,
// RFC 8446 section 7.1), bytes opened and checked (AEAD), QUIC's header protection (RFC 9001
// section 5.4). Nothing here fails loudly: what cannot be opened is not.
#pragma once
#include <array>
#include <string_view>

#include "base/bytes.h"

namespace trama::parse {

enum class Hash : u8 { sha1, sha256, sha384, md5 };
enum class Cipher : u8 {
  aes_128_gcm,
  aes_256_gcm,
  chacha20_poly1305,
  aes_128_ccm,
  aes_128_ccm_8,
  aes_128_cbc,
  aes_256_cbc
};

[[nodiscard]] u32 size_of(Hash hash);
[[nodiscard]] u32 key_size_of(Cipher cipher);
[[nodiscard]] u32 tag_size_of(Cipher cipher);

// A secret or a digest: as long as the hash that made it.
struct Secret {
  std::array<u8, 48> bytes{};
  u8 size = 0;
  [[nodiscard]] Bytes view() const { return {bytes.data(), size}; }
};

[[nodiscard]] Secret hmac(Hash hash, Bytes key, Bytes text);
[[nodiscard]] inline Secret hkdf_extract(Hash hash, Bytes salt, Bytes input) {
  return hmac(hash, salt, input);
}
// HKDF-Expand-Label with "tls13 " before the label and no context; at most 48 bytes.
[[nodiscard]] Secret expand_label(Hash hash, Bytes secret, std::string_view label, u32 size);

// What protects one direction.
struct PacketKey {
  Cipher cipher = Cipher::aes_128_gcm;
  Secret key, iv, header;

  // The nonce of RFC 8446 section 5.3: the IV with the number on its last 8 bytes.
  [[nodiscard]] std::array<u8, 12> nonce(u64 number) const;
};

// Opens `sealed`, whose last bytes are its tag, into `plain`, which holds what is before the tag.
// False where the tag does not fit.
[[nodiscard]] bool open_sealed(Cipher cipher, Bytes key, Bytes nonce, Bytes associated,
                               Bytes sealed, u8* plain);
// CBC without padding rules: whole blocks of 16 bytes.
[[nodiscard]] bool open_blocks(Cipher cipher, Bytes key, Bytes iv, Bytes blocks, u8* plain);
// The five bytes that hide a QUIC header, from 16 bytes of its payload.
[[nodiscard]] bool header_mask(const PacketKey& key, Bytes sample, std::array<u8, 5>& mask);

}  // namespace trama::parse
