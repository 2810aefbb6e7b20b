// Wireshark's display filter language over every word that trama has: a text becomes a Filter, a
// Filter answers batches of 64 packets with one mask. One thread uses one Filter: it keeps scratch
// memory.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "packet/dissect/tree.h"
#include "packet/flow/table.h"
#include "packet/source/packet.h"
#include "packet/source/source.h"

namespace trama::filter {

// Where a filter gets the tree of a packet that the tables cannot answer. The tree must be good
// until the next call. A caller that follows flows adds their rows to it.
class Trees {
 public:
  virtual const dissect::Tree& of(const Packet& packet) = 0;
  // The flow table's step of each packet of the batch; empty where it was not asked.
  [[nodiscard]] virtual std::span<const flow::Step> steps() const { return {}; }

 protected:
  Trees() = default;
  ~Trees() = default;
};

// Trees without anything added.
class PlainTrees final : public Trees {
 public:
  explicit PlainTrees(const std::deque<source::Interface>& interfaces) : interfaces_(interfaces) {}
  const dissect::Tree& of(const Packet& packet) override;

 private:
  const std::deque<source::Interface>& interfaces_;
  dissect::Tree tree_;
};

class Filter {
 public:
  // Errors (Exit::bad_input): three lines, what is wrong and what to write instead, the filter, and
  // a caret under the place. A text of spaces keeps every packet.
  static Result<Filter> parse(std::string_view text);

  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  // Bit i: packet i of the batch passes. The packets must carry dissect's marks; `among`: which to
  // ask about, the others' bits are 0. Asks for each packet's tree at most once, and only where the
  // marks do not decide.
  [[nodiscard]] u64 keep(const Batch& batch, Trees& trees, u64 among = ~u64{0}) const;

  // The same for one packet, all by its tree.
  [[nodiscard]] bool matches(const dissect::Tree& tree) const;

  // The step that its words need: flow (tcp.stream, tcp.seq, ...) or parse (dns.qry.name, ...).
  [[nodiscard]] wire::Stage stage() const;
  // It asks for times since other packets (dissect::Dissector::date).
  [[nodiscard]] bool needs_times() const;
  // It asks for verdicts (flow::Judge).
  [[nodiscard]] bool needs_verdicts() const;

 private:
  struct Parts;
  explicit Filter(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace trama::filter
