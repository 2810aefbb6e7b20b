#include "connect/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"
#include "connect/tls_channel.h"
#include "net/interest.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

Result<TlsContext> context_for(const TlsWish& wish) {
  TlsContext context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context) return fail(Exit::no, say("OpenSSL cannot start"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (auto used = use_files(context.get(), wish); !used) return fail(used);
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
  TlsSession session{SSL_new(context->get()), SSL_free};
  if (!session) return fail(Exit::no, say("OpenSSL cannot start"));
  const auto& host = request.tls->server_name.empty() ? request.host : request.tls->server_name;
  if (const auto address = parse_address(host)) {
    X509_VERIFY_PARAM_set1_ip(SSL_get0_param(session.get()), address->view().data(),
                              address->view().size());
  } else {
    SSL_set_tlsext_host_name(session.get(), host.c_str());  // SNI (RFC 6066 section 3)
    SSL_set1_host(session.get(), host.c_str());
  }
  if (!request.tls->alpn.empty()) {
    const auto list = protocols_of(request.tls->alpn);
    if (!list) return fail(list);
    SSL_set_alpn_protos(session.get(), reinterpret_cast<const u8*>(list->data()),
                        static_cast<unsigned>(list->size()));
  }
  SSL_set_fd(session.get(), socket);
  return std::make_unique<TlsChannel>(socket, std::move(session));
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
                            tls_reason(code)));
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
