// What the parse step remembers of a conversation, and of the packet at hand: for engine.cpp and
// reassembly.cpp only.
#pragma once
#include <array>

#include "packet/parse/engine.h"

namespace trama::parse {

class Engine::Talk final : public flow::Memory {
 public:
  explicit Talk(u64& waiting) : waiting_(waiting) {}
  ~Talk() override {
    for (Direction& direction : directions)
      for (Unit& unit : direction.units) forget(unit);
  }
  // Frees the unit's bytes.
  void forget(Unit& unit) {
    waiting_ -= unit.bytes.capacity();
    // Not `= {}`: that assigns an empty list, and keeps the memory.
    unit.bytes = std::vector<u8>();
    unit.holes = std::vector<Span>();
    unit.pieces = std::vector<Unit::Piece>();
  }

  const Parser* parser = nullptr;  // of all the conversation; nullptr: by port and content
  u64 since = 0;                   // packets after this one
  std::array<Direction, 2> directions;
  struct Memories {
    const Parser* parser;
    std::unique_ptr<flow::Memory> memory;
  };
  std::vector<Memories> memories;

 private:
  u64& waiting_;
};

struct Engine::Job {
  const Packet& packet;
  const Around& around;
  Talk* talk;
  dissect::Tree* tree;
  Told& told;
  u16 layer = 0;  // of the transport header, where there is a tree
  // What the last message asked for.
  bool needs = false, needs_all = false, stays = false;
  u32 need_at = 0, need_more = 0;
  bool last = false;  // nothing more will come
  bool read = false;  // the packet's bytes are told of: they are no nameless data
};

}  // namespace trama::parse
