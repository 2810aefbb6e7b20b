// The deep path: every field of one packet as a row, in the order of its bytes. Tree, JSON, bytes
// view and the filter's slow tests read these rows. One Tree is reused for packet after packet:
// what it shows stays valid until the next dissect(), and not longer than the packet's bytes.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/dissect/fragments.h"
#include "packet/source/packet.h"
#include "packet/source/source.h"
#include "wire/header.h"

namespace trama::dissect {

struct Row {
  const wire::Field* field;
  u16 layer;       // index into Tree::layers()
  u32 at, length;  // where in the packet; length 0 for what was computed
  u64 value;       // numbers, flags, addresses of up to 64 bits, times (as i64)
  const u8* data;  // bytes and text: `size` of them, in the packet or in the tree's own memory
  u32 size;
};

struct Layer {
  const wire::Header* header;
  u32 at, length;     // all of it, payload included, as far as it was captured
  u32 header_length;  // without the payload
  u32 length_on_wire;
  bool malformed = false;
  bool cut = false;          // the capture ends inside its header
  u32 first_row, rows;       // its rows
  const u8* data = nullptr;  // its first byte: in the packet, or in a datagram put together
};

// What a transport header carries: bytes for the parsers of messages. Its layer is the transport
// header's; 0 where the packet has no such bytes.
struct Payload {
  u16 layer = 0;
  u32 at = 0, captured = 0, length = 0;  // length: on the wire
  const u8* data = nullptr;
};

class Tree {
 public:
  Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree();

  // Reads the packet from its link header up to the transport header; what that carries is
  // payload().
  // With `fragments`, IP datagrams are put together: then every packet marked deep must be read
  // once, in the capture's order.
  void dissect(const Packet& packet, const source::Interface& interface,
               Fragments* fragments = nullptr);

  [[nodiscard]] std::span<const Row> rows() const { return rows_; }
  [[nodiscard]] std::span<const Layer> layers() const { return layers_; }

  // The first row of a field; nullptr where the packet has none.
  [[nodiscard]] const Row* find(const wire::Field& field) const;
  // The last layer of a header (the innermost); nullptr where there is none.
  [[nodiscard]] const Layer* innermost(const wire::Header& header) const;

  // Read by nobody yet.
  [[nodiscard]] const Payload& payload() const { return payload_; }
  // The payload as bytes that no protocol here reads.
  void add_data();

  // A layer that a parser reads: `bytes` as far as captured, `length` of them on the wire, `at`
  // where in the packet they start (for reassembled bytes: where the packet's share does). Its
  // index. Not in_path: no word of frame.protocols.
  u16 add_layer(const wire::Header& header, u32 at, Bytes bytes, u32 length, bool in_path = true);
  // A word of frame.protocols that has no layer of its own.
  void add_path(std::string_view word);
  void add_row(const Row& row) { rows_.push_back(row); }
  void malformed(u16 layer) { layers_[layer].malformed = true; }
  // Where it ends now; back() takes away what was added since.
  struct End {
    std::size_t layers, rows, path;
  };
  [[nodiscard]] End end() const { return {layers_.size(), rows_.size(), path_.size()}; }
  void back(const End& end);
  // Memory that lives as long as the rows.
  u8* room(std::size_t size);

  // Adds what later stages know (flow facts); the rows belong to the layer given.
  void add(const wire::Field& field, u16 layer, u64 value);
  void add_text(const wire::Field& field, u16 layer, std::string_view text);
  // Makes raw sequence numbers relative: takes `base` from the field's values, modulo 2^32.
  void subtract(const wire::Field& field, u16 layer, u32 base);

 private:
  friend class Reader;

  std::vector<Row> rows_;
  std::vector<Layer> layers_;
  std::vector<std::unique_ptr<u8[]>> chunks_;
  std::size_t chunk_ = 0, used_ = 0;
  Payload payload_;
  std::string path_;          // of frame.protocols ...
  std::size_t path_row_ = 0;  // ... and its row
};

}  // namespace trama::dissect
