// The folder that the mode `http` shows: its files by name, and pages that list it. Nothing outside
// of it is ever opened, whatever a name or a symbolic link says.
#pragma once
#include <sys/stat.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/fd.h"
#include "base/result.h"

namespace trama::serve {

class HttpRoot {
 public:
  // Error (Exit::bad_input): not a folder that can be read.
  static Result<HttpRoot> open(const std::string& path);

  // A file or folder below, for reading; its fields in `about`. Not open: the errno (EXDEV: it is
  // elsewhere). `path` as path_of_target() gives it.
  Fd find(std::string_view path, struct stat& about, int& error) const;

 private:
  explicit HttpRoot(Fd folder) : folder_(std::move(folder)) {}
  Fd folder_;
};

// What find() uses: openat2(2) that stays beneath the folder; or, where the kernel has no such
// call, part by part, without any symbolic link.
Fd open_beneath(int folder, const std::string& path);
Fd open_step_by_step(int folder, std::string_view path);

// "text/html; charset=utf-8", by the name's ending.
std::string_view content_type_of(std::string_view name);

// The page that lists an open folder: what is not hidden, sorted, with sizes. `path`: as people are
// to read it, "" for the root.
std::string listing_page(int folder, std::string_view path);

// For a link: everything but letters, digits and -._~/ becomes %XX.
std::string percent_encoded(std::string_view text);

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string http_date(i64 seconds);

}  // namespace trama::serve
