// What a parser of messages is given: the bytes of one datagram, or stream bytes that start where a
// message starts; and where its findings go: rows and layers (if anybody asks for them), the list's
// columns, the conversation's memory. The parse step's counterpart of wire::Walk.
#pragma once
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "packet/dissect/tree.h"
#include "packet/flow/table.h"
#include "wire/header.h"

namespace trama::parse {

struct Parser;
class KeyLog;

// What the list's columns show of a packet's messages.
struct Told {
  std::string_view protocol;  // "DNS"; empty where no parser spoke
  std::string info;           // empty: the transport's own
  bool listed = false;      // info is a list: what TCP found out stands before it as one more item
  bool cleared = false;     // the transport's own text gives way, even to an empty info
  std::string_view ahead;   // stands before all else: "Client: "
  bool unfinished = false;  // the packet holds a part of a message, and nothing whole before it
  std::string_view remark;  // stands behind the info, whoever wrote that: "[Malformed Packet]"

  // The info is not the transport's own alone.
  [[nodiscard]] bool changes_info() const {
    return !info.empty() || cleared || unfinished || !ahead.empty() || !remark.empty();
  }
  void forget() {
    protocol = {};
    info.clear();
    listed = cleared = false;
    ahead = {};
    unfinished = false;
    remark = {};
  }
};

// Where a message stands: the packet around it. Filled by the parse step.
struct Around {
  const Packet& packet;
  const flow::Step* step;  // nullptr for what an ICMP error quotes
  bool tcp;
  u16 from_port, to_port;
  bool whole;  // false: the capture cut the payload; nothing more of it will come
  bool ends;   // the sender sent FIN with it
  bool quoted;
  // Where parsers remember things of an association, which the flow table does not know.
  flow::Memory* association = nullptr;
};

// Text up to its first zero byte, U+FFFD for each byte that is not ASCII.
std::string plain_ascii(std::string_view text);

class Message {
 public:
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  const u8* data;  // `captured` bytes at hand
  u32 captured;
  u32 length;  // bytes on the wire; more than captured where the capture cut them
  const Around& around;
  const Parser* parser = nullptr;  // who reads
  std::string_view said;           // what carry() was told of the bytes: their media type

  // `count` bytes at `at` are at hand.
  [[nodiscard]] bool whole(u32 at, u32 count) const {
    return at <= captured && count <= captured - at;
  }
  [[nodiscard]] u64 number(u32 at, u32 count) const {  // big-endian, up to 8 bytes, all at hand
    u64 value = 0;
    for (u32 i = 0; i < count; ++i) value = value << 8 | data[at + i];
    return value;
  }
  [[nodiscard]] std::string_view text(u32 at, u32 count) const {  // all at hand
    return {reinterpret_cast<const char*>(data) + at, count};
  }
  [[nodiscard]] Bytes bytes(u32 at, u32 count) const { return {data + at, count}; }

  // A layer of a protocol, from `at` to the message's end or of `count` bytes; rows that follow
  // belong to it until leave(). The row of the layer itself is put. Several messages of one
  // protocol in a row are one word of frame.protocols; of a layer that is not `in_path` there is
  // none.
  void enter(const wire::Header& header, u32 at, u32 count, bool in_path = true);
  void enter(const wire::Header& header, u32 at = 0) { enter(header, at, captured - at); }
  void leave();
  // A word of frame.protocols without a layer.
  void path(std::string_view word);

  // Rows of the layer entered last. Nothing happens where nobody asks for rows: rows() tells, for
  // parsers that would do work only for them.
  [[nodiscard]] bool rows() const { return tree_ != nullptr; }
  void put(const wire::Field& field, u32 at, u32 count, u64 value);
  void put_bytes(const wire::Field& field, u32 at, u32 count);  // all at hand
  void put_text(const wire::Field& field, u32 at, u32 count, std::string_view text);
  // Text that stands so in the message.
  void put_text(const wire::Field& field, u32 at, u32 count);
  // The same, as ASCII up to the first zero byte: what is not ASCII becomes U+FFFD.
  void put_ascii(const wire::Field& field, u32 at, u32 count);
  void put_ascii(const wire::Field& field, u32 at, u32 count, std::string_view text);
  // Bytes that do not stand in the message: they are copied.
  void put_copy(const wire::Field& field, u32 at, u32 count, Bytes bytes);
  // Rows of some fields are put as those of others: DTLS's words for TLS's. nullptr: none is put.
  void translate(const wire::Field* (*words)(const wire::Field&)) { words_ = words; }
  // Computed: it stands nowhere.
  void put_found(const wire::Field& field, u64 value) { put(field, 0, 0, value); }
  // The number at `at` as a row, if it is at hand; its value, 0 where it is not.
  u64 put_number(const wire::Field& field, u32 at, u32 count);
  // The bytes do not follow their protocol's rules, or the capture cut them: says so in the info,
  // too.
  void malformed();

  // The list's columns.
  void protocol(std::string_view name) { told_.protocol = name; }  // a string that stays
  [[nodiscard]] std::string& info() { return told_.info; }

  // What info() holds is a list of messages, perhaps empty, and the transport says nothing.
  void clear_info() { told_.listed = told_.cleared = true; }
  void ahead(std::string_view words) { told_.ahead = words; }  // a string that stays

  // The message at `at` goes on for `more` bytes beyond what is here (0: unknown, at least one
  // segment). Rows and layers put for it are taken back where it starts the payload, and the parser
  // gets it again, whole. Only where waits(): else what is here is all that comes.
  [[nodiscard]] bool waits() const {
    return around.tcp && around.whole && around.step != nullptr && !last_;
  }
  void need(u32 at, u32 more);
  // The same, but the layer entered for it stays where it starts the payload.
  void need_here(u32 at, u32 more) {
    need(at, more);
    stays_ = true;
  }
  void need_all(u32 at);  // until the sender ends the stream

  // It asked for more, or said that it is malformed.
  [[nodiscard]] bool stopped() const { return needs_ || !told_.remark.empty(); }

  // What this parser remembers of the conversation, made when first asked for
  // (default-constructed); nullptr where there is no conversation.
  template <std::derived_from<flow::Memory> T>
  [[nodiscard]] T* memory() {
    std::unique_ptr<flow::Memory>* place = memory_place();
    if (place == nullptr) return nullptr;
    if (!*place) *place = std::make_unique<T>();
    return static_cast<T*>(place->get());
  }
  // Which end of the conversation speaks: 0 or 1; and whether that is the client.
  [[nodiscard]] u8 from() const { return around.step == nullptr ? 0 : around.step->from; }
  [[nodiscard]] bool from_client() const;
  // All that follows in this conversation, after this packet, is the other parser's (STARTTLS).
  void hand_over(const Parser& next);
  // A conversation with this end, from anywhere, will be the parser's (FTP's data, TFTP), which
  // then finds this memory of it.
  void expect(const Endpoint& end, const Parser& next,
              std::unique_ptr<flow::Memory> memory = nullptr);
  // What was agreed about that conversation before it began; all parsers see it. Bounded: the
  // oldest gives way.
  void arrange(const Endpoint& end, std::unique_ptr<flow::Memory> agreed);
  // Who reads what goes to a TCP port; nullptr where nobody is expected there.
  [[nodiscard]] const Parser* parser_of(u16 port) const;
  // What moves tshark's numbers of conversations (flow::Table): this UDP endpoint will talk; this
  // conversation takes a new number; a number of TCP is left out.
  void announce(const Endpoint& end);
  void renumber();
  void skip_tcp_number();
  // A connection to come, of which this conversation tells one end (flow::Table).
  void foretell(const flow::Foretold& connection);
  template <std::derived_from<flow::Memory> T>
  [[nodiscard]] T* arranged(const Endpoint& end) {
    return dynamic_cast<T*>(arranged_at(end));
  }
  // The bytes inside are another protocol's: it reads them as a message of their own. False where
  // it refuses them. Bytes that do not stand in the packet (decrypted) must be in keep()'s memory.
  // `waiting`: how many of the last bytes it leaves unread because it asks for more.
  bool carry(const Parser& inner, const u8* bytes, u32 count, u32* waiting = nullptr,
             std::string_view said = {});
  // The secrets by which TLS and QUIC are read.
  [[nodiscard]] const KeyLog& key_log() const;
  // What messages that wait for more take together, in bytes: the total of all shares.
  [[nodiscard]] u64& waiting();
  // Memory that lives as long as the rows; where nobody asks for rows, until the next packet.
  u8* keep(std::size_t size);

 private:
  friend class Engine;
  Message(class Engine& engine, const Around& around, dissect::Tree* tree, Told& told,
          const u8* data, u32 captured, u32 length, u32 at);
  void add(const wire::Field& field, u32 at, u32 count, u64 value, const u8* bytes, u32 size);
  std::unique_ptr<flow::Memory>* memory_place();
  [[nodiscard]] flow::Memory* arranged_at(const Endpoint& end);

  class Engine& engine_;
  dissect::Tree* tree_;
  Told& told_;
  u32 at_;  // where in the packet `data` stands
  std::vector<u16> layers_;
  bool needs_ = false, needs_all_ = false, stays_ = false;
  bool entered_ = false;  // the parser's own layer is there
  bool last_ = false;     // nothing more will come
  u32 need_at_ = 0, need_more_ = 0;
  unsigned depth_ = 0;
  const wire::Field* (*words_)(const wire::Field&) = nullptr;
};

}  // namespace trama::parse
