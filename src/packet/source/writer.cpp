#include "packet/source/writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "base/say.h"

namespace trama::source {
namespace {

i64 now_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec;
}

bool is_same_file(const std::string& one, const struct stat& other) {
  struct stat about {};
  return !one.empty() && one != "-" && stat(one.c_str(), &about) == 0 &&
         about.st_dev == other.st_dev && about.st_ino == other.st_ino && S_ISREG(other.st_mode);
}

// What a file will be called in the end: of a link, where it leads.
std::string final_name(const std::string& path) {
  char* real = realpath(path.c_str(), nullptr);
  std::string name = real == nullptr ? path : real;
  free(real);  // NOLINT: realpath's own
  return name;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// A file without a name yet; closed where the folder's file system has none of these.
Fd open_nameless(const std::string& path) {
  struct stat about {};
  const bool exists = stat(path.c_str(), &about) == 0;
  if (exists && (!S_ISREG(about.st_mode) || access(path.c_str(), W_OK) != 0)) return Fd{};
  Fd fd{open(folder_of(path).c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644)};
  if (fd.is_open() && exists) fchmod(fd.get(), about.st_mode & 07777U);
  return fd;
}

// Gives a nameless file its name, in the place of what was called so; 0 or the error's number.
int give_name(int fd, const std::string& path) {
  const std::string open_file = fmt::format("/proc/self/fd/{}", fd);
  const std::string passing = fmt::format("{}.{}", path, getpid());
  unlink(passing.c_str());
  if (linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, passing.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return errno;
  if (rename(passing.c_str(), path.c_str()) == 0) return 0;
  const int number = errno;
  unlink(passing.c_str());
  return number;
}

Result<Fd> open_output(const std::string& path, const std::vector<std::string>& reading) {
  if (path == "-") return Fd{fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 &&
      std::any_of(reading.begin(), reading.end(),
                  [&](const std::string& one) { return is_same_file(one, about); }))
    return fail(Exit::bad_input,
                say("{}: this is the file being read; write to another one", path));
  return Fd{};
}

Result<Fd> open_named(const std::string& path) {
  Fd fd{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644)};
  if (fd.is_open()) return fd;
  const int number = errno;
  if (number == EACCES || number == EPERM)
    return fail(Exit::no_right, say("{}: no right to write there; choose another folder", path),
                number);
  return fail(Exit::lost_output, say("{}: {}", path, errno_text(number)), number);
}

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& path,
                                             const WriterOptions& options) {
  auto fd = open_output(path, options.reading);
  if (!fd) return fail(fd);
  const std::string name = path == "-" ? say("standard output") : path;
  const std::string final = options.whole && !fd->is_open() ? final_name(path) : std::string{};
  bool nameless = false;
  if (!final.empty()) {
    *fd = open_nameless(final);
    nameless = fd->is_open();
  }
  if (!fd->is_open()) fd = open_named(path);
  if (!fd) return fail(fd);
  auto writer = options.format == Format::pcapng
                    ? pcapng_writer(std::move(*fd), name)
                    : pcap_writer(std::move(*fd), name, options.format);
  if (nameless) writer->path_ = final;
  writer->begin(options);
  if (options.sections) return writer;
  writer->describe({}, 0);
  if (auto begun = writer->flush(); !begun) return fail(begun);
  return writer;
}

// The section's header, if it has none, and those of its interfaces that are known.
void Writer::describe(const std::deque<Interface>& interfaces, u32 section) {
  const auto begin = [&](u32 number) {
    if (begun_ && number == section_) return;
    put_section(sections_ != nullptr && number > 0 && number <= sections_->size()
                    ? &(*sections_)[number - 1]
                    : nullptr);
    begun_ = true;
    section_ = number;
  };
  for (; interfaces_ < interfaces.size() && interfaces[interfaces_].section <= section;
       ++interfaces_) {
    begin(interfaces[interfaces_].section);
    put_interface(interfaces[interfaces_]);
  }
  begin(section);
}

Result<void> Writer::describe(const std::deque<Interface>& interfaces) {
  describe(interfaces,
           interfaces.empty() ? section_ : std::max(section_, interfaces.back().section));
  return state();
}

Result<void> Writer::write(const Packet& packet, const std::deque<Interface>& interfaces,
                           const Remark& remark) {
  const Interface& interface = interfaces[packet.interface];
  if (interfaces_ < interfaces.size() || !begun_) describe(interfaces, interface.section);
  const auto put = put_packet(packet, interface, remark);
  if (!put) return fail(put);
  if (!*put) return {};
  ++packets_;
  out_.write({});
  return state();
}

Result<void> Writer::write(const Aside& aside, const std::deque<Interface>& interfaces) {
  if (interfaces_ < interfaces.size() || !begun_ || aside.section != section_)
    describe(interfaces, aside.section);
  put_aside(aside, interfaces);
  out_.write({});
  return state();
}

Result<void> Writer::count(u16 interface, const Counters& counters) {
  put_counters(interface, counters);
  return state();
}

Result<void> Writer::flush() {
  flushed_ = now_seconds();
  out_.flush();
  return state();
}

Result<void> Writer::tick() { return now_seconds() == flushed_ ? state() : flush(); }

Result<void> Writer::close() {
  if (!begun_) describe({}, 0);
  finish();
  if (auto flushed = flush(); !flushed) return flushed;
  int number = path_.empty() ? 0 : give_name(fd_.get(), path_);
  // Network file systems tell a full disk only here.
  if (::close(fd_.release()) != 0 && number == 0) number = errno;
  if (number != 0 && number != EINTR)
    return fail(Exit::lost_output, say("{}: packets were lost: {}", name_, errno_text(number)),
                number);
  return {};
}

Result<void> Writer::state() const {
  if (out_.is_open()) return {};
  const int number = out_.nobody_reads() ? EPIPE : out_.failed();
  return fail(Exit::lost_output, say("{}: packets were lost: {}", name_, errno_text(number)),
              number);
}

}  // namespace trama::source
