// Any bytes as a capture file: read to the end, every packet touched with its padding, and what
// was read, with what stood beside the packets, written again and read once more, which must give
// the same packets. The bytes as two files, cut in the middle, are read as one, too.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "packet/source/file.h"
#include "packet/source/writer.h"

namespace {

using namespace trama;

// A compressed bomb would only show that a machine is slow.
constexpr u64 enough = 4096;
// Small: records cross its end, and it grows.
constexpr std::size_t window = 256;

struct Walk {
  u64 packets = 0, bytes = 0, sum = 0;
  bool operator==(const Walk&) const = default;
};

void require(bool claim) {
  if (!claim) std::abort();
}

void write_asides(source::Source& source, source::Writer* writer) {
  if (writer != nullptr)
    for (const source::Aside& aside : source.asides())
      require(writer->write(aside, source.interfaces()).has_value());
  source.asides().clear();
}

Walk walk(source::Source& source, source::Writer* writer) {
  Walk walk;
  Batch batch;
  u64 numbers = 0;
  while (numbers < enough && source.next(batch)) {
    require(batch.count <= Batch::most);
    require(batch.kept == Batch::mask(batch.count));
    for (unsigned i = 0; i < batch.count; ++i) {
      const Packet& packet = batch.packets[i];
      require(packet.number == ++numbers);
      require(packet.interface < source.interfaces().size());
      if (packet.record == Record::private_custom) continue;  // no copy may have it
      ++walk.packets;
      walk.bytes += packet.captured;
      for (const u8 byte : packet.bytes()) walk.sum = walk.sum * 31 + byte;
      u64 unused = 0;
      for (unsigned at = 0; at < padding; ++at) unused += packet.data[packet.captured + at];
      for (const u8 byte : packet.options()) unused += byte;
      require(unused != ~u64{0});
      if (writer != nullptr) require(writer->write(packet, source.interfaces()).has_value());
    }
    write_asides(source, writer);
  }
  write_asides(source, writer);
  return walk;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto opened = source::open_stream(source::stream_of(Bytes{data, size}), "it", window);
  if (!opened) return 0;
  const Fd copy{memfd_create("copy", MFD_CLOEXEC)};
  const std::string path = "/proc/self/fd/" + std::to_string(copy.get());
  source::WriterOptions about;
  about.sections = true;
  auto writer = source::Writer::open(path, about);
  require(writer.has_value());
  (*opened)->keep_asides();
  (*writer)->keep((*opened)->sections());
  const Walk first = walk(**opened, writer->get());
  require((*writer)->close().has_value());
  require(lseek(copy.get(), 0, SEEK_SET) == 0);
  auto again = source::open_stream(source::stream_of(Fd{dup(copy.get())}), "copy", window);
  require(again.has_value());
  require(walk(**again, nullptr) == first);
  require(first.packets >= enough || !(*again)->trouble());

  std::vector<std::unique_ptr<source::Source>> halves;
  for (const Bytes half : {
           Bytes{data,            size / 2       },
           Bytes{data + size / 2, size - size / 2},
           Bytes{data,            size           }
  })
    if (auto file = source::open_stream(source::stream_of(half), "half", window))
      halves.push_back(std::move(*file));
  const auto both = source::merged(std::move(halves));
  (*both)->keep_asides();
  walk(**both, nullptr);
  return 0;
}
