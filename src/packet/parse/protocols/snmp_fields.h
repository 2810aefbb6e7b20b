// The fields of SNMP messages, in Wireshark's words, and what their numbers mean.
#pragma once
#include "wire/header.h"

namespace trama::parse::snmp_table {

using namespace wire;  // NOLINT: a table of fields

inline constexpr Name version_names[] = {
    {0, "version-1"},
    {1, "v2c"      },
    {2, "v2u"      },
    {3, "snmpv3"   },
};
inline constexpr Name pdu_names[] = {
    {0, "get-request"     },
    {1, "get-next-request"},
    {2, "get-response"    },
    {3, "set-request"     },
    {4, "trap"            },
    {5, "getBulkRequest"  },
    {6, "informRequest"   },
    {7, "snmpV2-trap"     },
    {8, "report"          },
};
inline constexpr Name error_names[] = {
    {0,  "noError"            },
    {1,  "tooBig"             },
    {2,  "noSuchName"         },
    {3,  "badValue"           },
    {4,  "readOnly"           },
    {5,  "genErr"             },
    {6,  "noAccess"           },
    {7,  "wrongType"          },
    {8,  "wrongLength"        },
    {9,  "wrongEncoding"      },
    {10, "wrongValue"         },
    {11, "noCreation"         },
    {12, "inconsistentValue"  },
    {13, "resourceUnavailable"},
    {14, "commitFailed"       },
    {15, "undoFailed"         },
    {16, "authorizationError" },
    {17, "notWritable"        },
    {18, "inconsistentName"   },
};
inline constexpr Name trap_names[] = {
    {0, "coldStart"            },
    {1, "warmStart"            },
    {2, "linkDown"             },
    {3, "linkUp"               },
    {4, "authenticationFailure"},
    {5, "egpNeighborLoss"      },
    {6, "enterpriseSpecific"   },
};

inline constexpr auto fields = std::to_array<Field>({
    named(version_names, {"snmp.version",                     0,  Show::dec,        N_("version of the protocol")                  }
     ),
    {"snmp.community",                   0,  Show::text,       N_("what gives access")                        },
    named(pdu_names, {"snmp.data",                        0,  Show::dec,        N_("what the message asks or tells")           }
     ),
    {"snmp.request_id",                  0,  Show::signed_dec, N_("number that an answer repeats")            },
    named(error_names, {"snmp.error_status",                0,  Show::dec,        N_("what went wrong")                          }
     ),
    {"snmp.error_index",                 0,  Show::dec,        N_("variable that it went wrong with")         },
    {"snmp.non_repeaters",               0,  Show::dec,        N_("variables that are asked for once")        },
    {"snmp.max_repetitions",             0,  Show::dec,        N_("how often the others are asked for")       },
    {"snmp.variable_bindings",           0,  Show::dec,        N_("variables in the message")                 },
    {"snmp.name",                        0,  Show::text,       N_("name of the variable")                     },
    {"snmp.var-bind_str",                0,  Show::text,       N_("its value, as text")                       },
    {"snmp.value.int",                   64, Show::signed_dec, N_("its value")                                },
    {"snmp.value.octets",                0,  Show::bytes,      N_("its value")                                },
    {"snmp.value.null",                  0,  Show::mark,       N_("it has no value")                          },
    {"snmp.value.oid",                   0,  Show::text,       N_("its value")                                },
    {"snmp.value.ipv4",                  0,  Show::ipv4,       N_("its value")                                },
    {"snmp.value.addr",                  0,  Show::bytes,      N_("its value")                                },
    {"snmp.value.counter",               64, Show::dec,        N_("its value")                                },
    {"snmp.value.g32",                   64, Show::signed_dec, N_("its value")                                },
    {"snmp.value.u32",                   64, Show::signed_dec, N_("its value")                                },
    {"snmp.value.timeticks",             64, Show::dec,        N_("its value, in hundredths of a second")     },
    {"snmp.value.opaque",                0,  Show::bytes,      N_("its value")                                },
    {"snmp.value.nsap",                  64, Show::dec,        N_("its value")                                },
    {"snmp.value.unk",                   0,  Show::bytes,      N_("its value")                                },
    {"snmp.noSuchObject",                0,  Show::mark,       N_("there is no such variable")                },
    {"snmp.noSuchInstance",              0,  Show::mark,       N_("there is no such instance of the variable")},
    {"snmp.endOfMibView",                0,  Show::mark,       N_("there are no more variables")              },
    {"snmp.enterprise",                  0,  Show::text,       N_("what kind of thing sends the trap")        },
    {"snmp.agent_addr",                  0,  Show::ipv4,       N_("who sends the trap")                       },
    named(trap_names, {"snmp.generic_trap",                0,  Show::dec,        N_("kind of trap")                             }
     ),
    {"snmp.specific_trap",               0,  Show::dec,        N_("kind of trap, as the vendor numbers it")   },
    {"snmp.time_stamp",                  0,  Show::dec,        N_("hundredths of a second since it started")  },
    {"snmp.response_to",                 0,  Show::dec,        N_("packet with the question")                 },
    {"snmp.time",                        0,  Show::seconds,    N_("time since the question")                  },
    {"snmp.parameters",                  0,  Show::bytes,      N_("parameters of SNMPv2u")                    },
    {"snmp.version.unknown",             0,  Show::mark,       N_("a version that nobody knows")              },
    {"snmp.msgVersion",                  0,  Show::dec,        N_("version of the protocol")                  },
    {"snmp.msgID",                       0,  Show::dec,        N_("number that an answer repeats")            },
    {"snmp.msgMaxSize",                  0,  Show::dec,        N_("largest message that the sender takes")    },
    {"snmp.msgFlags",                    0,  Show::bytes,      N_("flags, all of them")                       },
    {"snmp.v3.flags.report",             0,  Show::flag,       N_("errors may be reported")                   },
    {"snmp.v3.flags.crypt",              0,  Show::flag,       N_("encrypted")                                },
    {"snmp.v3.flags.auth",               0,  Show::flag,       N_("authenticated")                            },
    {"snmp.msgSecurityModel",            0,  Show::dec,        N_("security model")                           },
    {"snmp.msgAuthoritativeEngineID",    0,  Show::bytes,      N_("engine whose clock counts")                },
    {"snmp.msgAuthoritativeEngineBoots", 0,  Show::dec,        N_("times that it started")                    },
    {"snmp.msgAuthoritativeEngineTime",  0,  Show::dec,        N_("seconds since it started")                 },
    {"snmp.msgUserName",                 0,  Show::text,       N_("user")                                     },
    {"snmp.msgAuthenticationParameters", 0,  Show::bytes,      N_("signature")                                },
    {"snmp.msgPrivacyParameters",        0,  Show::bytes,      N_("what decrypting needs, besides the key")   },
    {"snmp.msgData",                     0,  Show::dec,        N_("plain or encrypted")                       },
    {"snmp.encryptedPDU",                0,  Show::bytes,      N_("encrypted message")                        },
    {"snmp.contextEngineID",             0,  Show::bytes,      N_("engine that is asked")                     },
    {"snmp.contextName",                 0,  Show::text,       N_("context that is asked")                    },
    {"snmp.engineid.conform",            0,  Show::flag,       N_("identified as RFC 3411 says")              },
    {"snmp.engineid.enterprise",         0,  Show::dec,        N_("number of the vendor")                     },
    {"snmp.engineid.format",             0,  Show::dec,        N_("how the engine is identified")             },
    {"snmp.engineid.ipv4",               0,  Show::ipv4,       N_("address of the engine")                    },
    {"snmp.engineid.ipv6",               0,  Show::ipv6,       N_("address of the engine")                    },
    {"snmp.engineid.mac",                0,  Show::ether,      N_("address of the engine")                    },
    {"snmp.engineid.text",               0,  Show::text,       N_("name of the engine")                       },
    {"snmp.engineid.data",               0,  Show::bytes,      N_("identifier of the engine")                 },
    {"snmp.engineid.time",               0,  Show::moment_utc, N_("when the identifier was made")             },
    {"snmp.agentid_trailer",             0,  Show::bytes,      N_("identifier of the engine")                 },
});

}  // namespace trama::parse::snmp_table
