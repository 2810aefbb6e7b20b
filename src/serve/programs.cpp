#include "serve/programs.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto last_words = 100ms;  // for one that has closed its output, and is about to end
constexpr auto last_grace = 5s;     // from SIGTERM to SIGKILL, for a program whose client is lost

// Taken from the environment that a program inherits: its own ones follow, or they are ours alone.
constexpr std::array not_inherited{"NCAT_REMOTE_ADDR=", "NCAT_REMOTE_PORT=", "NCAT_LOCAL_ADDR=",
                                   "NCAT_LOCAL_PORT=",  "NCAT_PROTO=",       "NOTIFY_SOCKET="};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// posix_spawn(3) with a socket as 0 and 1, no signal blocked or ignored, and a process group of its
// own, so that what it starts can be ended with it. The errno of what failed, exec's too.
int spawn(pid_t& pid, int socket, std::vector<std::string> command,
          std::vector<std::string> environment) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&how);
  posix_spawn_file_actions_adddup2(&files, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, socket, STDOUT_FILENO);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setsigdefault(&how, &all);
  posix_spawnattr_setpgroup(&how, 0);
  posix_spawnattr_setflags(&how,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  auto words = pointers(command);
  auto rows = pointers(environment);
  const int error = posix_spawn(&pid, words[0], &files, &how, words.data(), rows.data());
  posix_spawnattr_destroy(&how);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

tl::unexpected<Error> not_started(const std::string& path, int error) {
  return fail(Exit::no, say("cannot start {}: {}", harmless(path), errno_text(error)), error);
}

std::string protocol_of(const Client& client) {
  auto name = std::string{net::name_of(client.transport)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return name;
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;      // the open one
  bool begun = false;  // a word, perhaps an empty one in quotes
  bool as_is = false;  // behind a backslash
  for (const char c : line) {
    if (as_is || (quote != 0 && c != quote && (c != '\\' || quote == '\''))) {
      word += c;
      as_is = false;
    } else if (c == '\\') {
      as_is = begun = true;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
      begun = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (begun) words.push_back(std::exchange(word, {}));
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (quote != 0 || as_is)
    return fail(Exit::bad_input,
                say("--exec: a quote is open at the end of \"{}\"", harmless(line)));
  if (begun) words.push_back(word);
  if (words.empty() || words[0].empty())
    return fail(Exit::bad_input, say("--exec needs a program: --exec \"/bin/cat -A\""));
  return words;
}

Result<std::string> find_program(const std::string& name) {
  const auto runs = [](const std::string& path) { return access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != name.npos) {
    if (runs(name)) return name;
    return fail(Exit::bad_input, say("cannot start {}: {}", harmless(name), errno_text(errno)));
  }
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    const auto folder = rest.substr(0, rest.find(':'));
    if (auto whole = fmt::format("{}/{}", folder.empty() ? "." : folder, name); runs(whole))
      return whole;
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
  }
  return fail(Exit::bad_input,
              say("no program \"{}\" in PATH: write its path, or --sh-exec for a shell's commands",
                  harmless(name)));
}

std::vector<std::string> environment_for(const Client& client) {
  std::vector<std::string> rows;
  for (char** row = environ; *row != nullptr; ++row) {
    const std::string_view text = *row;
    if (std::none_of(not_inherited.begin(), not_inherited.end(),
                     [&](const char* name) { return text.starts_with(name); }))
      rows.emplace_back(text);
  }
  const bool file = net::is_unix(client.transport);
  const auto add = [&](const char* end, const Endpoint& at, const std::string& path) {
    rows.push_back(
        fmt::format("NCAT_{}_ADDR={}", end, file ? path : to_string(at.address.unmapped())));
    rows.push_back(fmt::format("NCAT_{}_PORT={}", end, file ? "" : std::to_string(at.port)));
  };
  add("REMOTE", client.peer, client.unix_peer);
  add("LOCAL", client.local, client.unix_local);
  rows.push_back("NCAT_PROTO=" + protocol_of(client));
  return rows;
}

Programs::~Programs() { end_all({}); }

Result<Programs::Started> Programs::start(const Client& client) {
  const auto& path = command_.front();
  if (running_.size() >= most_) return fail(Exit::no, refusal_text(Refusal::full), EAGAIN);
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return not_started(path, errno);
  Started started{.pid = -1, .socket = Fd{ends[0]}};
  const Fd theirs{ends[1]};
  int on = 1;
  ioctl(ends[0], FIONBIO, &on);
  if (const int error = spawn(started.pid, theirs.get(), command_, environment_for(client));
      error != 0)
    return not_started(path, error);
  Running program{.watched = Fd{static_cast<int>(syscall(SYS_pidfd_open, started.pid, 0))},
                  .client = client};
  const pid_t pid = started.pid;
  const auto watched = program.watched.is_open() ? loop_.watch(program.watched.get(), EPOLLIN,
                                                               [this, pid](u32) { ended(pid); })
                                                 : Result<void>{fail(Exit::no, {}, errno)};
  if (!watched) {  // nobody would hear of its end
    kill(-pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return not_started(path, watched.error().number);
  }
  running_.emplace(pid, std::move(program));
  return started;
}

void Programs::ended(pid_t pid) {
  int status = 0;
  if (waitpid(pid, &status, WNOHANG) != pid) return;
  const auto program = running_.extract(pid);
  loop_.cancel(program.mapped().limit);
  loop_.forget(program.mapped().watched.get());
  audience_.program_ended(program.mapped().client, pid, status);
}

void Programs::ask_to_end(pid_t pid) {
  if (running_.contains(pid)) kill(-pid, SIGTERM);
}

void Programs::abandon(pid_t pid) {
  const auto program = running_.find(pid);
  if (program == running_.end() || program->second.limit != 0) return;
  kill(-pid, SIGTERM);
  program->second.limit = loop_.after(last_grace, [pid] { kill(-pid, SIGKILL); });
}

void Programs::wait_until(std::chrono::steady_clock::time_point end) {
  while (!running_.empty()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= 0ns) return;
    loop_.run_once(left);
  }
}

void Programs::end_all(std::chrono::nanoseconds most) {
  const auto now = std::chrono::steady_clock::now();
  wait_until(now + std::min<std::chrono::nanoseconds>(most, last_words));
  if (most > 0ns)
    for (const auto& [pid, program] : running_) kill(-pid, SIGTERM);
  wait_until(now + most);
  while (!running_.empty()) {
    const pid_t pid = running_.begin()->first;
    kill(-pid, SIGKILL);
    int status = 0;
    waitpid(pid, &status, 0);
    const auto program = running_.extract(pid);
    loop_.cancel(program.mapped().limit);
    loop_.forget(program.mapped().watched.get());
    audience_.program_ended(program.mapped().client, pid, status);
  }
}

}  // namespace trama::serve
