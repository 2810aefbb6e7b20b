// --export-objects: every body that HTTP carried, as a file of its own in one directory, under
// the name that its address ends with, as tshark names it. Never outside the directory, and no file
// is overwritten.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>

#include "base/fd.h"
#include "packet/stats/report.h"

namespace trama::stats {

class Objects final : public Report {
 public:
  // `wanted`: "http,DIR"; the directory is made where there is none. Errors: Exit::bad_input (other
  // words), Exit::lost_output (no such directory can be used).
  static Result<std::unique_ptr<Objects>> open(std::string_view wanted);

  [[nodiscard]] wire::Stage stage() const override { return wire::Stage::parse; }
  void add(const output::Shown& shown) override;
  // --json: a line for each object was held until now.
  void end(Out& out, bool json) override;

  [[nodiscard]] u64 written() const { return written_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  // Errors: Exit::lost_output (disk full, no right to write): nothing was written after it.
  [[nodiscard]] const Result<void>& outcome() const { return outcome_; }

 private:
  Objects(std::string directory, Fd fd) : directory_(std::move(directory)), fd_(std::move(fd)) {}
  void save(const output::Shown& shown, std::string_view uri, std::string_view type, Bytes body);
  void write(const std::string& name, Bytes body);

  std::string directory_;
  Fd fd_;
  Result<void> outcome_;
  u64 written_ = 0;
  std::string told_;                                  // JSON
  boost::unordered_flat_map<u64, std::string> uris_;  // the newest request's, by conversation
  boost::unordered_flat_map<std::string, u32> next_;  // the number of the next file of a name
};

// A file's name for the last part of an address, made safe: what no file system or shell likes
// becomes %2f, and what is too long is cut. `number`: of files that had the name before.
std::string object_name(std::string_view base, u32 number);

}  // namespace trama::stats
