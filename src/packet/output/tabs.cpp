// -T tabs: the list's columns with a tab between them, for programs that cut lines.
#include "packet/output/columns.h"

namespace trama::output {
namespace {

class Tabs final : public Output {
 public:
  explicit Tabs(const Settings& settings) : time_(settings.time) {}

  [[nodiscard]] bool only_columns() const override { return true; }

  void show(const Shown& shown, Out& out) override {
    out.print("{:>5}\t", shown.packet.number);
    part_.clear();
    append_time(part_, shown, time_);
    out.write(padded_left(part_, 10) + '\t');
    part_.clear();
    append_source(part_, shown);
    out.write(padded_left(part_, 12) + "\t→\t");
    part_.clear();
    append_destination(part_, shown);
    out.write(padded(part_, 12) + '\t');
    out.print("{}\t{}\t", protocol_of(shown), shown.packet.wire);
    part_.clear();
    append_info(part_, shown);
    out.write(harmless(part_) + '\n');
  }

 private:
  TimeFormat time_;
  std::string part_;
};

}  // namespace

std::unique_ptr<Output> make_tabs(const Settings& settings) {
  return std::make_unique<Tabs>(settings);
}

}  // namespace trama::output
