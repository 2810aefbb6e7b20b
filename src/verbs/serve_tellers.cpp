#include "verbs/serve_tellers.h"

#include <utility>

#include "serve/access_log.h"

namespace trama {
namespace {

// Once a file; standard error may stand still, but a line fits.
void complain(const std::string& sentence) { Out{2}.print("trama: {}\n", sentence); }

}  // namespace

void ServeLines::flush() {
  out_.flush();
  if (out_.error() != 0 && !std::exchange(told_, true))
    complain(serve::no_more_lines(say("standard output"), out_.error()));
}

void ServeLines::finish(std::chrono::milliseconds most) {
  out_.finish(most);
  flush();
}

Result<serve::LogFile*> ServeTellers::file_of(const Parsed& parsed, std::string_view option) {
  const auto path = parsed.last(option);
  if (!path) return nullptr;
  auto file = serve::LogFile::open(std::string{*path}, complain);
  if (!file) return fail(file);
  return files_.emplace_back(std::move(*file)).get();
}

Result<std::unique_ptr<ServeTellers>> ServeTellers::make(const Parsed& parsed, const Io& io,
                                                         net::Loop& loop) {
  auto all = std::make_unique<ServeTellers>(loop);
  const bool hex = parsed.has("hex");
  all->tell(all->out_, {.terminal = io.terminal, .quiet = parsed.has("quiet"), .hex = hex},
            io.json);
  const auto log = all->file_of(parsed, "log");
  if (!log) return fail(log);
  if (*log != nullptr) all->tell(**log, {.dated = true, .hex = hex}, io.json);
  const auto access = all->file_of(parsed, "access-log");
  if (!access) return fail(access);
  if (*access != nullptr) {
    all->owned_.push_back(std::make_unique<serve::AccessLog>(**access, io.json));
    all->audience_.add(*all->owned_.back());
  }
  return all;
}

bool ServeTellers::reopen_files() {
  for (const auto& file : files_) file->reopen();
  return !files_.empty();
}

int ServeTellers::lost() const {
  if (out_.error() != 0) return out_.error();
  for (const auto& file : files_)
    if (file->error() != 0) return file->error();
  return 0;
}

void ServeTellers::tell(net::Lines& lines, const serve::Look& look, bool json) {
  if (json)
    owned_.push_back(std::make_unique<serve::TellJson>(lines, look.quiet));
  else
    owned_.push_back(std::make_unique<serve::TellText>(lines, look));
  audience_.add(*owned_.back());
}

}  // namespace trama
