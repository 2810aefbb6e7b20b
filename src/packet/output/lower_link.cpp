// Link layers: what the list says of frames that carry nothing of IP, and ARP.
#include "packet/dissect/value.h"
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

// Nobody here reads the type: it is the protocol's name.
void say_type(Column& column, const LayerRows& rows, const Field& field) {
  if (rows.inner() != nullptr && rows.inner()->header == &data && rows.find(field) != nullptr)
    column.protocol("0x{:04x}", rows.number(field));
}

void say_eth(Column& column, const LayerRows& rows) {
  column.protocol("Ethernet");
  if (rows.layer().cut) return;
  if (rows.layer().malformed) {
    const unsigned type = eth_number(rows.layer().data);
    return column.info("Ethernet Unknown: Invalid length/type: 0x{:04x} ({})", type, type);
  }
  const Field& type = in(eth_fields, "eth.type");
  if (rows.find(type) == nullptr) return column.info("");
  column.info("Ethernet II");
  say_type(column, rows, type);
}

void say_vlan(Column& column, const LayerRows& rows) {
  column.protocol("VLAN");
  column.info("PRI: {}  DEI: {}  ID: {}", rows.number(in(vlan_fields, "vlan.priority")),
              rows.number(in(vlan_fields, "vlan.dei")), rows.number(in(vlan_fields, "vlan.id")));
  say_type(column, rows, in(vlan_fields, "vlan.etype"));
}

void say_sll(Column& column, const LayerRows& rows) {
  const bool second = rows.layer().header == &sll2;
  const Field& kind = second ? in(sll2_fields, "sll.pkttype") : in(sll_fields, "sll.pkttype");
  column.protocol("SLL");
  if (rows.find(kind) == nullptr) return;
  const auto name = name_in(sll_pkttype_names, rows.number(kind), "");
  if (name.empty())
    column.info("Unknown ({})", rows.number(kind));
  else
    column.info("{}", name);
  say_type(column, rows, second ? in(sll2_fields, "sll.etype") : in(sll_fields, "sll.etype"));
}

constexpr Name sap_names[] = {
    {0x00, "NULL LSAP"                                            },
    {0x02, "LLC Sub-Layer Management"                             },
    {0x04, "SNA Path Control"                                     },
    {0x06, "TCP/IP"                                               },
    {0x08, "SNA"                                                  },
    {0x0c, "SNA"                                                  },
    {0x0e, "PROWAY (IEC955) Network Management and Initialization"},
    {0x10, "NetWare (unofficial?)"                                },
    {0x14, "ISO Network Layer (OSLAN 1)"                          },
    {0x18, "Texas Instruments"                                    },
    {0x20, "ISO Network Layer (unofficial?)"                      },
    {0x34, "ISO Network Layer (unofficial?)"                      },
    {0x42, "Spanning Tree BPDU"                                   },
    {0x4e, "EIA RS-511 Manufacturing Message Service"             },
    {0x54, "ISO Network Layer (OSLAN 2)"                          },
    {0x7e, "ISO 8208 (X.25 over 802.2)"                           },
    {0x80, "XNS"                                                  },
    {0x82, "BACnet"                                               },
    {0x86, "Nestar"                                               },
    {0x8e, "PROWAY (IEC955) Active Station List Maintenance"      },
    {0x98, "ARP"                                                  },
    {0xb4, "HP JetDirect Printer"                                 },
    {0xaa, "SNAP"                                                 },
    {0xba, "Banyan Vines"                                         },
    {0xbc, "Banyan Vines"                                         },
    {0xe0, "NetWare"                                              },
    {0xf0, "NetBIOS"                                              },
    {0xf4, "IBM Net Management"                                   },
    {0xf8, "HP Extended LLC"                                      },
    {0xfa, "Ungermann-Bass"                                       },
    {0xfc, "Remote Program Load"                                  },
    {0xfe, "ISO Network Layer"                                    }
};

// The modifier bits of an unnumbered frame (IEEE 802.2 section 5.4), as they stand.
constexpr Name unnumbered_names[] = {
    {0x03, "UI"    },
    {0x13, "UP"    },
    {0x43, "DISC"  },
    {0x63, "UA"    },
    {0x83, "SNRM"  },
    {0xe3, "TEST"  },
    {0x07, "SIM"   },
    {0x87, "FRMR"  },
    {0xc7, "CFGR"  },
    {0x0f, "SARM"  },
    {0x2f, "SABM"  },
    {0x4f, "SARME" },
    {0x6f, "SABME" },
    {0x8f, "RESET" },
    {0xaf, "XID"   },
    {0xcf, "SNRME" },
    {0xef, "BEACON"}
};

void say_control_field(Column& column, u64 control) {
  if ((control & 3) == 3) {
    const auto name = name_in(unnumbered_names, control & 0xef, "Unknown");
    return column.info("U{}, func={}", (control & 0x10) != 0 ? " P" : "", name);
  }
  const auto final = (control & 0x100) != 0 ? " P" : "";
  if ((control & 1) == 0)
    return column.info("I{}, N(R)={}, N(S)={}", final, control >> 9, control >> 1 & 0x7f);
  constexpr std::string_view names[] = {"RR", "RNR", "REJ", "SREJ"};
  column.info("S{}, func={}, N(R)={}", final, names[control >> 2 & 3], control >> 9);
}

void say_llc(Column& column, const LayerRows& rows) {
  column.protocol("LLC");
  const dissect::Row* control = rows.find(in(llc_found, "llc.control"));
  if (control == nullptr) return column.info("");
  say_control_field(column, control->value);
  const u64 to = rows.number(in(llc_fields, "llc.dsap"));
  const u64 from = rows.number(in(llc_fields, "llc.ssap"));
  const dissect::Row* organisation = rows.find(in(llc_found, "llc.oui"));
  if (organisation != nullptr) {
    const u8* type = rows.layer().data + 6;
    const auto name = organisation->value == snap_cisco ? "Cisco Systems, Inc" : "Unknown";
    column.more("; SNAP, OUI 0x{:06X} ({}), PID 0x{:04X}", organisation->value, name,
                type[0] << 8 | type[1]);
  } else if (to != 0xaa || from != 0xaa) {
    const auto name = [](u64 sap) {
      const auto known = name_in(sap_names, sap & 0xfe, "");
      return known.empty() ? fmt::format("0x{:02x}", sap & 0xfe) : std::string{known};
    };
    column.more("; DSAP {} {}, SSAP {} {}", name(to), (to & 1) != 0 ? "Group" : "Individual",
                name(from), (from & 1) != 0 ? "Response" : "Command");
  }
}

void say_stp(Column& column, const LayerRows& rows) {
  column.protocol("STP");
  const u64 kind = rows.number(in(stp_fields, "stp.type"));
  if (kind == 0x80) return column.info("Topology Change Notification");
  if (kind != 0 && kind != 2) return column.info("Unknown BPDU type ({})", kind);
  const u64 version = rows.number(in(stp_fields, "stp.version"));
  const u64 flags = rows.number(in(stp_found, "stp.flags"));
  column.info("{}. ", kind == 0 ? "Conf" : version == 3 ? "MST" : version == 4 ? "SPT" : "RST");
  if ((flags & 0x81) != 0)
    column.more("{}{}{}", (flags & 1) != 0 ? "TC" : "", (flags & 0x81) == 0x81 ? " + " : "",
                (flags & 0x80) != 0 ? "TCAck " : " ");
  column.more("Root = {}/{}/", rows.number(in(stp_found, "stp.root.prio")),
              rows.number(in(stp_found, "stp.root.ext")));
  column.value(rows.find(in(stp_found, "stp.root.hw")));
  column.more("  Cost = {}  Port = 0x{:04x}", rows.number(in(stp_found, "stp.root.cost")),
              rows.number(in(stp_found, "stp.port")));
}

constexpr Name pppoe_code_names[] = {
    {0x00, "Session Data"                                },
    {0x07, "Active Discovery Offer (PADO)"               },
    {0x09, "Active Discovery Initiation (PADI)"          },
    {0x0a, "Active Discovery Session-Grant (PADG)"       },
    {0x0b, "Active Discovery Session-Credit Resp.(PADC)" },
    {0x0c, "Active Discovery Quality (PADQ)"             },
    {0x19, "Active Discovery Request (PADR)"             },
    {0x65, "Active Discovery Session-confirmation (PADS)"},
    {0xa7, "Active Discovery Terminate (PADT)"           },
    {0xd3, "Active Discovery Message (PADM)"             },
    {0xd4, "Active Discovery Network (PADN)"             }
};

void say_pppoe(Column& column, const LayerRows& rows) {
  column.protocol("{}", rows.layer().header == &pppoed ? "PPPoED" : "PPPoES");
  const u64 code = rows.number(in(pppoe_fields, "pppoe.code"));
  column.info("{}", name_in(pppoe_code_names, code, "Unknown"));
  const auto tag = [&](std::string_view name, const Field& field) {
    const dissect::Row* row = rows.find(field);
    if (row == nullptr || row->size == 0) return;
    column.more(" {}='", name);
    column.value(row);
    column.more("'");
  };
  tag("Service-Name", in(pppoed_found, "pppoed.tags.service_name"));
  tag("AC-Name", in(pppoed_found, "pppoed.tags.ac_name"));
}

void say_ppp(Column& column, const LayerRows& rows) {
  const dissect::Row* protocol = rows.find(in(ppp_found, "ppp.protocol"));
  column.protocol("PPP");
  if (protocol == nullptr || rows.inner() == nullptr || rows.inner()->header != &data) return;
  column.protocol("0x{:04x}", protocol->value);
  column.info("PPP Unknown (0x{:04x})", protocol->value);
}

void say_ppp_control(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  column.protocol("PPP {}", header == &lcp      ? "LCP"
                            : header == &ipcp   ? "IPCP"
                            : header == &ipv6cp ? "IPV6CP"
                                                : "CCP");
  column.info("{}",
              name_in(ppp_code_names, rows.number(in(ppp_control_fields, "ppp.code")), "Unknown"));
}

}  // namespace

bool say_link(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &eth)
    say_eth(column, rows);
  else if (header == &vlan)
    say_vlan(column, rows);
  else if (header == &sll || header == &sll2)
    say_sll(column, rows);
  else if (header == &llc)
    say_llc(column, rows);
  else if (header == &stp)
    say_stp(column, rows);
  else if (header == &pppoed || header == &pppoes)
    say_pppoe(column, rows);
  else if (header == &ppp || header == &ppp_bare)
    say_ppp(column, rows);
  else if (header == &lcp || header == &ipcp || header == &ipv6cp || header == &ccp)
    say_ppp_control(column, rows);
  else
    return false;
  return true;
}

void say_arp(Column& column, const LayerRows& rows) {
  const u64 opcode = rows.number(in(arp_fields, "arp.opcode"));
  column.protocol("{}", opcode == 3 || opcode == 4   ? "RARP"
                        : opcode >= 5 && opcode <= 7 ? "DRARP"
                        : opcode == 8 || opcode == 9 ? "Inverse ARP"
                                                     : "ARP");
  column.info("");
  if (rows.layer().cut) return;
  const auto either = [&](const Field& known, const Field& unknown) {
    const dissect::Row* row = rows.find(known);
    return row != nullptr ? row : rows.find(unknown);
  };
  const auto* sender = either(in(arp_found, "arp.src.proto_ipv4"), in(arp_found, "arp.src.proto"));
  const auto* target = either(in(arp_found, "arp.dst.proto_ipv4"), in(arp_found, "arp.dst.proto"));
  const auto* from = either(in(arp_found, "arp.src.hw_mac"), in(arp_found, "arp.src.hw"));
  const auto* to = either(in(arp_found, "arp.dst.hw_mac"), in(arp_found, "arp.dst.hw"));
  const auto address = [&](const dissect::Row* row) {
    row == nullptr ? column.more("<No address>") : column.value(row);
  };
  const bool gratuitous = rows.find(in(arp_found, "arp.isgratuitous")) != nullptr;
  const bool announces = opcode == 1 && gratuitous && to != nullptr && to->value == 0;
  switch (opcode) {
    case 1:
    case 2:
      if (gratuitous) {
        column.more("{} for ", announces ? "ARP Announcement" : "Gratuitous ARP");
        address(sender);
        if (!announces) column.more(" ({})", opcode == 1 ? "Request" : "Reply");
      } else if (opcode == 1) {
        column.more("Who has ");
        address(target);
        const bool probes = sender == nullptr || (sender->size == 0 && sender->value == 0);
        column.more("{}", probes ? "? (ARP Probe)" : "? Tell ");
        if (!probes) address(sender);
      } else {
        address(sender);
        column.more(" is at ");
        address(from);
      }
      return;
    case 3:
    case 5:
    case 8:
      column.more("Who is ");
      address(to);
      column.more("? Tell ");
      return address(from);
    case 4:
    case 6:
      address(to);
      column.more(" is at ");
      return address(target);
    case 7:
      return column.more("DRARP Error");
    case 9:
      address(from);
      column.more(" is at ");
      return address(sender);
    case 10:
      return column.more("ARP NAK");
    case 0:
      return column.more("Reserved opcode 0");
    default:
      return column.more("Unknown ARP opcode 0x{:04x}", opcode);
  }
}

}  // namespace trama::output
