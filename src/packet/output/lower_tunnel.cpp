// Headers between link and network, and those that carry whole packets.
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

constexpr Name gre_protocol_names[] = {
    {0x0000, "Possible GRE keepalive packet"        },
    {0x880b, "PPP"                                  },
    {0x0800, "IP"                                   },
    {0x0806, "ARP"                                  },
    {0x00fe, "OSI"                                  },
    {0x883e, "WCCP"                                 },
    {0x2000, "CDP (Cisco)"                          },
    {0x2001, "NHRP"                                 },
    {0x88be, "ERSPAN"                               },
    {0x22eb, "ERSPAN III"                           },
    {0x6400, "MIKROTIK EoIP"                        },
    {0xfeae, "AIROHIVE AP AP"                       },
    {0x8137, "IPX"                                  },
    {0x6558, "Transparent Ethernet bridging"        },
    {0x6559, "Frame Relay"                          },
    {0x86dd, "IPv6"                                 },
    {0x8847, "MPLS label switched packet"           },
    {0x894f, "Network Service Header"               },
    {0x8881, "CDMA2000 A10 Unstructured byte stream"},
    {0x88d2, "CDMA2000 A10 3GPP2 Packet"            },
    {0x8909, "CiscoMetaData"                        },
    {0xb7ea, "Huawei GRE bonding"                   }
};

void say_gre(Column& column, const LayerRows& rows) {
  const dissect::Row* protocol = rows.find(in(gre_fields, "gre.proto"));
  if (protocol == nullptr) return;
  column.protocol("GRE");
  const auto name = name_in(gre_protocol_names, protocol->value, "");
  if (name.empty())
    column.info("Encapsulated 0x{:04X} (unknown)", protocol->value);
  else
    column.info("Encapsulated {}", name);
}

void say_geneve(Column& column, const LayerRows& rows) {
  column.protocol("Geneve");
  const u64 type = rows.number(in(geneve_fields, "geneve.proto_type"));
  const auto name =
      type == 0x6558 ? "Transparent Ethernet bridging" : name_in(ethertype_names, type, "");
  if (name.empty())
    column.info("Encapsulated 0x{:04x} (unknown)", type);
  else
    column.info("Encapsulated {}", name);
}

constexpr Name gtp_message_names[] = {
    {1,   "Echo request"                           },
    {2,   "Echo response"                          },
    {3,   "Version not supported"                  },
    {26,  "Error indication"                       },
    {31,  "Supported extension header notification"},
    {254, "End Marker"                             },
    {255, "T-PDU"                                  }
};

void say_plain(Column& column, std::string_view protocol, std::string_view info) {
  column.protocol("{}", protocol);
  column.info("{}", info);
}

}  // namespace

bool say_tunnel(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &gre)
    say_gre(column, rows);
  else if (header == &geneve)
    say_geneve(column, rows);
  else if (header == &mpls)
    say_plain(column, "MPLS", "MPLS Label Switched Packet");
  else if (header == &vxlan || header == &vxlan_gpe)
    say_plain(column, "VxLAN", "");
  else if (header == &nsh)
    say_plain(column, "NSH", "Network Service Header");
  else if (header == &erspan || header == &erspan_bare)
    say_plain(column, "ERSPAN", "ERSPAN:");
  else if (header == &gtp)
    say_plain(column, "GTP",
              name_in(gtp_message_names, rows.number(in(gtp_fields, "gtp.message")), "Unknown"));
  else if (header == &teredo)
    say_plain(column, "Teredo", "");
  else if (header == &l2tp)
    say_plain(column, "L2TP", "");
  else if (header == &raw)
    say_plain(column, "N/A", "Raw packet data");
  else if (header == &null || header == &loop)
    say_plain(column, "N/A", "Null/Loopback");
  else if (header == &ah) {
    column.protocol("AH");
    column.info("AH (SPI=0x{:08x})", rows.number(in(ah_fields, "ah.spi")));
  } else if (header == &fr) {
    column.protocol("FR");
    column.info("DLCI {}", rows.number(in(fr_found, "fr.dlci")));
  } else if (header == &chdlc) {
    column.protocol("0x{:04x}", rows.number(in(chdlc_fields, "chdlc.protocol")));
    column.info("");
  } else {
    return false;
  }
  return true;
}

}  // namespace trama::output
