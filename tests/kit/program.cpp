#include "kit/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trama::tests {
namespace {

void make_pipe(Fd& read_end, Fd& write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  read_end = Fd{ends[0]};
  write_end = Fd{ends[1]};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Program::Program(std::vector<std::string> command, std::vector<std::string> environment)
    : command_(std::move(command)) {
  std::signal(SIGPIPE, SIG_IGN);
  environment.emplace_back("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  bool locale = false;
  for (const auto& row : environment)
    locale = locale || row.starts_with("LC_ALL=") || row.starts_with("LANG=");
  if (!locale) environment.emplace_back("LC_ALL=C.UTF-8");
  Fd in;
  Fd out;
  Fd err;
  make_pipe(in, input_);
  make_pipe(out_.fd, out);
  make_pipe(err_.fd, err);
  auto argv = pointers(command_);
  auto envp = pointers(environment);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in.get(), 0);
    dup2(out.get(), 1);
    dup2(err.get(), 2);
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
}

Program::~Program() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Program::type(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(input_.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // it ended: what it printed tells more
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void Program::close_input() { input_.close(); }

bool Program::read_some(std::chrono::steady_clock::time_point deadline) {
  Stream* streams[] = {&out_, &err_};
  pollfd ready[2];
  for (int i = 0; i < 2; ++i) ready[i] = {streams[i]->fd.get(), POLLIN, 0};
  if (!out_.fd.is_open() && !err_.fd.is_open()) return false;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0 || poll(ready, 2, static_cast<int>(left.count())) <= 0) return false;
  for (int i = 0; i < 2; ++i) {
    if (ready[i].revents == 0) continue;
    char bytes[65536];
    const ssize_t n = read(streams[i]->fd.get(), bytes, sizeof bytes);
    if (n > 0)
      streams[i]->text.append(bytes, static_cast<std::size_t>(n));
    else
      streams[i]->fd.close();
  }
  return true;
}

std::string Program::wait_in(Stream& stream, std::string_view text,
                             std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (const auto at = stream.text.find(text, stream.seen); at != std::string::npos) {
      stream.seen = at + text.size();
      return stream.text;
    }
    if (!stream.fd.is_open() || !read_some(deadline)) {
      ADD_FAILURE() << command_[0] << " never printed \"" << text << "\"; it printed:\n"
                    << out_.text << "\nand on standard error:\n"
                    << err_.text;
      return stream.text;
    }
  }
}

std::string Program::wait_for(std::string_view text, std::chrono::milliseconds limit) {
  return wait_in(out_, text, limit);
}

std::string Program::wait_for_error(std::string_view text, std::chrono::milliseconds limit) {
  return wait_in(err_, text, limit);
}

void Program::signal(int number) const { kill(pid_, number); }

Ended Program::wait(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (read_some(deadline)) {
  }
  int status = 0;
  if (out_.fd.is_open() || err_.fd.is_open()) {  // the deadline came first
    ADD_FAILURE() << command_[0] << " did not end; it printed:\n" << out_.text << err_.text;
    kill(pid_, SIGKILL);
  }
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return {exit_status(status), out_.text, err_.text};
}

std::vector<std::string> trama(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{std::string{TRAMA_BINARY}};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Ended run(std::vector<std::string> command, std::string_view input,
          std::vector<std::string> environment) {
  Program program{std::move(command), std::move(environment)};
  program.type(input);
  program.close_input();
  return program.wait();
}

unsigned short port_in(std::string_view text, std::string_view after) {
  auto at = text.find(after);
  if (at == text.npos) return 0;
  at = std::min(text.find("127.0.0.1:", at), text.find("[::1]:", at));
  if (at == text.npos) return 0;
  at = text.find(':', text[at] == '[' ? text.find(']', at) : at) + 1;
  unsigned short port = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), port);
  return port;
}

std::string source(std::string_view relative) {
  return std::string{TRAMA_SOURCES "/"}.append(relative);
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "trama-test-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::path(std::string_view name) const {
  return name.empty() ? path_ : path_ + "/" + std::string{name};
}

}  // namespace trama::tests
