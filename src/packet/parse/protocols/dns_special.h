// Data of DNS records that a list of parts cannot describe. Each reads from reader.at; `end` is
// where the record says that its data end.
#pragma once
#include "packet/parse/protocols/dns.h"

namespace trama::parse {

void read_wks_ports(DnsReader& reader, u32 end);          // RFC 1035 section 3.4.2
void read_txt(DnsReader& reader, u32 end);                // RFC 1035 section 3.3.14
void read_spf(DnsReader& reader, u32 end);                // RFC 4408
void read_isdn_subaddress(DnsReader& reader, u32 end);    // RFC 1183
void read_key(DnsReader& reader, u32 end);                // RFC 2535
void read_dnskey(DnsReader& reader, u32 end);             // RFC 4034 section 2
void read_loc(DnsReader& reader, u32 end);                // RFC 1876
void read_nxt_bitmap(DnsReader& reader, u32 end);         // RFC 2535 section 5.2
void read_naptr_replacement(DnsReader& reader, u32 end);  // RFC 3403
void read_a6(DnsReader& reader, u32 end);                 // RFC 2874
void read_apl(DnsReader& reader, u32 end);                // RFC 3123
void read_ipseckey(DnsReader& reader, u32 end);           // RFC 4025
void read_nsec3(DnsReader& reader, u32 end);              // RFC 5155
void read_nsec3_parameters(DnsReader& reader, u32 end);   // RFC 5155 section 4
void read_hip(DnsReader& reader, u32 end);                // RFC 8005
void read_csync(DnsReader& reader, u32 end);              // RFC 7477
void read_tkey(DnsReader& reader, u32 end);               // RFC 2930
void read_tsig(DnsReader& reader, u32 end);               // RFC 8945
void read_caa(DnsReader& reader, u32 end);                // RFC 8659
void read_wins(DnsReader& reader, u32 end);               // MS-DNSP 2.2.2.2.4.20
void read_wins_reverse(DnsReader& reader, u32 end);       // MS-DNSP 2.2.2.2.4.21
void read_xpf(DnsReader& reader, u32 end);                // draft-bellis-dnsop-xpf

}  // namespace trama::parse
