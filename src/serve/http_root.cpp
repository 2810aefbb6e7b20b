#include "serve/http_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <ctime>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/markup.h"
#include "base/say.h"
#include "base/terminal.h"

namespace trama::serve {
namespace {

constexpr std::size_t most_listed = 10'000;  // entries of a folder

using Type = std::pair<std::string_view, std::string_view>;
constexpr auto types = std::to_array<Type>({
    {"html", "text/html; charset=utf-8"      },
    {"htm",  "text/html; charset=utf-8"      },
    {"txt",  "text/plain; charset=utf-8"     },
    {"md",   "text/plain; charset=utf-8"     },
    {"log",  "text/plain; charset=utf-8"     },
    {"css",  "text/css; charset=utf-8"       },
    {"csv",  "text/csv; charset=utf-8"       },
    {"js",   "text/javascript; charset=utf-8"},
    {"mjs",  "text/javascript; charset=utf-8"},
    {"json", "application/json"              },
    {"xml",  "application/xml"               },
    {"pdf",  "application/pdf"               },
    {"wasm", "application/wasm"              },
    {"zip",  "application/zip"               },
    {"gz",   "application/gzip"              },
    {"tar",  "application/x-tar"             },
    {"svg",  "image/svg+xml"                 },
    {"png",  "image/png"                     },
    {"jpg",  "image/jpeg"                    },
    {"jpeg", "image/jpeg"                    },
    {"gif",  "image/gif"                     },
    {"webp", "image/webp"                    },
    {"ico",  "image/x-icon"                  },
    {"mp3",  "audio/mpeg"                    },
    {"ogg",  "audio/ogg"                     },
    {"wav",  "audio/wav"                     },
    {"mp4",  "video/mp4"                     },
    {"webm", "video/webm"                    },
    {"pcap", "application/vnd.tcpdump.pcap"  },
});

constexpr int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

struct Entry {
  std::string name;  // of a folder with the slash
  i64 size = -1;
};

struct Closed {
  void operator()(DIR* folder) const { closedir(folder); }
};

// Those that may be shown; how many in all.
std::size_t entries_of(int folder, std::vector<Entry>& entries) {
  const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, Closed> open{again < 0 ? nullptr : fdopendir(again)};
  if (!open) {
    if (again >= 0) close(again);
    return 0;
  }
  std::size_t count = 0;
  while (const dirent* row = readdir(open.get())) {
    if (row->d_name[0] == '.' || ++count > most_listed) continue;
    struct stat about {};
    if (fstatat(folder, row->d_name, &about, 0) != 0) continue;
    Entry entry{.name = row->d_name};
    if (S_ISDIR(about.st_mode)) entry.name += '/';
    if (S_ISREG(about.st_mode)) entry.size = about.st_size;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const bool a_folder = a.name.back() == '/', b_folder = b.name.back() == '/';
    return a_folder != b_folder ? a_folder : a.name < b.name;
  });
  return count;
}

}  // namespace

Result<HttpRoot> HttpRoot::open(const std::string& path) {
  Fd folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.is_open())
    return fail(Exit::bad_input,
                say("{} is no folder to show: {}", harmless(path), errno_text(errno)), errno);
  return HttpRoot{std::move(folder)};
}

Fd HttpRoot::find(std::string_view path, struct stat& about, int& error) const {
  Fd file = open_beneath(folder_.get(), path.empty() ? "." : std::string{path});
  error = file.is_open() && fstat(file.get(), &about) == 0 ? 0 : errno;
  return file;
}

Fd open_beneath(int folder, const std::string& path) {
  open_how way{};
  way.flags = how;
  way.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  Fd file{static_cast<int>(syscall(SYS_openat2, folder, path.c_str(), &way, sizeof way))};
  // Before Linux 5.6, and under filters of containers.
  if (!file.is_open() && (errno == ENOSYS || errno == EPERM))
    return open_step_by_step(folder, path);
  return file;
}

Fd open_step_by_step(int folder, std::string_view path) {
  Fd at{openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
  while (at.is_open()) {
    const auto slash = path.find('/');
    const std::string part{path.substr(0, slash)};
    if (part == "..") {
      errno = EXDEV;
      return {};
    }
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
    const auto* name = part.empty() ? "." : part.c_str();
    if (path.empty()) return Fd{openat(at.get(), name, how | O_NOFOLLOW)};
    at = Fd{openat(at.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  }
  return {};
}

std::string_view content_type_of(std::string_view name) {
  const auto dot = name.rfind('.');
  std::string ending{dot == name.npos ? std::string_view{} : name.substr(dot + 1)};
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<u8>(c))); });
  const auto* const row = std::find_if(std::begin(types), std::end(types),
                                       [&](const auto& type) { return type.first == ending; });
  return row == std::end(types) ? "application/octet-stream" : row->second;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<u8>(c)) != 0 || std::string_view{"-._~/"}.find(c) != text.npos)
      out += c;
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<u8>(c));
  }
  return out;
}

std::string http_date(i64 seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string listing_page(int folder, std::string_view path) {
  std::vector<Entry> entries;
  const auto count = entries_of(folder, entries);
  const auto title = escaped(say("Index of /{}", harmless(path)));
  auto page = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta "
      "charset=\"utf-8\"><title>{}</title></head>\n"
      "<body>\n<h1>{}</h1>\n<table>\n<tr><th>{}</th><th>{}</th></tr>\n",
      spoken() == Language::portuguese ? "pt-BR" : "en", title, title, escaped(say("Name")),
      escaped(say("Bytes")));
  if (!path.empty()) page += "<tr><td><a href=\"../\">../</a></td><td></td></tr>\n";
  for (const Entry& entry : entries)
    // "./": a name with a colon is no scheme
    fmt::format_to(std::back_inserter(page),
                   "<tr><td><a href=\"./{}\">{}</a></td><td>{}</td></tr>\n",
                   percent_encoded(entry.name), escaped(harmless(entry.name)),
                   entry.size < 0 ? std::string{} : std::to_string(entry.size));
  page += "</table>\n";
  if (count > most_listed)
    page += "<p>" +
            escaped(say_n("and {} more", "and {} more", count - most_listed, count - most_listed)) +
            "</p>\n";
  return page + "</body>\n</html>\n";
}

}  // namespace trama::serve
