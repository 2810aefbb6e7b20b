// A program whose standard input and output are the conversation.
#pragma once
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "connect/request.h"

namespace trama::connect {

// NCAT_REMOTE_ADDR=..., NCAT_REMOTE_PORT, NCAT_LOCAL_ADDR, NCAT_LOCAL_PORT, NCAT_PROTO (TCP, UDP):
// what programs that ncat starts find in their environment.
std::vector<std::string> surroundings_of(int socket, Transport transport);

// Starts it; gives the other end of its standard input and output, which hears its end. Its
// standard error is this program's. Error (Exit::no): the kernel has no process or socket for it.
Result<Fd> start(const Command& command, const std::vector<std::string>& surroundings);

// "/bin/grep 'a b' c\\ d" -> its three words, as a shell would split them: quotes and backslashes.
std::vector<std::string> split_words(std::string_view line);

}  // namespace trama::connect
