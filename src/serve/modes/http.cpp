// Shows a folder to browsers and curl: GET and HEAD over HTTP/1 (RFC 9110, RFC 9112), one answer
// after the other, files from the kernel's hands.
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <optional>
#include <string>
#include <utility>

#include "base/say.h"
#include "net/loop.h"
#include "serve/http_request.h"
#include "serve/http_root.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

// From a head's first byte to its last.
constexpr auto head_takes = 10s;

constexpr std::string_view plain = "text/plain; charset=utf-8";

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

std::string_view phrase_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 414:
      return "URI Too Long";
    case 416:
      return "Range Not Satisfiable";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

unsigned status_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return 404;
    case EACCES:
    case EPERM:
    case ELOOP:
    case EXDEV:  // it is not below the folder
    case ENXIO:  // a socket
      return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return 503;
    default:
      return 500;
  }
}

// Whether the file is no newer than this date of HTTP; false where it is none.
bool is_unchanged_since(std::string_view date, std::time_t changed) {
  std::tm parts{};
  const std::string text{date};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return end != nullptr && *end == '\0' && changed <= timegm(&parts);
}

class HttpTalk : public Talk {
 public:
  using Talk::Talk;
  ~HttpTalk() override { stop_clock(); }

  void bytes(std::span<u8> text) override {
    came_.append(reinterpret_cast<const char*>(text.data()), text.size());
    go_on();
  }
  void says_no_more() override {
    ended_ = true;
    go_on();
  }
  void room() override {
    sending_ = false;
    go_on();
  }

 private:
  // What is to be said about one request.
  struct Answer {
    unsigned status = 200;
    std::string fields{};  // of the head, each with its line's end
    std::string body{};    // or, of so many bytes:
    Fd file{};
    ByteRange part{};
    [[nodiscard]] u64 size() const { return file.is_open() ? part.size : body.size(); }
  };

  // Answers all requests that are there, as long as there is room. The talk may be gone afterwards.
  void go_on() {
    while (!sending_ && me_.has_room()) {
      if (closes_) return me_.part(Ending::answered);
      const auto text = std::string_view{came_}.substr(answered_);
      const auto size = head_size(text, looked_at_);
      if (size == text.npos || size > longest_head) return wait_for_more();
      stop_clock();
      answer(parse_request(text.substr(0, size)));
      answered_ += size;
      looked_at_ = 0;
    }
    me_.hold(true);
  }

  void wait_for_more() {
    came_.erase(0, std::exchange(answered_, 0));
    looked_at_ = came_.size();
    if (came_.size() > longest_head) return refuse(431);
    if (!may_be_head(came_)) return refuse(400);
    if (ended_) return me_.finish();
    came_.empty() ? stop_clock() : start_clock();
    me_.hold(false);
  }

  void answer(const HttpRequest& request) {
    const bool known = request.method == "GET" || request.method == "HEAD";
    Answer answer = request.status != 0 ? failure(request.status)
                    : known             ? found(request)
                                        : failure(405);
    if (answer.status == 405) answer.fields += "Allow: GET, HEAD\r\n";
    closes_ = !request.keep_alive || !known;  // others' answers may look different
    say_it(std::move(answer), request, !closes_);
  }

  void refuse(unsigned status) {
    say_it(failure(status), {}, false);
    me_.part(Ending::answered);
  }

  static Answer failure(unsigned status) {
    return {.status = status,
            .fields = fmt::format("Content-Type: {}\r\n", plain),
            .body = fmt::format("{} {}\n", status, phrase_of(status))};
  }

  void say_it(Answer answer, const HttpRequest& request, bool keep_alive) {
    auto head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n{}", answer.status,
                            phrase_of(answer.status), http_date(std::time(nullptr)), answer.fields);
    if (answer.status != 304)
      fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", answer.size());
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    const bool body = request.method != "HEAD" && answer.status != 304;
    hall_.audience->request(me_.who(), {.method = request.method,
                                        .target = request.target,
                                        .status = answer.status,
                                        .bytes = body ? answer.size() : 0});
    if (body) head += answer.body;
    me_.answer(bytes_of(head));
    if (!body || !answer.file.is_open() || answer.part.size == 0) return;
    sending_ = true;
    me_.send_part(std::move(answer.file), static_cast<off_t>(answer.part.first), answer.part.size);
  }

  [[nodiscard]] Answer found(const HttpRequest& request) const {
    const auto path = path_of_target(request.target);
    if (!path) return failure(400);
    if (!is_shown(*path)) return failure(404);
    struct stat about {};
    int error = 0;
    Fd file = hall_.root->find(*path, about, error);
    if (error != 0) return failure(status_of(error));
    if (S_ISREG(about.st_mode) && !path->ends_with('/'))
      return file_answer(request, *path, std::move(file), about);
    if (S_ISREG(about.st_mode)) return failure(404);
    if (!S_ISDIR(about.st_mode)) return failure(403);
    if (!path->empty() && !path->ends_with('/')) {
      auto moved = failure(301);
      fmt::format_to(std::back_inserter(moved.fields), "Location: /{}/\r\n",
                     percent_encoded(*path));
      return moved;
    }
    const auto index = *path + "index.html";
    if (Fd page = hall_.root->find(index, about, error); error == 0 && S_ISREG(about.st_mode))
      return file_answer(request, index, std::move(page), about);
    return {.fields = "Content-Type: text/html; charset=utf-8\r\n",
            .body = listing_page(file.get(), *path)};
  }

  static Answer file_answer(const HttpRequest& request, std::string_view path, Fd file,
                            const struct stat& about) {
    const auto size = static_cast<u64>(about.st_size);
    const auto changed = http_date(about.st_mtime);
    Answer answer{
        .part = {0, size}
    };
    answer.fields = fmt::format(
        "Content-Type: {}\r\nLast-Modified: {}\r\nAccept-Ranges: bytes\r\n"
        "X-Content-Type-Options: nosniff\r\n",
        content_type_of(path), changed);
    if (is_unchanged_since(request.if_modified_since, about.st_mtime)) {
      answer.status = 304;
      return answer;
    }
    const bool whole = !request.if_range.empty() && request.if_range != changed;
    switch (whole ? RangeKind::none : parse_range(request.range, size, answer.part)) {
      case RangeKind::one:
        answer.status = 206;
        fmt::format_to(std::back_inserter(answer.fields), "Content-Range: bytes {}-{}/{}\r\n",
                       answer.part.first, answer.part.first + answer.part.size - 1, size);
        break;
      case RangeKind::unsatisfiable:
        answer = failure(416);
        fmt::format_to(std::back_inserter(answer.fields), "Content-Range: bytes */{}\r\n", size);
        return answer;
      case RangeKind::none:
        break;
    }
    answer.file = std::move(file);
    return answer;
  }

  void start_clock() {
    if (!clock_)
      clock_ = hall_.loop->after(head_takes, [this] {
        clock_.reset();
        refuse(408);
      });
  }
  void stop_clock() {
    if (clock_) hall_.loop->cancel(*std::exchange(clock_, {}));
  }

  std::string came_;           // of requests
  std::size_t answered_ = 0;   // of it
  std::size_t looked_at_ = 0;  // behind that, in search of a head's end
  bool sending_ = false;       // a file
  bool closes_ = false;        // this answer is the last
  bool ended_ = false;         // the client says no more
  std::optional<net::Loop::Timer> clock_;
};

}  // namespace

const Mode http_mode{.name = "http",
                     .help = N_("shows the folder of --root to browsers"),
                     .start = start<HttpTalk>,
                     .datagrams = false,
                     .tells_messages = false,
                     .two_way = true};

}  // namespace trama::serve
