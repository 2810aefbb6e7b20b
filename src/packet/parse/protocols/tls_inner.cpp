// Which protocol runs inside TLS: by the ALPN word that the server chose, else by the port.
#include "packet/parse/protocols/tls.h"

namespace trama::parse {
namespace {

struct ByAlpn {
  std::string_view alpn;
  TlsInner inner;
};

constexpr TlsInner http_1{"http", "Hypertext Transfer Protocol"};

constexpr ByAlpn by_alpn[] = {
    {"http/1.1", http_1                                                    },
    {"http/1.0", http_1                                                    },
    {"h2",       {"http2", "HyperText Transfer Protocol 2"}                },
    {"dot",      {"dns", "Domain Name System"}                             },
    {"smb",      {"smb2", "SMB2 (Server Message Block Protocol version 2)"}},
    {"imap",     {"imap", "Internet Message Access Protocol"}              },
    {"pop3",     {"pop", "Post Office Protocol"}                           },
    {"irc",      {"irc", "Internet Relay Chat"}                            },
    {"ftp",      {"ftp", "File Transfer Protocol (FTP)"}                   },
};

struct ByPort {
  u16 port;
  TlsInner inner;
};

constexpr ByPort by_port[] = {
    {443,   http_1                                           },
    {324,   {"rpkirtr", "RPKI-Router Protocol"}              },
    {465,   {"smtp", "Simple Mail Transfer Protocol"}        },
    {636,   {"ldap", "Lightweight Directory Access Protocol"}},
    {802,   {"mbtcp", "Modbus/TCP"}                          },
    {853,   {"dns", "Domain Name System"}                    },
    {993,   {"imap", "Internet Message Access Protocol"}     },
    {995,   {"pop", "Post Office Protocol"}                  },
    {3389,  {"tpkt", "TPKT - ISO on TCP - RFC1006"}          },
    {5061,  {"sip", "Session Initiation Protocol"}           },
    {5671,  {"amqp", "Advanced Message Queuing Protocol"}    },
    {5684,  {"coap", "Constrained Application Protocol"}     },
    {8883,  {"mqtt", "MQ Telemetry Transport Protocol"}      },
    {27017, {"mongo", "Mongo Wire Protocol"}                 },
};

}  // namespace

TlsInner tls_inner(const TlsState& state, const Around& around) {
  for (const ByAlpn& row : by_alpn)
    if (row.alpn == state.alpn) return row.inner;
  for (const u16 port : {around.from_port, around.to_port})
    for (const ByPort& row : by_port)
      if (row.port == port) return row.inner;
  return {};
}

}  // namespace trama::parse
