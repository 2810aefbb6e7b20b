// What the marks tell is what the tree tells: both readings of the same packets, sound and damaged.
#include "packet/output/marked.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "packet/dissect/value.h"
#include "packet/output/columns.h"
#include "packet/output/marked_value.h"

namespace trama::output {
namespace {

using tests::Kept;

std::vector<std::vector<u8>> sound_frames() {
  using flow::TcpFlag;
  const std::vector<u8> syn_options{2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 0, 0};
  const std::vector<u8> sack{1, 1,  8, 10, 0, 0, 1, 2, 0, 0, 3, 4, 1, 1,
                             5, 10, 0, 0,  9, 0, 0, 0, 9, 9, 0, 0, 0, 0};
  const auto both = [](const std::vector<u8>& transport, u8 protocol, bool back) {
    return std::array{tests::ethernet(0x0800, tests::ipv4(protocol, transport, back), back),
                      tests::ethernet(0x86dd, tests::ipv6(protocol, transport, back), back)};
  };
  std::vector<std::vector<u8>> frames;
  const auto add = [&](const std::vector<u8>& transport, u8 protocol, bool back = false) {
    for (auto& frame : both(transport, protocol, back)) frames.push_back(frame);
  };
  add(tests::tcp({.seq = 100, .flags = TcpFlag::syn, .options = syn_options}), 6);
  add(tests::tcp({.from = 80,
                  .to = 40000,
                  .seq = 900,
                  .ack = 101,
                  .flags = TcpFlag::syn | TcpFlag::ack,
                  .options = syn_options}),
      6, true);
  add(tests::tcp({.seq = 101, .ack = 901, .flags = TcpFlag::ack}), 6);
  add(tests::tcp({.seq = 101,
                  .ack = 901,
                  .flags = TcpFlag::ack | TcpFlag::psh | TcpFlag::urg,
                  .payload = "hello"}),
      6);
  add(tests::tcp({.seq = 101, .ack = 901, .flags = TcpFlag::ack, .payload = "hello"}), 6);
  add(tests::tcp({.from = 80,
                  .to = 40000,
                  .seq = 950,
                  .ack = 101,
                  .flags = TcpFlag::ack,
                  .options = sack}),
      6, true);
  add(tests::tcp({.seq = 106, .flags = 0xe00}), 6);
  add(tests::tcp({.seq = 106, .ack = 7, .flags = TcpFlag::rst}), 6);
  add(tests::udp(5000, 5001, "abc"), 17);
  add(tests::udp(5001, 5000, ""), 17, true);
  frames.push_back(tests::ethernet(0x8100, {0, 7, 8, 0}));
  auto tagged = tests::ethernet(0x8100, {0x20, 7, 8, 0});
  const auto inner = tests::ipv4(17, tests::udp(1, 2, "x"));
  tagged.insert(tagged.end(), inner.begin(), inner.end());
  frames.push_back(tagged);
  frames.push_back(tests::ethernet(0x0806, std::vector<u8>(28, 1)));
  return frames;
}

// The sound ones, and each of them with bytes changed and cut.
std::vector<std::vector<u8>> frames() {
  std::mt19937 random{7};
  auto all = sound_frames();
  const auto sound = all;
  for (int round = 0; round < 300; ++round)
    for (const auto& frame : sound) {
      auto changed = frame;
      for (unsigned i = random() % 4; i > 0; --i)
        changed[12 + random() % (changed.size() - 12)] = static_cast<u8>(random());
      if (random() % 4 == 0) changed.resize(random() % changed.size() + 1);
      if (random() % 8 == 0) changed.resize(changed.size() + random() % 9);  // a trailer
      all.push_back(changed);
    }
  return all;
}

std::string text_of(const dissect::Row& row) {
  std::string text;
  dissect::append_value(text, row);
  return text;
}

TEST(Marked, ValuesAsTheTrees) {
  std::vector<std::pair<const parse::Word*, std::vector<MarkedValue>>> words;
  for (const parse::Word& word : parse::all_words())
    if (auto values = marked_values(word); !values.empty()) words.emplace_back(&word, values);
  EXPECT_GT(words.size(), 100U);
  dissect::Tree tree;
  const source::Interface ethernet;
  u64 number = 0;
  unsigned compared = 0;
  for (const auto& bytes : frames()) {
    ++number;
    Kept kept{bytes, number, static_cast<i64>(number) * 1000};
    if (number % 50 == 0) kept.packet().time = no_time;
    dissect::mark(kept.packet(), 1);
    if (kept.packet().deep) continue;
    tree.dissect(kept.packet(), ethernet);
    for (const auto& [word, values] : words) {
      std::vector<std::string> slow;
      std::vector<std::string> fast;
      for (const dissect::Row& row : tree.rows())
        for (const parse::Meaning& meaning : word->meanings)
          if (meaning.field == row.field) slow.push_back(text_of(row));
      dissect::Row row{};
      for (const MarkedValue& value : values)
        if (value.read(kept.packet(), row)) fast.push_back(text_of(row));
      ASSERT_EQ(fast, slow) << word->word << " of frame " << number;
      ++compared;
    }
  }
  EXPECT_GT(compared, 10'000U);
}

TEST(Marked, ColumnsAsTheTrees) {
  flow::Table flows;
  dissect::Tree tree;
  const source::Interface ethernet;
  u64 number = 0;
  unsigned compared = 0;
  for (const auto& bytes : frames()) {
    ++number;
    Kept kept{bytes, number, static_cast<i64>(number) * 1'000'000};
    dissect::mark(kept.packet(), 1);
    tree.dissect(kept.packet(), ethernet);
    const auto step = flows.follow(kept.packet(), &tree);
    flows.forget_ended();
    if (!step) continue;
    flow::annotate(tree, *step);
    const Shown fast{kept.packet(), ethernet, tree, &*step, nullptr, 0};
    if (!marks_tell(fast)) continue;
    Packet asked = kept.packet();
    asked.deep = true;  // so the tree is asked
    const Shown slow{asked, ethernet, tree, &*step, nullptr, 0};
    const auto columns = [](const Shown& shown) {
      std::string text;
      append_source(text, shown);
      text += " > ";
      append_destination(text, shown);
      text += ' ';
      append_protocol(text, shown);
      text += ' ';
      append_info(text, shown);
      return text;
    };
    ASSERT_EQ(columns(fast), columns(slow)) << "frame " << number;
    ++compared;
  }
  EXPECT_GT(compared, 1000U);
}

}  // namespace
}  // namespace trama::output
