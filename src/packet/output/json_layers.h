// One layer of a packet as tshark's JSON writes it. The shapes (json_shape.h, or what a header's
// table says) are spelled out once, indentation and quotes included, so that writing a packet is
// copying texts and numbers. Fixed fields are read from the bytes, the others from the tree's rows.
#pragma once
#include <string>
#include <vector>

#include "packet/dissect/tree.h"
#include "packet/output/json_shape.h"

namespace trama::output {

// Which protocols are shown: -j the words themselves, -J with all inside them. Others are named
// only.
struct JsonChoice {
  bool all = true;
  bool inside = false;             // -J
  std::vector<std::string> words;  // of -j or -J
  [[nodiscard]] bool shows(std::string_view word) const;
};

// Of what TCP put together: tshark shows it behind TCP's object, as one of its own.
bool is_of_segments(std::string_view word);

// The rows of a tree by layer, found once a packet.
class RowChains {
 public:
  void read(const dissect::Tree& tree);
  static constexpr u32 none = ~u32{0};
  [[nodiscard]] u32 first(unsigned layer) const { return heads_[layer]; }
  [[nodiscard]] u32 next(u32 row) const { return next_[row]; }

 private:
  std::vector<u32> heads_, tails_, next_;
};

class JsonLayer {
 public:
  JsonLayer(const wire::Header& header, const JsonChoice& choice);

  // Appends the layer's members. `first`: nothing stands in the object yet.
  void write(std::string& out, bool& first, const Packet& packet, const dissect::Tree& tree,
             const RowChains& chains, unsigned layer);

 private:
  struct Piece {
    Shape shape;
    std::string before;  // ",\n          \"key\": \"", or with "{" for what has members
    std::string after;   // "\"", or "\n          }"
    const wire::Field* field = nullptr;
    int found = -1;       // its place among the header's found fields; -1: fixed, read from bytes
    std::size_t end = 0;  // of trees and labels: the piece behind their members
    bool shown = true;    // of trees and labels: -j lets their members through
  };
  struct Here {  // the layer being written
    const u8* bytes;
    u32 captured;
    const dissect::Tree* tree;
    const RowChains* chains;
    unsigned layer;
  };

  void add(const Shape& shape, const JsonChoice& choice);
  void derive(const JsonChoice& choice);
  void close_trees();
  [[nodiscard]] bool there(const Piece& piece, const Here& here) const;
  [[nodiscard]] bool any_there(std::size_t from, std::size_t to, const Here& here) const;
  void run(std::string& out, bool& first, std::size_t from, std::size_t to, const Here& here) const;
  void put_value(std::string& out, bool& first, const Piece& piece, const Here& here) const;
  void members(std::string& out, bool& first, const Piece& piece, std::size_t at,
               const Here& here) const;
  static void put_options(std::string& out, const Here& here);
  void date(std::string& out, i64 nanoseconds) const;

  const wire::Header& header_;
  std::vector<Piece> pieces_;
  std::vector<bool> shaped_;  // by place among the found fields: a piece shows it
  std::vector<u32> rows_;     // the same: its first row in this packet
  mutable i64 dated_ = 0;     // the second whose date is spelled out
  mutable std::string date_;
  mutable std::size_t point_ = 0;  // where its fraction starts
};

// A row's value as tshark's JSON has it, without the quotes.
void append_json_value(std::string& out, const dissect::Row& row);

}  // namespace trama::output
