// The fields of SOCKS 4, 4a and 5, with Wireshark's words (RFC 1928, RFC 1929).
#pragma once
#include "wire/field.h"

namespace trama::parse {

// clang-format off
inline constexpr wire::Name socks_command_names[] = {{1, "Connect"}, {2, "Bind"}, {3, "UdpAssociate"}};
inline constexpr wire::Name socks_method_names[] = {
    {0, "No authentication"}, {1, "GSSAPI"}, {2, "Username/Password"}, {3, "Chap"}, {0xff, "No acceptable methods"}};
inline constexpr wire::Name socks_result_names[] = {
    {0, "Succeeded"}, {1, "General SOCKS server failure"}, {2, "Connection not allowed by ruleset"},
    {3, "Network unreachable"}, {4, "Host unreachable"}, {5, "Connection refused"}, {6, "TTL expired"},
    {7, "Command not supported"}, {8, "Address type not supported"},
    {90, "Granted"}, {91, "Rejected or Failed"}, {92, "No identd"}, {93, "Other user"}};
inline constexpr wire::Name socks_address_names[] = {{1, "IPv4"}, {3, "Domain Name"}, {4, "IPv6"}};
inline constexpr wire::Name socks_status_names[] = {{0, "success"}, {1, "failure"}};

inline constexpr auto socks_fields = std::to_array<wire::Field>({
    {"socks.version",              0, wire::Show::dec,  N_("version of the protocol")},
    wire::named(socks_command_names, {"socks.command", 0, wire::Show::dec, N_("what the proxy shall do")}),
    {"socks.dst",                  0, wire::Show::ipv4, N_("IPv4 address to connect to, or that the proxy has")},
    {"socks.dstV6",                0, wire::Show::ipv6, N_("IPv6 address to connect to, or that the proxy has")},
    {"socks.dstport",              0, wire::Show::dec,  N_("port, in SOCKS 4")},
    {"socks.port",                 0, wire::Show::dec,  N_("port, in SOCKS 5")},
    {"socks.username",             0, wire::Show::text, N_("who asks")},
    {"socks.password",             0, wire::Show::text, N_("the user's password")},
    {"socks.v4a_dns_name",         0, wire::Show::text, N_("name to connect to, in SOCKS 4a")},
    {"socks.remote_name",          0, wire::Show::text, N_("name to connect to, in SOCKS 5")},
    wire::named(socks_result_names, {"socks.results", 0, wire::Show::dec, N_("how it went")}),
    {"socks.auth_method_count",    0, wire::Show::dec,  N_("how many methods the client offers")},
    wire::named(socks_method_names, {"socks.auth_method", 0, wire::Show::dec, N_("a way to say who asks")}),
    wire::named(socks_method_names, {"socks.auth_accepted_method", 0, wire::Show::dec, N_("the way that the proxy takes")}),
    {"socks.subnegotiation_version", 0, wire::Show::dec, N_("version of the user's announcement")},
    wire::named(socks_status_names, {"socks.auth_status", 0, wire::Show::dec, N_("whether the user may")}),
    {"socks.reserved",             0, wire::Show::dec,  N_("reserved, 0")},
    wire::named(socks_address_names, {"socks.address_type", 0, wire::Show::dec, N_("kind of the address that follows")}),
});
// clang-format on

}  // namespace trama::parse
