#include "packet/source/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::source {
namespace {

using namespace std::string_view_literals;

// What a file that is no capture of ours starts with. `advice` is a sentence of its own.
struct Look {
  std::string_view start;
  std::string_view what, advice;
};
constexpr std::string_view convert = N_("editcap -F pcapng IN OUT converts it");
constexpr std::string_view decompress = N_("decompress it first");
constexpr Look looks[] = {
    {"\xfd\x37zXZ\0"sv,        N_("xz data"),                   decompress},
    {"BZh"sv,                  N_("bzip2 data"),                decompress},
    {"\x04\x22\x4d\x18"sv,     N_("lz4 data"),                  decompress},
    {"PK\x03\x04"sv,           N_("a ZIP archive"),             decompress},
    {"snoop\0\0\0"sv,          N_("a snoop capture"),           convert   },
    {"GMBU"sv,                 N_("a Network Monitor capture"), convert   },
    {"RTSS"sv,                 N_("a Network Monitor capture"), convert   },
    {"TRSNIFF data    \x1a"sv, N_("a Sniffer capture"),         convert   },
    {"\x7f"
     "ELF"sv,             N_("a program"),                 ""        },
    {"%PDF"sv,                 N_("a PDF document"),            ""        },
    {"\x89PNG"sv,              N_("a PNG picture"),             ""        },
    {"\xff\xd8\xff"sv,         N_("a JPEG picture"),            ""        },
    {"SQLite format 3\0"sv,    N_("an SQLite database"),        ""        },
};

// UTF-8 without control characters, as far as one looks.
bool is_text(std::string_view text) {
  constexpr std::size_t enough = 512;
  const bool cut = text.size() > enough;
  text = text.substr(0, enough);
  while (!text.empty()) {
    const auto first = static_cast<u8>(text[0]);
    const unsigned length = utf8_length(text);
    const bool blank = first == '\n' || first == '\r' || first == '\t';
    if (first == 0x7f || (first < 0x20 && !blank)) return false;
    if (length == 0) return cut && text.size() < 4;
    text.remove_prefix(length);
  }
  return true;
}

Error foreign(const std::string& name, Bytes head) {
  const std::string_view text{reinterpret_cast<const char*>(head.data()), head.size()};
  for (const Look& look : looks) {
    if (!text.starts_with(look.start)) continue;
    const auto what = translated(look.what);
    if (look.advice.empty())
      return {say("{}: no capture file (pcap or pcapng); it looks like {}", name, what), 0,
              Exit::bad_input};
    return {say("{}: no capture file (pcap or pcapng); it looks like {}: {}", name, what,
                translated(look.advice)),
            0, Exit::bad_input};
  }
  if (text.size() > 4 && is_text(text))
    return {say("{}: no capture file (pcap or pcapng); it looks like text", name), 0,
            Exit::bad_input};
  std::string bytes;
  for (const u8 byte : head.first(std::min<std::size_t>(head.size(), 8)))
    bytes += fmt::format("{}{:02x}", bytes.empty() ? "" : " ", byte);
  return {say("{}: no capture file (pcap or pcapng); it starts with the bytes {}", name, bytes), 0,
          Exit::bad_input};
}

}  // namespace

u32 most_captured(const Interface& interface) {
  constexpr u32 usual = 262144;
  constexpr u32 most = most_block - 65536;  // its block holds options too
  switch (interface.link_type) {
    case 231:  // LINKTYPE_DBUS: up to 128 MiB
    case 249:  // LINKTYPE_USBPCAP: the same
    case 279:  // LINKTYPE_EBHSCR: up to 8 MiB
      return most;
    default:  // many files claim a snap length of 2^31 and mean nothing by it
      return interface.snap_length <= most ? std::max(usual, interface.snap_length) : usual;
  }
}

u8 pseudo_header(u16 link_type) {
  switch (link_type) {
    case 204:  // LINKTYPE_PPP_WITH_DIR
      return 1;
    case 245:  // LINKTYPE_NFC_LLCP
      return 2;
    case 123:  // LINKTYPE_SUNATM
    case 139:  // LINKTYPE_MTP2_WITH_PHDR
    case 201:  // LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR
    case 254:  // LINKTYPE_BLUETOOTH_LINUX_MONITOR
      return 4;
    case 196:  // LINKTYPE_SITA
    case 209:  // LINKTYPE_I2C_LINUX
      return 5;
    default:
      return 0;
  }
}

bool fill_whole(Window& window, std::size_t need) {
  Window::Fill filled = window.fill(need);
  while (filled == Window::Fill::interrupted) filled = window.fill(need);
  return filled == Window::Fill::enough;
}

bool File::more(std::size_t need) {
  switch (window_.fill(need)) {
    case Window::Fill::enough:
    case Window::Fill::interrupted:
      return true;
    case Window::Fill::ended:
      break;
  }
  if (!window_.problem().empty())
    damaged(window_.problem());
  else if (window_.size() > 0)
    cut_short(need - window_.size());
  return false;
}

void File::cut_short(u64 missing) {
  damaged(say_n("the file is cut short; {} more byte should follow",
                "the file is cut short; {} more bytes should follow", missing, missing));
}

void File::damaged(const std::string& what) {
  trouble_ = Error{say_n("{}: reading ended at byte {}, behind {} packet: {}",
                         "{}: reading ended at byte {}, behind {} packets: {}", packets_, name_,
                         window_.offset(), packets_, what),
                   0, Exit::bad_input};
}

Result<std::unique_ptr<Source>> open_stream(std::unique_ptr<Stream> stream, const std::string& name,
                                            std::size_t capacity) {
  Window window{std::move(stream), capacity};
  fill_whole(window, 4);
  if (auto plain = decompressed(window.stream(), window.bytes())) {
    window = Window{std::move(plain), capacity};
    fill_whole(window, 4);
  }
  const Bytes head = window.bytes();
  // A stream that fails later is told later: what came before it is good.
  if (is_pcap(head)) return open_pcap(std::move(window), name);
  if (is_pcapng(head)) return open_pcapng(std::move(window), name);
  if (!window.problem().empty())
    return fail(Exit::bad_input, say("{}: {}", name, window.problem()));
  if (head.empty()) return fail(Exit::bad_input, say("{}: the file is empty", name));
  return tl::make_unexpected(foreign(name, head));
}

Result<std::unique_ptr<Source>> open_file(const std::string& path) {
  return open_file(path, Window::usual);
}

Result<std::unique_ptr<Source>> open_file(const std::string& path, std::size_t window) {
  if (path == "-")
    return open_stream(stream_of(Fd{dup(STDIN_FILENO)}), say("standard input"), window);
  Fd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (!fd.is_open()) {
    const int number = errno;
    if (number == EACCES || number == EPERM)
      return fail(Exit::no_right,
                  say("{}: no right to read it; ask its owner for chmod +r, or use sudo", path),
                  number);
    return fail(Exit::bad_input, say("{}: {}", path, errno_text(number)), number);
  }
  struct stat about {};
  if (fstat(fd.get(), &about) == 0 && S_ISDIR(about.st_mode))
    return fail(Exit::bad_input, say("{}: a directory; name a capture file in it", path));
  return open_stream(stream_of(std::move(fd)), path, window);
}

}  // namespace trama::source
