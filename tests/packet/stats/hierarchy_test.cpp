// -z io,phs over made frames; what is expected was seen with tshark 4.0 on the same bytes.
#include <gtest/gtest.h>

#include "base/out.h"
#include "kit/frames.h"
#include "packet/dissect/dissect.h"
#include "packet/parse/engine.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

// Frames given to the report as the pipeline gives them.
class Hierarchy {
 public:
  void add(std::vector<u8> frame, u32 cut = 0) {
    const auto wire = static_cast<u32>(frame.size());
    frame.resize(wire - cut);
    ++number_;
    tests::Kept kept{std::move(frame), number_, static_cast<i64>(number_) * 1'000'000};
    kept.packet().wire = wire;
    dissect::mark(kept.packet(), 1);
    tree_.dissect(kept.packet(), interface_);
    const auto step = flows_.follow(kept.packet(), &tree_);
    flows_.forget_ended();
    if (step) flow::annotate(tree_, *step);
    told_.forget();
    engine_.read(kept.packet(), step ? &*step : nullptr, &tree_, told_);
    report_->add({kept.packet(), interface_, tree_, step ? &*step : nullptr, &told_, 0});
  }
  // The rows' words, deeper ones behind more points.
  std::string words() {
    Out out;
    report_->end(out, false);
    std::string words;
    std::string_view rest = out.buffer();
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.find("frames:") == line.npos) continue;
      const auto start = line.find_first_not_of(' ');
      words.append(start / 2, '.').append(line.substr(start, line.find(' ', start) - start));
      words += ' ';
    }
    return words;
  }

 private:
  const source::Interface interface_{};
  u64 number_ = 0;
  dissect::Tree tree_;
  parse::Engine engine_;
  flow::Table flows_;
  parse::Told told_;
  std::unique_ptr<Report> report_ = std::move(*make_report("io,phs"));
};

std::vector<u8> web(u32 seq, const std::string& text) {
  return tests::ethernet(
      0x0800,
      tests::ipv4(
          6, tests::tcp({.from = 40000, .to = 80, .seq = seq, .flags = 0x18, .payload = text})));
}

TEST(Hierarchy, OfAQuotedDatagramOnlyTheLoadStandsAtTheFirstLevel) {
  Hierarchy report;
  report.add(tests::ethernet(
      0x0800, tests::ipv4(1, tests::icmp_error(3, 3, tests::ipv4(17, tests::udp(5, 7, "hello"))))));
  EXPECT_EQ(report.words(), "eth .ip ..icmp ...data ");
}

TEST(Hierarchy, MessagesOfSeveralSegmentsSaySo) {
  Hierarchy report;
  report.add(web(1, "GET /one HTTP/1.1\r\nHost: "));
  report.add(web(26, "a\r\n\r\n"));
  EXPECT_EQ(report.words(), "eth .ip ..tcp ...http ....tcp.segments ");
}

TEST(Hierarchy, TellsWhereReadingEnded) {
  Hierarchy cut;
  cut.add(web(1, "x"), 12);  // within TCP's header
  EXPECT_EQ(cut.words(), "eth .ip ..tcp ..._ws.short ");
  Hierarchy broken;
  auto frame = web(1, "");
  frame[17] = 30;  // the IP packet's length ends within TCP's header
  broken.add(frame);
  EXPECT_EQ(broken.words(), "eth .ip ..tcp ..._ws.malformed ");
}

}  // namespace
}  // namespace trama::stats
