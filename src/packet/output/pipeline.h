// The way of a packet, in one loop: source, dissect, flow, filter, output. read, capture and
// explain run it; only what the filter or the output asks for is computed.
#pragma once
#include <array>
#include <atomic>
#include <functional>
#include <limits>
#include <optional>

#include "packet/dissect/dissect.h"
#include "packet/flow/echoes.h"
#include "packet/flow/table.h"
#include "packet/output/output.h"
#include "packet/parse/engine.h"
#include "packet/source/source.h"

namespace trama::output {

// The deep readings of one batch, each made when first asked for.
class Trees {
 public:
  Trees(const Batch& batch, const source::Source& source) : batch_(batch), source_(source) {}

  dissect::Tree& of(unsigned index);
  // What only the order of showing tells: nanoseconds since the packet shown before.
  void note_shown(unsigned index, i64 since);
  // A new batch: nothing is read yet.
  void forget() { read_ = annotated_ = shown_ = 0; }
  // The flow table's facts about the batch's packets, added to their trees.
  std::array<std::optional<flow::Step>, Batch::most> steps;
  std::array<std::optional<flow::EchoAnswer>, Batch::most> answers;

 private:
  const Batch& batch_;
  const source::Source& source_;
  dissect::Fragments fragments_;
  std::array<std::unique_ptr<dissect::Tree>, Batch::most> trees_;
  u64 read_ = 0, annotated_ = 0, shown_ = 0;  // bits
  std::array<i64, Batch::most> since_shown_{};
};

// What somebody asks of messages: nothing, the list's columns, or every row.
enum class Messages : u8 { none, columns, rows };

struct Work {
  bool flows = true;                   // somebody asks for conversations
  Messages messages = Messages::none;  // needs flows
  parse::Settings parse;
  bool times = true;        // somebody asks for times since other packets
  bool trees = true;        // somebody is shown the packets, not only counted
  bool everything = false;  // show packets that do not pass, too: Shown::passes tells
  u64 most =
      std::numeric_limits<u64>::max();  // -c: packets read, whether they pass or not, as tshark
  std::function<u64(const Batch&, Trees&)>
      keep;  // the filter: bit i, packet i passes; may be empty
  std::function<void(const Shown&)> show;
  std::function<void()> idle;               // after each batch of a live source
  const std::atomic<bool>* stop = nullptr;  // Ctrl-C
};

struct Counts {
  u64 read = 0, kept = 0;
};

// Runs until the source ends, `most` packets passed, or `stop`.
Counts run(source::Source& source, const Work& work);

}  // namespace trama::output
