// Waits for a peer instead of going to one, as netcat's -l: the first that comes is talked with;
// with `again` the next one after it, one at a time (or, where a program answers, each by a process
// of its own).
#pragma once
#include <functional>
#include <span>

#include "connect/run.h"
#include "connect/tls_channel.h"

namespace trama::connect {

struct Waiting {
  std::vector<Endpoint> places;  // or the request's path
  bool again = false;
  std::function<bool(const Endpoint&)> allows;  // nullptr: everybody
  u64 most = 0;                                 // peers at once; 0: no limit
  const TlsHost* tls = nullptr;                 // nullptr: plain text
};

// Opens the listening sockets, with the request's options, and does the work at them in a loop that
// hears Ctrl-C. Errors as of net::listen_at and net::listen_at_path, and the work's.
using AtDoors = std::function<Result<Exit>(const Run& run, std::vector<Fd> doors)>;
Result<Exit> at_open_doors(const Request& request, const Waiting& waiting, Audience& audience,
                           Journal& journal, const AtDoors& work);

// Exit::yes once the talk is over, however the peer ended it; other errors as of talk().
Result<Exit> await_and_talk(const Request& request, const Waiting& waiting, Audience& audience,
                            Journal& journal);

// Many at once: what anybody sends is written, what is read goes to all (standard input waits for
// the slowest). Streams only. Ends with --send-only's input, with Request::idle, by Ctrl-C.
Result<Exit> gather(const Request& request, const Waiting& waiting, Audience& audience,
                    Journal& journal);

// The same with datagrams: everybody's are written; what is read goes to who spoke last.
Result<Exit> gather_datagrams(const Request& request, const Waiting& waiting, Audience& audience,
                              Journal& journal);

}  // namespace trama::connect
