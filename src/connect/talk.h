// One conversation over a connected socket, whoever opened it: with the person, or with a program
// that the request names.
#pragma once
#include "connect/channel.h"
#include "connect/run.h"

namespace trama::connect {

// Talks until it is over. Error: the program cannot be started.
Result<Report> hold_talk(const Run& run, const Request& request, Channel& channel);

}  // namespace trama::connect
