// What the readers of capture files share: the damage report, the limits, and the entry that reads
// from any stream (open_file is in source.h).
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "packet/source/source.h"
#include "packet/source/window.h"

namespace trama::source {

// The most bytes that one record may claim: libpcap's bound of a pcapng block.
inline constexpr u32 most_block = 16U << 20;

// The most bytes of one packet that are believed: 262144, as Wireshark (WTAP_MAX_PACKET_SIZE); more
// for the few link types that carry whole messages, and where the file says that it keeps more.
u32 most_captured(const Interface& interface);

// Wire lengths beyond are believed to be this, as Wireshark does.
inline constexpr u32 most_wire = 0x7fffffff;

// The bytes in front of each packet of a link type that tell about it (its direction, its channel),
// as Wireshark takes them off.
u8 pseudo_header(u16 link_type);

// Finds out what the stream holds, and reads it. `name` is what messages call it.
// `window` is how much is read at once. Errors (Exit::bad_input): a format that is none of ours,
// with what it looks like.
Result<std::unique_ptr<Source>> open_stream(std::unique_ptr<Stream> stream, const std::string& name,
                                            std::size_t window = Window::usual);

class File : public Source {
 public:
  File(Window window, std::string name) : window_(std::move(window)), name_(std::move(name)) {}

  [[nodiscard]] Window& window() { return window_; }

 protected:
  // Makes `need` bytes available. False where the file has no more; then trouble() says why, if it
  // did not end between two records. An interrupted read is true, with no new bytes.
  bool more(std::size_t need);
  // Ends the reading: the file is damaged where the window stands.
  void damaged(const std::string& what);
  void cut_short(u64 missing);

  Window window_;
  std::string name_;
  u64 packets_ = 0;  // handed over so far
};

Result<std::unique_ptr<Source>> open_file(const std::string& path, std::size_t window);
// See open_files.
Result<std::unique_ptr<Source>> merged(std::vector<std::unique_ptr<Source>> files);

// The readers; the window stands at the file's first byte.
Result<std::unique_ptr<Source>> open_pcap(Window window, const std::string& name);
Result<std::unique_ptr<Source>> open_pcapng(Window window, const std::string& name);
// Fills a window while opening, when a signal has nothing to end yet.
bool fill_whole(Window& window, std::size_t need);

bool is_pcap(Bytes head);    // by the magic number, 4 bytes
bool is_pcapng(Bytes head);  // by the section header's type, 4 bytes

}  // namespace trama::source
