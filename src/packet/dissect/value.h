// A row's value as text, the way tshark's -T fields writes it: what columns, tree, JSON and the
// filter's string() share.
#pragma once
#include <limits>
#include <string>

#include "packet/dissect/tree.h"

namespace trama::dissect {

void append_value(std::string& out, const Row& row);
// Text from the network on one line: control bytes as \n or \001, what is no UTF-8 as U+FFFD.
// Invisible code points become \uFEFF where they are not kept.
void append_text(std::string& out, std::string_view text, bool keep_invisible = false);
// The value of a moment that a message leaves out: shown as NULL.
inline constexpr i64 no_moment = std::numeric_limits<i64>::min();

// "6 (TCP)" where the field has a name for it, else the plain value.
void append_named_value(std::string& out, const Row& row);

// Into memory with room for 46 characters, 20 for numbers and IPv4; what follows the text.
char* write_number(char* at, u64 value);
char* write_ipv4(char* at, u32 address);
char* write_ipv6(char* at, const u8* sixteen);
char* write_seconds(char* at, i64 nanoseconds);

void append_number(std::string& out, u64 value);
void append_hex(std::string& out, Bytes bytes);
void append_ether(std::string& out, u64 address);
void append_ipv4(std::string& out, u32 address);
// RFC 5952, as inet_ntop() writes it: with dots where the address carries an IPv4 one.
void append_ipv6(std::string& out, const u8* sixteen);
void append_seconds(std::string& out, i64 nanoseconds);
// "2026-11-22 15:04:05.123456789" in the local time zone, or in UTC.
void append_moment(std::string& out, i64 nanoseconds, bool utc, bool with_date);
// The same with the day of the year: "2026/326 15:04:05.123456789".
void append_day_moment(std::string& out, i64 nanoseconds, bool utc);
// "Nov 22, 2026 15:04:05.123456789 UTC" in the local time zone, or in UTC: the value of
// frame.time.
void append_date(std::string& out, i64 nanoseconds, bool utc = false);

}  // namespace trama::dissect
