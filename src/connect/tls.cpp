#include "connect/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/say.h"
#include "base/terminal.h"
#include "connect/tls_channel.h"
#include "net/interest.h"
#include "net/socket.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

// OpenSSL shows each certificate of the chain; the peer's own, the first of the chain, is kept with
// the session, which keeps none itself where the proof fails.
int note(int good, X509_STORE_CTX* store) {
  auto* session =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (auto* channel = static_cast<TlsChannel*>(SSL_get_app_data(session)))
    channel->keep_peer_certificate(X509_STORE_CTX_get0_cert(store));
  return good;
}
int note_and_go_on(int good, X509_STORE_CTX* store) {
  note(good, store);
  return 1;
}

Result<TlsContext> context_for(const TlsWish& wish) {
  TlsContext context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context) return fail(Exit::no, say("OpenSSL cannot start"));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (auto used = use_files(context.get(), wish); !used) return fail(used);
  // An insecure one looks, too, and goes on whatever it sees.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, wish.insecure ? note_and_go_on : note);
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

// Alerts that end a handshake (RFC 8446 section 6.2), and what to do about them.
struct Alert {
  int number;
  std::string_view name, meaning;
};
constexpr std::array alerts{
    Alert{40,  "handshake_failure",
          N_("no cipher that both accept, or it wants a certificate: --cert, --key")          },
    Alert{42,  "bad_certificate",         N_("it does not take your certificate")             },
    Alert{45,  "certificate_expired",     N_("it does not take your certificate")             },
    Alert{46,  "certificate_unknown",     N_("it does not take your certificate")             },
    Alert{48,  "unknown_ca",              N_("it does not take your certificate")             },
    Alert{70,  "protocol_version",        N_("it speaks none of the versions TLS 1.2 and 1.3")},
    Alert{112, "unrecognized_name",
          N_("it has no such name (SNI): --server-name asks for another")                     },
    Alert{116, "certificate_required",
          N_("it wants a certificate of yours: --cert FILE --key FILE")                       },
    Alert{120, "no_application_protocol", N_("it speaks none of the protocols of --alpn")     },
};

// The alert that OpenSSL's error tells of: its number; -1 where it is another error.
int alert_of(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  const bool is_alert = ERR_GET_LIB(code) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET &&
                        reason < SSL_AD_REASON_OFFSET + 256;
  return is_alert ? reason - SSL_AD_REASON_OFFSET : -1;
}

const Alert* known(int number) {
  const auto* const found = std::find_if(alerts.begin(), alerts.end(),
                                         [&](const Alert& one) { return one.number == number; });
  return found == alerts.end() ? nullptr : found;
}

std::string alert_name(int number) {
  const Alert* const alert = known(number);
  return alert == nullptr ? fmt::format("{} ({})", number, SSL_alert_desc_string_long(number))
                          : std::string{alert->name};
}

std::string alert_meaning(int number) {
  const Alert* const alert = known(number);
  return alert == nullptr ? std::string{} : fmt::format(" ({})", translated(alert->meaning));
}

tl::unexpected<Error> not_shaken(const TlsChannel& channel, const std::string& host,
                                 bool insecure) {
  const int number = errno;
  const auto code = ERR_get_error();
  const auto name = harmless(host);
  if (const long proof = SSL_get_verify_result(channel.session()); proof != X509_V_OK && !insecure)
    return fail(Exit::no, say("{} is not proven: {}. --ca FILE names an authority to trust, "
                              "--insecure goes on without proof",
                              name, X509_verify_cert_error_string(proof)));
  if (code == 0)
    return fail(Exit::no,
                number == 0 || number == EAGAIN
                    ? say("{} closed the connection during TLS's handshake", name)
                    : say("{}: TLS's handshake failed: {}", name, errno_text(number)),
                number);
  if (const int alert = alert_of(code); alert >= 0)
    return fail(Exit::no, say("{}: TLS's handshake failed: its server sent the alert {}{}", name,
                              alert_name(alert), alert_meaning(alert)));
  return fail(Exit::no, say("{}: TLS's handshake failed ({}): perhaps no TLS is spoken there", name,
                            tls_reason(code)));
}

std::string name_text(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{BIO_new(BIO_s_mem()), BIO_free};
  X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(text.get(), &bytes);
  return harmless({bytes, static_cast<std::size_t>(std::max(size, 0L))});
}

TlsFacts facts_of(const TlsChannel& channel) {
  SSL* const session = channel.session();
  const u8* alpn = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(session, &alpn, &size);
  TlsFacts facts;
  facts.version = SSL_get_version(session);
  facts.cipher = SSL_get_cipher_name(session);
  facts.alpn = std::string(alpn, alpn + size);
  facts.peer = to_string(net::peer_of(channel.socket()));
  const long proof = SSL_get_verify_result(session);
  if (proof != X509_V_OK) facts.doubt = X509_verify_cert_error_string(proof);
  if (const X509* own = channel.peer_certificate()) {
    facts.subject = name_text(X509_get_subject_name(own));
    facts.issuer = name_text(X509_get_issuer_name(own));
    facts.sha1 = sha1_of(own);
  }
  return facts;
}

}  // namespace

Result<std::unique_ptr<Channel>> open_tls(const Run& run, int socket, const Request& request) {
  auto channel = channel_for(socket, request);
  if (!channel) return fail(channel);
  bool ready = false;
  bool late = false;
  net::Interest interest{run.loop, socket, [&](u32) { ready = true; }};
  net::Loop::Timer limit = 0;
  const auto patience = request.patience();
  if (patience) limit = run.loop.after(*patience, [&] { late = true; });
  int wants = 0;
  while (!late && !run.interrupted && (wants = (*channel)->shake_hands()) > 0) {
    ready = false;
    interest.want(static_cast<u32>(wants));
    while (!ready && !late && !run.interrupted) run.loop.run_once(1min);
    interest.want(0);
  }
  if (wants < 0) {
    run.loop.cancel(limit);
    const int number = errno;
    const auto facts = facts_of(**channel);
    if (!facts.subject.empty() && !request.tls->insecure && !facts.doubt.empty())
      run.audience.unproven(facts);
    errno = number;
    return not_shaken(**channel, request.host, request.tls->insecure);
  }
  run.loop.cancel(limit);
  if (run.interrupted) return fail(Exit::interrupted, {}, EINTR);
  if (late)
    return fail(Exit::no,
                say("{} did not finish TLS's handshake within the time of {}",
                    harmless(request.host), request.patience_option()),
                ETIMEDOUT);
  auto facts = facts_of(**channel);
  facts.proven = !request.tls->insecure;
  run.audience.secured(facts);
  return std::unique_ptr<Channel>{std::move(*channel)};
}

}  // namespace trama::connect
