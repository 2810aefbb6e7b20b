// Each client talks to a program of its own, through the program's standard input and output.
#include <optional>
#include <string>
#include <utility>

#include "base/say.h"
#include "serve/far_side.h"
#include "serve/modes.h"
#include "serve/programs.h"

namespace trama::serve {
namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

class ExecTalk : public Talk {
 public:
  using Talk::Talk;
  ~ExecTalk() override {
    if (program_ && !program_->is_over()) hall_.programs->abandon(pid_);
  }

  void begins() override {
    auto started = hall_.programs->start(me_.who());
    if (!started) {
      const auto sentence = started.error().sentence + '\n';
      hall_.audience->talk_failed(me_.who(), started.error().sentence);
      me_.answer(bytes_of(sentence));
      return me_.part(Ending::not_started);
    }
    pid_ = started->pid;
    program_.emplace(*hall_.loop, std::move(started->socket), me_,
                     [this](int) { me_.part(Ending::program); });
  }
  void bytes(std::span<u8> text) override {
    if (program_) program_->write(text);
  }
  void says_no_more() override {
    if (program_) program_->no_more();
  }
  void room() override {
    if (program_) program_->room();
  }
  bool drains() override {
    if (!program_) return false;
    program_->no_more();
    if (!std::exchange(asked_, true)) hall_.programs->ask_to_end(pid_);
    return true;
  }

 private:
  pid_t pid_ = -1;
  bool asked_ = false;  // to end
  std::optional<FarSide> program_;
};

}  // namespace

const Mode exec_mode{.name = "exec",
                     .help = N_("runs the program of --exec or --sh-exec for each client"),
                     .start = start<ExecTalk>,
                     .datagrams = false,
                     .two_way = true};

}  // namespace trama::serve
