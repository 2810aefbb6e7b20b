#include "lab/programs.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "base/say.h"

namespace trama::lab {
namespace {

struct Pipe {
  Fd reads, writes;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  return {Fd{ends[0]}, Fd{ends[1]}};
}

int exit_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Programs::~Programs() {
  for (auto& [id, program] : running_)
    for (const Fd* pipe : {&program.output, &program.error})
      if (pipe->is_open()) loop_.forget(pipe->get());
  for (const Host host : {Host::client, Host::server})
    if (watched_[static_cast<u8>(host)]) loop_.forget(hosts_.news(host));
}

Result<void> Programs::open() {
  for (const Host host : {Host::client, Host::server}) {
    const auto watched =
        loop_.watch(hosts_.news(host), EPOLLIN, [this, host](u32) { on_news(host); });
    if (!watched) return fail(watched);
    watched_[static_cast<u8>(host)] = true;
  }
  return {};
}

Result<u32> Programs::start(const Plan& plan) {
  const u32 id = next_id_++;
  Pipe output = make_pipe();
  Pipe error = make_pipe();
  Pipe input;
  if (plan.input == Input::pipe)
    input = make_pipe();
  else if (plan.input == Input::own)
    input.reads = Fd{fcntl(0, F_DUPFD_CLOEXEC, 3)};
  if (!input.reads.is_open()) input.reads = Fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  if (!output.reads.is_open() || !error.reads.is_open() ||
      !hosts_.start(plan.host, {id, plan.arguments, plan.environment},
                    {input.reads.get(), output.writes.get(), error.writes.get()}))
    return fail(Exit::no, say("cannot start {} in the lab: {}", plan.name, errno_text(errno)),
                errno);
  for (const Fd* end : {&output.reads, &error.reads}) fcntl(end->get(), F_SETFL, O_NONBLOCK);
  if (input.writes.is_open()) fcntl(input.writes.get(), F_SETFL, O_NONBLOCK);
  Running& program = running_[id];
  program = {plan.host, plan.name, std::move(input.writes), std::move(output.reads),
             std::move(error.reads)};
  listen_to(id, program.output, false);
  listen_to(id, program.error, true);
  return id;
}

void Programs::listen_to(u32 id, const Fd& pipe, bool is_error) {
  const auto watched =
      loop_.watch(pipe.get(), EPOLLIN, [this, id, is_error](u32) { hear(id, is_error); });
  if (!watched) return;  // no room for one more descriptor: heard at its end only
}

// True while there is more to hear at once.
bool Programs::hear(u32 id, bool is_error) {
  const auto at = running_.find(id);
  if (at == running_.end()) return false;
  Fd& pipe = is_error ? at->second.error : at->second.output;
  char text[16384];
  const ssize_t n = pipe.is_open() ? read(pipe.get(), text, sizeof text) : 0;
  if (n < 0) return errno == EINTR;
  if (n == 0) {
    if (!pipe.is_open()) return false;
    loop_.forget(pipe.get());
    pipe.close();
    return false;
  }
  watcher_.on_output({id, at->second.host, at->second.name}, is_error,
                     {text, static_cast<std::size_t>(n)});
  return true;
}

void Programs::type(u32 id, std::string_view text) {
  const auto at = running_.find(id);
  if (at == running_.end() || !at->second.input.is_open()) return;
  if (write(at->second.input.get(), text.data(), text.size()) < 0) at->second.input.close();
}

void Programs::close_input(u32 id) {
  if (const auto at = running_.find(id); at != running_.end()) at->second.input.close();
}

void Programs::signal_all(int number) {
  for (const auto& [id, program] : running_) hosts_.signal(program.host, id, number);
}

void Programs::on_news(Host host) {
  const auto end = hosts_.read_news(host);
  if (!end) {
    loop_.forget(hosts_.news(host));
    watched_[static_cast<u8>(host)] = false;
    watcher_.on_host_gone(host);
    return;
  }
  // What it printed last comes before its end; what its own children still hold open is let go.
  for (unsigned reads = 0; reads < 256 && hear(end->id, false); ++reads) {
  }
  for (unsigned reads = 0; reads < 256 && hear(end->id, true); ++reads) {
  }
  const auto at = running_.find(end->id);
  if (at == running_.end()) return;
  const Running program = std::move(at->second);
  running_.erase(at);
  for (const Fd* pipe : {&program.output, &program.error})
    if (pipe->is_open()) loop_.forget(pipe->get());
  watcher_.on_ended({end->id, program.host, program.name}, exit_status(end->status));
}

}  // namespace trama::lab
