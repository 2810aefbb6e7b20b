// The process that keeps a namespace alive. The first one is the lab's init: it ends with the lab
// and takes everything with it; it makes the wire, and the holders of both hosts. A holder sets
// its host up, hands over a socket that asks that host's kernel, and starts programs there.
// These functions run in processes made by clone() and never return.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lab/frame.h"
#include "lab/parcel.h"

namespace trama::lab {

// What the lab asks of a holder, and what it answers. One letter, then the fields.
enum class Order : char {
  set_up = 's',  // init: after its users are mapped. Holder: after the cable is there
  start = 'r',   // a program, with its three descriptors
  signal = 'k',  // to a program and all that it started
};
enum class Answer : char {
  ready = 'R',   // with the descriptors that the order brings
  failed = 'F',  // an errno and a sentence
  started = 'S',
  ended = 'E',  // a program, with its wait status
};

struct Launch {
  u32 id = 0;  // chosen by the lab
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // added to the lab's own
};

std::string order_start(const Launch& launch);
std::string order_signal(u32 id, int number);

struct HolderEnds {
  int init, client, server;  // the holders' ends of three parcel sockets
};

// Init's life: makes the hosts' holders and the wire, answers `ready` with two packet sockets
// (client's side, server's side), then waits for its end.
[[noreturn]] void live_as_init(HolderEnds ends, bool ipv6);

// A new process by clone(2), as fork(2) is one: 0 in the child. -1 with errno.
pid_t clone_process(unsigned long new_namespaces);

}  // namespace trama::lab
