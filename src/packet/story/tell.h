// Turns a packet's step into what a person reads: a label for the arrow, the states of both ends,
// and one sentence. It tells only what the packets prove; where states came from is said beside
// them.
#pragma once
#include <array>
#include <string>

#include "packet/flow/table.h"
#include "packet/flow/verdict.h"

namespace trama::story {

// Where a state is known from.
enum class Origin : u8 {
  none,     // not a state that anybody keeps (UDP)
  deduced,  // ○ follows from the packets
  kernel,   // ● the kernel said so
};

struct State {
  std::string name;  // "ESTABLISHED", "bound :40312", "no socket"
  Origin origin = Origin::deduced;
};

// One row of a ladder.
struct Rung {
  u64 number = 0;          // the packet's
  i64 time = no_time;      // ns since 1970
  i64 since_previous = 0;  // ns, in its conversation
  bool by_client = true;   // which way the arrow points
  bool lost = false;       // never reached the other end (only a wire that we hold knows)
  std::string label;       // "SYN ACK  seq=0 ack=1"
  State client, server;    // after the packet
  std::string sentence;
  u32 notes = 0;  // flow::Note bits
  u32 length = 0;
};

// What telling remembers of one conversation between its packets. Bounded.
struct Memory {
  struct Sent {
    u64 number = 0;
    u32 seq = 0, space = 0;
    i64 time = no_time;
    u8 from = 0;
  };
  std::array<Sent, 64> sent{};  // a ring of the newest segments that took sequence numbers
  unsigned next = 0;
  u8 fins = 0;  // bit: this end sent a FIN
  u32 datagrams[2] = {0, 0};
  bool third_step = false;  // the handshake's ACK was told
};

// The rung of one step. `number` and `time` are the packet's; `verdicts`: what the judge says of
// it, nullptr where nobody judged.
Rung tell(const flow::Step& step, u64 number, i64 time, Memory& memory,
          const flow::Verdicts* verdicts = nullptr);

// The states before the first packet, as far as the conversation's beginning implies them.
State first_client_state(const flow::Conversation& conversation);
State first_server_state(const flow::Conversation& conversation);

State state_of(const flow::Conversation& conversation, unsigned end, wire::TcpState state);

// A payload as a person reads it: `"Hello, world"`, cut after `most` columns; "" where it is no
// text.
std::string quoted_text(Bytes payload, unsigned most = 32);

}  // namespace trama::story
