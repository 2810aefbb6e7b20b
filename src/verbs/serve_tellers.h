// To whom `trama serve` tells what happens: the terminal, and the files that keep it.
#pragma once
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

class ServeTellers {
 public:
  // Error (Exit::bad_input): a file that cannot be opened.
  static Result<std::unique_ptr<ServeTellers>> make(const Parsed& parsed, const Io& io,
                                                    net::Loop& loop);
  explicit ServeTellers(net::Loop& loop) : out_(loop, 1) {}

  serve::Audiences& audience() { return audience_; }
  net::PatientOutput& out() { return out_; }
  bool reopen_files();             // false: there are none
  [[nodiscard]] int lost() const;  // the errno of a write that failed, 0 if none did

 private:
  Result<serve::LogFile*> file_of(const Parsed& parsed, std::string_view option);
  void tell(net::Lines& lines, const serve::Look& look, bool json);
  net::PatientOutput out_;
  std::vector<std::unique_ptr<serve::LogFile>> files_;
  std::vector<std::unique_ptr<serve::Audience>> owned_;
  serve::Audiences audience_;
};

}  // namespace trama
