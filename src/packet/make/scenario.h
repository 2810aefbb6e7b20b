// Scenarios: a few lines that tell a story of TCP or UDP packets, from which frames are made.
//
//   # a comment
//   c SYN mss=1460        | SYN_SENT SYN_RCVD | Client asks to connect
//
// One line a packet: who sends (c, s) and what; then, for those who check a story, both ends'
// states after it and words that its sentence holds. Numbers that a line does not give are counted
// as a kernel would. Lines behind a packet's may say more of what is expected:
//
//   #! fast retransmission 5 12   the verdict on it, and the packets that prove it
//   #= nothing listens            what the diagnosis of the whole holds; "#= fine": none
//
// docs/scenarios.md lists the words.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "packet/make/frames.h"

namespace trama::make {

struct Part {  // bytes, counted from 0
  u32 from = 0, to = 0;
};

struct Line {
  enum class Kind : u8 { tcp, udp, icmp };
  unsigned number = 0;  // in the file, from 1
  u8 from = 0;          // 0 client, 1 server
  Kind kind = Kind::tcp;
  u16 flags = 0;                // flow::TcpFlag
  std::optional<u32> seq, ack;  // relative, instead of the right ones
  std::optional<u16> window, id;
  std::vector<u8> options;  // of TCP
  std::vector<u32> sack;    // relative: from, to, from, to, ...
  u16 server_port = 0;      // from here on; 0: as before
  std::string payload;
  bool again = false;               // the sender's newest segment that took sequence numbers
  bool copy = false;                // the sender's newest frame, bit by bit
  bool lost = false;                // the other end never gets it
  i64 wait = 1'000'000;             // nanoseconds since the frame before
  u8 icmp_type = 0, icmp_code = 0;  // about the other end's newest packet
  u32 mtu = 0;
  // Bytes of the IP packet's payload, sent as a fragment; a line that says nothing else goes on
  // with the sender's packet before.
  std::optional<Part> part;
  // What is expected; empty where the line does not say.
  std::string text, client_state, server_state, says;
  std::string verdict, diagnosis;  // of the lines "#! ..." and "#= ..." behind it
};

// Errors (Exit::bad_input): the line, the word, and what may stand there.
Result<std::vector<Line>> read_scenario(std::string_view text, std::string_view name);

// The words that a line may hold, one a row; for docs and messages.
struct WordHelp {
  std::string_view word, meaning;  // meaning: a key of the catalogue
};
std::vector<WordHelp> scenario_words();

// Both kernels, as far as numbers go, from port 40000 to port 65432.
class Player {
 public:
  struct Frame {
    std::vector<u8> bytes;
    i64 time = 0;  // nanoseconds since 1970
  };
  Frame play(const Line& line);

 private:
  [[nodiscard]] std::vector<u8> segment(const Line& line);
  [[nodiscard]] std::vector<u8> payload_of(const Line& line, u8& protocol);
  std::vector<u8> fragment(const Line& line, bool goes_on);

  u16 ports_[2] = {40000, 65432};
  // The client's numbers wrap: what is wrong with wrapped numbers shows.
  static constexpr u32 first_number[2] = {0xffffff00, 1000};
  u32 next_[2] = {first_number[0], first_number[1]};  // the next number of each end
  u32 got_[2] = {first_number[1], first_number[0]};   // what each end has of the other
  u16 id_[2] = {1, 1};                                // of IP
  TcpParts last_[2];
  std::vector<u8> last_packet_[2];
  struct Whole {
    std::vector<u8> payload;  // of IP
    u8 protocol = 0;
    u16 id = 0;
  };
  Whole whole_[2];  // what is sent in fragments
  i64 time_ = 1'000'000'000;
};

}  // namespace trama::make
