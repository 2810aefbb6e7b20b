// Any bytes as a display filter; what parses is asked about a few packets made of the same bytes,
// and both paths must agree.
#include <cstdlib>
#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/filter/filter.h"

using namespace trama;  // NOLINT: a program of one function

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
  const auto cut = std::min<std::size_t>(size, 512);
  const auto filter = filter::Filter::parse({reinterpret_cast<const char*>(data), cut});
  if (!filter) return 0;
  static constexpr u8 start[] = {0,  1,    2, 3, 4,  5, 6, 7,  8, 9,  10, 11, 8,
                                 0,  0x45, 0, 0, 60, 0, 0, 64, 0, 64, 6,  0,  0,
                                 10, 0,    0, 1, 10, 0, 0, 2,  0, 80, 1,  187};
  const std::deque<source::Interface> interfaces(1);
  Batch batch;
  std::vector<std::vector<u8>> bytes;
  for (const std::size_t length : {std::size_t{0}, std::size_t{20}, sizeof start}) {
    std::vector<u8> packet(start, start + length);
    packet.insert(packet.end(), data, data + size);
    packet.resize(packet.size() + padding);
    bytes.push_back(std::move(packet));
  }
  for (const auto& packet : bytes) {
    Packet& made = batch.packets[batch.count++];
    made.data = packet.data();
    made.captured = made.wire = static_cast<u32>(packet.size() - padding);
    made.number = batch.count;
    made.time = batch.count == 2 ? no_time : 1;
  }
  dissect::Dissector dissector;
  dissector.dissect(batch, interfaces);
  dissector.date(batch);
  filter::PlainTrees trees{interfaces};
  const u64 kept = filter->keep(batch, trees);
  for (unsigned i = 0; i < batch.count; ++i)
    if (filter->matches(trees.of(batch.packets[i])) != ((kept >> i & 1) != 0)) std::abort();
  return 0;
}
