// Lines appended to a file that lives longer than one run: opened anew on request, as log rotation
// wants it. A full disk is told once, and what it does not take is lost; the next lines are tried
// again.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "net/output.h"

namespace trama::serve {

// The sentence of a file's first failure.
std::string no_more_lines(std::string_view name, int error);

class LogFile : public net::Lines {
 public:
  // `told` gets the sentence of the first failure.
  // Errors (Exit::bad_input): the file cannot be opened.
  static Result<std::unique_ptr<LogFile>> open(std::string path,
                                               std::function<void(std::string)> told);

  std::string& buffer() override { return kept_.text; }
  [[nodiscard]] bool has_room() const override { return true; }
  void flush() override;
  void reopen();  // the file of that name as it is now; the old one stays where that fails
  // The errno of the last failure, 0 if there was none.
  [[nodiscard]] int error() const { return error_; }

 private:
  LogFile(std::string path, Fd file, std::function<void(std::string)> told)
      : path_(std::move(path)), file_(std::move(file)), told_(std::move(told)) {}
  void failed(int error);
  std::string path_;
  Fd file_;
  std::function<void(std::string)> told_;
  net::KeptLines kept_;
  int error_ = 0;
};

}  // namespace trama::serve
