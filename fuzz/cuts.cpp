// cuts FILE...: reads captures in this process, each whole and cut: under 20 kB behind every 97th
// byte, larger ones at 100 places. Every reading takes the whole way: source, headers, flow table,
// messages, filter, list, tree, JSON, reports, stories. Ends with 1 where a reading took too long;
// what is worse, a sanitizer tells.
#include <fcntl.h>
#include <fmt/core.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>
#include <vector>

#include "packet/filter/filter.h"
#include "packet/output/explain.h"
#include "packet/output/pipeline.h"
#include "packet/source/file.h"
#include "packet/stats/report.h"

namespace {

using namespace trama;

constexpr std::size_t small = 20'000, step = 97, places = 100;
constexpr std::clock_t longest = 2 * CLOCKS_PER_SEC;  // processor time

// Takes words of every stage, and what reads all bytes.
constexpr std::string_view filter_text =
    "tcp.analysis.flags || frame contains \"a\" || ip.addr == 10.0.0.0/8 || http || dns.flags || "
    "tls.handshake || trama.verdict";
constexpr const char* reports[] = {"conv,tcp",      "endpoints,ip", "io,phs",
                                   "io,stat,0,tcp", "conv,ipv6",    "follow,tcp,ascii,0"};

// False: not a capture any more.
bool read(Bytes bytes) {
  auto source = source::open_stream(source::stream_of(bytes), "it");
  if (!source) return false;
  (*source)->keep_asides();
  const output::Settings settings;
  std::unique_ptr<output::Output> forms[] = {
      output::make_list(settings), output::make_tree(settings), output::make_tshark_json(settings),
      output::make_json(settings)};
  std::vector<std::unique_ptr<stats::Report>> counted;
  for (const auto* name : reports) counted.push_back(std::move(*stats::make_report(name)));
  const auto filter = filter::Filter::parse(filter_text);
  output::Explanation stories{{}};
  const Fd nowhere{open("/dev/null", O_WRONLY | O_CLOEXEC)};
  Out out{nowhere.get()};
  output::Work work;
  work.messages = output::Messages::rows;
  work.everything = true;
  work.verdicts = true;
  u64 passed = 0;
  work.show = [&](const output::Shown& shown) {
    passed += filter->matches(shown.tree) ? 1 : 0;
    for (const auto& form : forms) form->show(shown, out);
    for (const auto& report : counted) report->add(shown);
    stories.add(shown, out);
  };
  for (const auto& form : forms) form->begin(out);
  output::run(**source, work);
  for (const auto& form : forms) form->end(out);
  for (const auto& report : counted) report->end(out, passed % 2 == 0);
  stories.end(out);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  u64 readings = 0, slow = 0;
  for (int i = 1; i < argc; ++i) {
    fmt::print(stderr, "{}\n", argv[i]);
    std::ifstream file{argv[i], std::ios::binary};
    const std::vector<char> all{std::istreambuf_iterator<char>{file}, {}};
    std::vector<std::size_t> ends{all.size()};
    std::minstd_rand random{1};
    if (all.size() < small)
      for (std::size_t end = step; end < all.size(); end += step) ends.push_back(end);
    else
      for (std::size_t place = 0; place < places; ++place) ends.push_back(random() % all.size());
    for (const std::size_t end : ends) {
      // Copied, so that a sanitizer sees the first byte read too far.
      const std::vector<u8> bytes{all.begin(), all.begin() + static_cast<std::ptrdiff_t>(end)};
      const std::clock_t start = std::clock();
      read(bytes);
      const std::clock_t took = std::clock() - start;
      ++readings;
      if (took <= longest) continue;
      ++slow;
      fmt::print("{} up to byte {}: {} ms\n", argv[i], end, took * 1000 / CLOCKS_PER_SEC);
    }
  }
  fmt::print("{} readings of {} files, {} of them slow\n", readings, argc - 1, slow);
  return slow == 0 && readings > 0 ? 0 : 1;
}
