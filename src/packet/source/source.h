// Where packets come from: files (pcap, pcapng, gzip, zstd, standard input) and live interfaces.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "packet/source/packet.h"

namespace trama::source {

// The link type of records that are no packets: nothing knows it.
inline constexpr u16 no_link = 0xffff;

struct Interface {
  u16 link_type =
      1;  // LINKTYPE_ numbers, as pcapng has them (https://www.tcpdump.org/linktypes.html)
  u32 snap_length = 0;  // 0: no limit
  u8 digits = 6;        // of a second that its clock tells: 6 or 9, as tshark's list shows them
  std::string name, description, filter;
  u64 dropped = 0;  // by the kernel or the interface, as far as it was told
  Bytes options;    // pcapng: the interface block's options as they stood
  bool big_endian = false;
  u8 resolution = 9;      // its times are whole units of 10^-n seconds
  u8 pseudo = 0;          // bytes in front of each packet's data that tell about it
  u32 section = 0;        // pcapng: of the file, from 1
  u32 id = 0;             // pcapng: its number in its section, from 0
  bool stand_in = false;  // of records that are no packets: no file describes it
  std::string label;      // pcapng: what Wireshark calls it
};

// A pcapng section's options, as they stood.
struct Section {
  Bytes options;
  bool big_endian = false;
};

// A block of a pcapng file that is no packet and describes no interface: names, secrets,
// statistics, and what nobody knows.
struct Aside {
  u32 type = 0;
  bool big_endian = false;
  u16 interface = 0;  // that statistics are about, an index into Source::interfaces()
  u32 section = 0;    // of the file, from 1
  u64 before = 0;     // the number of the packet that it stands before
  std::vector<u8> body = {};
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

  // Sections so far; a source that is no pcapng file has none.
  [[nodiscard]] const std::deque<Section>& sections() const { return sections_; }

  // Asks for the blocks beside packets and interfaces; from then on the caller takes them away
  // with each batch.
  virtual void keep_asides() { keeps_asides_ = true; }
  [[nodiscard]] std::vector<Aside>& asides() { return asides_; }

  // Key logs of TLS that came so far in the file's own blocks, as text; grows while reading.
  [[nodiscard]] virtual const std::string& key_log() const { return key_log_; }

  [[nodiscard]] virtual Counters counters() { return {}; }

 protected:
  std::deque<Interface> interfaces_;
  std::deque<Section> sections_;
  std::vector<Aside> asides_;
  bool keeps_asides_ = false;
  std::string key_log_;
  std::optional<Error> trouble_;
};

// "-" is standard input. Errors: no such file, no right, a format that is none of ours.
Result<std::unique_ptr<Source>> open_file(const std::string& path);

// Several files as one, packets in the order of their times; in bounded memory. What cannot be
// opened or is damaged is told by trouble(), a line a file, and the others are read.
// Errors: none of them can be opened.
Result<std::unique_ptr<Source>> open_files(const std::vector<std::string>& paths);

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
