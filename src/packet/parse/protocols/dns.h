// What the files of the DNS parser share: a place in a message, from which values are taken one
// after the other, and the data of a record. A message is read as far as it goes: what runs beyond
// its end sets `ok` to false, and nothing is taken from then on.
#pragma once
#include "packet/parse/message.h"
#include "packet/parse/protocols/dns_name.h"

namespace trama::parse {

class DnsReader {
 public:
  // The message in the bytes [start, end) of the payload.
  DnsReader(Message& message_, u32 start, u32 end_)
      : message(message_), at(start), end(end_), base_(start) {}

  Message& message;
  u32 at;
  u32 end;
  bool ok = true;

  bool has(u64 count) {
    if (ok && count <= end - at) return true;
    ok = false;
    return false;
  }
  // A big-endian number of up to 8 bytes, not put as a row; 0 where it is not there.
  u64 take(u32 count) {
    if (!has(count)) return 0;
    at += count;
    return message.number(at - count, count);
  }
  u64 number(const wire::Field& field, u32 count);
  void bytes(const wire::Field& field, u64 count);
  void text(const wire::Field& field, u64 count);
  // An address of which the first `count` bytes are here, the rest zeros.
  void address(const wire::Field& field, u64 count);
  void moment(const wire::Field& field, u32 count);  // seconds since 1970
  bool take(DomainName& name);
  DomainName name(const wire::Field& field);

 private:
  u32 base_;
};

// A name as a row, spelled for one line.
void put_name(Message& message, const wire::Field& field, u32 at, const DomainName& name);

// A record's data: reader.at stands at its first byte. Puts its rows, appends what the list shows
// of it. `owner` is the record's name.
void read_record_data(DnsReader& reader, u16 type, u32 size, std::string_view owner);
// The EDNS options of an OPT record (RFC 6891).
void read_edns_options(DnsReader& reader, u32 end);
// Service parameters (RFC 9460).
void read_service_parameters(DnsReader& reader, u32 end);
// The kinds of records in a bitmap (RFC 4034 section 4.1.2), a row each.
void read_type_bitmap(DnsReader& reader, u32 end);
// "A", "Unknown (258)": appended.
void append_type(std::string& text, u16 type);
}  // namespace trama::parse
