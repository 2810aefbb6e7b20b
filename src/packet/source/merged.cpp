// Several capture files as one, packets in the order of their times; of equal times the file named
// first comes first, and within a file nothing changes places. Memory is bounded: of each file
// there is one window and one batch. The result is one section; interfaces that are alike in every
// respect become one.
#include <sys/resource.h>

#include <algorithm>

#include "base/say.h"
#include "packet/source/file.h"

namespace trama::source {
namespace {

constexpr std::size_t all_windows = 32U << 20;
constexpr std::size_t least_window = 32U << 10;

bool alike(const Interface& one, const Interface& other) {
  return one.link_type == other.link_type && one.snap_length == other.snap_length &&
         one.digits == other.digits && one.resolution == other.resolution &&
         one.name == other.name && one.description == other.description &&
         one.filter == other.filter && one.pseudo == other.pseudo &&
         one.stand_in == other.stand_in && one.big_endian == other.big_endian &&
         std::equal(one.options.begin(), one.options.end(), other.options.begin(),
                    other.options.end());
}

class Merged : public Source {
 public:
  Merged(std::vector<std::unique_ptr<Source>> files, std::optional<Error> trouble)
      : inputs_(files.size()) {
    trouble_ = std::move(trouble);
    for (std::size_t i = 0; i < files.size(); ++i) inputs_[i].file = std::move(files[i]);
    for (std::size_t i = 0; i < inputs_.size(); ++i) waiting_.push_back(i);
  }

  void keep_asides() override {
    Source::keep_asides();
    for (Input& input : inputs_) input.file->keep_asides();
  }

  bool next(Batch& batch) override {
    batch.count = 0;
    batch.kept = 0;
    // A file's packets are good until it is asked for more: only between two batches.
    while (!waiting_.empty()) {
      if (!refill(waiting_.back())) return true;  // a signal came
      waiting_.pop_back();
    }
    while (batch.count < Batch::most && waiting_.empty() && !order_.empty()) take(batch);
    batch.kept = Batch::mask(batch.count);
    return batch.count > 0;
  }

 private:
  struct Input {
    std::unique_ptr<Source> file;
    Batch batch;
    unsigned at = 0;
    std::vector<u16> interfaces;  // its own, as indices of ours
    std::size_t learned = 0;      // of its key log
  };
  struct Head {
    i64 time;  // packets without one come as soon as it is their turn
    std::size_t input;
    bool operator<(const Head& other) const {  // for a heap with the earliest on top
      return time != other.time ? time > other.time : input > other.input;
    }
  };

  bool refill(std::size_t i) {
    Input& input = inputs_[i];
    if (input.file == nullptr) return true;
    if (!input.file->next(input.batch)) {
      end(input);
      return true;
    }
    adopt(input);
    const auto& log = input.file->key_log();
    key_log_.append(log, input.learned);
    input.learned = log.size();
    if (input.batch.count == 0) return false;
    input.at = 0;
    push(i);
    return true;
  }

  void push(std::size_t i) {
    order_.push_back({inputs_[i].batch.packets[inputs_[i].at].time, i});
    std::push_heap(order_.begin(), order_.end());
  }

  void take(Batch& batch) {
    std::pop_heap(order_.begin(), order_.end());
    const std::size_t i = order_.back().input;
    order_.pop_back();
    Input& input = inputs_[i];
    Packet& packet = batch.packets[batch.count++];
    packet = input.batch.packets[input.at++];
    packet.number = ++packets_;
    packet.interface = input.interfaces[packet.interface];
    if (input.at < input.batch.count)
      push(i);
    else
      waiting_.push_back(i);
  }

  // Its new interfaces and asides, as ours.
  void adopt(Input& input) {
    if (sections_.empty() && !input.file->sections().empty())
      sections_.push_back(input.file->sections().front());
    const auto& theirs = input.file->interfaces();
    for (std::size_t i = input.interfaces.size(); i < theirs.size(); ++i)
      input.interfaces.push_back(adopted(theirs[i]));
    for (Aside& aside : input.file->asides()) {
      aside.section = 1;
      aside.before = packets_ + 1;
      if (aside.interface < input.interfaces.size())
        aside.interface = input.interfaces[aside.interface];
      asides_.push_back(std::move(aside));
    }
    input.file->asides().clear();
  }

  u16 adopted(const Interface& theirs) {
    const auto same = std::find_if(interfaces_.begin(), interfaces_.end(),
                                   [&](const Interface& one) { return alike(one, theirs); });
    if (same != interfaces_.end()) return static_cast<u16>(same - interfaces_.begin());
    constexpr std::size_t most = 65536;
    if (interfaces_.size() >= most) return most - 1;
    interfaces_.push_back(theirs);
    Interface& ours = interfaces_.back();
    if (!ours.stand_in) ours.id = described_++;
    ours.section = 1;
    if (theirs.section == 0) ours.label = "unknown";
    return static_cast<u16>(interfaces_.size() - 1);
  }

  // A file's interfaces keep pointing into it: it stays, and only its windows' bytes are too many
  // to keep for thousands.
  void end(Input& input) {
    adopt(input);
    if (const auto& theirs = input.file->trouble()) {
      if (trouble_)
        trouble_->sentence += '\n' + theirs->sentence;
      else
        trouble_ = theirs;
    }
    ended_.push_back(std::move(input.file));
  }

  std::vector<Input> inputs_;
  std::vector<std::unique_ptr<Source>> ended_;
  std::vector<std::size_t> waiting_;  // inputs that must read on before anything can be taken
  std::vector<Head> order_;           // a heap: the next packet of each input
  u64 packets_ = 0;
  u32 described_ = 0;
};

// Room for so many open files, as far as the administrator lets us.
void allow_files(std::size_t count) {
  constexpr rlim_t others = 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= count + others) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, count + others);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<Source>> merged(std::vector<std::unique_ptr<Source>> files) {
  return std::make_unique<Merged>(std::move(files), std::nullopt);
}

Result<std::unique_ptr<Source>> open_files(const std::vector<std::string>& paths) {
  if (paths.size() <= 1) return open_file(paths.empty() ? std::string{} : paths.front());
  allow_files(paths.size());
  const std::size_t window =
      std::clamp(all_windows / std::max<std::size_t>(paths.size(), 1), least_window, Window::usual);
  std::vector<std::unique_ptr<Source>> files;
  std::optional<Error> trouble;
  for (const std::string& path : paths) {
    auto file = open_file(path, window);
    if (file)
      files.push_back(std::move(*file));
    else if (trouble)
      trouble->sentence += '\n' + file.error().sentence;
    else
      trouble = file.error();
  }
  if (files.empty()) return tl::make_unexpected(std::move(*trouble));
  return std::make_unique<Merged>(std::move(files), std::move(trouble));
}

}  // namespace trama::source
