#include "packet/parse/protocols/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

namespace trama::parse {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const EVP_MD* digest_of(Hash hash) {
  switch (hash) {
    case Hash::sha1:
      return EVP_sha1();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::md5:
      return EVP_md5();
    case Hash::sha256:
      break;
  }
  return EVP_sha256();
}

const EVP_CIPHER* cipher_of(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes_256_gcm:
      return EVP_aes_256_gcm();
    case Cipher::chacha20_poly1305:
      return EVP_chacha20_poly1305();
    case Cipher::aes_128_ccm:
    case Cipher::aes_128_ccm_8:
      return EVP_aes_128_ccm();
    case Cipher::aes_128_cbc:
      return EVP_aes_128_cbc();
    case Cipher::aes_256_cbc:
      return EVP_aes_256_cbc();
    case Cipher::aes_128_gcm:
      break;
  }
  return EVP_aes_128_gcm();
}

}  // namespace

u32 size_of(Hash hash) {
  return hash == Hash::sha384 ? 48 : hash == Hash::sha256 ? 32 : hash == Hash::sha1 ? 20 : 16;
}

u32 key_size_of(Cipher cipher) {
  return cipher == Cipher::aes_256_gcm || cipher == Cipher::chacha20_poly1305 ||
                 cipher == Cipher::aes_256_cbc
             ? 32
             : 16;
}

u32 tag_size_of(Cipher cipher) { return cipher == Cipher::aes_128_ccm_8 ? 8 : 16; }

Secret hmac(Hash hash, Bytes key, Bytes text) {
  Secret out;
  u8 digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  static constexpr u8 none = 0;
  if (HMAC(digest_of(hash), key.empty() ? &none : key.data(), static_cast<int>(key.size()),
           text.data(), text.size(), digest, &size) == nullptr)
    return out;
  out.size = static_cast<u8>(std::min<std::size_t>(size, out.bytes.size()));
  std::copy_n(digest, out.size, out.bytes.begin());
  return out;
}

Secret expand_label(Hash hash, Bytes secret, std::string_view label, u32 size) {
  // One or two rounds of HMAC over: what came before, the length, the label, no context, a counter.
  constexpr std::string_view start = "tls13 ";
  std::array<u8, 48 + 2 + 1 + 32 + 1 + 1> text{};
  Secret out;
  Secret last;
  size = std::min<u32>(size, out.bytes.size());
  if (start.size() + label.size() > 32) return out;
  for (u8 round = 1; out.size < size; ++round) {
    u8* end = std::copy_n(last.bytes.begin(), last.size, text.begin());
    *end++ = static_cast<u8>(size >> 8);
    *end++ = static_cast<u8>(size);
    *end++ = static_cast<u8>(start.size() + label.size());
    end = std::copy(start.begin(), start.end(), end);
    end = std::copy(label.begin(), label.end(), end);
    *end++ = 0;
    *end++ = round;
    last = hmac(hash, secret, {text.data(), end});
    if (last.size == 0) return {};
    const u32 taken = std::min<u32>(last.size, size - out.size);
    std::copy_n(last.bytes.begin(), taken, out.bytes.begin() + out.size);
    out.size = static_cast<u8>(out.size + taken);
  }
  return out;
}

std::array<u8, 12> PacketKey::nonce(u64 number) const {
  std::array<u8, 12> out{};
  std::copy_n(iv.bytes.begin(), out.size(), out.begin());
  for (unsigned i = 0; i < 8; ++i) out[11 - i] ^= static_cast<u8>(number >> (8 * i));
  return out;
}

bool open_sealed(Cipher cipher, Bytes key, Bytes nonce, Bytes associated, Bytes sealed, u8* plain) {
  const u32 tag = tag_size_of(cipher);
  if (sealed.size() < tag || key.size() != key_size_of(cipher)) return false;
  const Bytes text = sealed.first(sealed.size() - tag);
  const bool ccm = cipher == Cipher::aes_128_ccm || cipher == Cipher::aes_128_ccm_8;
  const Context context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX* c = context.get();
  int size = 0;
  u8 sum[16];
  std::copy(sealed.end() - tag, sealed.end(), sum);
  if (c == nullptr || EVP_DecryptInit_ex(c, cipher_of(cipher), nullptr, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce.size()), nullptr) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag), sum) != 1 ||
      EVP_DecryptInit_ex(c, nullptr, nullptr, key.data(), nonce.data()) != 1)
    return false;
  // CCM wants to know the length first, and checks while it decrypts.
  if (ccm && EVP_DecryptUpdate(c, nullptr, &size, nullptr, static_cast<int>(text.size())) != 1)
    return false;
  if (!associated.empty() && EVP_DecryptUpdate(c, nullptr, &size, associated.data(),
                                               static_cast<int>(associated.size())) != 1)
    return false;
  if (EVP_DecryptUpdate(c, plain, &size, text.data(), static_cast<int>(text.size())) != 1)
    return false;
  return ccm || EVP_DecryptFinal_ex(c, plain + size, &size) == 1;
}

bool open_blocks(Cipher cipher, Bytes key, Bytes iv, Bytes blocks, u8* plain) {
  if (blocks.size() % 16 != 0 || iv.size() != 16 || key.size() != key_size_of(cipher)) return false;
  const Context context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX* c = context.get();
  int size = 0;
  return c != nullptr &&
         EVP_DecryptInit_ex(c, cipher_of(cipher), nullptr, key.data(), iv.data()) == 1 &&
         EVP_CIPHER_CTX_set_padding(c, 0) == 1 &&
         EVP_DecryptUpdate(c, plain, &size, blocks.data(), static_cast<int>(blocks.size())) == 1;
}

bool header_mask(const PacketKey& key, Bytes sample, std::array<u8, 5>& mask) {
  if (sample.size() < 16) return false;
  const Context context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX* c = context.get();
  if (c == nullptr) return false;
  int size = 0;
  std::array<u8, 32> out{};
  if (key.cipher == Cipher::chacha20_poly1305) {
    constexpr u8 zeros[5] = {};
    if (EVP_EncryptInit_ex(c, EVP_chacha20(), nullptr, key.header.bytes.data(), sample.data()) !=
            1 ||
        EVP_EncryptUpdate(c, out.data(), &size, zeros, sizeof zeros) != 1)
      return false;
  } else {
    const auto* block = key_size_of(key.cipher) == 32 ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
    if (EVP_EncryptInit_ex(c, block, nullptr, key.header.bytes.data(), nullptr) != 1 ||
        EVP_EncryptUpdate(c, out.data(), &size, sample.data(), 16) != 1)
      return false;
  }
  std::copy_n(out.begin(), mask.size(), mask.begin());
  return true;
}

}  // namespace trama::parse
