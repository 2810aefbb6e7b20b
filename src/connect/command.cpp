#include "connect/command.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/say.h"
#include "net/socket.h"

namespace trama::connect {
namespace {

// In the new process: never returns.
[[noreturn]] void become(const std::vector<std::string>& words,
                         const std::vector<std::string>& surroundings, int socket) {
  dup2(socket, 0);
  dup2(socket, 1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  for (const auto& row : surroundings) putenv(const_cast<char*>(row.c_str()));
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  if (!words.empty()) execvp(arguments[0], arguments.data());
  std::perror("exec");
  _exit(127);
}

}  // namespace

std::vector<std::string> surroundings_of(int socket, Transport transport) {
  const auto peer = net::peer_of(socket);
  const auto local = net::local_of(socket);
  return {"NCAT_REMOTE_ADDR=" + to_string(peer.address),
          "NCAT_REMOTE_PORT=" + std::to_string(peer.port),
          "NCAT_LOCAL_ADDR=" + to_string(local.address),
          "NCAT_LOCAL_PORT=" + std::to_string(local.port),
          std::string{"NCAT_PROTO="} + (transport == Transport::tcp ? "TCP" : "UDP")};
}

Result<Fd> start(const Command& command, const std::vector<std::string>& surroundings) {
  const auto words = command.shell ? std::vector<std::string>{"/bin/sh", "-c", command.words}
                                   : split_words(command.words);
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(Exit::no, say("no socket: {}", errno_text(errno)), errno);
  Fd ours{ends[0]};
  const Fd its{ends[1]};
  std::signal(SIGCHLD, SIG_IGN);  // nobody waits for it
  const pid_t child = fork();
  if (child < 0)
    return fail(Exit::no, say("no process can be started: {}", errno_text(errno)), errno);
  if (child == 0) {
    std::signal(SIGCHLD, SIG_DFL);
    become(words, surroundings, its.get());
  }
  return ours;
}

std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;  // a word has begun
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      word += line[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t') {
      if (std::exchange(open, false)) words.push_back(std::exchange(word, {}));
    } else {
      word += c;
      open = true;
    }
  }
  if (open) words.push_back(std::move(word));
  return words;
}

}  // namespace trama::connect
