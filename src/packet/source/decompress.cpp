// gzip and zstd as streams. The output goes straight into the reader's buffer; only the compressed
// bytes are kept here. Several members (RFC 1952 section 2.2) or frames follow one another as if
// they were one, as `cat a.gz b.gz` makes them.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "base/say.h"
#include "packet/source/stream.h"

namespace trama::source {
namespace {

constexpr std::size_t input_bytes = 128UL * 1024;

bool is_gzip(Bytes head) { return head.size() >= 2 && head[0] == 0x1f && head[1] == 0x8b; }
bool is_zstd(Bytes head) {
  constexpr u8 magic[] = {0x28, 0xb5, 0x2f, 0xfd};
  return head.size() >= 4 && std::equal(std::begin(magic), std::end(magic), head.begin());
}

// The compressed bytes at hand.
class Compressed : public Stream {
 public:
  Compressed(std::unique_ptr<Stream> inner, Bytes head)
      : inner_(std::move(inner)), input_(std::max(input_bytes, head.size())) {
    std::copy(head.begin(), head.end(), input_.begin());
    size_ = head.size();
  }

 protected:
  [[nodiscard]] Bytes input() const { return {input_.data() + used_, size_ - used_}; }
  void use(std::size_t count) { used_ += count; }

  // Reads more behind what is there; the stream's answer.
  long more() {
    std::copy(input_.begin() + static_cast<long>(used_), input_.begin() + static_cast<long>(size_),
              input_.begin());
    size_ -= used_;
    used_ = 0;
    const long got = inner_->read(std::span{input_}.subspan(size_));
    if (got > 0) size_ += static_cast<std::size_t>(got);
    if (got == failed) problem_ = inner_->problem();
    return got;
  }

  long fails(std::string problem) {
    problem_ = std::move(problem);
    return failed;
  }
  long cut_short() { return fails(say("the compressed data is cut short")); }
  long damaged(const char* why) { return fails(say("the compressed data is damaged ({})", why)); }
  long foreign_tail() { return fails(say("other data follows the compressed data")); }

 private:
  std::unique_ptr<Stream> inner_;
  std::vector<u8> input_;
  std::size_t used_ = 0, size_ = 0;
};

class Gzip : public Compressed {
 public:
  using Compressed::Compressed;
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;
  ~Gzip() override { inflateEnd(&state_); }

  long read(std::span<u8> into) override {
    if (!begun_) {
      if (inflateInit2(&state_, 16 + MAX_WBITS) != Z_OK) return damaged("zlib");  // 16: gzip only
      begun_ = true;
    }
    for (;;) {
      if (between_) {
        const long next = next_member();
        if (next <= 0) return next;
      }
      if (input().empty()) {
        const long got = more();
        if (got < 0) return got;
        if (got == 0) return cut_short();
      }
      state_.next_in = const_cast<u8*>(input().data());  // zlib only reads it
      state_.avail_in = static_cast<unsigned>(input().size());
      state_.next_out = into.data();
      state_.avail_out = static_cast<unsigned>(into.size());
      const int result = inflate(&state_, Z_NO_FLUSH);
      use(input().size() - state_.avail_in);
      if (result == Z_STREAM_END)
        between_ = true;
      else if (result != Z_OK && result != Z_BUF_ERROR)
        return damaged(state_.msg != nullptr ? state_.msg : "zlib");
      const auto given = into.size() - state_.avail_out;
      if (given > 0) return static_cast<long>(given);
    }
  }

 private:
  // Behind a member: 1 where another starts, 0 at the end (zeros may fill a block there).
  long next_member() {
    while (input().size() < 2) {
      const long got = more();
      if (got < 0) return got;
      if (got == 0) break;
    }
    if (is_gzip(input())) {
      between_ = false;
      return inflateReset(&state_) == Z_OK ? 1 : damaged("zlib");
    }
    for (;;) {
      for (const u8 byte : input())
        if (byte != 0) return foreign_tail();
      use(input().size());
      const long got = more();
      if (got <= 0) return got;
    }
  }

  z_stream state_{};
  bool begun_ = false, between_ = false;
};

class Zstd : public Compressed {
 public:
  using Compressed::Compressed;

  long read(std::span<u8> into) override {
    if (state_ == nullptr) return damaged("zstd");
    for (;;) {
      if (input().empty() && !held_) {
        const long got = more();
        if (got < 0) return got;
        if (got == 0) return inside_ ? cut_short() : 0;
      }
      ZSTD_inBuffer in{input().data(), input().size(), 0};
      ZSTD_outBuffer out{into.data(), into.size(), 0};
      const std::size_t result = ZSTD_decompressStream(state_.get(), &out, &in);
      use(in.pos);
      if (ZSTD_isError(result) != 0) {
        // Between frames the error means that what follows is no frame.
        return inside_ || first_ ? damaged(ZSTD_getErrorName(result)) : foreign_tail();
      }
      inside_ = result != 0;
      first_ = first_ && inside_;
      held_ = inside_ && out.pos == out.size;  // more may wait inside
      if (out.pos > 0) return static_cast<long>(out.pos);
    }
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* state) const { ZSTD_freeDStream(state); }
  };
  std::unique_ptr<ZSTD_DStream, Free> state_{ZSTD_createDStream()};
  bool inside_ = true, first_ = true, held_ = false;
};

}  // namespace

std::unique_ptr<Stream> decompressed(std::unique_ptr<Stream>& inner, Bytes head) {
  if (is_gzip(head)) return std::make_unique<Gzip>(std::move(inner), head);
  if (is_zstd(head)) return std::make_unique<Zstd>(std::move(inner), head);
  return nullptr;
}

}  // namespace trama::source
