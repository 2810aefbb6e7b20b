#include "lab/lab.h"

#include <sched.h>

#include <algorithm>
#include <csignal>

#include "base/say.h"
#include "lab/addresses.h"
#include "lab/hosts.h"
#include "lab/listeners.h"
#include "lab/programs.h"
#include "lab/script.h"
#include "lab/states.h"
#include "lab/stepper.h"

namespace trama::lab {
namespace {

using namespace std::chrono_literals;
using Clock = net::Loop::Clock;

constexpr auto listener_poll = 10ms;
constexpr auto listener_patience = 10s;
constexpr auto end_poll = 20ms;
constexpr auto farewell = 300ms;  // for programs to say their last words after SIGTERM

constexpr std::string_view message = "Hello, world";

std::string milliseconds(Clock::duration time) {
  return fmt::format("{}ms", std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

class Lab final : WireWatcher, ProgramsWatcher {
 public:
  Lab(const Options& options, Watcher& watcher, Hosts hosts, std::unique_ptr<net::Loop> loop)
      : options_(options),
        watcher_(watcher),
        hosts_(std::move(hosts)),
        loop_(std::move(loop)),
        states_(hosts_.diag(Host::client), hosts_.diag(Host::server)),
        wire_(*loop_, hosts_.take_packet_socket(Host::client),
              hosts_.take_packet_socket(Host::server), options.wire, *this),
        programs_(*loop_, hosts_, *this) {}

  Result<Outcome> run();

 private:
  // WireWatcher
  void on_caught(Frame& frame) override;
  void before_delivery(Frame& frame) override;
  void on_fate(Frame& frame) override;
  // ProgramsWatcher
  void on_output(const Told& program, bool is_error, std::string_view text) override;
  void on_ended(const Told& program, int status) override;
  void on_host_gone(Host host) override;

  Result<void> begin();
  [[nodiscard]] Plan own_program(Host host, std::vector<std::string> arguments) const;
  [[nodiscard]] Plan command(Host host, const std::string& text, u16 port) const;
  void await_listener();
  void start_client(const Listeners& listeners);
  void await_end();
  [[nodiscard]] bool is_quiet() const;
  [[nodiscard]] bool is_over() const;
  void finish();
  void fail_with(Error error);

  const Options& options_;
  Watcher& watcher_;
  Hosts hosts_;
  std::unique_ptr<net::Loop> loop_;
  States states_;
  Wire wire_;
  Programs programs_;
  std::unique_ptr<Script> script_;
  std::unique_ptr<Stepper> stepper_;
  Endpoint server_;
  u32 server_id_ = 0;
  bool client_done_ = false;
  bool finishing_ = false;
  Clock::time_point began_ = Clock::now(), last_frame_ = Clock::now();
  EndState before_;  // the receiver's, of the frame that is being delivered
  Outcome outcome_;
  std::optional<Error> failure_;
};

Result<Outcome> Lab::run() {
  const auto signals = loop_->on_signals({SIGINT, SIGTERM, SIGHUP}, [this](int) {
    outcome_.interrupted = true;
    finish();
  });
  if (!signals) return fail(signals);
  if (const auto open = wire_.open(); !open) return fail(open);
  if (const auto open = programs_.open(); !open) return fail(open);
  if (const auto begun = begin(); !begun) return fail(begun);
  loop_->run();
  if (failure_) return tl::make_unexpected(*failure_);
  if (script_) outcome_.client_status = script_->status();
  outcome_.caught = wire_.count(Fate::waiting);
  outcome_.delivered = wire_.count(Fate::delivered);
  outcome_.lost = wire_.count(Fate::lost);
  outcome_.crowded_out =
      wire_.count(Fate::crowded_out) + wire_.count(Fate::refused) + wire_.overrun();
  return outcome_;
}

Result<void> Lab::begin() {
  const auto address = [&](const Place& place) {
    return *parse_address(options_.ipv6 ? place.v6 : place.v4);
  };
  server_ = {address(server_place), options_.tcp_port};
  watcher_.on_started({.client = {address(client_place)},
                       .server = server_,
                       .client_holder = hosts_.holder(Host::client),
                       .server_holder = hosts_.holder(Host::server)});
  if (options_.wire.step) stepper_ = std::make_unique<Stepper>(*loop_, wire_);
  const Plan plan =
      options_.server_command.empty()
          ? own_program(Host::server,
                        {"serve", "tcp", to_string(server_), "udp",
                         to_string(Endpoint{server_.address, options_.udp_port}), "--quiet",
                         // Late enough that the ACK of the client's FIN is seen on its own.
                         "--close-after", milliseconds(2 * options_.wire.delay + 250ms)})
          : command(Host::server, options_.server_command, options_.tcp_port);
  const auto started = programs_.start(plan);
  if (!started) return fail(started);
  server_id_ = *started;
  watcher_.on_program_started(plan.host, plan.name);
  await_listener();
  return {};
}

// trama runs itself, and speaks in there as it does out here.
Plan Lab::own_program(Host host, std::vector<std::string> arguments) const {
  std::string name = "trama " + arguments[0];
  arguments.insert(arguments.begin(), "trama");
  arguments.emplace_back("--lang");
  arguments.emplace_back(spoken() == Language::portuguese ? "pt_BR" : "en");
  return {host, std::move(name), std::move(arguments), {}, Input::nothing};
}

Plan Lab::command(Host host, const std::string& text, u16 port) const {
  // Python holds back what it prints into a pipe, and nobody would see it live.
  return {
      host,
      text,
      {"/bin/sh",                                    "-c", text},
      {{"TRAMA_SERVER", to_string(server_.address)},
        {"TRAMA_PORT", std::to_string(port)},
        {"PYTHONUNBUFFERED", "1"}                               },
      host == Host::client && !options_.wire.step ? Input::own : Input::nothing
  };
}

void Lab::await_listener() {
  if (finishing_) return;
  const auto sockets = host::list_sockets(hosts_.diag(Host::server));
  if (!sockets) return fail_with(sockets.error());
  const Listeners found = listeners_in(*sockets, options_.tcp_port, options_.udp_port);
  // trama's own server opens both; of any other program the first one counts.
  const bool enough =
      options_.server_command.empty() ? found.tcp && found.udp : found.tcp || found.udp;
  if (enough) return start_client(found);
  if (!programs_.runs(server_id_))
    return fail_with({say("the server ended before it listened on any port"), 0, Exit::no});
  if (Clock::now() - began_ > listener_patience)
    return fail_with(
        {say("no program listens in the server's host after 10 s; is it bound to 127.0.0.1? "
             "$TRAMA_SERVER has the address that the client can reach"),
         0, Exit::no});
  loop_->after(listener_poll, [this] { await_listener(); });
}

void Lab::start_client(const Listeners& listeners) {
  std::vector<Step> steps;
  const std::string server = to_string(server_.address);
  if (!options_.client_command.empty()) {
    steps.push_back({command(Host::client, options_.client_command,
                             listeners.tcp ? *listeners.tcp : *listeners.udp),
                     {}});
  } else {
    const auto step = [&](std::vector<std::string> arguments, u16 port) {
      arguments.insert(arguments.end(), {server, std::to_string(port)});
      Plan plan = own_program(Host::client, std::move(arguments));
      plan.input = Input::pipe;
      steps.push_back({std::move(plan), std::string{message}});
    };
    if (listeners.tcp) step({"connect"}, *listeners.tcp);
    if (listeners.udp) step({"connect", "-u", "-q", "100ms"}, *listeners.udp);
  }
  script_ = std::make_unique<Script>(*loop_, programs_, std::move(steps),
                                     2 * options_.wire.delay + 1s, [this] { return is_quiet(); });
  watcher_.on_program_started(Host::client, options_.client_command.empty()
                                                ? std::string_view{"trama connect"}
                                                : options_.client_command);
  if (const auto begun = script_->begin(); !begun) fail_with(begun.error());
}

void Lab::on_caught(Frame& frame) {
  last_frame_ = Clock::now();
  const auto segment = segment_of(frame.bytes);
  if (segment) frame.sender = states_.read(frame.from, *segment, frame.from);
  if (options_.capture != nullptr)
    options_.capture->on_frame(frame.caught_ns, frame.from, frame.bytes);
  watcher_.on_frame_caught(frame, segment);
  if (stepper_) stepper_->frame_waits();
}

void Lab::before_delivery(Frame& frame) {
  const auto segment = segment_of(frame.bytes);
  before_ = segment ? states_.read(other(frame.from), *segment, frame.from) : EndState{};
}

void Lab::on_fate(Frame& frame) {
  last_frame_ = Clock::now();
  const auto segment = segment_of(frame.bytes);
  if (segment && frame.fate == Fate::delivered)
    frame.receiver = states_.read_after(other(frame.from), *segment, before_);
  watcher_.on_frame_fate(frame, segment);
}

void Lab::on_output(const Told& program, bool is_error, std::string_view text) {
  watcher_.on_program_output(program.host, program.name, is_error, text);
  if (script_ && !is_error) script_->on_output(program.id, text.size());
}

void Lab::on_ended(const Told& program, int status) {
  watcher_.on_program_ended(program.host, program.name, status);
  if (finishing_) {
    if (programs_.running() == 0) loop_->stop();
    return;
  }
  if (!script_ || client_done_) return;
  if (const auto next = script_->on_ended(program.id, status); !next)
    return fail_with(next.error());
  if (!script_->is_done()) return;
  client_done_ = true;
  if (options_.once)
    await_end();
  else
    watcher_.on_idle();
}

void Lab::on_host_gone(Host) {
  if (!finishing_) fail_with({say("a host of the lab ended: its process was killed"), 0, Exit::no});
}

void Lab::await_end() {
  if (finishing_) return;
  if (is_over()) return finish();
  loop_->after(end_poll, [this] { await_end(); });
}

// Nothing is on the wire, and no kernel has bytes that it would send again.
bool Lab::is_quiet() const {
  if (wire_.waiting() != 0) return false;
  for (const Host host : {Host::client, Host::server}) {
    const auto sockets = host::list_sockets(hosts_.diag(host), {.transport = host::Transport::tcp});
    for (const host::Socket& socket : sockets.value_or(std::vector<host::Socket>{}))
      if (socket.state != host::TcpState::listen && socket.send_queue != 0) return false;
  }
  return true;
}

// Nothing is on the wire, and neither kernel is about to send: the client's program may have ended
// long before its connection did.
bool Lab::is_over() const {
  if (wire_.waiting() != 0) return false;
  const auto silence = Clock::now() - last_frame_;
  bool open = false;
  bool ending = false;
  for (const Host host : {Host::client, Host::server}) {
    const auto sockets = host::list_sockets(hosts_.diag(host), {.transport = host::Transport::tcp});
    for (const host::Socket& socket : sockets.value_or(std::vector<host::Socket>{})) {
      using enum host::TcpState;
      if (socket.local.address.unmapped().is_loopback()) continue;
      open = open || socket.state == established;
      ending = ending || (socket.state != established && socket.state != listen &&
                          socket.state != time_wait && socket.state != closed);
    }
  }
  // An acknowledgement may be delayed by 200 ms (RFC 9293 section 3.8.6.3 allows 500); a peer that
  // never closes is not waited for for ever.
  return silence > (ending ? 3s + 2 * options_.wire.delay : open ? 250ms : 50ms);
}

void Lab::finish() {
  if (finishing_) return loop_->stop();
  finishing_ = true;
  if (programs_.running() == 0) return loop_->stop();
  programs_.signal_all(SIGTERM);
  loop_->after(farewell, [this] { loop_->stop(); });
}

void Lab::fail_with(Error error) {
  if (!failure_) failure_ = std::move(error);
  finish();
}

}  // namespace

Result<Outcome> run_lab(const Options& options, Watcher& watcher) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(std::max(0, sched_getcpu())), &one);
  sched_setaffinity(0, sizeof one, &one);  // where it is refused, order is merely likely
  auto hosts = Hosts::make(options.ipv6);
  if (!hosts) return fail(hosts);
  auto loop = net::Loop::make();
  if (!loop) return fail(loop);
  Lab lab{options, watcher, std::move(*hosts), std::move(*loop)};
  return lab.run();
}

}  // namespace trama::lab
