// The programs that run in the lab's hosts: started through the hosts' holders, heard through
// pipes, told about when they end. Owns the pipes; the hosts own the processes.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lab/hosts.h"
#include "net/loop.h"

namespace trama::lab {

enum class Input : u8 { nothing, pipe, own };  // own: the lab's standard input

struct Plan {
  Host host = Host::client;
  std::string name;  // for people: "trama serve", or the command itself
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  Input input = Input::nothing;
};

struct Told {  // who it is about
  u32 id = 0;
  Host host = Host::client;
  std::string_view name;
};

struct ProgramsWatcher {
  virtual void on_output(const Told& program, bool is_error, std::string_view text) = 0;
  // `status` is an exit status; 128 + the signal's number where one ended the program.
  virtual void on_ended(const Told& program, int status) = 0;
  virtual void on_host_gone(Host host) = 0;
  ProgramsWatcher() = default;
  ProgramsWatcher(const ProgramsWatcher&) = delete;
  ProgramsWatcher& operator=(const ProgramsWatcher&) = delete;

 protected:
  ~ProgramsWatcher() = default;
};

class Programs {
 public:
  Programs(net::Loop& loop, Hosts& hosts, ProgramsWatcher& watcher)
      : loop_(loop), hosts_(hosts), watcher_(watcher) {}
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;
  ~Programs();

  Result<void> open();

  // The program's id, never reused.
  Result<u32> start(const Plan& plan);
  void type(u32 id, std::string_view text);  // into its pipe
  void close_input(u32 id);
  void signal_all(int number);
  [[nodiscard]] std::size_t running() const { return running_.size(); }
  [[nodiscard]] bool runs(u32 id) const { return running_.contains(id); }

 private:
  struct Running {
    Host host;
    std::string name;
    Fd input, output, error;
  };
  void listen_to(u32 id, const Fd& pipe, bool is_error);
  bool hear(u32 id, bool is_error);
  void on_news(Host host);

  net::Loop& loop_;
  Hosts& hosts_;
  ProgramsWatcher& watcher_;
  std::map<u32, Running> running_;
  u32 next_id_ = 1;
  bool watched_[2] = {};
};

}  // namespace trama::lab
