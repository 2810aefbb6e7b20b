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
#include "packet/flow/judge.h"
#include "packet/flow/table.h"
#include "packet/output/output.h"
#include "packet/parse/engine.h"
#include "packet/source/source.h"

namespace trama::output {

// The deep readings of one batch, each made when first asked for.
class Trees {
 public:
  explicit Trees(const std::deque<source::Interface>& interfaces) : interfaces_(interfaces) {}

  // A new batch: nothing of it is read yet. Where IP datagrams shall be put together, `fragments`
  // holds what came before, and read_deep() follows.
  void begin(const Batch& batch, dissect::Fragments* fragments);
  // All packets marked deep, in order: fragments are among them.
  void read_deep();
  // What the packet's bytes tell; with what the flow table knows of it, once its facts are here.
  dissect::Tree& read(unsigned index);
  dissect::Tree& of(unsigned index);
  // What only the order of showing tells: nanoseconds since the packet shown before.
  void add_since_shown(unsigned index, i64 since);
  // nullptr where the packet is part of no conversation.
  [[nodiscard]] const flow::Step* step(unsigned index) const {
    return steps[index].conversation == nullptr ? nullptr : &steps[index];
  }
  // The flow table's facts about the batch's packets, added to their trees.
  flow::Table::Steps steps;
  std::array<std::optional<flow::EchoAnswer>, Batch::most> answers;
  std::array<flow::Verdicts, Batch::most> verdicts;  // where somebody asks

 private:
  const std::deque<source::Interface>& interfaces_;
  const Batch* batch_ = nullptr;
  dissect::Fragments* fragments_ = nullptr;
  std::array<std::unique_ptr<dissect::Tree>, Batch::most> trees_;
  u64 read_ = 0, annotated_ = 0;  // bits: of this batch
};

// What somebody asks of messages: nothing, the list's columns, or every row.
enum class Messages : u8 { none, columns, rows };

struct Work {
  bool flows = true;                                   // somebody asks for conversations
  flow::Depth depth = flow::Depth::states;             // ... and so much of what they do
  std::size_t flow_memory = flow::Table::usual_bytes;  // the most they may hold
  bool verdicts = false;               // ... and for what caused their packets; needs flows
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
