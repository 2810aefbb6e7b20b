// A protocol header: its table, and what tables cannot say (options, lengths) as one small
// function.
#pragma once
#include "wire/field.h"

namespace trama::wire {

// Whose numbers choose the header inside: many headers share the EtherTypes and the IP protocols.
enum class Space : u8 {
  none,
  ethertype,
  ip_protocol,
  ppp_protocol,
  llc_sap,
  cisco,  // behind SNAP
  ip_version,
  null_family,
  icmp_error,
  icmpv6_error,
  udp_port,       // tunnels over UDP; other payloads are the parsers' matter
  gre_protocol,   // EtherTypes, but not all of them
  next_protocol,  // of NSH and VXLAN-GPE
  chdlc_protocol,
  pseudowire,  // behind a stack of MPLS labels
  inside       // the header that always stands inside, or that a look at the bytes chose
};

// Where a header stands in a packet; the common packet has at most one of each. A packet with two
// headers in one place (tunnels, quoted packets) takes the deep path.
enum class Place : u8 { link, tag, network, transport };
inline constexpr unsigned places = 4;

enum class Deep : u8 { never, sometimes, always };

class Walk;

constexpr bool never(const u8* /*header*/) { return false; }

struct Header {
  std::string_view word;  // the filter word: "tcp"
  std::string_view name;  // "Transmission Control Protocol": never translated
  u8 layer = 0;           // of OSI's seven; 0: none
  Place place = Place::link;
  std::span<const Field> fields;      // the fixed part, bit by bit
  std::span<const Field> found = {};  // what a walk finds beyond it
  std::span<const Alias> aliases = {};
  std::string_view length = {};      // the word that holds the header's real length in bytes
  std::string_view total = {};       // the word that holds how long header and payload are
  unsigned total_adds = 0;           // what `total` does not count
  std::string_view selector = {};    // the word that chooses the header inside ...
  Space space = Space::none;         // ... and whose numbers it uses
  void (*walk)(Walk&) = nullptr;     // deep path: options, other lengths, what follows
  Deep deep = Deep::never;           // which of its packets need the deep path
  bool (*odd)(const u8*) = nullptr;  // Deep::sometimes: the fixed part of one that does
  // True where the header is like most: not odd, and no longer than its fixed part. May say false
  // of some that are; only speed hangs on it.
  bool (*usual)(const u8*) = never;
  // An odd header may be so wrong that some of its fixed fields are not to be read.
  bool (*hides)(const Field&, const u8*) = nullptr;
  std::string_view path = {};  // in frame.protocols, where that is not the word
  // Bytes that come together: where one of them is missing, no field that starts there exists.
  struct Together {
    u8 from = 0, to = 0;
  };
  std::array<Together, 2> together = {};
  Field whole = {word, 0, Show::layer, name};  // stands for all its bytes

  [[nodiscard]] constexpr unsigned size() const {  // bytes of the fixed part
    return fields.empty() ? 0U : (fields.back().at + fields.back().bits) / 8U;
  }
};

// Who carries whom.
struct Carries {
  Space space;
  u64 value;
  std::string_view inner;
};

}  // namespace trama::wire
