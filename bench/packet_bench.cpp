// What a packet costs, stage by stage: marks, deep reading, flow table, filters. Generated packets:
// TCP segments of 400 bytes in 1,000 conversations. items_per_second is packets a second, one core.
#include <benchmark/benchmark.h>

#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/filter/filter.h"
#include "packet/flow/table.h"

namespace {

using namespace trama;  // NOLINT: a program of a few functions

constexpr unsigned packet_count = 4096;
constexpr unsigned packet_size = 400;

struct Packets {
  std::vector<u8> bytes;
  std::vector<Batch> batches;
  std::deque<source::Interface> interfaces{1};

  Packets() : bytes(packet_count * packet_size + padding), batches(packet_count / Batch::most) {
    for (unsigned i = 0; i < packet_count; ++i) {
      u8* frame = bytes.data() + std::size_t{i} * packet_size;
      const auto put = [&](unsigned at, u64 value, unsigned count) {
        for (unsigned k = 0; k < count; ++k)
          frame[at + k] = static_cast<u8>(value >> (8 * (count - 1 - k)));
      };
      put(12, 0x0800, 2);
      put(14, 0x4500, 2);
      put(16, packet_size - 14, 2);
      put(22, 0x4006, 2);
      put(26, 0x0a000001, 4);
      put(30, 0x0a000002, 4);
      put(34, 20000 + i % 1000, 2);
      put(36, i % 16 == 0 ? 65432 : 443, 2);
      put(38, 1000 + i / 1000 * (packet_size - 54), 4);
      put(46, 0x5018, 2);
      put(48, 1000, 2);
      Packet& packet = batches[i / Batch::most].packets[i % Batch::most];
      packet.data = frame;
      packet.captured = packet.wire = packet_size;
      packet.number = i + 1;
      packet.time = i;
    }
    for (Batch& batch : batches) batch.count = Batch::most;
  }

  void mark() {
    dissect::Dissector dissector;
    for (Batch& batch : batches) {
      dissector.dissect(batch, interfaces);
      dissector.date(batch);
    }
  }
};

void dissect_fast(benchmark::State& state) {
  Packets packets;
  for (auto _ : state) packets.mark();
  state.SetItemsProcessed(state.iterations() * packet_count);
}
BENCHMARK(dissect_fast);

void dissect_deep(benchmark::State& state) {
  Packets packets;
  packets.mark();
  dissect::Tree tree;
  for (auto _ : state)
    for (const Batch& batch : packets.batches)
      for (const Packet& packet : batch.packets) tree.dissect(packet, packets.interfaces[0]);
  state.SetItemsProcessed(state.iterations() * packet_count);
}
BENCHMARK(dissect_deep);

void follow_flows(benchmark::State& state) {
  Packets packets;
  packets.mark();
  flow::Table table;
  for (auto _ : state)
    for (const Batch& batch : packets.batches)
      for (const Packet& packet : batch.packets)
        benchmark::DoNotOptimize(table.follow(packet, nullptr));
  state.SetItemsProcessed(state.iterations() * packet_count);
}
BENCHMARK(follow_flows);

void filter_batches(benchmark::State& state, const char* text) {
  Packets packets;
  packets.mark();
  const auto filter = filter::Filter::parse(text);
  filter::PlainTrees trees{packets.interfaces};
  for (auto _ : state)
    for (const Batch& batch : packets.batches) benchmark::DoNotOptimize(filter->keep(batch, trees));
  state.SetItemsProcessed(state.iterations() * packet_count);
}
BENCHMARK_CAPTURE(filter_batches, one_port, "tcp.port == 65432");
BENCHMARK_CAPTURE(
    filter_batches, compound,
    "(ip.addr == 10.0.0.0/8 and tcp.flags.syn == 0 and tcp.port in {80, 443, 8000..9000}) or udp");

}  // namespace
