// What the files of QUIC share: a connection's memory. quic.cpp reads packets, quic_frames.cpp the
// frames inside, quic_keys.cpp knows versions and derives keys, quic_stream.cpp puts CRYPTO frames
// in order.
#pragma once
#include <optional>

#include "packet/parse/protocols/crypto.h"
#include "packet/parse/protocols/tls.h"

namespace trama::parse {

// Packet number spaces, and the keys that belong to them (RFC 9000 section 12.3).
enum QuicLevel : u8 { quic_initial, quic_handshake, quic_data, quic_early };

struct ConnectionId {
  std::array<u8, 20> bytes{};
  u8 size = 0;
  [[nodiscard]] Bytes view() const { return {bytes.data(), size}; }
  bool operator==(const ConnectionId&) const = default;
};

// The bytes of CRYPTO frames of one direction and level, in order.
class CryptoStream {
 public:
  // Adds `piece`, which stands at `offset` of the stream. What may be read now, part of the piece
  // or in the message's keep(): nothing while a piece before it or between pieces is missing.
  Bytes add(Message& message, u64 offset, Bytes piece);

 private:
  u64 next_ = 0;  // all before it was given out
  WaitingPieces ahead_;
};

struct QuicConnection {  // NOLINT: clang-tidy 14 judges the names in its implicit copy
  u32 version = 0;
  u8 client = 0;                       // which end speaks as the client
  bool known = false;                  // the client's first packet was seen
  ConnectionId first;                  // the client chose it: the first keys come from it
  std::optional<ConnectionId> ids[2];  // how each end wants to be addressed
  std::optional<PacketKey> keys[2][4];
  Secret secrets[2];  // that the keys of data came from: the next ones come from it, too
  bool phase[2] = {false, false};  // which keys of data are in use
  u64 largest[2][3] = {};
  CryptoStream streams[2][3];
  TlsState tls;
};

// The draft that a version is based on: 34 is RFC 9000, 100 RFC 9369; 0: not of this family.
unsigned quic_draft_of(u32 version);
// Sets the Initial keys of both directions (RFC 9001 section 5.2); false where the salt is unknown.
bool derive_initial_keys(QuicConnection& connection);
// The keys of one direction from its secret.
PacketKey quic_key_of(u32 version, Cipher cipher, Hash hash, Bytes secret);

// The keys of a level from the key log, where they are not known yet.
void find_quic_keys(QuicConnection& connection, const KeyLog& log, u8 from, QuicLevel level);
// The next keys of data (RFC 9001 section 6), which keep the header's.
PacketKey next_quic_key(const QuicConnection& connection, u8 from, Secret& secret);

// Reads the frames of an opened packet and appends their names to info().
void read_quic_frames(Vector frames, QuicConnection& connection, u8 from, QuicLevel level);

// A number of variable length (RFC 9000 section 16); 0 bytes where it is not whole.
u32 quic_number_size(const Vector& v);
u64 put_quic_number(Vector& v, const wire::Field& field);

}  // namespace trama::parse
