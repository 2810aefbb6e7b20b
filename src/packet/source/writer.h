// Capture files, written: pcapng, which keeps all that was read beside the packets, or pcap where
// another program wants it. What write() was given is in the kernel's hands after flush(), so a
// killed program loses only what came behind the last one; a `whole` file appears under its name
// with close(), or never.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/out.h"
#include "packet/source/source.h"

namespace trama::source {

enum class Format { pcapng, pcap, nsecpcap };  // pcap tells microseconds, the others all digits

// pcapng's epb_flags, bits 0 and 1.
enum class Direction : u8 { unknown = 0, inbound = 1, outbound = 2 };

struct WriterOptions {
  Format format = Format::pcapng;
  std::string application;                // who writes, for the file's header ("trama 0.1.0")
  std::vector<std::string> reading = {};  // the files that are being read, never to be overwritten
  bool whole = false;  // take the place of a file of that name only when all is written
  // The sections of what is read will be given to keep(), for their options; otherwise the file's
  // header stands in it as soon as it is open.
  bool sections = false;
};

// What pcapng can say of a packet beside its own options; pcap drops it.
struct Remark {
  std::string_view comment;  // UTF-8, at most 65535 bytes
  Direction direction = Direction::unknown;
};

class Writer {
 public:
  // "-" is standard output; another file is made or emptied. Errors: Exit::lost_output (no such
  // folder, disk full), Exit::no_right, Exit::bad_input (the file is the one being read).
  static Result<std::unique_ptr<Writer>> open(const std::string& path,
                                              const WriterOptions& options = {});
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  virtual ~Writer() = default;

  // The sections of what is read, whose options are kept; they must outlive the writer.
  void keep(const std::deque<Section>& sections) { sections_ = &sections; }

  // The packet's interface is an index into `interfaces`; those of its section that the file does
  // not have yet are written first. The packet's own options and its interface's are kept.
  // Errors: Exit::bad_input (pcap holds one link type), Exit::lost_output.
  Result<void> write(const Packet& packet, const std::deque<Interface>& interfaces,
                     const Remark& remark = {});

  // What stood beside the packets (pcapng only). Blocks that nobody here knows are kept as they
  // stood; where the byte order differs from ours they are lost.
  Result<void> write(const Aside& aside, const std::deque<Interface>& interfaces);

  // Writes interfaces that no packet has named so far; for files without packets.
  Result<void> describe(const std::deque<Interface>& interfaces);

  // What an interface received and dropped, for the file's end (pcapng only).
  Result<void> count(u16 interface, const Counters& counters);

  // Hands everything to the kernel.
  Result<void> flush();
  // The same, if a second has passed since the last time; for live captures, after each batch.
  Result<void> tick();
  // Ends the file; no call may follow. Exit::lost_output where anything was lost.
  Result<void> close();

  // The reader of standard output went away: nothing more to write for, and no failure to tell.
  [[nodiscard]] bool nobody_reads() const { return out_.nobody_reads(); }
  [[nodiscard]] u64 packets() const { return packets_; }

 protected:
  Writer(Fd fd, std::string name) : fd_(std::move(fd)), out_(fd_.get()), name_(std::move(name)) {}

  virtual void begin(const WriterOptions&) {}
  virtual void put_section(const Section* /*copied*/) {}
  virtual void put_interface(const Interface& interface) = 0;
  // False: the format has no place for it.
  virtual Result<bool> put_packet(const Packet& packet, const Interface& interface,
                                  const Remark& remark) = 0;
  virtual void put_aside(const Aside&, const std::deque<Interface>&) {}
  virtual void put_counters(u16, const Counters&) {}
  virtual void finish() {}

  template <class Number>
  void put(Number number) {
    out_.buffer().append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(Bytes bytes) {
    if (!bytes.empty())
      out_.buffer().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  Fd fd_;
  Out out_;
  std::string name_;

 private:
  [[nodiscard]] Result<void> state() const;  // the first failure of the descriptor
  void describe(const std::deque<Interface>& interfaces, u32 section);

  std::string path_;  // what the file will be called; empty where it already is
  const std::deque<Section>* sections_ = nullptr;
  bool begun_ = false;
  u32 section_ = 0;
  std::size_t interfaces_ = 0;
  u64 packets_ = 0;
  i64 flushed_ = 0;  // seconds of the monotonic clock
};

std::unique_ptr<Writer> pcapng_writer(Fd fd, std::string name);
std::unique_ptr<Writer> pcap_writer(Fd fd, std::string name, Format format);

}  // namespace trama::source
