// To whom `trama serve` tells what happens: the terminal, and the files that keep it.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/output.h"
#include "serve/audiences.h"
#include "serve/log_file.h"
#include "serve/tell.h"
#include "verbs/verb.h"

namespace trama {

// Standard output of a server: a full disk, or a reader that left, is told once; serving goes on
// without what it does not take.
class ServeLines : public net::Lines {
 public:
  explicit ServeLines(net::Loop& loop) : out_(loop, 1) {}
  std::string& buffer() override { return out_.buffer(); }
  [[nodiscard]] bool has_room() const override { return out_.has_room(); }
  void flush() override;
  void finish(std::chrono::milliseconds most);
  [[nodiscard]] int error() const { return out_.error(); }

 private:
  net::PatientOutput out_;
  bool told_ = false;
};

class ServeTellers {
 public:
  // Error (Exit::bad_input): a file that cannot be opened.
  static Result<std::unique_ptr<ServeTellers>> make(const Parsed& parsed, const Io& io,
                                                    net::Loop& loop);
  explicit ServeTellers(net::Loop& loop) : out_(loop) {}

  serve::Audiences& audience() { return audience_; }
  ServeLines& out() { return out_; }
  bool reopen_files();             // false: there are none
  [[nodiscard]] int lost() const;  // the errno of a write that failed, 0 if none did

 private:
  Result<serve::LogFile*> file_of(const Parsed& parsed, std::string_view option);
  void tell(net::Lines& lines, const serve::Look& look, bool json);
  ServeLines out_;
  std::vector<std::unique_ptr<serve::LogFile>> files_;
  std::vector<std::unique_ptr<serve::Audience>> owned_;
  serve::Audiences audience_;
};

}  // namespace trama
