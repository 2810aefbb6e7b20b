#include "packet/output/share.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <thread>

#include "base/turns.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

// True where the tree is of a fragment: then it depends on the packets before it.
bool is_fragment(const dissect::Tree& tree) {
  using namespace wire;  // NOLINT: the tables' own words
  const auto layers = tree.layers();
  const auto rows = tree.rows();
  return std::any_of(layers.begin(), layers.end(),
                     [](const auto& layer) { return layer.header == &ipv6_fraghdr; }) ||
         std::any_of(rows.begin(), rows.end(), [](const dissect::Row& row) {
           return row.value != 0 && (row.field == &in(ip_fields, "ip.flags.mf") ||
                                     row.field == &in(ip_fields, "ip.frag_offset"));
         });
}

class Sharing {
 public:
  Sharing(source::Pieces& pieces, const SharedWork& work, Out& out)
      : pieces_(pieces), work_(work), out_(out) {}

  Counts run() {
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < work_.threads; ++i) threads.emplace_back([this] { work(); });
    work();
    for (std::thread& thread : threads) thread.join();
    return {read_, kept_};
  }

 private:
  // One thread's memory.
  struct Bench {
    source::Piece piece;
    std::unique_ptr<Hand> hand;
    dissect::Dissector dissector;
    dissect::Tree tree;
    Trees trees{piece.interfaces};
    Out text;
    u64 kept = 0;
  };

  // By one thread at a time, in order: the dates, which depend on the packets before, and -c.
  bool count(source::Piece& piece) {
    for (std::size_t i = 0; i < piece.count; ++i) {
      Batch& batch = *piece.batches[i];
      batch.count = static_cast<unsigned>(std::min<u64>(batch.count, work_.most - read_));
      read_ += batch.count;
      if (work_.times) dates_.date(batch);
    }
    return read_ < work_.most && !stopped_;
  }

  void work() {
    Bench bench;
    bench.hand = work_.hand();
    while (pieces_.take(bench.piece, [this](source::Piece& piece) { return count(piece); })) {
      const u64 number = bench.piece.number;
      bench.kept = 0;
      bool fragments = false;
      for (std::size_t i = 0; i < bench.piece.count; ++i) {
        Batch& batch = *bench.piece.batches[i];
        bench.dissector.dissect(batch, bench.piece.interfaces);
        fragments = fragments || has_fragment(bench, batch);
      }
      if (fragments) {  // datagrams come together in order
        fragments_turns_.wait(number);
        show(bench, &fragments_);
        fragments_turns_.finish(number);
      } else {
        fragments_turns_.finish(number);
        show(bench, nullptr);
      }
      written_.wait(number);
      kept_ += bench.kept;
      out_.write(bench.text.buffer());
      if (!out_.is_open()) stopped_ = true;
      written_.finish(number);
      bench.text.buffer().clear();
    }
    // The number that was taken behind the end.
    fragments_turns_.finish(bench.piece.number);
    written_.finish(bench.piece.number);
  }

  static bool has_fragment(Bench& bench, const Batch& batch) {
    for (u64 deep = batch.deep; deep != 0; deep &= deep - 1) {
      const Packet& packet = batch.packets[static_cast<unsigned>(std::countr_zero(deep))];
      bench.tree.dissect(packet, bench.piece.interfaces[packet.interface]);
      if (is_fragment(bench.tree)) return true;
    }
    return false;
  }

  void show(Bench& bench, dissect::Fragments* fragments) {
    for (std::size_t i = 0; i < bench.piece.count; ++i) {
      Batch& batch = *bench.piece.batches[i];
      bench.trees.begin(batch, fragments);
      bench.trees.read_deep();
      show(bench, batch);
    }
  }

  void show(Bench& bench, const Batch& batch) {
    u64 kept = bench.hand->keep(batch, bench.trees);
    bench.kept += static_cast<u64>(std::popcount(kept));
    if (!work_.lines) return;
    for (; kept != 0; kept &= kept - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(kept));
      const Packet& packet = batch.packets[i];
      bench.hand->show(
          {
              packet, bench.piece.interfaces[packet.interface], Reading{bench.trees, i, 0},
                nullptr,
              nullptr, 0
      },
          bench.text);
    }
  }

  source::Pieces& pieces_;
  const SharedWork& work_;
  Out& out_;
  std::atomic<bool> stopped_{false};
  // Of whose turn it is to walk:
  u64 read_ = 0;
  dissect::Dissector dates_;
  // Of whose turn it is to put datagrams together:
  Turns fragments_turns_;
  dissect::Fragments fragments_;
  // Of whose turn it is to write:
  Turns written_;
  u64 kept_ = 0;
};

}  // namespace

Counts run_shared(source::Pieces& pieces, const SharedWork& work, Out& out) {
  return Sharing{pieces, work, out}.run();
}

}  // namespace trama::output
