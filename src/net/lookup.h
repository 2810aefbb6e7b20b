// Names looked up while a loop goes on: the system's resolver blocks, so that it works in threads
// of its own, few at a time; answers come on the loop.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/loop.h"
#include "net/resolve.h"

namespace trama::net {

class Lookups {
 public:
  using Found = std::function<void(Result<std::vector<Endpoint>>)>;
  using Ticket = u64;

  static constexpr std::size_t most_threads = 8;
  static constexpr std::size_t most_waiting = 1024;  // asked, and not answered yet

  // Error (Exit::no): the kernel gives no descriptor.
  static Result<std::unique_ptr<Lookups>> make(Loop& loop);
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;
  ~Lookups();  // threads that still wait for a name server end by themselves, and are heard no more

  // As net::resolve(). Never calls back at once. 0: too many wait already; there is no call.
  Ticket ask(std::string host, u16 port, Found found);
  void forget(Ticket ticket);  // its answer is thrown away

 private:
  struct Shared;
  Lookups(Loop& loop, std::shared_ptr<Shared> shared);
  void answer();

  Loop& loop_;
  std::shared_ptr<Shared> shared_;
  std::unordered_map<Ticket, Found> asked_;
  Ticket next_ = 1;
};

}  // namespace trama::net
