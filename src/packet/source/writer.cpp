#include "packet/source/writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
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

Result<Fd> open_output(const std::string& path, const std::string& reading) {
  if (path == "-") return Fd{fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 && is_same_file(reading, about))
    return fail(Exit::bad_input,
                say("{}: this is the file being read; write to another one", path));
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
  auto writer = options.format == Format::pcap ? pcap_writer(std::move(*fd), name)
                                               : pcapng_writer(std::move(*fd), name);
  writer->begin(options);
  if (auto begun = writer->flush(); !begun) return fail(begun);
  return writer;
}

Result<void> Writer::describe(const std::deque<Interface>& interfaces) {
  for (; interfaces_ < interfaces.size(); ++interfaces_) put_interface(interfaces[interfaces_]);
  return state();
}

Result<void> Writer::write(const Packet& packet, const std::deque<Interface>& interfaces,
                           const Remark& remark) {
  if (interfaces_ < interfaces.size())
    if (auto described = describe(interfaces); !described) return described;
  if (auto put = put_packet(packet, interfaces[packet.interface], remark); !put) return put;
  ++packets_;
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
  finish();
  if (auto flushed = flush(); !flushed) return flushed;
  // Network file systems tell a full disk only here.
  const int number = ::close(fd_.release()) == 0 ? 0 : errno;
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
