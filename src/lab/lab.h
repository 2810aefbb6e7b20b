// The lab: two hosts, the wire that joins them, the programs in them, and what the kernel says of
// both ends of every frame. It runs one conversation and tells a Watcher, live, on one thread.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "lab/frame.h"
#include "lab/segment.h"
#include "lab/wire.h"

namespace trama::lab {

// Gets every frame where it was caught, in that order: what a capture file is written from.
struct FrameSink {
  virtual void on_frame(i64 time_ns, Host caught_at, Bytes frame) = 0;
  FrameSink() = default;
  FrameSink(const FrameSink&) = delete;
  FrameSink& operator=(const FrameSink&) = delete;

 protected:
  ~FrameSink() = default;
};

struct Options {
  WireRules wire;
  bool once = false;  // end when the client has ended and nothing is under way
  bool ipv6 = false;  // the hosts talk IPv6; else the kernel has none
  u16 tcp_port = 65432;
  u16 udp_port = 65431;
  std::string server_command, client_command;  // for /bin/sh -c; empty: trama's own
  FrameSink* capture = nullptr;                // the caller's
};

struct Started {
  Endpoint client, server;  // addresses; the server's port is the TCP one
  pid_t client_holder = 0, server_holder = 0;
  bool over_loopback = false;  // no namespaces: one host only, and frames only with CAP_NET_RAW
};

// One of trama's own calls, where the lab runs over loopback: what an end asked the kernel, and
// both ends after it. A state that the call passed through too fast to be read is told as implied.
struct Call {
  Host by = Host::client;
  std::string_view name;  // "connect", "send": never translated
  std::size_t bytes = 0;  // that it moved
  host::Transport transport = host::Transport::tcp;
  EndState client, server;
  host::TcpState client_implied = host::TcpState::none;
  host::TcpState server_implied = host::TcpState::none;
};

// Texts are other programs' own: make them harmless() before a terminal sees them.
struct Watcher {
  virtual void on_started(const Started&) {}
  // The frame waits now; its sender's state is known.
  virtual void on_frame_caught(const Frame&, const std::optional<Segment>&) {}
  // It was delivered (both states are known), or did not arrive, as `fate` says.
  virtual void on_frame_fate(const Frame&, const std::optional<Segment>&) {}
  virtual void on_call(const Call&) {}
  virtual void on_program_started(Host, std::string_view /*name*/) {}
  virtual void on_program_output(Host, std::string_view /*name*/, bool /*is_error*/,
                                 std::string_view /*text*/) {}
  virtual void on_program_ended(Host, std::string_view /*name*/, int /*exit status*/) {}
  // The client is done, the lab stays until it is interrupted.
  virtual void on_idle() {}
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;
};

struct Outcome {
  bool interrupted = false;
  int client_status = 0;  // of the last client that failed, 0 where all went well
  u64 caught = 0, delivered = 0, lost = 0;
  u64 crowded_out = 0;  // by the wire's own queue, by the kernel's, or refused by an interface
};

// Builds the lab, runs it, takes it down. All of it runs on one processor: on several, the kernel
// may hand two frames that one program sent to the wire in the wrong order. Call it before any
// thread exists. Errors: see Hosts::make; no server listens within 10 s; a program could not be
// started.
Result<Outcome> run_lab(const Options& options, Watcher& watcher);

// The same conversation over 127.0.0.1 by trama's own calls, `delay` apart, where namespaces are
// forbidden: no wire, no frames held. Frames are told only where the caller holds CAP_NET_RAW, and
// without states: those are the calls'. The ports are the kernel's choice where ours are taken.
Result<Outcome> run_over_loopback(const Options& options, Watcher& watcher);

}  // namespace trama::lab
