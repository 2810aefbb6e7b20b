// The ladder: time runs down, the ends stand at the sides with their states, each packet is an
// arrow with a sentence below (docs: ladder.md has one with every part named).
#pragma once
#include <string>

#include "base/address.h"
#include "base/terminal.h"
#include "packet/story/tell.h"

namespace trama::output {

class Ladder {
 public:
  explicit Ladder(const Terminal& terminal);

  // "● read from the kernel   ○ deduced from packets"
  [[nodiscard]] std::string legend() const;
  // Column heads and the states before the first packet.
  [[nodiscard]] std::string head(const Endpoint& client, const Endpoint& server,
                                 const story::State& client_state,
                                 const story::State& server_state) const;
  [[nodiscard]] std::string rung(const story::Rung& rung) const;
  // A line between two rungs: states that changed without a packet.
  [[nodiscard]] std::string note(const std::string& text) const;
  [[nodiscard]] std::string states(const story::State& client, const story::State& server) const;

 private:
  [[nodiscard]] std::string dressed(const story::State& state) const;  // "ESTABLISHED ●", coloured
  [[nodiscard]] std::string arrow(const story::Rung& rung) const;

  Terminal terminal_;
  unsigned field_;  // columns between the two bars
};

}  // namespace trama::output
