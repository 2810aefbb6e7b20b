// Collects the stories of a capture, conversation by conversation, within bounds: of a long one the
// first and the last rungs are kept and the rest is counted.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "packet/story/facts.h"
#include "packet/story/tell.h"

namespace trama::story {

// How a conversation went, as far as the packets tell.
enum class Outcome : u8 {
  open,         // still open when the capture ended
  closed,       // both ends closed in order
  half_closed,  // one end closed
  reset,        // ended by RST
  refused,      // RST instead of SYN ACK
  unanswered,   // SYN, or a datagram, and nothing came back
  half_open,    // SYN ACK, but the third step is missing
  unreachable,  // ICMP said so
  answered,     // UDP: datagrams both ways
};

// Rungs of a transfer without events, told as one: segments with bytes and their ACKs.
struct Fold {
  u64 after = 0;  // the rung that they follow
  u64 last = 0;   // the newest packet in it
  u64 packets = 0, segments = 0, bytes = 0;
  i64 time = 0;  // nanoseconds from its first to its newest packet
  Rate rate{};
};

struct Story {
  bool tcp = true;
  u32 stream = 0;
  Endpoint client, server;
  State first_client, first_server;
  std::vector<Rung> first;  // the beginning ...
  std::deque<Rung> last;    // ... and the end
  u64 skipped = 0;          // rungs between them
  std::deque<Fold> folds;   // what stands between rungs; most_folds at most
  u64 folded = 0;           // rungs in them
  unsigned plain_run = 0;   // rungs without events, the newest ones
  Facts facts;
  u64 packets[2] = {0, 0};  // by the client, by the server
  u64 bytes[2] = {0, 0};
  u64 retransmissions = 0;
  u64 first_number = 0;
  bool matched = false;   // a packet of it passed the filter
  bool by_client = true;  // who reset, or closed first
  Outcome outcome = Outcome::open;
  // While the server has sent nothing, or refused: what is known of its end. The rungs keep what it
  // would be if it listened, until settle().
  std::optional<State> silent_server = State{"?", Origin::none};
  Memory memory;
};

class Book {
 public:
  static constexpr std::size_t most_stories = 10'000;
  static constexpr std::size_t most_first = 60, most_last = 20, most_folds = 20;
  // So many rungs of a transfer are told one by one before the rest is folded.
  static constexpr unsigned most_plain = 8;

  // Adds a step; returns its story, nullptr where the book is full. `verdicts`: nullptr where
  // nobody judged.
  Story* add(const flow::Step& step, u64 number, i64 time,
             const flow::Verdicts* verdicts = nullptr);

  // What the messages of the packet added last say: "DNS", "Standard query 0x1234 A example.org".
  void add_message(Story& story, std::string_view protocol, std::string_view info);

  [[nodiscard]] const std::deque<Story>& stories() const { return stories_; }
  std::deque<Story>& stories() { return stories_; }
  // Conversations that found no room.
  [[nodiscard]] u64 left_out() const { return left_out_.size(); }
  // The rung that add() made last.
  [[nodiscard]] const Rung& newest() const { return newest_; }

 private:
  static void keep(Story& story, const Rung& rung);

  std::deque<Story> stories_;
  std::map<std::pair<bool, u32>, std::size_t> index_;
  std::map<std::pair<bool, u32>, bool> left_out_;
  Rung newest_;
};

// At the end of a capture: where the server never answered, or refused, its end's states say no
// more than that.
void settle(Story& story);

// One sentence: "12 bytes to the server, 12 back; closed in order, by the client first."
std::string summary(const Story& story);

}  // namespace trama::story
