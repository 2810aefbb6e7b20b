// QUIC's versions and what they change: salts, labels (RFC 9001 sections 5.1 and 5.2, RFC 9369
// section 3.3).
#include <algorithm>

#include "packet/parse/protocols/quic.h"

namespace trama::parse {
namespace {

constexpr u32 version_2 = 0x6b3343cf;

constexpr u8 salt_23[] = {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
                          0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02};
constexpr u8 salt_29[] = {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
                          0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99};
constexpr u8 salt_1[] = {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                         0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};
constexpr u8 salt_2[] = {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
                         0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9};
constexpr unsigned rfc_9000 = 34, rfc_9369 = 100;

}  // namespace

unsigned quic_draft_of(u32 version) {
  if (version >> 8 == 0xff0000) return (version & 0xff) <= rfc_9000 ? version & 0xff : 0;
  if (version == 0xfaceb001) return 22;
  if (version == 0xfaceb002 || version == 0xfaceb00e) return 27;
  // Reserved to provoke negotiation: nobody knows what such a packet follows; a late draft is
  // likely.
  if ((version & 0x0f0f0f0f) == 0x0a0a0a0a) return 29;
  if (version == 1) return rfc_9000;
  if (version == version_2) return rfc_9369;
  return 0;
}

PacketKey quic_key_of(u32 version, Cipher cipher, Hash hash, Bytes secret) {
  const bool second = version == version_2;
  PacketKey key;
  key.cipher = cipher;
  key.key = expand_label(hash, secret, second ? "quicv2 key" : "quic key", key_size_of(cipher));
  key.iv = expand_label(hash, secret, second ? "quicv2 iv" : "quic iv", 12);
  key.header = expand_label(hash, secret, second ? "quicv2 hp" : "quic hp", key_size_of(cipher));
  return key;
}

bool derive_initial_keys(QuicConnection& connection) {
  const unsigned draft = quic_draft_of(connection.version);
  if (draft < 23) return false;
  const Bytes salt = draft == rfc_9369 ? Bytes{salt_2}
                     : draft > 32      ? Bytes{salt_1}
                     : draft > 28      ? Bytes{salt_29}
                                       : Bytes{salt_23};
  const Secret secret = hkdf_extract(Hash::sha256, salt, connection.first.view());
  for (const bool server : {false, true}) {
    const Secret half =
        expand_label(Hash::sha256, secret.view(), server ? "server in" : "client in", 32);
    connection.keys[server ? 1 - connection.client : connection.client][quic_initial] =
        quic_key_of(connection.version, Cipher::aes_128_gcm, Hash::sha256, half.view());
  }
  return true;
}

void find_quic_keys(QuicConnection& connection, const KeyLog& log, u8 from, QuicLevel level) {
  auto& key = connection.keys[from][level];
  if (key || level == quic_initial || log.empty()) return;
  const bool client = from == connection.client;
  if (level == quic_early && !client) return;
  const auto kind = level == quic_early ? SecretKind::client_early
                    : level == quic_handshake
                        ? (client ? SecretKind::client_handshake : SecretKind::server_handshake)
                        : (client ? SecretKind::client_traffic : SecretKind::server_traffic);
  const Bytes secret = log.find(kind, connection.tls.randoms.client);
  if (secret.empty()) return;
  // Early data has the suite of the session before: the usual ones by the secret's length.
  auto suite = tls_suite_of(connection.tls.suite);
  if (level == quic_early || !suite)
    suite = secret.size() == 48 ? TlsSuite{Cipher::aes_256_gcm, Hash::sha384, Hash::sha384}
                                : TlsSuite{Cipher::aes_128_gcm, Hash::sha256, Hash::sha256};
  key = quic_key_of(connection.version, suite->cipher, suite->hash, secret);
  if (level != quic_data) return;
  Secret& kept = connection.secrets[from];
  kept.size = static_cast<u8>(secret.size());
  std::copy(secret.begin(), secret.end(), kept.bytes.begin());
}

PacketKey next_quic_key(const QuicConnection& connection, u8 from, Secret& secret) {
  const PacketKey& now = *connection.keys[from][quic_data];
  const Hash hash = connection.secrets[from].size == 48 ? Hash::sha384 : Hash::sha256;
  secret = expand_label(hash, connection.secrets[from].view(),
                        connection.version == version_2 ? "quicv2 ku" : "quic ku", size_of(hash));
  PacketKey next = quic_key_of(connection.version, now.cipher, hash, secret.view());
  next.header = now.header;
  return next;
}

}  // namespace trama::parse
