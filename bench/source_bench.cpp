// What reading a capture costs a packet, beside the least that any reader could do: the records
// walked with read(), and the two port bytes looked at. The file, 300 MB of 400-byte packets, is
// made in $TMPDIR and read from the page cache.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "packet/source/source.h"
#include "packet/source/writer.h"

namespace {

using namespace trama;

constexpr u64 file_bytes = 300'000'000;
constexpr u32 packet_bytes = 400;
constexpr unsigned destination_port = 14 + 20 + 2;  // Ethernet, IPv4 without options

// One file a format, made once and removed at the end.
class Captures {
 public:
  Captures() {
    std::string name = (std::filesystem::temp_directory_path() / "trama-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  Captures(const Captures&) = delete;
  Captures& operator=(const Captures&) = delete;
  ~Captures() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  const std::string& path(source::Format format) {
    std::string& path = format == source::Format::pcap ? pcap_ : pcapng_;
    if (path.empty()) {
      path = folder_ + (format == source::Format::pcap ? "/a.pcap" : "/a.pcapng");
      make(path, format);
    }
    return path;
  }

 private:
  static void make(const std::string& path, source::Format format) {
    source::WriterOptions options;
    options.format = format;
    auto writer = source::Writer::open(path, options);
    if (!writer) std::abort();
    const std::deque<source::Interface> interfaces(1);
    std::vector<u8> data(packet_bytes);
    Packet packet;
    packet.data = data.data();
    packet.captured = packet.wire = packet_bytes;
    for (u64 i = 0; i < file_bytes / (packet_bytes + 16); ++i) {
      packet.time = static_cast<i64>(i) * 1000;
      data[destination_port + 1] = static_cast<u8>(i);
      if (!(*writer)->write(packet, interfaces)) std::abort();
    }
    if (!(*writer)->close()) std::abort();
  }

  std::string folder_, pcap_, pcapng_;
};

Captures captures;

// CPU time of this thread, in nanoseconds.
double now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

double bare_price = 0;

void tell(benchmark::State& state, double spent, u64 packets) {
  const double price = spent / static_cast<double>(packets);
  if (bare_price == 0) bare_price = price;
  state.counters["ns_a_packet"] = price;
  state.counters["times_bare"] = price / bare_price;
}

void bare_walk(benchmark::State& state) {
  const std::string& path = captures.path(source::Format::pcap);
  std::vector<u8> buffer(512UL * 1024 + 64);
  u64 packets = 0;
  const double start = now();
  for ([[maybe_unused]] auto _ : state) {
    const Fd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    lseek(fd.get(), 24, SEEK_SET);
    std::size_t held = 0;
    u64 ports = 0;
    for (ssize_t got = 0;
         (got = read(fd.get(), buffer.data() + held, buffer.size() - 64 - held)) > 0;) {
      held += static_cast<std::size_t>(got);
      std::size_t at = 0;
      while (held - at >= 16) {
        u32 captured = 0;
        std::memcpy(&captured, buffer.data() + at + 8, sizeof captured);
        if (held - at < 16 + captured) break;
        u16 port = 0;
        std::memcpy(&port, buffer.data() + at + 16 + destination_port, sizeof port);
        ports += port;
        at += 16 + captured;
        ++packets;
      }
      std::memmove(buffer.data(), buffer.data() + at, held - at);
      held -= at;
    }
    benchmark::DoNotOptimize(ports);
  }
  tell(state, now() - start, packets);
}

void through_source(benchmark::State& state, source::Format format) {
  const std::string& path = captures.path(format);
  Batch batch;
  u64 packets = 0;
  const double start = now();
  for ([[maybe_unused]] auto _ : state) {
    auto opened = source::open_file(path);
    u64 ports = 0;
    while ((*opened)->next(batch)) {
      for (unsigned i = 0; i < batch.count; ++i) {
        u16 port = 0;
        std::memcpy(&port, batch.packets[i].data + destination_port, sizeof port);
        ports += port;
      }
      packets += batch.count;
    }
    benchmark::DoNotOptimize(ports);
  }
  tell(state, now() - start, packets);
}

BENCHMARK(bare_walk)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(through_source, pcap, source::Format::pcap)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(through_source, pcapng, source::Format::pcapng)->Unit(benchmark::kMillisecond);

}  // namespace
