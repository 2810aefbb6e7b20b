// What the files of TLS share: the state of a conversation, and who reads what. tls.cpp reads
// records, tls_handshake.cpp finds the messages inside, tls_message.cpp reads one,
// tls_extensions.cpp what hellos offer, tls_ja3.cpp fingerprints them, x509.cpp walks certificates.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "packet/parse/protocols/tls_decoder.h"
#include "packet/parse/protocols/tls_vector.h"
#include "packet/parse/waiting.h"

namespace trama::parse {

enum TlsType : u8 {
  change_cipher_spec = 20,
  alert = 21,
  handshake = 22,
  application_data = 23,
  heartbeat = 24,
  connection_id = 25
};

inline constexpr u16 ssl2 = 0x0002, ssl3 = 0x0300, tls1_0 = 0x0301, tls1_1 = 0x0302,
                     tls1_2 = 0x0303, tls1_3 = 0x0304;

// A handshake message longer than this is not put together; of one that is, so many packets that
// brought parts are told.
inline constexpr u32 longest_handshake = 1U << 18;
inline constexpr std::size_t most_parts = 64;

// What both ends of a TLS connection agreed on, as far as it was seen. QUIC keeps one, too.
struct TlsState {   // NOLINT: clang-tidy 14 judges the names in its implicit copy
  u16 version = 0;  // 0: unknown
  u16 suite = 0;
  u64 changed[2] = {0, 0};  // the packet with each end's ChangeCipherSpec
  std::string alpn;         // that the server chose, at most 32 bytes
  // A handshake message that goes on in the sender's next record.
  struct Part {
    WaitingBytes bytes;
    std::vector<u64> packets;  // that brought them
    void forget() {
      bytes.forget();
      packets = {};
    }
  };
  Part parts[2];
  bool quic = false;
  bool datagrams = false;  // DTLS
  // For those whose secrets are in the key log.
  u8 client = 0;  // who said the client's hello
  TlsRandoms randoms;
  bool encrypt_then_mac = false;
  std::unique_ptr<TlsDecoder> decoder;
  WaitingBytes waiting[2];  // opened bytes of a message that goes on, at most most_waiting_data
};

inline constexpr std::size_t most_waiting_data = 1U << 18;

// "TLSv1.2"; "SSL" where the version is unknown.
std::string_view tls_short_name(u16 version);
// 0x0304 for every draft of TLS 1.3; 0 where it is no version.
u16 tls_version_of(u64 number);

// The same of DTLS's numbers: 0x0302 for DTLS 1.0, from which that was made, and 0x0303 for 1.2.
u16 dtls_version_of(u64 number);
std::string_view dtls_short_name(u16 version);

// What records carry beside handshake messages. `size`: as the record says; the body may be cut.
void read_tls_alert(Vector body, u32 size);
void read_tls_heartbeat(Vector body, u32 size);

// A handshake message behind its header: its kind's rows. Where the bytes broke off, the body says
// so.
void read_tls_message(u8 type, Vector& body, TlsState& state, u8 from);
// The message's name; empty where the kind is unknown. A server hello that asks for another hello
// has a name of its own, if its body is given.
std::string_view tls_message_name(u8 type, Bytes body = {});

// Reads the handshake messages of one record's content and appends their names to info().
// `from` tells whose they are. False where the bytes broke off.
bool read_tls_handshake(Vector content, TlsState& state, u8 from);
// Is this record's content a handshake message that nobody can read?
bool tls_encrypted(Bytes content, const TlsState& state, u8 from, u64 packet);

enum class TlsPlace : u8 {  // which message the extensions belong to
  client_hello,
  server_hello,
  retry_request,
  encrypted_extensions,
  certificate,
  certificate_request,
  new_session_ticket
};

// What JA3 fingerprints, collected while the hello is read; filled only where rows are wanted.
struct TlsFingerprint {
  std::vector<u16> suites, extensions, groups;
  std::vector<u8> formats;
  u16 version = 0;
};

// Length and extensions up to the vector's end.
void read_tls_extensions(Vector& in, TlsState& state, TlsPlace place, TlsFingerprint* found);
void put_ja3(Message& message, const TlsFingerprint& found, bool client);

// What runs inside TLS: the parser's word and the protocol's name; empty where nobody knows.
struct TlsInner {
  std::string_view word, name;
};
TlsInner tls_inner(const TlsState& state, const Around& around);

// Adds the words that a certificate gives frame.protocols, and the rows of its main fields.
void read_certificate(Message& message, Vector bytes);

// A Name of X.501: its attributes' words and rows.
void read_distinguished_name(Message& message, Vector bytes);
// The answer of a certificate's status (RFC 6960).
void read_ocsp_response(Message& message, Vector bytes);
// Signed certificate timestamps (RFC 6962 section 3.3).
void read_certificate_timestamps(Vector& v);
// QUIC's transport parameters.
void read_quic_parameters(Vector& v);

// ", NAME", or "NAME" where it is the first.
void add_to_info(Message& message, std::string_view name);

}  // namespace trama::parse
