// The parse step: gives every payload to the parser that it belongs to, puts TCP messages together,
// and keeps what parsers remember of conversations. It must see all packets in order, after the
// flow table did. Bounded: messages that wait for more hold at most `most_waiting` bytes together.
#pragma once
#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <string>

#include "packet/parse/key_log.h"
#include "packet/parse/parser.h"
#include "packet/parse/sctp.h"
#include "packet/parse/stream.h"
#include "packet/parse/waiting.h"

namespace trama::parse {

// tshark's -d: payloads of this port are that parser's, whatever they look like.
struct DecodeAs {
  bool tcp = true;
  u16 port = 0;
  const Parser* parser = nullptr;  // nullptr: nobody's
};

struct Settings {
  std::vector<DecodeAs> decode_as;
  KeyLog key_log;
};

// "tcp.port==8888,http". Errors: Exit::bad_input with what is wrong, the nearest protocol word.
Result<DecodeAs> decode_as(std::string_view text);

class Engine {
 public:
  // What parsers find out about conversations to come goes to `flows`, where it is given. The
  // engine must outlive the table: what its conversations remember is counted here.
  explicit Engine(Settings settings = {}, flow::Table* flows = nullptr);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  // Secrets that come with the packets: TLS is read with them from now on.
  void learn(std::string_view key_log) { settings_.key_log.add(key_log); }

  // Reads what the packet's TCP or UDP header carries. `step` is the flow table's, `tree` the
  // packet's with the flow's facts added, or nullptr where nobody asks for rows: then only memories
  // and columns are kept, and the step tells where the payload is.
  void read(const Packet& packet, const flow::Step* step, dissect::Tree* tree, Told& told);
  // By its ports the packet may hold a message that moves the numbers of conversations: it must be
  // read even where nobody asks for messages.
  [[nodiscard]] bool moves_numbers(const flow::Step& step) const;
  // Bytes that messages which wait for more take, at most most_waiting.
  [[nodiscard]] u64 waiting() const { return waiting_; }

 private:
  friend class Message;
  class Talk;
  struct Job;  // one packet's reading

  static u32 port_key(bool tcp, u16 port) { return (tcp ? 0x10000U : 0U) | port; }
  Talk* talk_of(flow::Conversation& conversation, const Around& around);
  const Parser* chosen(const Around& around, const Talk* talk) const;
  bool read_message(Job& job, const u8* data, u32 captured, u32 length, u32 at);
  bool try_parser(const Parser& parser, Message& message, Job& job);
  void read_chunks(Job& job, Around& around, const dissect::Payload& payload);  // sctp.cpp
  // reassembly.cpp
  void read_segment(Job& job);
  u32 continue_unit(Job& job, u32 seq, Bytes bytes, u32 at);
  void read_fresh(Job& job, u32 seq, Bytes bytes, u32 at);
  bool read_unit(Job& job, Unit& unit, u32 at, u32 newest, Bytes part);
  bool end_stream(Job& job, u32 seq, Bytes bytes, u32 at);
  void wait_for_more(Job& job, u32 from, Bytes rest);
  bool add_part(Unit& unit, u32 seq, Bytes bytes, u64 packet, bool tail);
  static u32 goes_on(const Job& job, u32 end);
  static void put_part(Job& job, u32 at, Bytes bytes);
  static void put_segments(Job& job, const Unit& unit);

  Settings settings_;
  u64 waiting_ = 0;  // bytes of memory that units and what parsers keep of messages take
  flow::Table* flows_;
  // By port: the parsers that expect their payloads there.
  boost::unordered_flat_map<u32, const Parser*> ports_;
  std::bitset<0x20000> moving_;  // the ports of those that move numbers
  struct Expected {
    Endpoint end;
    bool tcp;
    const Parser* parser;
    std::unique_ptr<flow::Memory> memory;
  };
  std::deque<Expected> expected_;
  struct Arranged {
    Endpoint end;
    std::unique_ptr<flow::Memory> agreed;
  };
  std::deque<Arranged> arranged_;
  Associations associations_;
  std::vector<std::unique_ptr<u8[]>> kept_;
};

}  // namespace trama::parse
