#include "connect/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

std::string reason_of(unsigned long code) {
  const char* words = ERR_reason_error_string(code);
  return words == nullptr ? say("no reason given") : words;
}

class TlsChannel : public Channel {
 public:
  TlsChannel(int socket, Context context, Session session)
      : Channel(socket), context_(std::move(context)), session_(std::move(session)) {}
  [[nodiscard]] bool is_plain() const override { return false; }

  // One step: 0 once done, EPOLLIN or EPOLLOUT for what it waits for; -1: failed.
  int shake_hands() {
    ERR_clear_error();
    const int done = SSL_connect(session_.get());
    if (done == 1) return 0;
    const int error = SSL_get_error(session_.get(), done);
    if (error == SSL_ERROR_WANT_READ) return EPOLLIN;
    if (error == SSL_ERROR_WANT_WRITE) return EPOLLOUT;
    return -1;
  }
  ssize_t read(std::span<u8> space) override {
    ERR_clear_error();
    return outcome(SSL_read(session_.get(), space.data(), size_for(space.size())));
  }
  ssize_t write(Bytes bytes) override {
    ERR_clear_error();
    return outcome(SSL_write(session_.get(), bytes.data(), size_for(bytes.size())));
  }
  void end_sending() override {
    SSL_shutdown(session_.get());  // close_notify, which ends this direction only (RFC 8446 6.1)
    Channel::end_sending();
  }
  [[nodiscard]] bool has_more() const override { return SSL_pending(session_.get()) > 0; }
  [[nodiscard]] std::string failure() const override { return failure_; }
  [[nodiscard]] SSL* session() const { return session_.get(); }

 private:
  static int size_for(std::size_t bytes) {
    return static_cast<int>(std::min<std::size_t>(bytes, 1U << 30));
  }
  ssize_t outcome(int result) {
    if (result > 0) return result;
    const int number = errno;
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_ZERO_RETURN:
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
    const auto code = ERR_get_error();
    failure_ = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING
                   ? say("cut off: the peer closed without ending TLS (close_notify): bytes may be "
                         "missing")
                   : say("lost: TLS failed ({})", reason_of(code));
    errno = EPROTO;
    return -1;
  }

  Context context_;
  Session session_;
  std::string failure_;
};

Result<Context> context_for(const TlsWish& wish) {
  Context context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context) return fail(Exit::no, say("OpenSSL cannot start"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (wish.insecure) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (wish.authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), wish.authorities.c_str(), nullptr) != 1) {
    return fail(Exit::bad_input, say("--ca {}: no certificates can be read there (PEM)",
                                     harmless(wish.authorities)));
  }
  return context;
}

Result<std::string> protocols_of(std::string_view names) {
  std::string list;  // each behind its length (RFC 7301 section 3.1)
  for (;;) {
    const auto comma = names.find(',');
    const auto name = names.substr(0, comma);
    if (name.empty() || name.size() > 255)
      return fail(Exit::bad_input, say("--alpn takes names like h2,http/1.1"));
    list += static_cast<char>(name.size());
    list += name;
    if (comma == names.npos) return list;
    names.remove_prefix(comma + 1);
  }
}

Result<std::unique_ptr<TlsChannel>> channel_for(int socket, const Request& request) {
  auto context = context_for(*request.tls);
  if (!context) return fail(context);
  Session session{SSL_new(context->get()), SSL_free};
  if (!session) return fail(Exit::no, say("OpenSSL cannot start"));
  if (const auto address = parse_address(request.host)) {
    X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session.get()), address->view().data(),
                              address->view().size());
  } else {
    SSL_set_tlsext_host_name(session.get(), request.host.c_str());  // SNI (RFC 6066 section 3)
    SSL_set1_host(session.get(), request.host.c_str());
  }
  if (!request.tls->alpn.empty()) {
    const auto list = protocols_of(request.tls->alpn);
    if (!list) return fail(list);
    SSL_set_alpn_protos(session.get(), reinterpret_cast<const u8*>(list->data()),
                        static_cast<unsigned>(list->size()));
  }
  SSL_set_fd(session.get(), socket);
  return std::make_unique<TlsChannel>(socket, std::move(*context), std::move(session));
}

tl::unexpected<Error> not_shaken(const TlsChannel& channel, const std::string& host) {
  const int number = errno;
  const auto code = ERR_get_error();
  const auto name = harmless(host);
  if (const long proof = SSL_get_verify_result(channel.session()); proof != X509_V_OK)
    return fail(Exit::no, say("{} is not proven: {}. --ca FILE names an authority to trust, "
                              "--insecure goes on without proof",
                              name, X509_verify_cert_error_string(proof)));
  if (code == 0)
    return fail(Exit::no,
                number == 0 || number == EAGAIN
                    ? say("{} closed the connection during TLS's handshake", name)
                    : say("{}: TLS's handshake failed: {}", name, errno_text(number)),
                number);
  return fail(Exit::no, say("{}: TLS's handshake failed ({}): perhaps no TLS is spoken there", name,
                            reason_of(code)));
}

}  // namespace

Result<std::unique_ptr<Channel>> open_tls(const Run& run, int socket, const Request& request) {
  auto channel = channel_for(socket, request);
  if (!channel) return fail(channel);
  bool ready = false;
  bool late = false;
  net::Interest interest{run.loop, socket, [&](u32) { ready = true; }};
  net::Loop::Timer limit = 0;
  if (request.wait) limit = run.loop.after(*request.wait, [&] { late = true; });
  int wants = 0;
  while (!late && !run.interrupted && (wants = (*channel)->shake_hands()) > 0) {
    ready = false;
    interest.want(static_cast<u32>(wants));
    while (!ready && !late && !run.interrupted) run.loop.run_once(1min);
    interest.want(0);
  }
  if (wants < 0) {
    run.loop.cancel(limit);
    return not_shaken(**channel, request.host);
  }
  run.loop.cancel(limit);
  if (run.interrupted) return fail(Exit::interrupted, {}, EINTR);
  if (late)
    return fail(
        Exit::no,
        say("{} did not finish TLS's handshake within the time of -w", harmless(request.host)),
        ETIMEDOUT);
  SSL* const session = (*channel)->session();
  const u8* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session, &alpn, &size);
  run.audience.secured({.version = SSL_get_version(session),
                        .cipher = SSL_get_cipher_name(session),
                        .alpn = std::string(alpn, alpn + size),
                        .proven = !request.tls->insecure});
  return std::unique_ptr<Channel>{std::move(*channel)};
}

}  // namespace trama::connect
