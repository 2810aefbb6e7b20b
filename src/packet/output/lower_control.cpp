// ICMP, ICMPv6 and IGMP: what the list says of them.
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Row;

constexpr Name unreachable_names[] = {
    {0,  "Network unreachable"                    },
    {1,  "Host unreachable"                       },
    {2,  "Protocol unreachable"                   },
    {3,  "Port unreachable"                       },
    {4,  "Fragmentation needed"                   },
    {5,  "Source route failed"                    },
    {6,  "Destination network unknown"            },
    {7,  "Destination host unknown"               },
    {8,  "Source host isolated"                   },
    {9,  "Network administratively prohibited"    },
    {10, "Host administratively prohibited"       },
    {11, "Network unreachable for TOS"            },
    {12, "Host unreachable for TOS"               },
    {13, "Communication administratively filtered"},
    {14, "Host precedence violation"              },
    {15, "Precedence cutoff in effect"            }
};
constexpr Name redirect_names[] = {
    {0, "Redirect for network"        },
    {1, "Redirect for host"           },
    {2, "Redirect for TOS and network"},
    {3, "Redirect for TOS and host"   }
};
constexpr Name alternate_names[] = {
    {0, "Alternate address for host"}
};
constexpr Name advertisement_names[] = {
    {0,  "Normal router advertisement"  },
    {16, "Does not route common traffic"}
};
constexpr Name exceeded_names[] = {
    {0, "Time to live exceeded in transit" },
    {1, "Fragment reassembly time exceeded"}
};
constexpr Name parameter_names[] = {
    {0, "Pointer indicates the error"},
    {1, "Required option missing"    },
    {2, "Bad length"                 }
};
constexpr Name photuris_names[] = {
    {0, "Bad SPI"              },
    {1, "Authentication Failed"},
    {2, "Decompression Failed" },
    {3, "Decryption Failed"    },
    {4, "Need Authentication"  },
    {5, "Need Authorization"   }
};
constexpr Name extended_names[] = {
    {0, "No error"                         },
    {1, "Malformed Query"                  },
    {2, "No Such Interface"                },
    {3, "No Such Table Entry"              },
    {4, "Multiple Interfaces Satisfy Query"}
};

// The names of a type's codes; empty where a code means nothing.
std::span<const Name> codes_of(u64 type) {
  switch (type) {
    case 3:
      return unreachable_names;
    case 5:
      return redirect_names;
    case 6:
      return alternate_names;
    case 9:
      return advertisement_names;
    case 11:
      return exceeded_names;
    case 12:
      return parameter_names;
    case 40:
      return photuris_names;
    case 42:
    case 43:
      return extended_names;
    default:
      return {};
  }
}

// The TTL or hop limit of the IP header around the layer.
const Row* hops_of(const LayerRows& rows) {
  for (unsigned i = rows.index(); i-- > 1;) {
    const LayerRows outer{rows.tree(), i};
    if (const Row* ttl = outer.find(in(ip_fields, "ip.ttl"))) return ttl;
    if (const Row* limit = outer.find(in(ipv6_fields, "ipv6.hlim"))) return limit;
  }
  return nullptr;
}

void say_request(Column& column, const LayerRows& rows, const Field& field) {
  if (const Row* request = rows.tree().find(field)) column.more(" (request in {})", request->value);
}

void say_icmp(Column& column, const LayerRows& rows) {
  column.protocol("ICMP");
  column.info("");
  const Row* type = rows.find(in(icmp_fields, "icmp.type"));
  if (type == nullptr) return;
  // A router advertisement with a wrong entry size is taken as Mobile IP's.
  const auto name =
      type->value == 9 && rows.number(in(icmp_found, "icmp.addr_entry_size")) != 2
          ? "Mobile IP Advertisement"
          : name_in(icmp_type_names, type->value, "Unknown ICMP (obsolete or malformed?)");
  column.info("{:<20}", name);
  const u64 code = rows.number(in(icmp_fields, "icmp.code"));
  if (const auto codes = codes_of(type->value); !codes.empty()) {
    const auto text = name_in(codes, code, "");
    if (text.empty())
      column.more(" (Unknown code: {})", code);
    else
      column.more(" ({})", text);
  }
  const Row* little = rows.find(in(icmp_found, "icmp.seq_le"));
  if (little == nullptr) return;
  column.more(" id=0x{:04x}, seq={}/{}", rows.number(in(icmp_fields, "icmp.ident")),
              rows.number(in(icmp_fields, "icmp.seq")), little->value);
  const Row* ttl = hops_of(rows);
  if (ttl != nullptr && ttl->field == &in(ip_fields, "ip.ttl")) column.more(", ttl={}", ttl->value);
  say_request(column, rows, in(icmp_found, "icmp.resp_to"));
}

constexpr Name unreachable_v6_names[] = {
    {0, "no route to destination"                    },
    {1, "Administratively prohibited"                },
    {2, "Beyond scope of source address"             },
    {3, "Address unreachable"                        },
    {4, "Port unreachable"                           },
    {5, "Source address failed ingress/egress policy"},
    {6, "Reject route to destination"                },
    {7, "Error in Source Routing Header"             }
};
constexpr Name exceeded_v6_names[] = {
    {0, "hop limit exceeded in transit"    },
    {1, "fragment reassembly time exceeded"}
};
constexpr Name parameter_v6_names[] = {
    {0, "erroneous header field encountered"                  },
    {1, "unrecognized Next Header type encountered"           },
    {2, "unrecognized IPv6 option encountered"                },
    {3, "IPv6 First Fragment has incomplete IPv6 Header Chain"}
};

void say_neighbour(Column& column, const LayerRows& rows, u64 type) {
  const Row* source = rows.find(in(icmpv6_found, "icmpv6.opt.src_linkaddr"));
  if (type == 135)
    if (const Row* target = rows.find(in(icmpv6_found, "icmpv6.nd.ns.target_address"))) {
      column.more(" for ");
      column.value(target);
    }
  if (type <= 135 && source != nullptr) {
    column.more(" from ");
    column.value(source);
  }
  if (type == 136)
    if (const Row* target = rows.find(in(icmpv6_found, "icmpv6.nd.na.target_address"))) {
      column.more(" ");
      column.value(target);
      const u64 flags = rows.number(in(icmpv6_found, "icmpv6.nd.na.flag")) >> 29;
      constexpr std::string_view words[] = {"none", "ovr",      "sol",      "sol, ovr",
                                            "rtr",  "rtr, ovr", "rtr, sol", "rtr, sol, ovr"};
      column.more(" ({})", words[flags & 7]);
    }
  const Row* target = rows.find(in(icmpv6_found, "icmpv6.opt.target_linkaddr"));
  if (type >= 136 && target != nullptr) {
    column.more(" is at ");
    column.value(target);
  }
}

void say_icmpv6(Column& column, const LayerRows& rows) {
  column.protocol("ICMPv6");
  column.info("");
  const Row* type = rows.find(in(icmpv6_fields, "icmpv6.type"));
  if (type == nullptr) return;
  const auto name = name_in(icmpv6_type_names, type->value, "");
  if (name.empty())
    column.info("Unknown ({})", type->value);
  else
    column.info("{}", name);
  const Row* code = rows.find(in(icmpv6_fields, "icmpv6.code"));
  if (code == nullptr) return;
  switch (type->value) {
    case 1:
      return column.more(" ({})", name_in(unreachable_v6_names, code->value, "Unknown"));
    case 3:
    case 4: {
      const auto text = type->value == 3 ? name_in(exceeded_v6_names, code->value, "")
                                         : name_in(parameter_v6_names, code->value, "");
      if (text.empty()) return column.more(" (Unknown ({}))", code->value);
      return column.more(" ({})", text);
    }
    case 128:
    case 129: {
      const Row* sequence = rows.find(in(icmpv6_found, "icmpv6.echo.sequence_number"));
      if (sequence == nullptr) return;
      column.more(" id=0x{:04x}, seq={}", rows.number(in(icmpv6_found, "icmpv6.echo.identifier")),
                  sequence->value);
      if (const Row* hops = hops_of(rows)) column.more(", hop limit={}", hops->value);
      return say_request(column, rows, in(icmpv6_found, "icmpv6.resp_to"));
    }
    case 133:
    case 134:
    case 135:
    case 136:
    case 137:
      return say_neighbour(column, rows, type->value);
    default:
      return;
  }
}

// What a version 3 report says of a group and its sources (RFC 3376 section 4.2.12).
void say_group_record(Column& column, u64 kind, const Row& group, std::span<const Row> sources) {
  const auto list = [&](std::string_view before) {
    column.more("{}{{", before);
    for (const Row& source : sources) {
      if (&source != sources.data()) column.more(", ");
      column.value(&source);
    }
    column.more("}}");
  };
  const bool none = sources.empty();
  const bool one = sources.size() == 1;
  switch (kind) {
    case 1:
    case 3:
      column.more("{}", none ? " / Leave group " : " / Join group ");
      column.value(&group);
      if (!none) list(one ? " for source " : " for sources ");
      return;
    case 2:
    case 4:
      column.more(" / Join group ");
      column.value(&group);
      if (none)
        column.more(" for any sources");
      else
        list(one ? ", not source " : ", not sources ");
      return;
    case 5:
    case 6:
      column.more(" / Group ");
      column.value(&group);
      return list(kind == 5 ? (one ? ", new source " : ", new sources ")
                            : (one ? ", block source " : ", block sources "));
    default:
      return column.more(", group type {}", kind);
  }
}

void say_report(Column& column, const LayerRows& rows) {
  column.info("Membership Report");
  if (rows.number(in(igmp_found, "igmp.num_grp_recs")) == 0 &&
      rows.find(in(igmp_found, "igmp.num_grp_recs")) != nullptr)
    return column.more(" - General query");
  const auto all = rows.tree().rows().subspan(rows.layer().first_row, rows.layer().rows);
  u64 kind = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].field == &in(igmp_found, "igmp.record_type")) kind = all[i].value;
    if (all[i].field != &in(igmp_found, "igmp.maddr")) continue;
    std::size_t count = 0;
    while (i + 1 + count < all.size() && all[i + 1 + count].field == &in(igmp_found, "igmp.saddr"))
      ++count;
    say_group_record(column, kind, all[i], all.subspan(i + 1, count));
  }
}

void say_query(Column& column, const LayerRows& rows, u64 version, const Row* group) {
  column.info("Membership Query");
  if (version == 1 || group == nullptr) return;
  if (group->value == 0) return column.more(", general");
  column.more(", specific for group ");
  column.value(group);
  const auto all = rows.tree().rows().subspan(rows.layer().first_row, rows.layer().rows);
  const u64 sources = rows.number(in(igmp_found, "igmp.num_src"));
  if (sources == 0) return;
  column.more(", source{} {{", sources > 1 ? "s" : "");
  bool first = true;
  for (const Row& row : all) {
    if (row.field != &in(igmp_found, "igmp.saddr")) continue;
    if (!first) column.more(", ");
    first = false;
    column.value(&row);
  }
  column.more("}}");
}

void say_igmp(Column& column, const LayerRows& rows) {
  const Row* version = rows.find(in(igmp_found, "igmp.version"));
  const Row* group = rows.find(in(igmp_found, "igmp.maddr"));
  const u64 type = rows.number(in(igmp_fields, "igmp.type"));
  if (version == nullptr) {
    column.protocol("IGMP");
    if (type == 0x1e || type == 0x1f)
      column.info("Traceroute {}", type == 0x1f ? "Query" : "Response");
    else if (rows.find(in(igmp_fields, "igmp.type")) != nullptr)
      column.info("Unknown Type:0x{:02x}", type);
    return;
  }
  column.protocol("IGMPv{}", version->value);
  switch (type) {
    case 0x11:
      return say_query(column, rows, version->value, group);
    case 0x12:
      return column.info("Membership Report");
    case 0x16:
    case 0x17:
      column.info("{}", type == 0x16 ? "Membership Report" : "Leave Group");
      if (group == nullptr) return;
      column.more("{}", type == 0x16 ? " group " : " ");
      return column.value(group);
    default:
      return say_report(column, rows);
  }
}

}  // namespace

bool say_control(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &icmp)
    say_icmp(column, rows);
  else if (header == &icmpv6)
    say_icmpv6(column, rows);
  else if (header == &igmp)
    say_igmp(column, rows);
  else
    return false;
  return true;
}

}  // namespace trama::output
