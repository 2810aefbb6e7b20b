// The values of SNMP messages as rows: numbers, names, bindings, who the engine is.
#pragma once
#include "packet/parse/message.h"
#include "packet/parse/protocols/ber.h"

namespace trama::parse::snmp_table {

// Tags (X.690).
inline constexpr u8 integer = 0x02;
inline constexpr u8 octets = 0x04;
inline constexpr u8 oid = 0x06;
inline constexpr u8 sequence = 0x30;

Bytes content(const Message& message, const BerItem& item);

// An integer as a row; its value.
u64 put_integer(Message& message, BerReader& reader, const wire::Field& field);
BerItem put_octets(Message& message, BerReader& reader, const wire::Field& field);
void put_oid(Message& message, const wire::Field& field, const BerItem& item);

// The list of names and values, its names in the info; `words`: with the texts of sysDescr and
// sysName. False where it is wrong.
bool read_bindings(Message& message, BerReader& reader, bool words);

// RFC 3411 section 5: who made the engine, and how it is identified.
void put_engine(Message& message, const BerItem& item);

}  // namespace trama::parse::snmp_table
