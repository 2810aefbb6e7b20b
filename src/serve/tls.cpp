#include "serve/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/say.h"
#include "certificate/made.h"

namespace trama::serve {
namespace {

// Unusable files are told with the reason from which the others in OpenSSL's queue follow: no such
// file, no start line, key mismatch.
tl::unexpected<Error> not_usable(std::string_view path) {
  return fail(Exit::bad_input, say("{} cannot be used for TLS: {}", path,
                                   tls_reason(static_cast<u32>(ERR_peek_error()))));
}

// A key that needs a password is refused: nobody is there to type it.
int no_password(char*, int, int, void*) { return -1; }

// The first of ours that the client offers (RFC 7301).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* ours) {
  const auto& names = *static_cast<const std::string*>(ours);
  const int found =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), size,
                            reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned>(names.size()), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

std::string tls_reason(u32 reason) {
  const char* text = ERR_reason_error_string(reason);
  if (text != nullptr) return text;
  return ERR_SYSTEM_ERROR(reason) ? errno_text(ERR_GET_REASON(reason)) : "?";
}

Result<std::unique_ptr<TlsContext>> TlsContext::make(const TlsSettings& settings) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return fail(Exit::no, say("OpenSSL does not start"));
  std::unique_ptr<TlsContext> made{new TlsContext{context}};
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // A client that just closes is as good as one that says close_notify first: as with plain TCP.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // Tickets that a client never reads would make its close a reset: they come with the first
  // answer.
  SSL_CTX_set_num_tickets(context, 0);
  constexpr std::array<u8, 5> ours{'t', 'r', 'a', 'm', 'a'};
  SSL_CTX_set_session_id_context(context, ours.data(), ours.size());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  if (settings.certificate.empty()) {
    if (!use_made_certificate(context)) return fail(Exit::no, say("OpenSSL makes no certificate"));
  } else if (auto used = made->use_files(settings); !used) {
    return fail(used);
  }
  if (!settings.client_ca.empty()) {
    const char* path = settings.client_ca.c_str();
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(path);
    if (names == nullptr || SSL_CTX_load_verify_locations(context, path, nullptr) != 1)
      return not_usable(settings.client_ca);
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  for (const auto& name : settings.alpn) {
    made->alpn_ += static_cast<char>(name.size());
    made->alpn_ += name;
  }
  made->choose_by(made->alpn_);
  made->settings_ = settings;
  return made;
}

void TlsContext::choose_by(const std::string& names) {
  if (!names.empty())
    SSL_CTX_set_alpn_select_cb(context_, choose_protocol, const_cast<std::string*>(&names));
}

Result<void> TlsContext::reload() {
  const auto made = make(settings_);
  if (!made) return fail(made);
  std::swap(context_, (*made)->context_);  // OpenSSL keeps the old one for its sessions
  choose_by(alpn_);
  return {};
}

Result<void> TlsContext::use_files(const TlsSettings& settings) {
  if (SSL_CTX_use_certificate_chain_file(context_, settings.certificate.c_str()) != 1)
    return not_usable(settings.certificate);
  if (SSL_CTX_use_PrivateKey_file(context_, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context_) != 1)
    return not_usable(settings.key);
  return {};
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

std::unique_ptr<TlsSession> TlsContext::session(int socket) {
  SSL* session = SSL_new(context_);
  if (session == nullptr || SSL_set_fd(session, socket) != 1) {
    SSL_free(session);
    return nullptr;
  }
  SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session);
}

std::string TlsContext::fingerprint() const {
  std::array<u8, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(SSL_CTX_get0_certificate(context_), EVP_sha256(), digest.data(), &size);
  return fmt::format("{:02X}", fmt::join(Bytes{digest.data(), size}, ":"));
}

TlsSession::~TlsSession() { SSL_free(session_); }

ssize_t TlsSession::failed(int result) {
  wants_ = 0;
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
      wants_ = EPOLLIN;
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_WANT_WRITE:
      wants_ = EPOLLOUT;
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      if (errno == 0) errno = ECONNRESET;
      return -1;
    default:
      broken_ = true;
      reason_ = static_cast<u32>(ERR_peek_error());
      errno = EPROTO;
      return -1;
  }
}

bool TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(session_);
  established_ = result == 1;
  if (established_) {
    wants_ = 0;
  } else if (failed(result) == 0) {
    closed_ = true;
  } else if (errno != EAGAIN) {
    error_ = errno;
  }
  return established_;
}

ssize_t TlsSession::read(std::span<u8> space) {
  ERR_clear_error();
  const int n = SSL_read(session_, space.data(),
                         static_cast<int>(std::min<std::size_t>(space.size(), INT_MAX)));
  return n > 0 ? n : failed(n);
}

ssize_t TlsSession::write(Bytes text) {
  ERR_clear_error();
  // TLS 1.3; in 1.2 the handshake has it. Where it does not work the client just does not get one.
  if (!std::exchange(ticketed_, true)) SSL_new_session_ticket(session_);
  const int n = SSL_write(session_, text.data(),
                          static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX)));
  if (n > 0) return n;
  const ssize_t result = failed(n);
  if (result == 0) errno = EPIPE;
  return -1;
}

bool TlsSession::has_read_more() const { return SSL_pending(session_) > 0; }

void TlsSession::say_goodbye() {
  if (!established_ || broken_) return;
  ERR_clear_error();
  SSL_shutdown(session_);
}

}  // namespace trama::serve
