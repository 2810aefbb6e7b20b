#include "host/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>

#include "base/fd.h"

namespace trama::host {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(int at, const char* name) {
  Fd fd{openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.is_open()) return {};
  Directory directory{fdopendir(fd.get())};
  if (directory) fd.release();
  return directory;
}

std::optional<u64> number_of(std::string_view digits) {
  u64 value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  return value;
}

// "socket:[12345]", as the links of /proc/PID/fd read.
std::optional<u64> inode_in(std::string_view link) {
  constexpr std::string_view start = "socket:[";
  if (!link.starts_with(start) || !link.ends_with(']')) return {};
  return number_of(link.substr(start.size(), link.size() - start.size() - 1));
}

std::string program_of(int process) {
  const Fd file{openat(process, "comm", O_RDONLY | O_CLOEXEC)};
  char text[64];
  const ssize_t n = file.is_open() ? read(file.get(), text, sizeof text) : 0;
  std::string name{text, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
  if (name.ends_with('\n')) name.pop_back();
  return name;
}

// The real user of a process is on /proc/PID/status; the directory's owner is root for programs
// that gained rights, so it will not do.
u32 user_of(int process) {
  const Fd file{openat(process, "status", O_RDONLY | O_CLOEXEC)};
  char text[2048];
  const ssize_t n = file.is_open() ? read(file.get(), text, sizeof text) : 0;
  const std::string_view status{text, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
  const auto at = status.find("\nUid:\t");
  if (at == status.npos) return 0;
  const auto digits = status.substr(at + 6);
  return static_cast<u32>(number_of(digits.substr(0, digits.find('\t'))).value_or(0));
}

}  // namespace

Owners Owners::read() {
  Owners owners;
  std::vector<u64> inodes;
  std::vector<Process> processes;
  const Directory proc = open_directory(AT_FDCWD, "/proc");
  if (!proc) {
    owners.hides_some_ = true;
    return owners;
  }
  while (const dirent* entry = readdir(proc.get())) {
    const auto pid = number_of(entry->d_name);
    if (!pid) continue;
    const Fd process{openat(dirfd(proc.get()), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!process.is_open()) continue;  // it has ended
    const Directory descriptors = open_directory(process.get(), "fd");
    if (!descriptors) {
      owners.hides_some_ = owners.hides_some_ || errno == EACCES || errno == EPERM;
      continue;
    }
    std::optional<Process> owner;
    while (const dirent* descriptor = readdir(descriptors.get())) {
      char link[64];
      const ssize_t n = readlinkat(dirfd(descriptors.get()), descriptor->d_name, link, sizeof link);
      if (n < 0 && errno == EACCES) owners.hides_some_ = true;
      const auto inode = n <= 0 ? std::nullopt : inode_in({link, static_cast<std::size_t>(n)});
      if (!inode) continue;
      if (!owner)
        owner = Process{static_cast<pid_t>(*pid), program_of(process.get()), -1,
                        user_of(process.get())};
      inodes.push_back(*inode);
      processes.push_back(*owner);
      processes.back().fd = static_cast<int>(number_of(descriptor->d_name).value_or(0));
    }
  }
  std::vector<std::size_t> order(inodes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (inodes[a] != inodes[b]) return inodes[a] < inodes[b];
    if (processes[a].pid != processes[b].pid) return processes[a].pid < processes[b].pid;
    return processes[a].fd < processes[b].fd;
  });
  owners.inodes_.reserve(order.size());
  owners.processes_.reserve(order.size());
  for (const std::size_t i : order) {
    owners.inodes_.push_back(inodes[i]);
    owners.processes_.push_back(std::move(processes[i]));
  }
  return owners;
}

std::span<const Process> Owners::of(u64 inode) const {
  if (inode == 0) return {};
  const auto [first, last] = std::equal_range(inodes_.begin(), inodes_.end(), inode);
  return std::span{processes_}.subspan(static_cast<std::size_t>(first - inodes_.begin()),
                                       static_cast<std::size_t>(last - first));
}

std::string name_of_user(u32 uid) {
  char buffer[4096];
  passwd row{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &row, buffer, sizeof buffer, &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(uid);
}

}  // namespace trama::host
