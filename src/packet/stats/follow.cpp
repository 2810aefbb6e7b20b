// -z follow: what both ends of one conversation said, as text or bytes, at the end.
#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/say.h"
#include "packet/stats/follower.h"
#include "packet/stats/report.h"

namespace trama::stats {
namespace {

// What is held until the end, where other reports are printed first; then it is cut.
constexpr std::size_t most_held = std::size_t{256} << 20;

struct Wanted {
  Chosen chosen;
  Form form = Form::ascii;
  u32 first = 1, last = ~0U;  // which pieces, from 1
};

class Follow final : public Report {
 public:
  explicit Follow(Wanted wanted)
      : wanted_(std::move(wanted)),
        follower_(wanted_.chosen, [this](const Said& said) { take(said); }) {}

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::flow; }
  void add(const output::Shown& shown) override { follower_.add(shown); }

  void end(Out& out, bool json) override {
    if (json) {
      out.write(json_);
      return;
    }
    out.write(head_of(follower_, wanted_.form));
    out.write(text_);
    out.write(foot_of(wanted_.form));
  }

 private:
  void take(const Said& said) {
    ++piece_;
    if (piece_ < wanted_.first || piece_ > wanted_.last) return;
    if (text_.size() + json_.size() > most_held) return;
    json_ += line_of(said, follower_.stream());
    append_said(text_, wanted_.form, said);
  }

  Wanted wanted_;
  Follower follower_;
  u32 piece_ = 0;
  std::string text_, json_;
};

std::optional<u32> number_of(std::string_view text) {
  u32 value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return value;
}

}  // namespace

Result<std::unique_ptr<Report>> make_follow(std::string_view kind, std::string_view rest) {
  std::vector<std::string_view> parts;
  for (auto left = rest; !left.empty();) {
    const auto comma = std::min(left.find(','), left.size());
    parts.push_back(left.substr(0, comma));
    left.remove_prefix(std::min(left.size(), comma + 1));
  }
  const auto wrong = [&] {
    return fail(Exit::bad_input,
                say("-z follow,{0} takes a form and a stream's number or both ends, such as "
                    "-z follow,{0},ascii,0 or -z follow,{0},hex,10.0.0.1:40000,10.0.0.2:80; the "
                    "forms are {1}",
                    kind, form_names));
  };
  if (parts.size() < 2) return wrong();
  Wanted wanted;
  wanted.chosen.tcp = kind == "tcp";
  const auto form = form_named(parts[0]);
  if (!form) return wrong();
  wanted.form = *form;
  std::size_t pieces = 2;  // where they may stand
  if (const auto stream = number_of(parts[1])) {
    wanted.chosen.stream = *stream;
  } else {
    const auto first = endpoint_of(parts[1]);
    const auto second = parts.size() > 2 ? endpoint_of(parts[2]) : std::nullopt;
    if (!first || !second) return wrong();
    wanted.chosen.ends = {*first, *second};
    pieces = 3;
  }
  if (parts.size() > pieces + 1) return wrong();
  if (parts.size() > pieces) {  // "3" or "3-7"
    const auto dash = parts[pieces].find('-');
    const auto first = number_of(parts[pieces].substr(0, dash));
    const auto last =
        dash == parts[pieces].npos ? first : number_of(parts[pieces].substr(dash + 1));
    if (!first || !last) return wrong();
    wanted.first = *first;
    wanted.last = *last;
  }
  return std::make_unique<Follow>(std::move(wanted));
}

}  // namespace trama::stats
