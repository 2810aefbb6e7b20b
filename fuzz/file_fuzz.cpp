// Any bytes as a capture file: read to the end, every packet touched with its padding, and what
// was read written again and read once more, which must give the same packets.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

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

Walk walk(source::Source& source, source::Writer* writer) {
  Walk walk;
  Batch batch;
  while (walk.packets < enough && source.next(batch)) {
    require(batch.count > 0 && batch.count <= Batch::most);
    require(batch.kept == Batch::mask(batch.count));
    for (unsigned i = 0; i < batch.count; ++i) {
      const Packet& packet = batch.packets[i];
      require(packet.number == ++walk.packets);
      require(packet.interface < source.interfaces().size());
      walk.bytes += packet.captured;
      for (const u8 byte : packet.bytes()) walk.sum = walk.sum * 31 + byte;
      u64 unused = 0;
      for (unsigned at = 0; at < padding; ++at) unused += packet.data[packet.captured + at];
      for (const u8 byte : packet.options()) unused += byte;
      require(unused != ~u64{0});
      if (writer != nullptr) require(writer->write(packet, source.interfaces()).has_value());
    }
  }
  return walk;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto opened = source::open_stream(source::stream_of(Bytes{data, size}), "it", window);
  if (!opened) return 0;
  const Fd copy{memfd_create("copy", MFD_CLOEXEC)};
  const std::string path = "/proc/self/fd/" + std::to_string(copy.get());
  auto writer = source::Writer::open(path);
  require(writer.has_value());
  const Walk first = walk(**opened, writer->get());
  require((*writer)->close().has_value());
  require(lseek(copy.get(), 0, SEEK_SET) == 0);
  auto again = source::open_stream(source::stream_of(Fd{dup(copy.get())}), "copy", window);
  require(again.has_value());
  require(walk(**again, nullptr) == first);
  require(first.packets >= enough || !(*again)->trouble());
  return 0;
}
