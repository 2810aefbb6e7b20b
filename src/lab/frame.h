// The words of the lab: its two hosts, a frame on the wire between them, and what the kernel said
// about the conversation that the frame belongs to. Plain values.
#pragma once
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "host/socket_table.h"

namespace trama::lab {

enum class Host : u8 { client, server };

constexpr Host other(Host host) { return host == Host::client ? Host::server : Host::client; }
// "client", "server": JSON values; people's text translates its own.
constexpr std::string_view name_of(Host host) { return host == Host::client ? "client" : "server"; }

// One end of a conversation as the kernel's own socket table shows it.
struct EndState {
  enum class Kind : u8 {
    unknown,    // not TCP or UDP, or the kernel did not answer
    no_socket,  // the kernel knows no socket for this conversation (a TCP end is CLOSED then)
    tcp,
    udp_bound,
    udp_connected,
  };
  Kind kind = Kind::unknown;
  host::TcpState state = host::TcpState::none;  // Kind::tcp
  bool operator==(const EndState&) const = default;
};

// "SYN_SENT", "no socket", "bound", "connected"; "" where unknown. Never translated.
std::string_view name_of(const EndState& end);

enum class Fate : u8 {
  waiting,      // on the wire: due later, or held until it is let through
  delivered,    // the other host has it
  lost,         // the wire's loss rule took it
  crowded_out,  // the wire's queue was full
  refused,      // the other host's interface did not take it
};

std::string_view name_of(Fate fate);  // "waiting", "crowded_out"; JSON values

struct Frame {
  u64 id = 0;  // counts from 1 in the order in which frames were caught, both directions together
  Host from = Host::client;
  std::vector<u8> bytes;  // from the Ethernet header on
  i64 caught_ns = 0;      // CLOCK_REALTIME: when the frame left its sender
  i64 delivered_ns = 0;   // CLOCK_REALTIME; 0 while it waits, and for ever if it never arrives
  Fate fate = Fate::waiting;
  EndState sender;    // when the frame was caught
  EndState receiver;  // right after it was delivered
};

}  // namespace trama::lab
