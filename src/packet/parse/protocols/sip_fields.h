// The words of the Session Initiation Protocol (RFC 3261), as Wireshark names them. A header's word
// is "sip." and its name: the parser finds it so.
#pragma once
#include "wire/field.h"

namespace trama::parse::sip_words {

using namespace wire;  // NOLINT: a table of fields

#define TRAMA_SIP_HEADER(name) \
  { "sip." name, 0, Show::text, N_("the header of that name") }
#define TRAMA_SIP_NUMBER(name) \
  { "sip." name, 0, Show::dec, N_("the header of that name") }

inline constexpr auto headers = std::to_array<Field>({
    TRAMA_SIP_HEADER("Accept"),
    TRAMA_SIP_HEADER("Accept-Contact"),
    TRAMA_SIP_HEADER("Accept-Encoding"),
    TRAMA_SIP_HEADER("Accept-Language"),
    TRAMA_SIP_HEADER("Alert-Info"),
    TRAMA_SIP_HEADER("Allow"),
    TRAMA_SIP_HEADER("Allow-Events"),
    TRAMA_SIP_HEADER("Authentication-Info"),
    TRAMA_SIP_HEADER("Authorization"),
    TRAMA_SIP_HEADER("CSeq"),
    TRAMA_SIP_HEADER("Call-ID"),
    TRAMA_SIP_HEADER("Call-Info"),
    TRAMA_SIP_HEADER("Contact"),
    TRAMA_SIP_HEADER("Content-Disposition"),
    TRAMA_SIP_HEADER("Content-Encoding"),
    TRAMA_SIP_HEADER("Content-Language"),
    TRAMA_SIP_NUMBER("Content-Length"),
    TRAMA_SIP_HEADER("Content-Type"),
    TRAMA_SIP_HEADER("Date"),
    TRAMA_SIP_HEADER("Diversion"),
    TRAMA_SIP_HEADER("Error-Info"),
    TRAMA_SIP_HEADER("Event"),
    TRAMA_SIP_NUMBER("Expires"),
    TRAMA_SIP_HEADER("From"),
    TRAMA_SIP_HEADER("History-Info"),
    TRAMA_SIP_HEADER("Identity"),
    TRAMA_SIP_HEADER("In-Reply-To"),
    TRAMA_SIP_HEADER("Join"),
    TRAMA_SIP_NUMBER("Max-Forwards"),
    TRAMA_SIP_HEADER("MIME-Version"),
    TRAMA_SIP_HEADER("Min-Expires"),
    TRAMA_SIP_HEADER("Min-SE"),
    TRAMA_SIP_HEADER("Organization"),
    TRAMA_SIP_HEADER("P-Access-Network-Info"),
    TRAMA_SIP_HEADER("P-Asserted-Identity"),
    TRAMA_SIP_HEADER("P-Associated-URI"),
    TRAMA_SIP_HEADER("P-Called-Party-ID"),
    TRAMA_SIP_HEADER("P-Charging-Vector"),
    TRAMA_SIP_HEADER("P-Early-Media"),
    TRAMA_SIP_HEADER("P-Preferred-Identity"),
    TRAMA_SIP_HEADER("P-Visited-Network-ID"),
    TRAMA_SIP_HEADER("Path"),
    TRAMA_SIP_HEADER("Priority"),
    TRAMA_SIP_HEADER("Privacy"),
    TRAMA_SIP_HEADER("Proxy-Authenticate"),
    TRAMA_SIP_HEADER("Proxy-Authorization"),
    TRAMA_SIP_HEADER("Proxy-Require"),
    TRAMA_SIP_HEADER("RAck"),
    TRAMA_SIP_HEADER("Reason"),
    TRAMA_SIP_HEADER("Record-Route"),
    TRAMA_SIP_HEADER("Refer-Sub"),
    TRAMA_SIP_HEADER("Refer-To"),
    TRAMA_SIP_HEADER("Referred-by"),
    TRAMA_SIP_HEADER("Replaces"),
    TRAMA_SIP_HEADER("Reply-To"),
    TRAMA_SIP_HEADER("Require"),
    TRAMA_SIP_NUMBER("Retry-After"),
    TRAMA_SIP_HEADER("Route"),
    TRAMA_SIP_NUMBER("RSeq"),
    TRAMA_SIP_HEADER("Server"),
    TRAMA_SIP_HEADER("Service-Route"),
    TRAMA_SIP_HEADER("Session-Expires"),
    TRAMA_SIP_HEADER("Session-ID"),
    TRAMA_SIP_HEADER("Subject"),
    TRAMA_SIP_HEADER("Subscription-State"),
    TRAMA_SIP_HEADER("Supported"),
    TRAMA_SIP_HEADER("Timestamp"),
    TRAMA_SIP_HEADER("To"),
    TRAMA_SIP_HEADER("Unsupported"),
    TRAMA_SIP_HEADER("User-Agent"),
    TRAMA_SIP_HEADER("Via"),
    TRAMA_SIP_HEADER("WWW-Authenticate"),
    TRAMA_SIP_HEADER("Warning"),
});

#undef TRAMA_SIP_HEADER
#undef TRAMA_SIP_NUMBER

inline constexpr auto parts = std::to_array<Field>({
    {"sip.Request-Line",         0, Show::text, N_("what is asked, as its first line says") },
    {"sip.Method",               0, Show::text, N_("what is asked")                         },
    {"sip.r-uri",                0, Show::text, N_("who is asked")                          },
    {"sip.r-uri.user",           0, Show::text, N_("user part of that address")             },
    {"sip.r-uri.host",           0, Show::text, N_("host part of that address")             },
    {"sip.r-uri.port",           0, Show::text, N_("port of that address")                  },
    {"sip.Status-Line",          0, Show::text, N_("the answer, as its first line says")    },
    {"sip.Status-Code",          0, Show::dec,  N_("the answer: 1xx wait, 2xx yes, 4xx no") },
    {"sip.msg_hdr",              0, Show::text, N_("all headers")                           },
    {"sip.msg_body",             0, Show::mark, N_("there is a body")                       },
    {"sip.CSeq.seq",             0, Show::dec,  N_("number of the request")                 },
    {"sip.CSeq.method",          0, Show::text, N_("method of the request")                 },
    {"sip.Via.transport",        0, Show::text, N_("transport of that hop")                 },
    {"sip.Via.sent-by.address",  0, Show::text, N_("who sent on that hop")                  },
    {"sip.Via.sent-by.port",     0, Show::dec,  N_("port of that hop")                      },
    {"sip.Via.branch",           0, Show::text, N_("names the transaction on that hop")     },
    {"sip.Via.received",         0, Show::text, N_("address that the next hop saw")         },
    {"sip.Via.rport",            0, Show::text, N_("port that the next hop saw")            },
    {"sip.display.info",         0, Show::text, N_("name shown to people")                  },
    {"sip.from.display.info",    0, Show::text, N_("name shown to people")                  },
    {"sip.from.addr",            0, Show::text, N_("who asks")                              },
    {"sip.from.user",            0, Show::text, N_("user part of that address")             },
    {"sip.from.host",            0, Show::text, N_("host part of that address")             },
    {"sip.from.port",            0, Show::text, N_("port of that address")                  },
    {"sip.from.tag",             0, Show::text, N_("names the asking side of the dialog")   },
    {"sip.to.display.info",      0, Show::text, N_("name shown to people")                  },
    {"sip.to.addr",              0, Show::text, N_("who is meant")                          },
    {"sip.to.user",              0, Show::text, N_("user part of that address")             },
    {"sip.to.host",              0, Show::text, N_("host part of that address")             },
    {"sip.to.port",              0, Show::text, N_("port of that address")                  },
    {"sip.to.tag",               0, Show::text, N_("names the answering side of the dialog")},
    {"sip.contact.display.info", 0, Show::text, N_("name shown to people")                  },
    {"sip.contact.uri",          0, Show::text, N_("where the sender is reached directly")  },
    {"sip.contact.user",         0, Show::text, N_("user part of that address")             },
    {"sip.contact.host",         0, Show::text, N_("host part of that address")             },
    {"sip.contact.port",         0, Show::text, N_("port of that address")                  },
    {"sip.tag",                  0, Show::text, N_("names one side of the dialog")          },
    {"sip.call_id_generated",    0, Show::text, N_("names the call")                        },
});

// All of them, as the parser's header lists them.
inline constexpr auto all = [] {
  std::array<Field, headers.size() + parts.size()> fields{};
  std::size_t next = 0;
  for (const Field& field : parts) fields[next++] = field;
  for (const Field& field : headers) fields[next++] = field;
  return fields;
}();

}  // namespace trama::parse::sip_words
