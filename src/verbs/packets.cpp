#include "verbs/packets.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <optional>
#include <thread>

#include "packet/filter/filter.h"
#include "packet/output/output.h"
#include "packet/output/pipeline.h"
#include "packet/parse/words.h"
#include "packet/source/writer.h"
#include "verbs/packet_form.h"

namespace trama {
namespace {

bool is_stream(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode);
}

bool is_file(std::string_view name) {
  struct stat about {};
  return stat(std::string{name}.c_str(), &about) == 0 && !S_ISDIR(about.st_mode);
}

// No word of a filter ends like this.
bool looks_like_file(std::string_view name) {
  constexpr std::string_view ends[] = {".pcap",      ".pcapng",   ".cap",       ".pcap.gz",
                                       ".pcapng.gz", ".pcap.zst", ".pcapng.zst"};
  return name.find_first_of(" '\"=<>()") == name.npos &&
         std::any_of(std::begin(ends), std::end(ends),
                     [&](std::string_view end) { return name.ends_with(end); });
}

// One -o SETTING:VALUE.
Result<void> message_setting(std::string_view setting, parse::Settings& settings) {
  const auto colon = std::min(setting.find(':'), setting.size());
  const auto name = setting.substr(0, colon);
  if (name != "tls.keylog_file" && name != "ssl.keylog_file")
    return fail(Exit::bad_input,
                say("-o knows tls.keylog_file:FILE, not \"{}\"", harmless(setting)));
  auto log = parse::KeyLog::read(std::string{setting.substr(std::min(colon + 1, setting.size()))});
  if (!log) return fail(log);
  settings.key_log = std::move(*log);
  return {};
}

std::atomic<bool> was_interrupted{false};

constexpr unsigned most_threads = 64;
constexpr u64 least_flow_memory = u64{1} << 20;

// The pipeline's trees, asked by packet as the filter does.
class BatchTrees final : public filter::Trees {
 public:
  BatchTrees(const Batch& batch, output::Trees& trees) : batch_(batch), trees_(trees) {}
  const dissect::Tree& of(const Packet& packet) override {
    return trees_.of(static_cast<unsigned>(&packet - batch_.packets.data()));
  }
  [[nodiscard]] std::span<const flow::Step> steps() const override { return trees_.steps; }

 private:
  const Batch& batch_;
  output::Trees& trees_;
};

// A thread's own filter and form.
class ShowHand final : public output::Hand {
 public:
  ShowHand(DisplayFilter filter, std::unique_ptr<output::Output> form)
      : filter_(std::move(filter)), form_(std::move(form)) {}

  u64 keep(const Batch& batch, output::Trees& trees) override {
    BatchTrees adapted{batch, trees};
    return filter_.filter ? filter_.filter->keep(batch, adapted) : Batch::mask(batch.count);
  }
  void show(const output::Shown& shown, Out& out) override { form_->show(shown, out); }

 private:
  DisplayFilter filter_;
  std::unique_ptr<output::Output> form_;
};

}  // namespace

std::function<u64(const Batch&, output::Trees&)> DisplayFilter::keep() const {
  if (!filter) return {};
  return [this](const Batch& batch, output::Trees& trees) {
    BatchTrees adapted{batch, trees};
    return filter->keep(batch, adapted);
  };
}

Result<DisplayFilter> filter_for(std::string_view text) {
  DisplayFilter chosen;
  if (text.find_first_not_of(" \t\n") == text.npos) return chosen;
  auto parsed = filter::Filter::parse(text);
  if (!parsed) return fail(parsed);
  chosen.filter.emplace(std::move(*parsed));
  return chosen;
}

Result<Reading> reading_of(const Parsed& given, std::vector<std::string> files) {
  Reading reading{std::move(files), std::string{given.last("Y").value_or("")}};
  auto operands = given.operands;
  if (reading.files.empty() && !operands.empty()) {
    reading.files.emplace_back(operands.front());
    std::size_t count = 1;
    for (; count < operands.size() && is_file(operands[count]); ++count) {
      const std::string name{operands[count]};
      if (filter::Filter::parse(name))
        return fail(Exit::bad_input, say("\"{}\" is a file here and a filter, too; write ./{} for "
                                         "the file, or -Y '{}' for the filter",
                                         harmless(name), harmless(name), harmless(name)));
      reading.files.push_back(name);
    }
    operands.erase(operands.begin(), operands.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (!operands.empty() && looks_like_file(operands.front()))
    return fail(Exit::bad_input, say("{}: {}", harmless(operands.front()), errno_text(ENOENT)));
  for (const auto word : operands)
    reading.filter += fmt::format("{}{}", reading.filter.empty() ? "" : " ", word);
  return reading;
}

const std::atomic<bool>& interrupted() {
  struct sigaction action {};
  action.sa_handler = [](int) { was_interrupted = true; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return was_interrupted;
}

Result<PacketShow> PacketShow::prepare(const Parsed& options, std::string_view filter, const Io& io,
                                       const std::vector<std::string>& reading) {
  PacketShow show;
  auto form = packet_form(options, io, show.settings_);
  if (!form) return fail(form);
  show.form_ = std::move(*form);
  auto chosen = filter_for(filter);
  if (!chosen) return fail(chosen);
  show.filter_ = std::move(*chosen);
  for (const auto choice : options.all("d")) {
    const auto chosen_parser = parse::decode_as(choice);
    if (!chosen_parser) return fail(chosen_parser);
    show.parse_.decode_as.push_back(*chosen_parser);
  }
  for (const auto setting : options.all("o")) {
    if (auto set = message_setting(setting, show.parse_); !set) return fail(set);
  }
  if (options.has("c")) {
    const auto most = options.number("c", 1, std::numeric_limits<long long>::max());
    if (!most) return fail(most);
    show.most_ = static_cast<u64>(*most);
  }
  if (const auto path = options.last("w")) {
    const auto form = options.last("F").value_or("pcapng");
    source::WriterOptions about{.application = "trama", .reading = reading};
    if (form == "pcap" || form == "nsecpcap")
      about.format = form == "pcap" ? source::Format::pcap : source::Format::nsecpcap;
    else if (form != "pcapng")
      return fail(Exit::bad_input,
                  say("-F takes pcapng, pcap or nsecpcap, not \"{}\"", harmless(form)));
    // What follows a growing file or a pipe shows what there is at any time.
    about.whole = !reading.empty() && std::none_of(reading.begin(), reading.end(), is_stream);
    about.sections = !reading.empty();
    auto opened = source::Writer::open(std::string{*path}, about);
    if (!opened) return fail(opened);
    show.writer_ = std::move(*opened);
  }
  for (const char c : options.last("N").value_or(""))
    if (std::string_view{"mnNtdvg"}.find(c) == std::string_view::npos)
      return fail(Exit::bad_input,
                  say("-N takes letters of mnNtdv, not \"{}\"", harmless(options.text("N"))));
  if ((show.settings_.terminal.colour || options.has("color")) && !io.json && !options.has("T"))
    show.colours_.emplace();
  if (const char* off = std::getenv("NO_COLOR"); off != nullptr && *off != '\0')
    show.colours_.reset();
  show.separator_ = options.text("S");
  show.print_ = options.has("P");
  for (const auto text : options.all("z")) {
    if (text == "help") {
      io.out.print("{}\n{}", say("-z takes:"), stats::reports_help());
      return fail(Exit::yes, "");
    }
    auto report = stats::make_report(text);
    if (!report) return fail(report);
    show.reports_.push_back(std::move(*report));
    show.verdicts_ = show.verdicts_ || text.find("trama.verdict") != text.npos;
  }
  show.threads_ = std::clamp(std::thread::hardware_concurrency(), 1U, most_threads);
  show.share_from_ = u64{64} << 20;
  if (options.has("jobs")) {
    const auto threads = options.number("jobs", 1, most_threads);
    if (!threads) return fail(threads);
    show.threads_ = static_cast<unsigned>(*threads);
    show.share_from_ = 0;
  }
  if (const auto text = options.last("flow-memory")) {
    const auto size = parse_size(*text);
    if (!size || *size < least_flow_memory)
      return fail(
          Exit::bad_input,
          say("--flow-memory takes a size from 1M on, such as 600M, not \"{}\"", harmless(*text)));
    show.flow_memory_ = *size;
  }
  show.filter_text_ = filter;
  show.quiet_ = options.has("q");
  show.bytes_ = options.has("x") && !io.json;
  show.lines_ =
      (!show.quiet_ && !show.writer_ && (!show.bytes_ || options.has("V") || options.has("O"))) ||
      show.print_;
  show.line_by_line_ = options.has("l") || io.terminal.is_tty;
  return show;
}

Result<Exit> PacketShow::run(source::Source& source, Io& io, const std::atomic<bool>* stop) {
  std::atomic<bool> lost{false};  // nobody takes what is shown: nothing to read on for
  output::Work work;
  work.most = most_;
  work.keep = filter_.keep();
  work.stop = stop == nullptr ? &lost : stop;
  work.trees = writer_ || !quiet_ || !reports_.empty();
  work.everything = !reports_.empty();  // they count what -Y hides, too, as tshark's
  const wire::Stage shown = colours_ ? wire::Stage::parse
                            : lines_ ? form_->stage()
                                     : wire::Stage::dissect;
  wire::Stage reported = wire::Stage::dissect;
  for (const auto& report : reports_) reported = std::max(reported, report->stage());
  const wire::Stage stage = std::max({shown, filter_.stage(), reported});
  work.flows = stage >= wire::Stage::streams;
  work.flow_memory = flow_memory_;
  work.verdicts = verdicts_ || (lines_ && form_->shows_verdicts()) ||
                  (filter_.filter && filter_.filter->needs_verdicts());
  work.depth = work.verdicts                ? flow::Depth::states
               : stage >= wire::Stage::flow ? flow::Depth::numbers
                                            : flow::Depth::streams;
  work.times = lines_ || !reports_.empty() || (filter_.filter && filter_.filter->needs_times());
  if (stage == wire::Stage::parse)
    work.messages = filter_.stage() == wire::Stage::parse || reported == wire::Stage::parse ||
                            !form_->only_columns() || colours_
                        ? output::Messages::rows
                        : output::Messages::columns;
  work.parse = parse_;
  Result<void> written;
  std::string hex;
  std::size_t aside = 0;
  const auto write_asides = [&](u64 before) {
    auto& asides = source.asides();
    for (; written && aside < asides.size() && asides[aside].before <= before; ++aside)
      written = writer_->write(asides[aside], source.interfaces());
  };
  if (writer_) {
    source.keep_asides();
    writer_->keep(source.sections());
  }
  work.show = [&](const output::Shown& shown) {
    for (const auto& report : reports_) report->add(shown);
    if (!shown.passes) return;
    if (writer_) {
      write_asides(shown.packet.number);
      if (written) written = writer_->write(shown.packet, source.interfaces());
      if (!written) lost = true;
      if (!print_) return;
    }
    if (lines_ && colours_) {
      output::Shown coloured = shown;
      coloured.colours = colours_->start_of(shown.tree);
      form_->show(coloured, io.out);
    } else if (lines_) {
      form_->show(shown, io.out);
    }
    if (bytes_) {
      hex.clear();
      output::append_bytes(hex, shown.packet.bytes());
      io.out.write(hex);
    }
    if (!separator_.empty()) io.out.print("{}\n", separator_);
    if (line_by_line_) io.out.flush();
  };
  work.idle = [&] {
    if (writer_) {
      write_asides(std::numeric_limits<u64>::max());
      source.asides().clear();
      aside = 0;
      if (written) written = writer_->tick();
    }
    if (stop != nullptr) io.out.flush();
    if (!io.out.is_open()) lost = true;
  };
  if (lines_) form_->begin(io.out);
  counts_ = output::run(source, work);
  if (lines_) form_->end(io.out);
  for (std::size_t i = reports_.size(); i-- > 0;)
    reports_[i]->end(io.out, io.json);  // the last one first, as tshark
  io.out.flush();
  if (writer_) {
    write_asides(std::numeric_limits<u64>::max());
    if (written) written = writer_->describe(source.interfaces());
    // What failed takes no older file's place; what is read as it grows keeps what came before.
    auto ended = written ? writer_->close() : writer_->flush();
    if (!written) return fail(written);
    if (!ended) return fail(ended);
  }
  if (source.trouble()) return tl::make_unexpected(*source.trouble());
  return Exit::yes;
}

bool PacketShow::may_be_shared() const {
  return threads_ > 1 && !writer_ && !bytes_ && !line_by_line_ && !colours_ && separator_.empty() &&
         reports_.empty() && filter_.stage() == wire::Stage::dissect &&
         (!lines_ || form_->stands_alone());
}

Result<Exit> PacketShow::share(source::Pieces& pieces, Io& io) {
  output::SharedWork work;
  work.threads = threads_;
  work.lines = lines_;
  work.most = most_;
  work.times = lines_ || (filter_.filter && filter_.filter->needs_times());
  // Both were made before from the same words: they cannot fail now.
  work.hand = [this] {
    std::unique_ptr<output::Output> form;
    if (lines_) form = std::move(*output::make_fields(settings_));
    return std::make_unique<ShowHand>(std::move(*filter_for(filter_text_)), std::move(form));
  };
  if (lines_) form_->begin(io.out);
  counts_ = output::run_shared(pieces, work, io.out);
  if (lines_) form_->end(io.out);
  io.out.flush();
  if (pieces.trouble() && counts_.read < most_)  // what is behind was not asked for
    return tl::make_unexpected(*pieces.trouble());
  return Exit::yes;
}

Result<Exit> PacketShow::read(const std::string& path, Io& io) {
  if (may_be_shared())
    if (const auto pieces = source::Pieces::open(path, share_from_)) return share(*pieces, io);
  auto source = source::open_file(path);
  if (!source) return fail(source);
  return run(**source, io, nullptr);
}

}  // namespace trama
