// What the lab tells: lines for people, or NDJSON for programs. Each is a Watcher; the writer of
// either stays the caller's.
#pragma once
#include <string>

#include "base/json.h"
#include "base/out.h"
#include "base/terminal.h"
#include "lab/lab.h"
#include "lab/storyteller.h"

namespace trama::lab {

class TellText final : public Watcher {
 public:
  TellText(Out& out, const Terminal& terminal, const Options& options)
      : out_(out), terminal_(terminal), options_(options), storyteller_(terminal) {}

  void on_started(const Started& started) override;
  void on_frame_caught(const Frame& frame, const std::optional<Segment>& segment) override;
  void on_frame_fate(const Frame& frame, const std::optional<Segment>& segment) override;
  void on_call(const Call& call) override;
  void on_program_output(Host host, std::string_view name, bool is_error,
                         std::string_view text) override;
  void on_program_ended(Host host, std::string_view name, int status) override;
  void on_idle() override;
  void summary(const Outcome& outcome);

 private:
  [[nodiscard]] std::string end_text(const EndState& end) const;
  // Output that a program has not ended with a newline is shown before anything else is.
  void finish_lines();
  void program_line(Host host, bool is_error, std::string_view text);

  Out& out_;
  Terminal terminal_;
  const Options& options_;
  Started started_;
  Storyteller storyteller_;
  std::string begun_[2][2];  // lines by host and stream
};

class TellJson final : public Watcher {
 public:
  TellJson(Out& out, const Options& options) : out_(out), options_(options) {}

  void on_started(const Started& started) override;
  void on_frame_caught(const Frame& frame, const std::optional<Segment>& segment) override;
  void on_frame_fate(const Frame& frame, const std::optional<Segment>& segment) override;
  void on_call(const Call& call) override;
  void on_program_started(Host host, std::string_view name) override;
  void on_program_output(Host host, std::string_view name, bool is_error,
                         std::string_view text) override;
  void on_program_ended(Host host, std::string_view name, int status) override;
  void on_idle() override;
  void summary(const Outcome& outcome);

 private:
  void tell(JsonLine& line);
  void frame(std::string_view type, const Frame& frame, const std::optional<Segment>& segment);

  Out& out_;
  const Options& options_;
};

// "SYN ACK", "PSH ACK len=12", "UDP len=12", "ICMP (UDP 40312)", "len=68": protocol words only.
std::string label_of(const Frame& frame, const std::optional<Segment>& segment);

}  // namespace trama::lab
