// -z expert: what is worth a look in the whole capture, the same finding counted together.
#include "packet/stats/expert.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/json.h"
#include "base/terminal.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

// Different findings of one severity that are listed; what comes after them is counted only.
constexpr std::size_t most_rows = 200'000;

struct Part {
  std::string_view word, title;  // as an argument and in JSON; above the rows
};
constexpr Part parts[severities] = {
    {"error",   "Errors"  },
    {"warn",    "Warns"   },
    {"note",    "Notes"   },
    {"chat",    "Chats"   },
    {"comment", "Comments"},
};

class Findings final : public Report {
 public:
  Findings(unsigned until, Choice choice) : until_(until), choice_(std::move(choice)) {}

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::parse; }

  void add(const output::Shown& shown) override {
    found_.clear();
    expert_.find(shown, found_);  // of every packet: later ones refer to it
    if (!choice_.takes(shown)) return;
    for (Finding& finding : found_) count(std::move(finding));
  }

  void end(Out& out, bool json) override {
    for (unsigned i = 0; i < until_; ++i) {
      if (totals_[i] == 0) continue;
      if (!json)
        out.print("\n{} ({})\n=============\n   Frequency      Group           Protocol  Summary\n",
                  parts[i].title, totals_[i]);
      for (const Row& row : rows_[i]) {
        const Finding& finding = row.finding;
        if (!json)
          out.print("{:12} {:>10} {:>18}  {}\n", row.count, finding.group, finding.protocol,
                    harmless(finding.summary));
        else
          out.write(JsonLine{"stats.expert"}
                        .text("severity", parts[i].word)
                        .number("frames", row.count)
                        .text("group", finding.group)
                        .text("protocol", finding.protocol)
                        .text("summary", finding.summary)
                        .line());
      }
    }
  }

 private:
  struct Row {
    Finding finding;
    u64 count = 0;
  };

  void count(Finding finding) {
    const auto part = static_cast<unsigned>(finding.severity);
    ++totals_[part];
    auto& rows = rows_[part];
    key_.assign(finding.group).append(1, '\0').append(finding.protocol).append(1, '\0');
    key_ += finding.summary;
    const auto known = known_[part].find(key_);
    if (known != known_[part].end()) {
      ++rows[known->second].count;
      return;
    }
    if (rows.size() >= most_rows) return;
    known_[part].emplace(key_, rows.size());
    rows.push_back({std::move(finding), 1});
  }

  unsigned until_;  // how many severities are shown, the worst first
  Choice choice_;
  Expert expert_;
  std::vector<Finding> found_;
  std::string key_;
  std::vector<Row> rows_[severities];  // in order of their first appearance
  boost::unordered_flat_map<std::string, std::size_t> known_[severities];
  u64 totals_[severities] = {};
};

}  // namespace

Result<std::unique_ptr<Report>> make_expert(std::string_view /*kind*/, std::string_view rest) {
  unsigned until = severities;
  const auto word = rest.substr(0, rest.find(','));
  for (unsigned i = 0; i < severities; ++i) {
    if (word != parts[i].word) continue;
    until = i + 1;
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    break;
  }
  auto choice = choice_of(rest);
  if (!choice) return fail(choice);
  return std::make_unique<Findings>(until, std::move(*choice));
}

}  // namespace trama::stats
