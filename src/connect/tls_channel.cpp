#include "connect/tls_channel.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"
#include "certificate/made.h"

namespace trama::connect {
namespace {

int size_for(std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes, 1U << 30)); }

}  // namespace

std::string tls_reason(unsigned long code) {
  const char* words = ERR_reason_error_string(code);
  return words == nullptr ? say("no reason given") : words;
}

std::string sha1_of(const X509* certificate) {
  std::array<u8, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha1(), digest.data(), &size) != 1)
    return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i)
    text += fmt::format("{}{:02X}", i != 0 && i % 2 == 0 ? " " : "", digest[i]);
  return text;
}

TlsChannel::TlsChannel(int socket, TlsSession session)
    : Channel(socket), session_(std::move(session)) {
  SSL_set_app_data(session_.get(), this);
  SSL_set_info_callback(session_.get(), hear);
}

// Once hands are shaken a FIN without close_notify ends the peer's direction only: what there is to
// send can still go. Whether close_notify came, only its alert tells then.
void TlsChannel::hear(const SSL* session, int where, int value) {
  auto* channel = static_cast<TlsChannel*>(SSL_get_app_data(session));
  if ((where & SSL_CB_HANDSHAKE_DONE) != 0)
    SSL_set_options(channel->session(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (where == SSL_CB_READ_ALERT && (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
    channel->notified_ = true;
}

void TlsChannel::keep_peer_certificate(X509* certificate) {
  if (peer_ || certificate == nullptr) return;
  X509_up_ref(certificate);
  peer_.reset(certificate);
}

int TlsChannel::shake_hands() {
  ERR_clear_error();
  const int done = SSL_connect(session_.get());
  if (done == 1) return 0;
  const int error = SSL_get_error(session_.get(), done);
  if (error == SSL_ERROR_WANT_READ) return EPOLLIN;
  if (error == SSL_ERROR_WANT_WRITE) return EPOLLOUT;
  return -1;
}

ssize_t TlsChannel::read(std::span<u8> space) {
  ERR_clear_error();
  const ssize_t n = outcome(SSL_read(session_.get(), space.data(), size_for(space.size())));
  if (n == 0) ended_ = true;
  return n;
}

ssize_t TlsChannel::write(Bytes bytes) {
  ERR_clear_error();
  errno = 0;
  const ssize_t n = outcome(SSL_write(session_.get(), bytes.data(), size_for(bytes.size())));
  if (n != 0) return n;
  // OpenSSL answers so to any failure once the peer has ended its direction.
  if (errno == 0) errno = EPIPE;
  return -1;
}

bool TlsChannel::end_sending() {
  ERR_clear_error();
  // close_notify, which ends this direction only (RFC 8446 section 6.1)
  const int done = SSL_shutdown(session_.get());
  if (done < 0 && SSL_get_error(session_.get(), done) == SSL_ERROR_WANT_WRITE) return false;
  return Channel::end_sending();
}

std::string TlsChannel::failure() const {
  if (!failure_.empty() || !cut_off()) return failure_;
  return say(
      "cut off: the peer closed without ending TLS (close_notify): bytes may be "
      "missing");
}

ssize_t TlsChannel::outcome(int result) {
  if (result > 0) return result;
  const int number = errno;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_ZERO_RETURN:
      errno = number;
      return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_SYSCALL:
      errno = number != 0 ? number : EPROTO;
      return -1;
    default:
      break;
  }
  failure_ = say("lost: TLS failed ({})", tls_reason(ERR_get_error()));
  errno = EPROTO;
  return -1;
}

Result<void> use_files(SSL_CTX* context, const TlsWish& wish) {
  if (!wish.ciphers.empty() && SSL_CTX_set_cipher_list(context, wish.ciphers.c_str()) != 1)
    return fail(Exit::bad_input, say("OpenSSL has none of the ciphers \"{}\"", wish.ciphers));
  if (wish.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, wish.certificate.c_str()) != 1)
    return fail(Exit::bad_input,
                say("{}: no certificate can be read there (PEM)", harmless(wish.certificate)));
  if (SSL_CTX_use_PrivateKey_file(context, wish.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(Exit::bad_input,
                say("{}: no key of that certificate can be read there (PEM)", harmless(wish.key)));
  return {};
}

Result<std::unique_ptr<TlsHost>> TlsHost::make(const TlsWish& wish) {
  TlsContext context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return fail(Exit::no, say("OpenSSL cannot start"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A client that never reads its tickets would end each connection with a reset.
  SSL_CTX_set_num_tickets(context.get(), 0);
  if (auto used = use_files(context.get(), wish); !used) return fail(used);
  if (wish.certificate.empty() && !use_made_certificate(context.get()))
    return fail(Exit::no, say("OpenSSL cannot start"));
  return std::unique_ptr<TlsHost>{new TlsHost{std::move(context)}};
}

std::unique_ptr<Channel> TlsHost::channel(int socket) const {
  TlsSession session{SSL_new(context_.get()), SSL_free};
  if (!session) return nullptr;
  SSL_set_fd(session.get(), socket);
  SSL_set_accept_state(session.get());
  return std::make_unique<TlsChannel>(socket, std::move(session));
}

std::string TlsHost::fingerprint() const {
  return sha1_of(SSL_CTX_get0_certificate(context_.get()));
}

}  // namespace trama::connect
