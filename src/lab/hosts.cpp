#include "lab/hosts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string>

#include "base/say.h"

namespace trama::lab {
namespace {

constexpr timeval patience{10, 0};  // for what takes milliseconds; a machine may be busy

std::string content(const char* path) {
  const Fd file{open(path, O_RDONLY | O_CLOEXEC)};
  char text[4096];
  const ssize_t n = file.is_open() ? read(file.get(), text, sizeof text) : -1;
  return {text, n > 0 ? static_cast<std::size_t>(n) : 0};
}

bool write_file(const std::string& path, std::string_view text) {
  const Fd file{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  return file.is_open() && write(file.get(), text.data(), text.size()) == std::ssize(text);
}

// Root keeps all its users, so that programs in the lab may read everybody's files as before.
std::string all_users(const char* map) {
  std::string lines;
  unsigned long first = 0;
  unsigned long outside = 0;
  unsigned long count = 0;
  const std::string text = content(map);
  for (const char* at = text.c_str();
       std::sscanf(at, "%lu %lu %lu", &first, &outside, &count) == 3;) {
    lines += fmt::format("{} {} {}\n", first, first, count);
    const auto* end = std::char_traits<char>::find(at, std::char_traits<char>::length(at), '\n');
    if (end == nullptr) break;
    at = end + 1;
  }
  return lines;
}

// The caller becomes 0 (user_namespaces(7): groups may be mapped once setgroups is denied).
Result<void> map_users(pid_t init) {
  const std::string folder = fmt::format("/proc/{}", init);
  const bool root = geteuid() == 0;
  const bool users = (root && write_file(folder + "/uid_map", all_users("/proc/self/uid_map"))) ||
                     write_file(folder + "/uid_map", fmt::format("0 {} 1", geteuid()));
  if (!users) return fail(Exit::no_right, "", errno);
  if (root && write_file(folder + "/gid_map", all_users("/proc/self/gid_map"))) return {};
  write_file(folder + "/setgroups", "deny");
  if (!write_file(folder + "/gid_map", fmt::format("0 {} 1", getegid())))
    return fail(Exit::no_right, "", errno);
  return {};
}

Error error_in(const Parcel& parcel) {
  int number = 0;
  const std::string_view rest = std::string_view{parcel.bytes}.substr(1);
  const auto end = rest.find('\0');
  std::from_chars(rest.data(), rest.data() + std::min(end, rest.size()), number);
  if (number == EPERM || number == EACCES) return forbidden(number);
  return {std::string{end == rest.npos ? rest : rest.substr(end + 1)}, number, Exit::no};
}

Result<Parcel> await_ready(int link) {
  errno = 0;
  auto parcel = receive_parcel(link);
  if (!parcel)
    return fail(Exit::no, say("the lab's hosts did not come up: {}", errno_text(errno)), errno);
  if (static_cast<Answer>(parcel->bytes[0]) != Answer::ready)
    return tl::make_unexpected(error_in(*parcel));
  return std::move(*parcel);
}

}  // namespace

Error forbidden(int number) {
  const auto is = [](const char* path, std::string_view value) {
    return content(path).starts_with(value);
  };
  std::string setting;
  if (is("/proc/sys/user/max_user_namespaces", "0\n"))
    setting = "user.max_user_namespaces=10000";
  else if (is("/proc/sys/user/max_net_namespaces", "0\n"))
    setting = "user.max_net_namespaces=10000";
  else if (is("/proc/sys/user/max_pid_namespaces", "0\n"))
    setting = "user.max_pid_namespaces=10000";
  else if (is("/proc/sys/kernel/unprivileged_userns_clone", "0"))
    setting = "kernel.unprivileged_userns_clone=1";
  else if (is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
    setting = "kernel.apparmor_restrict_unprivileged_userns=0";
  if (setting.empty())
    return {say("this system lets nobody make namespaces here ({}): a container's seccomp or "
                "AppArmor profile forbids it, and only who starts the container can allow it",
                errno_text(number)),
            number, Exit::no_right};
  return {say("{} forbids the lab's namespaces; this allows them: sudo sysctl -w {}",
              setting.substr(0, setting.find('=')), setting),
          number, Exit::no_right};
}

Hosts::Hosts(Hosts&& other) noexcept
    : init_(std::exchange(other.init_, -1)),
      init_link_(std::move(other.init_link_)),
      sides_(std::move(other.sides_)) {}

Hosts::~Hosts() {
  if (init_ <= 0) return;
  kill(init_, SIGKILL);  // the kernel kills all of its PID namespace, and waits for it
  while (waitpid(init_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<Hosts> Hosts::make(bool ipv6) {
  Hosts hosts;
  ParcelEnds init = make_parcel_ends();
  ParcelEnds client = make_parcel_ends();
  ParcelEnds server = make_parcel_ends();
  if (!init.here.is_open() || !client.here.is_open() || !server.here.is_open())
    return fail(Exit::no, say("the lab's hosts did not come up: {}", errno_text(errno)), errno);
  const HolderEnds there{init.there.get(), client.there.get(), server.there.get()};
  constexpr unsigned long inner = CLONE_NEWPID | CLONE_NEWNET;
  bool own_users = true;
  hosts.init_ = clone_process(CLONE_NEWUSER | inner);
  if (hosts.init_ < 0) {
    const int number = errno;
    own_users = false;
    hosts.init_ = clone_process(inner);  // root may, where user namespaces are forbidden
    if (hosts.init_ < 0) return tl::make_unexpected(forbidden(number));
  }
  if (hosts.init_ == 0) live_as_init(there, ipv6);
  hosts.init_link_ = std::move(init.here);
  hosts.side(Host::client).link = std::move(client.here);
  hosts.side(Host::server).link = std::move(server.here);
  init.there.close();
  client.there.close();
  server.there.close();
  if (const auto done = hosts.set_up(own_users); !done) return fail(done);
  return hosts;
}

Result<void> Hosts::set_up(bool own_users) {
  for (const int link : {init_link_.get(), news(Host::client), news(Host::server)})
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (own_users)
    if (const auto mapped = map_users(init_); !mapped)
      return tl::make_unexpected(forbidden(mapped.error().number));
  const std::string set_up{static_cast<char>(Order::set_up)};
  send_parcel(init_link_.get(), set_up);
  auto wire = await_ready(init_link_.get());
  if (!wire) return fail(wire);
  if (wire->fds.size() == 2)
    for (const Host host : {Host::client, Host::server})
      side(host).packets = std::move(wire->fds[static_cast<u8>(host)]);
  for (const Host host : {Host::client, Host::server}) send_parcel(news(host), set_up);
  for (const Host host : {Host::client, Host::server}) {
    auto ready = await_ready(news(host));
    if (!ready) return fail(ready);
    if (ready->fds.size() == 1) side(host).diag = std::move(ready->fds[0]);
    side(host).holder = ready->sender;
  }
  return {};
}

bool Hosts::start(Host host, const Launch& launch, std::array<int, 3> standard) {
  return send_parcel(news(host), order_start(launch), standard);
}

void Hosts::signal(Host host, u32 id, int number) {
  send_parcel(news(host), order_signal(id, number));
}

std::optional<ProgramEnd> Hosts::read_news(Host host) {
  const auto parcel = receive_parcel(news(host));
  if (!parcel || static_cast<Answer>(parcel->bytes[0]) != Answer::ended) return {};
  ProgramEnd end;
  const std::string_view rest = std::string_view{parcel->bytes}.substr(1);
  const auto middle = std::min(rest.find('\0'), rest.size() - 1);
  std::from_chars(rest.data(), rest.data() + middle, end.id);
  std::from_chars(rest.data() + middle + 1, rest.data() + rest.size(), end.status);
  return end;
}

}  // namespace trama::lab
