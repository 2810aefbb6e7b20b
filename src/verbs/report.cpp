// trama report: what a capture teaches, as one document.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "base/fd.h"
#include "base/json.h"
#include "lab/lab.h"
#include "lab/recorder.h"
#include "packet/output/pipeline.h"
#include "packet/report/page.h"
#include "verbs/packets.h"

namespace trama {
namespace {

constexpr Option options[] = {
    {"",       "o", "FILE",   "", N_("where to write it: .html or .md; - is standard output, as HTML")},
    {"",       "Y", "FILTER", "", N_("only packets that match")                                       },
    {"redact", "",  "",       "", N_("without addresses and payload, to be handed on")                },
};

constexpr Example examples[] = {
    {"trama report lab.pcapng -o report.html",                       N_("one page with everything, for the browser")},
    {"trama report lab.pcapng -o report.md",                         N_("for a repository's README")                },
    {"trama report lab -o lab.html",
     N_("of a conversation in the lab, run now: its states are the kernel's")                                       },
    {"trama report lab.pcapng -o report.html --redact --lang pt-BR",
     N_("in Portuguese, to be handed on")                                                                           },
};

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm local{};
  localtime_r(&seconds, &local);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &local)};
}

// All of it, or nothing under that name.
Result<void> write_whole(const std::string& path, std::string_view text) {
  const auto lost = [&] {
    const int number = errno;
    return fail(Exit::lost_output, say("{}: {}", harmless(path), errno_text(number)), number);
  };
  struct stat about {};
  const bool plain = stat(path.c_str(), &about) != 0 || S_ISREG(about.st_mode);
  const std::string making = plain ? path + ".part" : path;
  const Fd file{open(making.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (!file.is_open()) return lost();
  Out out{file.get()};
  out.write(text);
  out.flush();
  if (out.failed() != 0) {
    errno = out.failed();
    auto failed = lost();
    if (plain) unlink(making.c_str());
    return failed;
  }
  if (plain && rename(making.c_str(), path.c_str()) != 0) return lost();
  return {};
}

// A lab run that nobody watches: its frames, and what the kernel said of both ends of each.
class LabRun final : public lab::Watcher {
 public:
  // Into `path`. Errors: as lab::run_lab() and lab::Recorder.
  Result<void> record(const std::string& path) {
    auto recorder = lab::Recorder::open(path);
    if (!recorder) return fail(recorder);
    lab::Options options;
    options.once = true;
    options.wire.delay = std::chrono::milliseconds{50};
    options.capture = recorder->get();
    auto outcome = lab::run_lab(options, *this);
    if (!outcome) return fail(outcome);
    if (outcome->interrupted) return fail(Exit::interrupted, "");
    return (*recorder)->close();
  }
  void tell(report::Facts& facts) const {
    for (const auto& [number, seen] : states_) facts.saw_kernel(number, seen);
  }

 private:
  void on_frame_fate(const lab::Frame& frame, const std::optional<lab::Segment>&) override {
    const auto name = [](const lab::EndState& end) { return std::string{lab::name_of(end)}; };
    const bool by_client = frame.from == lab::Host::client;
    states_[frame.id] = {name(by_client ? frame.sender : frame.receiver),
                         name(by_client ? frame.receiver : frame.sender)};
  }

  std::map<u64, report::Facts::Seen> states_;
};

Result<Exit> run(const Parsed& given, Io& io) {
  const bool of_lab = !given.operands.empty() && given.operands.front() == "lab";
  auto reading = of_lab ? Result<Reading>{} : reading_of(given);
  if (!reading) return fail(reading);
  if (reading->files.empty() && !of_lab)
    return fail(Exit::bad_input, say("name a capture file; - is standard input"));
  const auto path = given.last("o");
  if (!path) return fail(Exit::bad_input, say("-o FILE is missing: report.html or report.md"));
  const bool markdown = path->ends_with(".md");
  const auto chosen = filter_for(reading->filter);
  if (!chosen) return fail(chosen);
  LabRun lab_run;
  const Fd frames{of_lab ? memfd_create("frames", MFD_CLOEXEC) : -1};
  if (of_lab) {
    reading->files = {fmt::format("/proc/self/fd/{}", frames.get())};
    if (auto recorded = lab_run.record(reading->files.front()); !recorded) return fail(recorded);
  }
  auto source = source::open_files(reading->files);
  if (!source) return fail(source);

  report::Facts facts{{.redact = given.has("redact")}};
  output::Work work;
  work.keep = chosen->keep();
  work.messages = output::Messages::rows;
  work.verdicts = true;
  work.show = [&](const output::Shown& shown) { facts.add(shown); };
  output::run(**source, work);
  lab_run.tell(facts);
  facts.end();
  if (facts.packets == 0 && (*source)->trouble()) return tl::make_unexpected(*(*source)->trouble());
  if (facts.packets == 0) return fail(Exit::no, say("no packet here matches: nothing to report."));

  const auto& first = reading->files.front();
  const report::About about{of_lab                ? say("a lab run")
                            : given.has("redact") ? say("a capture")
                            : first == "-"        ? say("standard input")
                                                  : harmless(first.substr(first.rfind('/') + 1)),
                            now()};
  const auto text = markdown ? report::markdown_of(facts, about) : report::html_of(facts, about);
  if (*path == "-") {
    io.out.write(text);
  } else {
    if (auto written = write_whole(std::string{*path}, text); !written) return fail(written);
    if (io.json)
      io.out.write(
          JsonLine{"report.done"}.text("file", *path).number("packets", facts.packets).line());
    else
      io.err.print("{}\n", say_n("{} packet told in {}", "{} packets told in {}", facts.packets,
                                 facts.packets, harmless(*path)));
  }
  if ((*source)->trouble()) return tl::make_unexpected(*(*source)->trouble());
  return Exit::yes;
}

}  // namespace

extern const Verb report_verb;
const Verb report_verb{"report",
                       N_("makes one page of what a capture teaches"),
                       "FILE...|lab -o report.html|report.md [FILTER]",
                       examples,
                       options,
                       N_("The page needs no network and no script, and prints well. Every claim "
                          "is linked to its packet."),
                       run};

}  // namespace trama
