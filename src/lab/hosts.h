// Two virtual hosts of this machine's own kernel: a user namespace in which the caller is root, a
// PID namespace that ends with the lab, and three network namespaces: client, wire, server. No
// right is needed where the system allows user namespaces. Make it before any thread exists.
// When a Hosts goes, every program and namespace of the lab is gone with it.
#pragma once
#include <sys/types.h>

#include <array>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "lab/frame.h"
#include "lab/holder.h"

namespace trama::lab {

struct ProgramEnd {
  u32 id = 0;
  int status = 0;  // as wait(2) tells it
};

class Hosts {
 public:
  // Errors: Exit::no_right where the system forbids user namespaces; the sentence names the
  // setting that forbids them and the command that allows them.
  static Result<Hosts> make(bool ipv6);
  Hosts(Hosts&& other) noexcept;
  Hosts& operator=(Hosts&& other) = delete;
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;
  ~Hosts();

  // The wire's end of a host's cable: an AF_PACKET socket, non-blocking, without its own frames.
  Fd take_packet_socket(Host host) { return std::move(side(host).packets); }
  // Asks that host's kernel for its sockets (host/socket_table.h).
  [[nodiscard]] int diag(Host host) const { return side(host).diag.get(); }
  // The process that holds the host's namespaces, for nsenter(1).
  [[nodiscard]] pid_t holder(Host host) const { return side(host).holder; }

  // Starts a program with the given standard descriptors, which stay the caller's. False where
  // the host is gone.
  bool start(Host host, const Launch& launch, std::array<int, 3> standard);
  void signal(Host host, u32 id, int number);
  // Readable when a program ended, or when the host itself is gone.
  [[nodiscard]] int news(Host host) const { return side(host).link.get(); }
  // The end that was told; nothing where the host is gone.
  std::optional<ProgramEnd> read_news(Host host);

 private:
  struct Side {
    Fd link, diag, packets;
    pid_t holder = 0;
  };
  Hosts() = default;
  Side& side(Host host) { return sides_[static_cast<u8>(host)]; }
  [[nodiscard]] const Side& side(Host host) const { return sides_[static_cast<u8>(host)]; }
  Result<void> set_up(bool own_users);

  pid_t init_ = -1;
  Fd init_link_;
  std::array<Side, 2> sides_;
};

// Why this system makes no namespaces for the caller, and what would change it. `number` is the
// errno that it answered.
Error forbidden(int number);

}  // namespace trama::lab
