// Opens the records of a TLS connection whose secrets are in the key log: TLS 1.0 to 1.2 from the
// master secret (RFC 5246 section 6), TLS 1.3 from its traffic secrets (RFC 8446 section 7). One
// object a connection, of constant size.
#pragma once
#include <optional>

#include "packet/parse/key_log.h"
#include "packet/parse/protocols/crypto.h"

namespace trama::parse {

struct TlsRandoms {
  std::array<u8, 32> client{}, server{};
};

// What a suite's name says.
struct TlsSuite {
  Cipher cipher;
  Hash hash;  // of the key derivation
  Hash mac;   // of records, for CBC
};
// nullopt where nobody here can open it.
std::optional<TlsSuite> tls_suite_of(u16 suite);

class TlsDecoder {
 public:
  struct Record {
    u8 type;
    u16 version;  // as the record states it
    Bytes body;
  };
  // The connection as its hellos told.
  struct Terms {
    u16 version = 0, suite = 0;
    bool encrypt_then_mac = false;
    TlsRandoms randoms;
  };

  // The side's next records are under new keys: after ChangeCipherSpec or, in TLS 1.3, a hello.
  void change(bool client);
  // TLS 1.3: after the side's Finished, and after its KeyUpdate.
  void finished(bool client);
  void updated(bool client);

  // Opens a record into `plain`, which has room for the whole body; the inner type in `type`. How
  // many bytes; nullopt where the record is not encrypted or the secrets are unknown or do not fit.
  std::optional<u32> open(const Terms& terms, const KeyLog& log, bool client, const Record& record,
                          u8* plain, u8& type);

 private:
  enum class Phase : u8 { clear, handshake, traffic };
  struct Side {
    Phase phase = Phase::clear;
    std::optional<PacketKey> key;
    Secret secret;  // TLS 1.3: what the next keys come from
    Secret mac;
    u64 sequence = 0;
  };
  bool prepare(const Terms& terms, const KeyLog& log, bool client, const TlsSuite& suite);
  std::optional<u32> open_modern(Side& side, const Record& record, u8* plain, u8& type);
  std::optional<u32> open_aead(Side& side, const Record& record, u8* plain);
  std::optional<u32> open_cbc(const Terms& terms, const TlsSuite& suite, Side& side,
                              const Record& record, u8* plain);
  static void derive(Side& side, const TlsSuite& suite);

  Side sides_[2];
};

}  // namespace trama::parse
