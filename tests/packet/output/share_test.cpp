// Several threads write what one thread writes.
#include "packet/output/share.h"

#include <gtest/gtest.h>

#include <fstream>

#include "kit/frames.h"
#include "packet/parse/words.h"
#include "packet/source/capture_bytes.h"

namespace trama::output {
namespace {

using tests::Folder;
using tests::Made;

// TCP, UDP, fragments whose parts lie far from each other, damaged packets.
std::string packets(bool pcapng) {
  Made made;
  pcapng ? made.shb().idb(1) : made.pcap();
  auto put = [&, number = 0U](const std::vector<u8>& frame) mutable {
    const std::string_view bytes{reinterpret_cast<const char*>(frame.data()), frame.size()};
    ++number;
    pcapng ? made.epb(0, number * 1000, bytes) : made.record(number, 0, bytes);
  };
  for (unsigned i = 0; i < 200; ++i) {
    put(tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({.from = static_cast<u16>(1000 + i),
                                                           .payload = "hello"}))));
    put(tests::ethernet(0x86dd, tests::ipv6(17, tests::udp(1, static_cast<u16>(i), "abc"))));
    auto fragment = tests::ethernet(0x0800, tests::ipv4(17, tests::udp(9, 9, "12345678")));
    fragment[14 + 4] = 7;                              // one datagram
    fragment[14 + 6] = i % 20 == 19 ? 0 : 0x20;        // more follow, but of the last
    fragment[14 + 7] = static_cast<u8>(2 * (i % 20));  // at
    if (i % 3 == 0) put(fragment);
    auto cut = tests::ethernet(0x0800, tests::ipv4(6, tests::tcp({})));
    cut.resize(20 + i % 30);
    put(cut);
  }
  return made.bytes;
}

class FieldsHand final : public Hand {
 public:
  FieldsHand() {
    Settings settings;
    settings.fields = {"frame.number",          "frame.time_delta", "ip.src",
                       "tcp.srcport",           "udp.port",         "ip.frag_offset",
                       "ip.reassembled.length", "ip.fragment"};
    for (auto& field : settings.fields)
      if (parse::find_word(field) == nullptr) field = "frame.len";
    auto made = make_fields(settings);
    form_ = std::move(*made);
  }
  u64 keep(const Batch& batch, Trees& /*trees*/) override { return Batch::mask(batch.count); }
  void show(const Shown& shown, Out& out) override { form_->show(shown, out); }

 private:
  std::unique_ptr<Output> form_;
};

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

struct Answer {
  std::string text, trouble;
  u64 read = 0, kept = 0;
  bool operator==(const Answer&) const = default;
};

Answer by_one(const std::string& path, u64 most) {
  auto source = source::open_file(path);
  EXPECT_TRUE(source);
  FieldsHand hand;
  Out out;
  Work work;
  work.flows = false;
  work.most = most;
  work.show = [&](const Shown& shown) { hand.show(shown, out); };
  const Counts counts = run(**source, work);
  return {out.buffer(), (*source)->trouble() ? (*source)->trouble()->sentence : "", counts.read,
          counts.kept};
}

Answer by_many(const std::string& path, u64 most, std::size_t size, unsigned threads) {
  const auto pieces = source::Pieces::open(path, 0, size);
  EXPECT_TRUE(pieces);
  SharedWork work;
  work.threads = threads;
  work.most = most;
  work.hand = [] { return std::make_unique<FieldsHand>(); };
  Out out;
  const Counts counts = run_shared(*pieces, work, out);
  const bool told = pieces->trouble() && counts.read < most;
  return {out.buffer(), told ? pieces->trouble()->sentence : "", counts.read, counts.kept};
}

TEST(Share, AsOneThread) {
  const Folder folder;
  for (const bool pcapng : {false, true}) {
    auto bytes = packets(pcapng);
    for (const bool damaged : {false, true}) {
      if (damaged) bytes.resize(bytes.size() - 7);
      const auto path = folder.path("file");
      write_file(path, bytes);
      for (const u64 most : {~u64{0}, u64{333}}) {
        const Answer one = by_one(path, most);
        EXPECT_GT(one.read, 300U);
        EXPECT_EQ(one.trouble.empty(), !damaged || most == 333);
        for (const std::size_t size : {64, 200, 3000, 1'000'000}) {
          const Answer many = by_many(path, most, size, 3);
          EXPECT_EQ(many.text, one.text) << size;
          EXPECT_EQ(many.trouble, one.trouble) << size;
          EXPECT_EQ(many.read, one.read) << size;
          EXPECT_EQ(many.kept, one.kept) << size;
        }
      }
    }
  }
}

TEST(Share, OnlyPlainFiles) {
  const Folder folder;
  EXPECT_FALSE(source::Pieces::open(folder.path("none"), 0));
  const auto path = folder.path("file");
  write_file(path, "\x1f\x8b no capture");
  EXPECT_FALSE(source::Pieces::open(path, 0));
  write_file(path, packets(false));
  EXPECT_FALSE(source::Pieces::open(path, 1U << 30));
}

}  // namespace
}  // namespace trama::output
