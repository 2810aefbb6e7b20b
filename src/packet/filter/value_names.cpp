#include "packet/filter/value_names.h"

#include <algorithm>
#include <iterator>

namespace trama::filter {
namespace {

using wire::Name;

constexpr Name dns_types[] = {
    {1,     "A (Host Address)"                                            },
    {2,     "NS (authoritative Name Server)"                              },
    {3,     "MD (Mail Destination)"                                       },
    {4,     "MF (Mail Forwarder)"                                         },
    {5,     "CNAME (Canonical NAME for an alias)"                         },
    {6,     "SOA (Start Of a zone of Authority)"                          },
    {7,     "MB (MailBox domain name)"                                    },
    {8,     "MG (Mail Group member)"                                      },
    {9,     "MR (Mail Rename domain)"                                     },
    {10,    "NULL RR"                                                     },
    {11,    "WKS (Well Known Service)"                                    },
    {12,    "PTR (domain name PoinTeR)"                                   },
    {13,    "HINFO (host information)"                                    },
    {14,    "MINFO (Mailbox or mail list information)"                    },
    {15,    "MX (Mail eXchange)"                                          },
    {16,    "TXT (Text strings)"                                          },
    {17,    "RP (Responsible Person)"                                     },
    {18,    "AFSDB (AFS Data Base location)"                              },
    {19,    "X25 (XX.25 PSDN address)"                                    },
    {20,    "ISDN (ISDN address)"                                         },
    {21,    "RT (Route Through)"                                          },
    {22,    "NSAP (NSAP address)"                                         },
    {23,    "NSAP-PTR (NSAP domain name pointer)"                         },
    {24,    "SIG (security signature)"                                    },
    {25,    "KEY (security key)"                                          },
    {26,    "PX (X.400 mail mapping information)"                         },
    {27,    "GPOS (Geographical Position)"                                },
    {28,    "AAAA (IPv6 Address)"                                         },
    {29,    "LOC (Location Information)"                                  },
    {30,    "NXT (Next Domain)"                                           },
    {31,    "EID (Endpoint Identifier)"                                   },
    {32,    "NIMLOC (Nimrod Locator)"                                     },
    {33,    "SRV (Server Selection)"                                      },
    {34,    "ATMA (ATM Address)"                                          },
    {35,    "NAPTR (Naming Authority Pointer)"                            },
    {36,    "KX (Key Exchanger)"                                          },
    {38,    "A6 (OBSOLETE - use AAAA)"                                    },
    {43,    "DS (Delegation Signer)"                                      },
    {44,    "SSHFP (SSH Key Fingerprint)"                                 },
    {46,    "RRSIG (Resource Record Signature)"                           },
    {47,    "NSEC (Next Secure)"                                          },
    {48,    "DNSKEY (DNS Public Key)"                                     },
    {55,    "HIP (Host Identity Protocol)"                                },
    {58,    "TALINK (Trust Anchor LINK)"                                  },
    {59,    "CDS (Child DS)"                                              },
    {60,    "CDNSKEY (DNSKEY(s) the Child wants reflected in DS)"         },
    {61,    "OPENPGPKEY (OpenPGP Key)"                                    },
    {62,    "CSYNC (Child-to-Parent Synchronization)"                     },
    {64,    "SVCB (General Purpose Service Endpoints)"                    },
    {65,    "HTTPS (HTTPS Specific Service Endpoints)"                    },
    {104,   "NID (NodeID)"                                                },
    {105,   "L32 (Locator32)"                                             },
    {106,   "L64 (Locator64)"                                             },
    {107,   "LP (Locator FQDN)"                                           },
    {249,   "TKEY (Transaction Key)"                                      },
    {250,   "TSIG (Transaction Signature)"                                },
    {251,   "IXFR (incremental transfer)"                                 },
    {252,   "AXFR (transfer of an entire zone)"                           },
    {253,   "MAILB (mailbox-related RRs)"                                 },
    {254,   "MAILA (mail agent RRs)"                                      },
    {255,   "* (A request for all records the server/cache has available)"},
    {257,   "CAA (Certification Authority Restriction)"                   },
    {32768, "TA (DNSSEC Trust Authorities)"                               },
    {32769, "DLV (DNSSEC Lookaside Validation)"                           },
};

constexpr Name dns_options[] = {
    {1,     "LLQ - Long-lived query"                     },
    {2,     "UL - Update lease"                          },
    {3,     "NSID - Name Server Identifier"              },
    {5,     "DAU - DNSSEC Algorithm Understood (RFC6975)"},
    {6,     "DHU - DS Hash Understood (RFC6975)"         },
    {7,     "N3U - NSEC3 Hash Understood (RFC6975)"      },
    {8,     "CSUBNET - Client subnet"                    },
    {9,     "EDNS EXPIRE (RFC7314)"                      },
    {20730, "Experimental - CSUBNET - Client subnet"     },
};

constexpr Name facilities[] = {
    {0,  "KERN - kernel messages"                              },
    {1,  "USER - random user-level messages"                   },
    {2,  "MAIL - mail system"                                  },
    {3,  "DAEMON - system daemons"                             },
    {4,  "AUTH - security/authorization messages"              },
    {5,  "SYSLOG - messages generated internally by syslogd"   },
    {6,  "LPR - line printer subsystem"                        },
    {7,  "NEWS - network news subsystem"                       },
    {8,  "UUCP - UUCP subsystem"                               },
    {9,  "CRON - clock daemon (BSD, Linux)"                    },
    {10, "AUTHPRIV - security/authorization messages (private)"},
    {11, "FTP - ftp daemon"                                    },
    {12, "NTP - ntp subsystem"                                 },
    {13, "LOGAUDIT - log audit"                                },
    {14, "LOGALERT - log alert"                                },
    {15, "CRON - clock daemon (Solaris)"                       },
    {16, "LOCAL0 - reserved for local use"                     },
    {17, "LOCAL1 - reserved for local use"                     },
    {18, "LOCAL2 - reserved for local use"                     },
    {19, "LOCAL3 - reserved for local use"                     },
    {20, "LOCAL4 - reserved for local use"                     },
    {21, "LOCAL5 - reserved for local use"                     },
    {22, "LOCAL6 - reserved for local use"                     },
    {23, "LOCAL7 - reserved for local use"                     },
};

constexpr Name levels[] = {
    {0, "EMERG - system is unusable"               },
    {1, "ALERT - action must be taken immediately" },
    {2, "CRIT - critical conditions"               },
    {3, "ERR - error conditions"                   },
    {4, "WARNING - warning conditions"             },
    {5, "NOTICE - normal but significant condition"},
    {6, "INFO - informational"                     },
    {7, "DEBUG - debug-level messages"             },
};

constexpr Name arp_opcodes[] = {
    {8, "inverse request"},
    {9, "inverse reply"  },
};

constexpr Name ntp_modes[] = {
    {6, "reserved for NTP control message"},
    {7, "reserved for private use"        },
};

constexpr Name gre_protocols[] = {
    {2048, "IP"},
};

constexpr struct {
  std::string_view word;
  std::span<const Name> names;
} longer[] = {
    {"arp.opcode",             arp_opcodes  },
    {"dns.opt.code",           dns_options  },
    {"dns.qry.type",           dns_types    },
    {"dns.resp.type",          dns_types    },
    {"dns.rrsig.type_covered", dns_types    },
    {"gre.proto",              gre_protocols},
    {"ntp.flags.mode",         ntp_modes    },
    {"syslog.facility",        facilities   },
    {"syslog.level",           levels       },
};

// Their values are named in the list, but not in filters.
constexpr std::string_view nameless[] = {"icmp.type", "ppp.code"};

}  // namespace

ValueNames::ValueNames(const wire::Field& field) : names_(field.names) {
  if (std::find(std::begin(nameless), std::end(nameless), field.word) != std::end(nameless))
    names_ = {};
  for (const auto& row : longer)
    if (row.word == field.word) longer_ = row.names;
}

std::string_view ValueNames::of(const Name& name) const {
  for (const Name& row : longer_)
    if (row.value == name.value) return row.text;
  return name.text;
}

}  // namespace trama::filter
