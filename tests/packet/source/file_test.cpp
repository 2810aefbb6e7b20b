// Opening: what a file is, what it looks like, and compressed ones.
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>

#include "packet/source/capture_bytes.h"

namespace trama::tests {
namespace {

std::string gzip(std::string_view plain) {
  z_stream state{};
  deflateInit2(&state, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, plain.size()) + 64, '\0');
  state.next_in = const_cast<u8*>(bytes_of(plain).data());
  state.avail_in = static_cast<unsigned>(plain.size());
  state.next_out = reinterpret_cast<u8*>(out.data());
  state.avail_out = static_cast<unsigned>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

std::string zstd(std::string_view plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

std::string many_packets() {
  Made file;
  file.pcap();
  for (u32 i = 0; i < 20000; ++i) file.record(i, i * 7919, std::string(i % 90, 'a'));
  return file.bytes;
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

TEST(File, ReadsGzipAndZstd) {
  const std::string plain = many_packets();
  for (const auto& pack : {gzip, zstd}) {
    const std::string packed = pack(plain);
    const Read read = read_bytes(packed);
    EXPECT_EQ(read.packets.size(), 20000U) << read.trouble;
    EXPECT_EQ(read.trouble, "");
    // As `cat a.gz b.gz` makes them, cut in the middle of a record.
    const Read two = read_bytes(pack(plain.substr(0, 1001)) + pack(plain.substr(1001)));
    EXPECT_EQ(two.packets.size(), 20000U) << two.trouble;
    EXPECT_EQ(two.trouble, "");
  }
  EXPECT_EQ(read_bytes(gzip(plain) + std::string(700, '\0')).trouble, "");  // filled up to a block
}

TEST(File, DamageInsideCompressedDataIsTold) {
  const std::string plain = many_packets();
  for (const auto& pack : {gzip, zstd}) {
    const std::string packed = pack(plain);
    const Read cut = read_bytes(packed.substr(0, packed.size() - 20));
    EXPECT_GT(cut.packets.size(), 10000U);
    EXPECT_LT(cut.packets.size(), 20001U);
    expect_says(cut.trouble, "the compressed data is cut short");
    const Read tail = read_bytes(packed + "something else");
    EXPECT_EQ(tail.packets.size(), 20000U);
    expect_says(tail.trouble, "other data follows the compressed data");
  }
  std::string changed = gzip(plain);  // which has a checksum
  for (std::size_t at = 0; at < 40; ++at) changed[changed.size() / 2 + at] ^= 0x55;
  EXPECT_NE(read_bytes(changed).trouble, "");
  changed = gzip(plain);
  changed[changed.size() - 6] ^= 1;
  expect_says(read_bytes(changed).trouble, "the compressed data is damaged (incorrect data check)");
}

TEST(File, CompressedDataCutAnywhereIsSafe) {
  const std::string plain = Made{}.pcap().record(1, 2, "abc").record(1, 2, "def").bytes;
  for (const auto& pack : {gzip, zstd}) {
    const std::string packed = pack(plain);
    for (std::size_t size = 0; size < packed.size(); ++size)
      EXPECT_NE(read_bytes(packed.substr(0, size)).trouble, "") << size;
  }
}

TEST(File, ForeignFilesAreNamed) {
  using namespace std::string_view_literals;
  const struct {
    std::string_view bytes, says;
  } rows[] = {
      {"",                                  "it: the file is empty"               },
      {"hello, this is text\n",             "it looks like text"                  },
      {"ol\xc3\xa1, texto tamb\xc3\xa9m\n", "it looks like text"                  },
      {"\x7f"
       "ELF\2\1\1",                  "it looks like a program"             },
      {"\x89PNG\r\n\x1a\n",                 "a PNG picture"                       },
      {"PK\3\4aaaa",                        "a ZIP archive: decompress it first"  },
      {"\xfd\x37zXZ\0aaa"sv,                "xz data: decompress it first"        },
      {"snoop\0\0\0\0\0\0\2"sv,             "a snoop capture: editcap -F pcapng"  },
      {"\xde\xad\xbe\xef\1",                "it starts with the bytes de ad be ef"},
      {"\xd4",                              "it starts with the bytes d4"         },
  };
  for (const auto& [bytes, says] : rows) {
    const Read read = read_bytes(bytes);
    EXPECT_FALSE(read.opened);
    expect_says(read.trouble, says);
  }
  expect_says(read_bytes(gzip("hello inside")).trouble, "it looks like text");
}

TEST(File, MissingFilesFoldersAndRights) {
  const Folder folder;
  const auto missing = source::open_file(folder.path("none.pcap"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().exit, Exit::bad_input);
  EXPECT_EQ(missing.error().number, ENOENT);
  const auto directory = source::open_file(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().exit, Exit::bad_input);
  write_file(folder.path("mine.pcap"), "x");
  chmod(folder.path("mine.pcap").c_str(), 0);
  if (geteuid() != 0) {
    EXPECT_EQ(source::open_file(folder.path("mine.pcap")).error().exit, Exit::no_right);
  }
}

TEST(File, ReadsFromDiskAndFromAPipeThatComesInPieces) {
  const Folder folder;
  const std::string file = Made{}.shb().idb().epb(0, 1, "one").epb(0, 2, "two").bytes;
  write_file(folder.path("a.pcapng"), file);
  auto opened = source::open_file(folder.path("a.pcapng"));
  ASSERT_TRUE(opened) << opened.error().sentence;
  EXPECT_EQ(drain(**opened).packets.size(), 2U);

  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Fd in{ends[1]};
  const auto push = [&](std::size_t from, std::size_t to) {
    EXPECT_EQ(write(in.get(), file.data() + from, to - from), static_cast<ssize_t>(to - from));
  };
  push(0, file.size() - 30);
  auto piped = source::open_stream(source::stream_of(Fd{ends[0]}), "pipe");
  ASSERT_TRUE(piped);
  Batch batch;
  ASSERT_TRUE((*piped)->next(batch));  // does not wait for what is not there yet
  EXPECT_EQ(batch.count, 1U);
  push(file.size() - 30, file.size());
  in.close();
  ASSERT_TRUE((*piped)->next(batch));
  EXPECT_EQ(batch.count, 1U);
  EXPECT_FALSE((*piped)->next(batch));
  EXPECT_FALSE((*piped)->trouble());
}

TEST(File, AReadErrorIsToldBehindTheGoodPackets) {
  class Failing : public source::Stream {
   public:
    long read(std::span<u8> into) override {
      if (++reads_ == 2) return interrupted;
      if (reads_ > 2) {
        problem_ = "the disk is gone";
        return failed;
      }
      const std::string start = Made{}.pcap().record(1, 2, "abc").record(3, 4, "cut").bytes;
      std::copy(start.begin(), start.end() - 1, into.begin());
      return static_cast<long>(start.size() - 1);
    }

   private:
    int reads_ = 0;
  };
  auto opened = source::open_stream(std::make_unique<Failing>(), "it");
  ASSERT_TRUE(opened);
  Batch batch;
  EXPECT_TRUE((*opened)->next(batch));
  EXPECT_EQ(batch.count, 1U);
  EXPECT_TRUE((*opened)->next(batch));  // a signal: an empty batch, so that its reader may stop
  EXPECT_EQ(batch.count, 0U);
  EXPECT_FALSE((*opened)->next(batch));
  expect_says((*opened)->trouble().value().sentence, "behind 1 packet: the disk is gone");
}

}  // namespace
}  // namespace trama::tests
