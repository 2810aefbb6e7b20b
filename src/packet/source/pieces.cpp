#include "packet/source/pieces.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace trama::source {
namespace {

constexpr std::size_t head_size = std::size_t{64} * 1024;
// In front of a piece: most records that go on from the one before fit here.
constexpr std::size_t room_before = std::size_t{64} * 1024;

// As many bytes as the file has at `at`; errno in `failed`.
std::size_t read_at(int fd, u8* into, std::size_t size, u64 at, int& failed) {
  std::size_t got = 0;
  failed = 0;
  while (got < size) {
    const ssize_t n = pread(fd, into + got, size - got, static_cast<off_t>(at + got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) failed = errno;
    if (n <= 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

}  // namespace

Pieces::Pieces(Fd fd, std::unique_ptr<File> file, std::size_t size, u64 at)
    : fd_(std::move(fd)), size_(size), start_(at), file_(std::move(file)) {
  const Bytes left = file_->window().bytes();
  rest_.assign(left.begin(), left.end());
}

std::unique_ptr<Pieces> Pieces::open(const std::string& path, u64 least, std::size_t size) {
  Fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  struct stat about {};
  if (!fd.is_open() || fstat(fd.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
      static_cast<u64>(about.st_size) < least)
    return {};
  std::vector<u8> head(std::min(head_size, std::max<std::size_t>(size, 64)));
  int failed = 0;
  head.resize(read_at(fd.get(), head.data(), head.size(), 0, failed));
  const u64 read = head.size();
  Window window{stream_of(Bytes{head}), head.size()};
  fill_whole(window, 4);
  const bool pcap = is_pcap(window.bytes());
  if (!pcap && !is_pcapng(window.bytes())) return {};
  auto source = pcap ? open_pcap(std::move(window), path) : open_pcapng(std::move(window), path);
  if (!source) return {};
  std::unique_ptr<File> file{static_cast<File*>(source->release())};  // all readers are Files
  fill_whole(file->window(), head.size());                            // all that was read
  return std::unique_ptr<Pieces>{
      new Pieces{std::move(fd), std::move(file), size, read}
  };
}

void Pieces::read(Piece& piece) {
  piece.number = taken_.fetch_add(1);
  piece.bytes_.resize(room_before + size_ + padding);
  piece.size_ = read_at(fd_.get(), piece.bytes_.data() + room_before, size_,
                        start_ + piece.number * size_, piece.failed_);
}

void Pieces::walk(Piece& piece) {
  std::size_t begin = room_before;
  std::size_t end = room_before + piece.size_;
  if (rest_.size() > begin) {  // a record longer than the room
    const std::size_t missing = rest_.size() - begin;
    piece.bytes_.insert(piece.bytes_.begin(), missing, 0);
    begin += missing;
    end += missing;
  }
  begin -= rest_.size();
  std::copy(rest_.begin(), rest_.end(), piece.bytes_.begin() + static_cast<long>(begin));
  const bool last = piece.size_ < size_;
  Window& window = file_->window();
  window.put(std::move(piece.bytes_), begin, end, last,
             piece.failed_ == 0 ? std::string{} : errno_text(piece.failed_));
  piece.count = 0;
  for (;;) {
    if (piece.count == piece.batches.size()) piece.batches.push_back(std::make_unique<Batch>());
    Batch& batch = *piece.batches[piece.count];
    file_->next(batch);
    if (batch.count == 0) break;
    ++piece.count;
  }
  rest_.assign(window.begin(), window.end());
  piece.bytes_ = window.take();
  const auto& known = file_->interfaces();
  while (piece.interfaces.size() < known.size())
    piece.interfaces.push_back(known[piece.interfaces.size()]);
  if (last || file_->trouble()) ended_ = true;
}

}  // namespace trama::source
