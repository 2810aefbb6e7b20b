// -z: what all packets together tell, printed at the end. Each report is one file here and one row
// in reports.cpp. Its text is tshark 4.0's; with --json each row is a line. A report sees every
// packet of the capture, whatever -Y shows, and keeps bounded memory a conversation or interval.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packet/filter/filter.h"
#include "packet/output/output.h"

namespace trama::stats {

class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  virtual ~Report() = default;
  virtual void add(const output::Shown& shown) = 0;
  virtual void end(Out& out, bool json) = 0;
  // What must have run for its packets.
  [[nodiscard]] virtual wire::Stage stage() const { return wire::Stage::dissect; }
};

// Above and below tshark's tables.
inline constexpr std::string_view report_line =
    "================================================================================\n";

// The display filter behind a report's name; without one every packet counts.
struct Choice {
  std::string text;
  std::optional<filter::Filter> filter;
  // Without a filter no tree is made.
  [[nodiscard]] bool takes(const output::Shown& shown) const {
    return !filter || filter->matches(shown.tree);
  }
  // As the tables' heads have it.
  [[nodiscard]] std::string_view shown() const {
    return text.empty() ? std::string_view{"<No Filter>"} : text;
  }
  [[nodiscard]] wire::Stage stage() const {
    return filter ? filter->stage() : wire::Stage::dissect;
  }
};

// `text`: "conv,tcp" or "io,stat,1,tcp". Errors (Exit::bad_input): no such report, with the nearest
// and where the list is; a wrong argument or filter.
Result<std::unique_ptr<Report>> make_report(std::string_view text);

// -z help: what there is, one line each.
std::string reports_help();

// Parses the filter of a report.
Result<Choice> choice_of(std::string_view text);

// The rows of reports.cpp. `rest`: what stands behind the name and its comma.
Result<std::unique_ptr<Report>> make_conversations(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_endpoints(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_hierarchy(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_intervals(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_expert(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_flow(std::string_view kind, std::string_view rest);
Result<std::unique_ptr<Report>> make_follow(std::string_view kind, std::string_view rest);

}  // namespace trama::stats
