// A socket's bytes through TLS, on either side of it.
#pragma once
#include <openssl/ssl.h>

#include <memory>

#include "base/result.h"
#include "connect/channel.h"
#include "connect/request.h"

namespace trama::connect {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using TlsSession = std::unique_ptr<SSL, decltype(&SSL_free)>;

class TlsChannel : public Channel {
 public:
  TlsChannel(int socket, TlsSession session);

  // One step of a client's handshake: 0 once done, EPOLLIN or EPOLLOUT for what it waits for; -1:
  // failed. A server's is part of its first read or write.
  int shake_hands();
  ssize_t read(std::span<u8> space) override;
  ssize_t write(Bytes bytes) override;
  bool end_sending() override;
  [[nodiscard]] bool is_plain() const override { return false; }
  [[nodiscard]] bool established() const override {
    return SSL_is_init_finished(session_.get()) == 1;
  }
  [[nodiscard]] bool has_more() const override { return SSL_pending(session_.get()) > 0; }
  [[nodiscard]] bool cut_off() const override { return ended_ && !notified_; }
  [[nodiscard]] std::string failure() const override;
  [[nodiscard]] SSL* session() const { return session_.get(); }
  // What the peer showed, proven or not; nullptr: nothing.
  [[nodiscard]] const X509* peer_certificate() const { return peer_.get(); }
  void keep_peer_certificate(X509* certificate);

 private:
  static void hear(const SSL* session, int where, int value);
  ssize_t outcome(int result);

  TlsSession session_;
  std::unique_ptr<X509, decltype(&X509_free)> peer_{nullptr, X509_free};
  std::string failure_;
  bool ended_ = false;     // the peer sends nothing more
  bool notified_ = false;  // it said so (close_notify)
};

// OpenSSL's words for an error of its queue.
std::string tls_reason(unsigned long code);

// A certificate's fingerprint, as ncat shows it: "0123 4567 ...".
std::string sha1_of(const X509* certificate);

// Takes the wish's certificate and key, and its ciphers. Error (Exit::bad_input): a file that
// cannot be used.
Result<void> use_files(SSL_CTX* context, const TlsWish& wish);

// For who waits for peers: sessions with the wish's certificate, or one made for the occasion.
class TlsHost {
 public:
  // Errors: a file that cannot be used (Exit::bad_input).
  static Result<std::unique_ptr<TlsHost>> make(const TlsWish& wish);
  [[nodiscard]] std::unique_ptr<Channel> channel(int socket) const;  // nullptr: no memory for it
  [[nodiscard]] std::string fingerprint() const;                     // sha1_of

 private:
  explicit TlsHost(TlsContext context) : context_(std::move(context)) {}
  TlsContext context_;
};

}  // namespace trama::connect
