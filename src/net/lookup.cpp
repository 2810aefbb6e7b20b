#include "net/lookup.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/say.h"

namespace trama::net {

struct Lookups::Shared {
  struct Question {
    Ticket ticket;
    std::string host;
    u16 port;
  };
  struct Answer {
    Ticket ticket;
    Result<std::vector<Endpoint>> found;
  };
  std::mutex lock;
  std::deque<Question> questions;
  std::deque<Answer> answers;
  std::size_t threads = 0;
  bool closed = false;
  Fd wake;  // eventfd: answers are there

  // A thread's work: questions until there is none.
  void work() {
    std::unique_lock held{lock};
    while (!questions.empty() && !closed) {
      const Question question = std::move(questions.front());
      questions.pop_front();
      held.unlock();
      auto found = resolve(question.host, question.port);
      held.lock();
      answers.push_back({question.ticket, std::move(found)});
      const u64 one = 1;
      if (write(wake.get(), &one, sizeof one) < 0) break;  // it cannot be full
    }
    --threads;
  }
};

Result<std::unique_ptr<Lookups>> Lookups::make(Loop& loop) {
  auto shared = std::make_shared<Shared>();
  shared->wake = Fd{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!shared->wake.is_open())
    return fail(Exit::no, say("cannot watch a descriptor: {}", errno_text(errno)), errno);
  const int fd = shared->wake.get();
  std::unique_ptr<Lookups> lookups{
      new Lookups{loop, std::move(shared)}
  };
  const auto watched = loop.watch(fd, EPOLLIN, [l = lookups.get()](u32) { l->answer(); });
  if (!watched) return fail(watched);
  return lookups;
}

Lookups::Lookups(Loop& loop, std::shared_ptr<Shared> shared)
    : loop_(loop), shared_(std::move(shared)) {}

Lookups::~Lookups() {
  loop_.forget(shared_->wake.get());
  const std::lock_guard held{shared_->lock};
  shared_->closed = true;
}

Lookups::Ticket Lookups::ask(std::string host, u16 port, Found found) {
  if (asked_.size() >= most_waiting) return 0;
  const Ticket ticket = next_++;
  bool starts = false;
  {
    const std::lock_guard held{shared_->lock};
    shared_->questions.push_back({ticket, std::move(host), port});
    starts = shared_->threads < most_threads;
    if (starts) ++shared_->threads;
  }
  asked_.emplace(ticket, std::move(found));
  if (!starts) return ticket;
  sigset_t all, before;  // signals are the loop's
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread{[shared = shared_] { shared->work(); }}.detach();
  } catch (const std::system_error&) {  // no thread left: another one may take the question
    const std::lock_guard held{shared_->lock};
    if (--shared_->threads == 0) {
      shared_->questions.clear();
      shared_->answers.push_back({ticket, fail(Exit::no, errno_text(EAGAIN), EAGAIN)});
      const u64 one = 1;
      [[maybe_unused]] const auto woken = write(shared_->wake.get(), &one, sizeof one);
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ticket;
}

void Lookups::forget(Ticket ticket) {
  const auto asked = asked_.find(ticket);
  if (asked != asked_.end()) asked->second = nullptr;  // it counts until its thread is back
}

void Lookups::answer() {
  u64 count = 0;
  [[maybe_unused]] const auto n = read(shared_->wake.get(), &count, sizeof count);
  std::deque<Shared::Answer> answers;
  {
    const std::lock_guard held{shared_->lock};
    answers.swap(shared_->answers);
  }
  for (auto& answer : answers) {
    const auto asked = asked_.extract(answer.ticket);
    if (!asked.empty() && asked.mapped()) asked.mapped()(std::move(answer.found));
  }
}

}  // namespace trama::net
