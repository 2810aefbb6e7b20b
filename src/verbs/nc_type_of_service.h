// nc's words for the IPv4 type of service and IPv6 traffic class.
#pragma once
#include <optional>
#include <string_view>

namespace trama {

// "ef", "af11" to "af43", "cs0" to "cs7" (RFC 2474, 2597, 3246), "lowdelay" and its like (RFC
// 1349), "critical", "inetcontrol", "netcontrol" (RFC 791's precedence), or a number: 16, 0x10.
// Nothing for others, and beyond 255.
std::optional<int> type_of_service(std::string_view word);

}  // namespace trama
