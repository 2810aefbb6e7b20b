// The flow table: follows every TCP and UDP packet in order, finds its conversation, moves the
// state machines of both ends. Bounded: beyond so many bytes the conversations idle longest are
// dropped; one that speaks again later is a new one.
#pragma once
#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "packet/flow/conversation.h"
#include "packet/flow/index.h"
#include "packet/flow/numbers.h"
#include "packet/flow/pool.h"
#include "packet/flow/segment.h"

namespace trama::flow {

// What a packet turned out to be, seen against what came before it; bits.
enum Note : u32 {
  retransmission = 1,  // these bytes were sent before
  out_of_order = 2,    // older than what was sent before it, and never seen
  gap_before = 4,      // bytes before it were not captured
  duplicate_ack = 8,   // acknowledges the same again: a later packet arrived, an earlier did not
  keep_alive = 16,     // one byte before what is next, to see whether the peer lives
  keep_alive_ack = 32,
  window_full = 64,   // takes all that the peer can receive
  zero_window = 128,  // the sender cannot receive now
  window_update = 256,
  port_reused = 512,   // the same ports again: a new connection
  mid_stream = 1024,   // the beginning was not captured
  acks_unseen = 2048,  // acknowledges bytes that were not captured
  simultaneous = 4096,
  stray_reset = 8192,  // RST with another number than the one expected: it ends nothing
};

// One packet's part in its conversation. The states are the ends' after the packet.
struct Step {
  // Not defaulted: that would blank all its bytes first, for every packet.
  Step() {}                              // NOLINT(modernize-use-equals-default)
  Conversation* conversation = nullptr;  // nullptr: the packet is part of none
  // What seek() found out for follow(): the segment's hash (0: it has to be read first), and the
  // conversation that has it.
  u64 hash = 0;
  Conversation* guess = nullptr;
  Segment segment;
  u32 stream = 0;                   // tshark's number, of the conversation or of an announced end
  u8 from = 0;                      // which end sent it
  const IcmpError* icmp = nullptr;  // instead of a segment of its own: an error about one
  u32 notes = 0;
  Analysis analysis;                        // tshark's view of a TCP segment
  u32 seq = 0, ack = 0;                     // relative
  u32 next_seq = 0;                         // relative, behind this payload
  u64 window = 0;                           // scaled
  i64 scale_factor = -1;                    // -1 unknown, -2 not used, else 2 to the shift
  unsigned duplicate_acks = 0;              // by the sender, this one included
  bool acks_fin = false;                    // acknowledges the peer's FIN
  bool answers_peer = false;                // its number is the one that the peer acknowledged last
  bool peer_repeated = false;               // the bytes that this answers had arrived before
  u64 peer_window = 0;                      // the other end's newest window, scaled
  u64 window_before = 0;                    // the sender's own before this packet, scaled
  i64 since_first = 0, since_previous = 0;  // nanoseconds, in the conversation
  TcpState before[2] = {TcpState::none, TcpState::none};
  TcpState after[2] = {TcpState::none, TcpState::none};
  const Rule* moved[2] = {nullptr, nullptr};  // the row that changed each end's state last

  [[nodiscard]] bool found(u32 finding) const { return (analysis.found & finding) != 0; }
  // It carries bytes, or says that no more will come.
  [[nodiscard]] bool speaks() const {
    return !segment.payload.empty() || (segment.tcp && segment.has(TcpFlag::fin));
  }
  [[nodiscard]] bool noted(u32 note) const { return (notes & note) != 0; }
};

// How much steps tell: streams, senders and times alone; with tshark's view of TCP (numbers,
// windows, its analysis); with what both ends do besides (states, notes).
enum class Depth : u8 { streams, numbers, states };

// A connection to come: one end, and of the other one its address and perhaps its port.
struct Foretold {
  Endpoint end;
  Address peer;
  std::optional<u16> peer_port;
};

class Table {
 public:
  // About 88,000 at once; 25,000 where messages are read.
  static constexpr std::size_t usual_bytes = std::size_t{40} << 20;

  // What the parse step and the judge remember of a conversation, bytes on average.
  static constexpr std::size_t usually_remembered = 1200;
  // `remembered`: bytes that later steps remember of a conversation. `depth`: what steps are asked
  // for; segments are looked at only as far as that, and the streams, depend on them.
  explicit Table(std::size_t most_bytes = usual_bytes, std::size_t remembered = usually_remembered,
                 Depth depth = Depth::states);
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table();

  // Begins the steps of a batch: what can be known of a packet before its turn. Where many
  // conversations are under way none of them is in the caches: the searches of a batch are asked
  // for together, and each conversation some packets before it is needed.
  using Steps = std::array<Step, Batch::most>;
  void seek(const Batch& batch, Steps& steps) const;
  void fetch(Step& step) const;

  // Completes a step that is blank or begun; false where the packet is no TCP, UDP, or ICMP error
  // about one. `tree` is the packet's deep reading; it is needed for packets marked deep only, and
  // gets the streams of the segments that only ride along: those of the tunnels around, and what
  // an ICMP message quotes.
  bool follow(const Packet& packet, dissect::Tree* tree, Step& step);
  std::optional<Step> follow(const Packet& packet, dissect::Tree* tree);

  // Frees conversations that others replaced (ports used again), and ICMP errors. Steps point to
  // them until then.
  void forget_ended();

  // What parsers find out moves tshark's numbers, from the next packet on.
  // Whoever talks with this UDP endpoint: its number is the announcement's.
  void announce(const Endpoint& end, u64 packet) { numbers_.announce(end, packet); }
  // Its next packet takes the next number.
  void renumber(Conversation& conversation) { conversation.renumbers = true; }
  // A connection that FTP agreed on. tshark takes it for begun, and does not count its SYN.
  void foretell(const Foretold& connection);
  // The next number of TCP goes to nobody.
  void skip_tcp_number() { ++next_tcp_; }

  // Conversations that had to give way.
  [[nodiscard]] u64 dropped() const { return dropped_; }

 private:
  Conversation& find(const Segment& segment, u64 hash, const Packet& packet, u32& notes);
  Conversation& begin(const Segment& segment, u64 hash, const Packet& packet, u32& notes);
  Conversation* known(const Ends& ends, u64 hash);
  // `quoted`: an ICMP message carries them.
  void ride_along(const Packet& packet, dissect::Tree& tree, bool quoted);
  void drop_oldest();
  void place(Step& step, const Packet& packet);
  // True once for each connection that was foretold.
  bool was_foretold(const Segment& segment);
  // Gives the step its number and its place in time.
  void number(Step& step, const Packet& packet);

  [[nodiscard]] bool is_full() const;
  void end(Conversation& conversation, u64 hash);

  std::size_t most_bytes_;
  Depth depth_;
  std::size_t each_;         // bytes that a conversation costs
  std::size_t unacked_ = 0;  // segments that the analysis remembers, of all conversations
  u64 dropped_ = 0;
  u32 next_tcp_ = 0, next_udp_ = 0;
  Numbers numbers_;
  std::deque<Foretold> foretold_;  // bounded: the oldest gives way
  Pool pool_;
  Index index_;
  std::vector<Conversation*> ended_;
  std::deque<IcmpError> errors_;
};

// Where a segment stands in its conversation's time, in nanoseconds.
struct Times {
  i64 since_first = 0, since_previous = 0;
};
// Adds what is known of a segment that is followed no further, tshark's way: its stream and its
// times; numbers stay as they stand.
void annotate_ride(dissect::Tree& tree, u16 layer, const Segment& segment,
                   const Conversation& conversation, const std::optional<Times>& times);
// Adds a step's facts to the packet's tree: tcp.stream, tcp.seq, udp.time_delta, ...
void annotate(dissect::Tree& tree, const Step& step);

}  // namespace trama::flow
