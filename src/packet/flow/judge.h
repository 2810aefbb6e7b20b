// Judges what caused each TCP packet to be as it is (verdict.h). It must see every packet's step,
// in order, and costs memory: only where somebody asks.
#pragma once
#include "packet/flow/table.h"
#include "packet/flow/verdict.h"

namespace trama::flow {

class Judge {
 public:
  Judge() = default;
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  // `tree` is the packet's deep reading; it is needed for packets marked deep only. The judge must
  // outlive the table that the step came from: conversations hold what it remembers of them.
  Verdicts follow(const Step& step, const Packet& packet, const dissect::Tree* tree);

 private:
  std::size_t held_ = 0;  // transmissions remembered, of all conversations
};

}  // namespace trama::flow
