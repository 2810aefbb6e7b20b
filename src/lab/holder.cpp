#include "lab/holder.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/say.h"
#include "lab/addresses.h"
#include "net/rtnetlink.h"

namespace trama::lab {
namespace {

// The children of clone() have all of the lab's descriptors, and would keep its pipes open.
void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned next = 3;
  for (const int fd : kept) {
    const auto at = static_cast<unsigned>(fd);
    if (at > next) close_range(next, at - 1, 0);
    next = std::max(next, at + 1);
  }
  close_range(next, ~0U, 0);
  const int nothing = open("/dev/null", O_RDWR);
  if (nothing < 0) return;
  dup2(nothing, 0);
  dup2(nothing, 1);
  if (nothing > 2) close(nothing);
}

void answer_failure(int link, const Error& error) {
  send_parcel(link, std::string{static_cast<char>(Answer::failed)} + std::to_string(error.number) +
                        '\0' + error.sentence);
}

[[noreturn]] void give_up(int link, const Error& error) {
  answer_failure(link, error);
  _exit(1);
}

// Waits for the lab's word; without a lab there is nothing to do.
void await(int link) {
  if (!receive_parcel(link)) _exit(0);
}

// Writing fails in containers that mount /proc/sys read-only; then only addresses are missing.
void forbid_ipv6(std::string_view interface) {
  const std::string path = fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", interface);
  const Fd file{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (file.is_open() && write(file.get(), "1", 1) < 0) return;
}

Result<Fd> open_packet_socket(const std::string& interface) {
  Fd fd{socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  const int on = 1;
  setsockopt(fd.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
  setsockopt(fd.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  const int room = 8 * 1024 * 1024;  // the kernel grants what net.core.rmem_max allows
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (!fd.is_open() || bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return fail(Exit::no, say("cannot read the wire: {}", errno_text(errno)), errno);
  return fd;
}

Result<void> set_up_host(Host host, bool ipv6) {
  auto kernel = net::Rtnetlink::open();
  if (!kernel) return fail(kernel);
  const std::string name{interface_name};
  const Place& own = place_of(host);
  const Place& peer = place_of(other(host));
  if (!ipv6) forbid_ipv6(name);
  Result<void> done = kernel->set_up("lo");
  if (done) done = kernel->make_no_ipv6_address(name);
  if (done) done = net::turn_off_offloads(name);
  if (done) done = kernel->add_address(name, *parse_address(own.v4), own.prefix_v4);
  if (done) done = kernel->set_up(name);
  if (done) done = kernel->add_neighbour(name, *parse_address(peer.v4), peer.mac);
  if (done && ipv6) done = kernel->add_address(name, *parse_address(own.v6), own.prefix_v6);
  if (done && ipv6) done = kernel->add_neighbour(name, *parse_address(peer.v6), peer.mac);
  return done;
}

Result<void> make_cable(net::Rtnetlink& kernel, const std::string& name, net::Mac mac, Host host,
                        pid_t holder) {
  auto done =
      kernel.add_veth({name, mac}, {std::string{interface_name}, place_of(host).mac}, holder);
  forbid_ipv6(name);
  if (done) done = kernel.make_no_ipv6_address(name);
  if (done) done = kernel.set_up(name);
  return done;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find('\0');
    parts.emplace_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

[[noreturn]] void become(const std::vector<std::string>& fields, const std::vector<Fd>& fds) {
  setsid();  // Ctrl-C at the terminal is the lab's alone
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    signal(number, SIG_DFL);
  for (int i = 0; i < 3; ++i) dup2(fds[static_cast<std::size_t>(i)].get(), i);
  const auto count = static_cast<std::size_t>(std::atoi(fields[1].c_str()));
  std::vector<char*> arguments;
  for (std::size_t i = 0; i < count; ++i)
    arguments.push_back(const_cast<char*>(fields[2 + i].c_str()));
  arguments.push_back(nullptr);
  for (std::size_t i = 2 + count; i + 1 < fields.size(); i += 2)
    setenv(fields[i].c_str(), fields[i + 1].c_str(), 1);
  // argv[0] stays a name for people; the file of trama itself may have moved or be unreadable.
  const std::string_view name = fields[2];
  execvp(name == "trama" ? "/proc/self/exe" : arguments[0], arguments.data());
  const std::string sentence = fmt::format("trama: {}: {}\n", name, errno_text(errno));
  if (write(2, sentence.data(), sentence.size()) < 0) _exit(126);
  _exit(127);
}

class Programs {
 public:
  explicit Programs(int link) : link_(link) {}

  void obey(const Parcel& parcel) {
    const auto fields = split(std::string_view{parcel.bytes}.substr(1));
    const auto order = static_cast<Order>(parcel.bytes[0]);
    if (order == Order::start && fields.size() >= 3 && parcel.fds.size() == 3) {
      const pid_t pid = fork();
      if (pid == 0) become(fields, parcel.fds);
      if (pid > 0) running_[pid] = fields[0];
      if (pid < 0) tell_end(fields[0], 127 << 8);
    } else if (order == Order::signal && fields.size() == 2) {
      for (const auto& [pid, id] : running_)
        if (id == fields[0] && kill(-pid, std::atoi(fields[1].c_str())) != 0)
          kill(pid, std::atoi(fields[1].c_str()));  // it has no session of its own yet
    }
  }

  void reap() {
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
      if (const auto at = running_.find(pid); at != running_.end()) {
        tell_end(at->second, status);
        running_.erase(at);
      }
  }

 private:
  void tell_end(const std::string& id, int status) {
    send_parcel(link_,
                std::string{static_cast<char>(Answer::ended)} + id + '\0' + std::to_string(status));
  }
  int link_;
  std::map<pid_t, std::string> running_;  // and the id that the lab gave
};

// Obeys until the lab is gone. Init reaps the orphans of the whole lab here.
[[noreturn]] void serve_orders(int link) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  const Fd children{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
  Programs programs{link};
  for (;;) {
    pollfd ready[] = {
        {link,           POLLIN, 0},
        {children.get(), POLLIN, 0}
    };
    if (poll(ready, 2, -1) < 0 && errno != EINTR) _exit(1);
    if (ready[1].revents != 0) {
      signalfd_siginfo info{};
      while (read(children.get(), &info, sizeof info) > 0) {
      }
      programs.reap();
    }
    if (ready[0].revents == 0) continue;
    const auto parcel = receive_parcel(link);
    if (!parcel) _exit(0);
    programs.obey(*parcel);
  }
}

[[noreturn]] void live_as_holder(int link, Host host, bool ipv6) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  close_all_but({link});
  await(link);
  if (const auto done = set_up_host(host, ipv6); !done) give_up(link, done.error());
  const auto diag = host::open_diag();
  if (!diag) give_up(link, diag.error());
  const int fds[] = {diag->get()};
  send_parcel(link, std::string{static_cast<char>(Answer::ready)}, fds);
  serve_orders(link);
}

}  // namespace

pid_t clone_process(unsigned long new_namespaces) {
  return static_cast<pid_t>(
      syscall(SYS_clone, new_namespaces | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

std::string order_start(const Launch& launch) {
  std::string text{static_cast<char>(Order::start)};
  text += fmt::format("{}{}{}{}", launch.id, '\0', launch.arguments.size(), '\0');
  for (const auto& argument : launch.arguments) text.append(argument) += '\0';
  for (const auto& [name, value] : launch.environment)
    (text.append(name) += '\0').append(value) += '\0';
  return text;
}

std::string order_signal(u32 id, int number) {
  return fmt::format("{}{}{}{}", static_cast<char>(Order::signal), id, '\0', number);
}

void live_as_init(HolderEnds ends, bool ipv6) {
  setsid();
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) signal(number, SIG_IGN);
  close_all_but({ends.init, ends.client, ends.server});
  await(ends.init);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a change of rights would have cleared it: hence not earlier
  const pid_t client = clone_process(CLONE_NEWNET);
  if (client == 0) live_as_holder(ends.client, Host::client, ipv6);
  const int refused = errno;
  const pid_t server = client < 0 ? -1 : clone_process(CLONE_NEWNET);
  if (server == 0) live_as_holder(ends.server, Host::server, ipv6);
  if (server < 0) {
    const int number = client < 0 ? refused : errno;
    give_up(ends.init,
            {say("no network namespace for a host: {}", errno_text(number)), number, Exit::no});
  }
  close(ends.client);
  close(ends.server);
  auto kernel = net::Rtnetlink::open();
  if (!kernel) give_up(ends.init, kernel.error());
  auto done = make_cable(*kernel, "client", wire_client_mac, Host::client, client);
  if (done) done = make_cable(*kernel, "server", wire_server_mac, Host::server, server);
  if (!done) give_up(ends.init, done.error());
  const auto client_side = open_packet_socket("client");
  if (!client_side) give_up(ends.init, client_side.error());
  const auto server_side = open_packet_socket("server");
  if (!server_side) give_up(ends.init, server_side.error());
  const int fds[] = {client_side->get(), server_side->get()};
  send_parcel(ends.init, std::string{static_cast<char>(Answer::ready)}, fds);
  serve_orders(ends.init);
}

}  // namespace trama::lab
