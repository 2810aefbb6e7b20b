// TLS for the server's streams, with OpenSSL: one context a server, one session a connection.
// Nothing blocks: a slow handshake waits in the loop as a slow reader does.
#pragma once
#include <sys/types.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace trama::serve {

struct TlsSettings {
  std::string certificate, key;     // PEM files; both or none: a certificate is made
  std::string client_ca;            // PEM; clients must show a certificate signed by one of these
  std::vector<std::string> alpn{};  // protocols, the best first; none: ALPN is not spoken
};

class TlsSession {
 public:
  explicit TlsSession(ssl_st* session) : session_(session) {}
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  // One step of the handshake. True once it is done; false with error() 0: wait for wants().
  bool handshake();
  [[nodiscard]] bool established() const { return established_; }
  // As recv(2) and send(2): -1 with errno EAGAIN where it has to wait; -1 with errno EPROTO where
  // TLS itself failed (reason() says how). What write() could not take is to be given to it again.
  ssize_t read(std::span<u8> space);
  ssize_t write(Bytes text);
  [[nodiscard]] bool has_read_more() const;  // bytes that no readiness of the socket tells of
  [[nodiscard]] u32 wants() const { return wants_; }     // EPOLLIN or EPOLLOUT, of the handshake
  [[nodiscard]] bool closed() const { return closed_; }  // by the client, in the handshake
  [[nodiscard]] int error() const { return error_; }     // errno of a handshake that failed
  [[nodiscard]] u32 reason() const { return reason_; }
  void say_goodbye();  // close_notify

 private:
  ssize_t failed(int result);
  ssl_st* session_;
  bool established_ = false;
  bool broken_ = false;
  bool closed_ = false;
  bool ticketed_ = false;  // it was given what it needs to come back
  u32 wants_ = 0;
  int error_ = 0;
  u32 reason_ = 0;
};

class TlsContext {
 public:
  // Errors (Exit::bad_input): a file that cannot be used.
  static Result<std::unique_ptr<TlsContext>> make(const TlsSettings& settings);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  // Reads the files of the settings anew, for sessions to come; those that are there go on as they
  // were. Errors as of make(): nothing changes then.
  Result<void> reload();
  [[nodiscard]] bool has_files() const { return !settings_.certificate.empty(); }
  // A session for an accepted socket; nullptr where there is no memory for it.
  std::unique_ptr<TlsSession> session(int socket);
  [[nodiscard]] std::string fingerprint() const;  // "AB:01:...", SHA-256 of the certificate

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  Result<void> use_files(const TlsSettings& settings);
  void choose_by(const std::string& names);
  ssl_ctx_st* context_;
  TlsSettings settings_;
  std::string alpn_;  // as the protocol has it: each name behind its length
};

// OpenSSL's words for TlsSession::reason ("wrong version number").
std::string tls_reason(u32 reason);

}  // namespace trama::serve
