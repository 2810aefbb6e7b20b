// Prints the stories of a capture: all at its end, or live as they happen.
#pragma once
#include <map>

#include "packet/output/ladder.h"
#include "packet/output/output.h"
#include "packet/story/book.h"

namespace trama::output {

struct ExplainSettings {
  Terminal terminal;
  bool json = false;
  bool live = false;    // every rung at once, conversations interleaved
  bool layers = false;  // --layers: what each header does, and at which of OSI's layers
};

class Explanation {
 public:
  explicit Explanation(const ExplainSettings& settings);

  // A conversation is told whole if one of its packets passes the filter.
  void add(const Shown& shown, Out& out);
  // Prints what is left to print; how many conversations were told.
  u64 end(Out& out);

 private:
  [[nodiscard]] std::vector<const story::Story*> matched() const;
  void tell(const story::Story& story, Out& out) const;
  void tell_json(const story::Story& story, Out& out) const;
  [[nodiscard]] std::string title(const story::Story& story) const;
  void head(const story::Story& story, const story::State& server, Out& out) const;
  void live_rung(const story::Story& story, Out& out);
  void tell_layers(Out& out) const;

  ExplainSettings settings_;
  Ladder ladder_;
  story::Book book_;
  std::pair<bool, u32> newest_{false, ~0U};  // live: whose rung was printed last
  std::map<std::string_view, u64> layers_;   // header's word -> packets
  u64 others_ = 0;                           // packets of no conversation
};

// One rung as a JSON line; `stream` and `tcp` say whose.
std::string rung_json(const story::Rung& rung, bool tcp, u32 stream);

}  // namespace trama::output
