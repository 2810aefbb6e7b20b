#include "packet/parse/protocols/tls_decoder.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "packet/parse/protocols/tls_suites.h"

namespace trama::parse {
namespace {

constexpr u16 tls_1_0 = 0x0301, tls_1_3 = 0x0304;
constexpr u8 application_data_type = 23;

bool is_cbc(Cipher cipher) {
  return cipher == Cipher::aes_128_cbc || cipher == Cipher::aes_256_cbc;
}

// P_hash of RFC 5246 section 5, added to `out` bit by bit (TLS 1.0 mixes two of them).
void spread(Hash hash, Bytes secret, Bytes seed, std::span<u8> out) {
  Secret chain = hmac(hash, secret, seed);
  std::vector<u8> text;
  for (std::size_t at = 0; at < out.size();) {
    text.assign(chain.bytes.begin(), chain.bytes.begin() + chain.size);
    text.insert(text.end(), seed.begin(), seed.end());
    const Secret block = hmac(hash, secret, text);
    if (block.size == 0) return;
    for (u8 i = 0; i < block.size && at < out.size(); ++i) out[at++] ^= block.bytes[i];
    chain = hmac(hash, secret, chain.view());
  }
}

void make_key_block(const TlsDecoder::Terms& terms, Hash hash, Bytes master, std::span<u8> out) {
  constexpr std::string_view label = "key expansion";
  std::vector<u8> seed{label.begin(), label.end()};
  seed.insert(seed.end(), terms.randoms.server.begin(), terms.randoms.server.end());
  seed.insert(seed.end(), terms.randoms.client.begin(), terms.randoms.client.end());
  std::fill(out.begin(), out.end(), u8{0});
  if (terms.version > 0x0302) return spread(hash, master, seed, out);
  const std::size_t half = (master.size() + 1) / 2;
  spread(Hash::md5, master.first(half), seed, out);
  spread(Hash::sha1, master.last(half), seed, out);
}

Secret secret_of(Bytes bytes) {
  Secret secret;
  secret.size = static_cast<u8>(std::min(bytes.size(), secret.bytes.size()));
  std::copy_n(bytes.begin(), secret.size, secret.bytes.begin());
  return secret;
}

// Sequence number, type, version, length: what every record's check covers.
std::array<u8, 13> checked_header(u64 sequence, const TlsDecoder::Record& record,
                                  std::size_t length) {
  std::array<u8, 13> out{};
  for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<u8>(sequence >> (56 - 8 * i));
  out[8] = record.type;
  out[9] = static_cast<u8>(record.version >> 8);
  out[10] = static_cast<u8>(record.version);
  out[11] = static_cast<u8>(length >> 8);
  out[12] = static_cast<u8>(length);
  return out;
}

bool mac_fits(Hash hash, const Secret& key, Bytes header, Bytes text, Bytes mac) {
  std::vector<u8> whole{header.begin(), header.end()};
  whole.insert(whole.end(), text.begin(), text.end());
  const Secret sum = hmac(hash, key.view(), whole);
  return std::equal(mac.begin(), mac.end(), sum.bytes.begin(), sum.bytes.begin() + sum.size);
}

}  // namespace

std::optional<TlsSuite> tls_suite_of(u16 suite) {
  std::string_view name;
  for (const wire::Name& row : tls_names::suite_names)
    if (row.value == suite) name = row.text;
  constexpr struct {
    std::string_view part;
    Cipher cipher;
  } ciphers[] = {
      {"_AES_128_GCM",       Cipher::aes_128_gcm      },
      {"_AES_256_GCM",       Cipher::aes_256_gcm      },
      {"_CHACHA20_POLY1305", Cipher::chacha20_poly1305},
      {"_AES_128_CCM_8",     Cipher::aes_128_ccm_8    },
      {"_AES_128_CCM",       Cipher::aes_128_ccm      },
      {"_AES_128_CBC",       Cipher::aes_128_cbc      },
      {"_AES_256_CBC",       Cipher::aes_256_cbc      },
  };
  if (!name.starts_with("TLS_")) return std::nullopt;
  for (const auto& row : ciphers) {
    if (name.find(row.part) == name.npos) continue;
    const Hash hash = name.ends_with("_SHA384") ? Hash::sha384 : Hash::sha256;
    const Hash mac = name.ends_with("_SHA") ? Hash::sha1 : hash;
    return TlsSuite{row.cipher, hash, mac};
  }
  return std::nullopt;
}

void TlsDecoder::change(bool client) {
  Side& side = sides_[client ? 0 : 1];
  side = {};
  side.phase = Phase::handshake;
}

void TlsDecoder::finished(bool client) {
  Side& side = sides_[client ? 0 : 1];
  if (side.phase != Phase::handshake) return;
  side = {};
  side.phase = Phase::traffic;
}

void TlsDecoder::updated(bool client) {
  Side& side = sides_[client ? 0 : 1];
  if (side.phase != Phase::traffic || !side.key) return;
  const Hash hash = side.secret.size == 48 ? Hash::sha384 : Hash::sha256;
  side.secret = expand_label(hash, side.secret.view(), "traffic upd", size_of(hash));
  const Cipher cipher = side.key->cipher;
  derive(side, {cipher, hash, hash});
  side.sequence = 0;
}

void TlsDecoder::derive(Side& side, const TlsSuite& suite) {
  PacketKey key;
  key.cipher = suite.cipher;
  key.key = expand_label(suite.hash, side.secret.view(), "key", key_size_of(suite.cipher));
  key.iv = expand_label(suite.hash, side.secret.view(), "iv", 12);
  side.key = key;
}

// The side's keys, once their secret is known.
bool TlsDecoder::prepare(const Terms& terms, const KeyLog& log, bool client,
                         const TlsSuite& suite) {
  Side& side = sides_[client ? 0 : 1];
  if (side.key) return true;
  if (terms.version == tls_1_3) {
    const bool early = side.phase == Phase::handshake;
    const SecretKind kind =
        client ? (early ? SecretKind::client_handshake : SecretKind::client_traffic)
               : (early ? SecretKind::server_handshake : SecretKind::server_traffic);
    side.secret = secret_of(log.find(kind, terms.randoms.client));
    if (side.secret.size != size_of(suite.hash)) return false;
    derive(side, suite);
    return true;
  }
  const Bytes master = log.find(SecretKind::master, terms.randoms.client);
  if (master.size() != 48) return false;
  const bool cbc = is_cbc(suite.cipher);
  const u32 mac = cbc ? size_of(suite.mac) : 0;
  const u32 size = key_size_of(suite.cipher);
  const u32 iv = cbc ? (terms.version == tls_1_0 ? 16 : 0)
                     : (suite.cipher == Cipher::chacha20_poly1305 ? 12 : 4);
  std::array<u8, 2 * (48 + 32 + 16)> block{};
  make_key_block(terms, suite.hash, master, std::span{block}.first(2 * (mac + size + iv)));
  const auto piece = [&](u32 from, u32 count) {
    return secret_of({block.data() + from + (client ? 0 : count), count});
  };
  PacketKey key;
  key.cipher = suite.cipher;
  side.mac = piece(0, mac);
  key.key = piece(2 * mac, size);
  key.iv = piece(2 * (mac + size), iv);
  side.key = key;
  return true;
}

std::optional<u32> TlsDecoder::open(const Terms& terms, const KeyLog& log, bool client,
                                    const Record& record, u8* plain, u8& type) {
  Side& side = sides_[client ? 0 : 1];
  if (side.phase == Phase::clear) return std::nullopt;
  const auto suite = tls_suite_of(terms.suite);
  if (!suite || terms.version < tls_1_0) return std::nullopt;
  if (terms.version == tls_1_3 && record.type != application_data_type) return std::nullopt;
  if (!prepare(terms, log, client, *suite)) return std::nullopt;
  type = record.type;
  const auto size = terms.version == tls_1_3 ? open_modern(side, record, plain, type)
                    : is_cbc(suite->cipher)  ? open_cbc(terms, *suite, side, record, plain)
                                             : open_aead(side, record, plain);
  if (size) ++side.sequence;
  return size;
}

std::optional<u32> TlsDecoder::open_modern(Side& side, const Record& record, u8* plain, u8& type) {
  const std::size_t length = record.body.size();
  if (length < tag_size_of(side.key->cipher)) return std::nullopt;
  const u8 header[] = {record.type, static_cast<u8>(record.version >> 8),
                       static_cast<u8>(record.version), static_cast<u8>(length >> 8),
                       static_cast<u8>(length)};
  const auto nonce = side.key->nonce(side.sequence);
  if (!open_sealed(side.key->cipher, side.key->key.view(), nonce, header, record.body, plain))
    return std::nullopt;
  auto size = static_cast<u32>(length - tag_size_of(side.key->cipher));
  while (size > 0 && plain[size - 1] == 0) --size;  // filling
  if (size == 0) return std::nullopt;
  type = plain[--size];
  return size;
}

std::optional<u32> TlsDecoder::open_aead(Side& side, const Record& record, u8* plain) {
  const PacketKey& key = *side.key;
  const bool chacha = key.cipher == Cipher::chacha20_poly1305;
  const u32 given = chacha ? 0 : 8;  // the record brings this much of the nonce
  if (record.body.size() < given + tag_size_of(key.cipher)) return std::nullopt;
  std::array<u8, 12> nonce{};
  if (chacha) {
    nonce = key.nonce(side.sequence);
  } else {
    std::copy_n(key.iv.bytes.begin(), 4, nonce.begin());
    std::copy_n(record.body.begin(), 8, nonce.begin() + 4);
  }
  const Bytes sealed = record.body.subspan(given);
  const std::size_t size = sealed.size() - tag_size_of(key.cipher);
  const auto header = checked_header(side.sequence, record, size);
  if (!open_sealed(key.cipher, key.key.view(), nonce, header, sealed, plain)) return std::nullopt;
  return static_cast<u32>(size);
}

// RFC 5246 section 6.2.3.2; the check behind the blocks instead of in them: RFC 7366.
std::optional<u32> TlsDecoder::open_cbc(const Terms& terms, const TlsSuite& suite, Side& side,
                                        const Record& record, u8* plain) {
  PacketKey& key = *side.key;
  const u32 mac = size_of(suite.mac);
  Bytes blocks = record.body;
  Bytes outer_mac;
  if (terms.encrypt_then_mac) {
    if (blocks.size() < mac) return std::nullopt;
    outer_mac = blocks.last(mac);
    blocks = blocks.first(blocks.size() - mac);
    const auto header = checked_header(side.sequence, record, blocks.size());
    if (!mac_fits(suite.mac, side.mac, header, blocks, outer_mac)) return std::nullopt;
  }
  if (blocks.size() < 32 || blocks.size() % 16 != 0) {
    if (terms.version > tls_1_0 || blocks.size() < 16 || blocks.size() % 16 != 0)
      return std::nullopt;
  }
  const bool chained = terms.version == tls_1_0;  // the IV is the last block of the record before
  const Bytes iv = chained ? key.iv.view() : blocks.first(16);
  const Bytes text = chained ? blocks : blocks.subspan(16);
  if (!open_blocks(key.cipher, key.key.view(), iv, text, plain)) return std::nullopt;
  auto size = static_cast<u32>(text.size());
  const u32 filling = plain[size - 1] + 1U;
  const u32 inner_mac = terms.encrypt_then_mac ? 0 : mac;
  if (filling + inner_mac > size) return std::nullopt;
  size -= filling + inner_mac;
  if (inner_mac > 0) {
    const auto header = checked_header(side.sequence, record, size);
    if (!mac_fits(suite.mac, side.mac, header, {plain, size}, {plain + size, mac}))
      return std::nullopt;
  }
  if (chained) std::copy_n(text.end() - 16, 16, key.iv.bytes.begin());
  return size;
}

}  // namespace trama::parse
