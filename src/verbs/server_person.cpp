#include "verbs/server_person.h"

#include <sys/epoll.h>
#include <unistd.h>

namespace trama {
namespace {

constexpr std::size_t most_typed = std::size_t{16} * 1024;  // bytes at once

// A shell's background job that reads the terminal would be stopped (SIGTTIN).
bool may_read() { return isatty(0) == 0 || tcgetpgrp(0) == getpgrp(); }

}  // namespace

ServerPerson::ServerPerson(net::Loop& loop, serve::Server& server, const serve::Mode& mode,
                           bool crlf)
    : server_(server), mode_(mode), in_(0, crlf), interest_(loop, 0, [this](u32) { read(); }) {
  if (may_read()) interest_.want(EPOLLIN);
}

void ServerPerson::read() {
  if (!may_read() || !in_.read_up_to(bytes_, most_typed)) return interest_.want(0);
  std::string_view text{reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  if (mode_.person_says == nullptr) return server_.send_to_all(serve::SharedText{{bytes_}});
  while (!text.empty()) {
    const auto end = text.find('\n');
    say(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
}

void ServerPerson::say(std::string_view line) {
  const auto text = mode_.person_says(line);
  const Bytes bytes{reinterpret_cast<const u8*>(text.data()), text.size()};
  server_.send_to_all(serve::SharedText{{bytes}});
}

}  // namespace trama
