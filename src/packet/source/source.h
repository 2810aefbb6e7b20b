// Where packets come from: files (pcap, pcapng, gzip, zstd, standard input) and live interfaces.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "packet/source/packet.h"

namespace trama::source {

struct Interface {
  u16 link_type =
      1;  // LINKTYPE_ numbers, as pcapng has them (https://www.tcpdump.org/linktypes.html)
  u32 snap_length = 0;  // 0: no limit
  std::string name, description, filter;
  u64 dropped = 0;  // by the kernel or the interface, as far as it was told
  Bytes options;    // pcapng: the interface block's options as they stood
  bool big_endian = false;
};

// What a live capture knows about itself; files know nothing here.
struct Counters {
  u64 received = 0;           // packets that passed the kernel's filter
  u64 dropped_by_kernel = 0;  // no room in the capture buffer
  u64 dropped_by_interface = 0;
};

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  // Fills the batch; false when there is nothing more (then the batch is empty). A live source
  // returns within 20 ms, with an empty batch if nothing came; a file on a pipe gives what is there
  // and waits only for the first packet, with an empty batch if a signal ends the wait.
  virtual bool next(Batch& batch) = 0;

  // Grows while reading (pcapng describes interfaces as they appear); indices stay.
  [[nodiscard]] const std::deque<Interface>& interfaces() const { return interfaces_; }

  // Why reading ended before the file did: a damaged or cut file, a network that went down. What
  // came before it was good and has been handed over.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

  [[nodiscard]] virtual Counters counters() { return {}; }

 protected:
  std::deque<Interface> interfaces_;
  std::optional<Error> trouble_;
};

// "-" is standard input. Errors: no such file, no right, a format that is none of ours.
Result<std::unique_ptr<Source>> open_file(const std::string& path);

struct LiveOptions {
  std::string interface = {};  // a name, or "any"
  std::string filter = {};     // BPF, compiled by libpcap
  u32 snap_length = 262144;    // bytes kept of each packet
  bool promiscuous = true;
  u32 buffer_bytes = 16U << 20;  // the kernel's ring
};

// Errors: Exit::no_right with the setcap command, no such interface (with those there are), a
// wrong filter (with a hint where it is a display filter).
Result<std::unique_ptr<Source>> open_live(const LiveOptions& options);

}  // namespace trama::source
