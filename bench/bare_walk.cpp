// bare_walk FILE: the least that any reader of a capture could do, as the measure of the others.
// Reads a pcap or pcapng file (little endian, Ethernet) with read() by 256 KiB, follows the lengths
// from record to record, looks at the two bytes pairs where the ports of TCP over plain IPv4 stand,
// and counts those that are 65432: no protocol is checked, no filter, no time, no damage.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

namespace {

constexpr std::size_t buffer_size = 256UL * 1024, behind = 64;
constexpr std::size_t ports_at = 14 + 20;  // Ethernet, IPv4 without options
constexpr std::uint32_t section_header = 0x0a0d0d0a, enhanced_packet = 6;

std::uint32_t load32(const unsigned char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

struct Counts {
  std::uint64_t packets = 0, found = 0;

  void look(const unsigned char* packet) {
    constexpr std::uint16_t wanted = __builtin_bswap16(65432);
    std::uint16_t ports[2];
    std::memcpy(ports, packet + ports_at, sizeof ports);
    ++packets;
    found += ports[0] == wanted || ports[1] == wanted ? 1 : 0;
  }
};

// Walks the whole records; how many bytes they are.
std::size_t walk_pcap(const unsigned char* data, std::size_t size, Counts& counts) {
  std::size_t at = 0;
  while (size - at >= 16) {
    const std::size_t length = 16UL + load32(data + at + 8);
    if (size - at < length) break;
    counts.look(data + at + 16);
    at += length;
  }
  return at;
}

std::size_t walk_pcapng(const unsigned char* data, std::size_t size, Counts& counts) {
  std::size_t at = 0;
  while (size - at >= 12) {
    const std::size_t length = load32(data + at + 4);
    if (length < 12 || size - at < length) break;
    if (load32(data + at) == enhanced_packet) counts.look(data + at + 28);
    at += length;
  }
  return at;
}

}  // namespace

int main(int count, char** arguments) {
  const int file = count == 2 ? open(arguments[1], O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) {
    std::fputs("bare_walk FILE: walks a capture file; see its source\n", stderr);
    return 2;
  }
  std::vector<unsigned char> buffer(buffer_size + behind);
  Counts counts;
  std::size_t held = 0;
  bool pcapng = false;
  bool first = true;
  for (ssize_t got = 0; (got = read(file, buffer.data() + held, buffer_size - held)) > 0;) {
    held += static_cast<std::size_t>(got);
    std::size_t start = 0;
    if (first) {
      pcapng = load32(buffer.data()) == section_header;
      start = pcapng ? 0 : 24;
      first = false;
    }
    start += (pcapng ? walk_pcapng : walk_pcap)(buffer.data() + start, held - start, counts);
    held -= start;
    std::memmove(buffer.data(), buffer.data() + start, held);
  }
  close(file);
  std::printf("%llu of %llu packets\n", static_cast<unsigned long long>(counts.found),
              static_cast<unsigned long long>(counts.packets));
  return 0;
}
