// Sockets with their owners as a person or a program reads them: an aligned table, or one JSON line
// a socket. Views point into the table and the Owners they were made from.
#pragma once
#include <span>
#include <vector>

#include "base/json.h"
#include "base/out.h"
#include "base/terminal.h"
#include "host/processes.h"
#include "host/socket_table.h"

namespace trama::host {

struct Listed {
  const Socket* socket;
  std::span<const Process> owners;
};

// TCP before UDP, listeners before connections, then by port and address.
void sort(std::vector<Listed>& sockets);

// "python3/812", several joined with ", "; "-" where nobody owns the socket any more, "?" where the
// owner may not be seen. `descriptors`: "python3/812/3", each descriptor told.
std::string owners_text(const Listed& listed, bool descriptors);

// `extended` adds user and inode. Columns are as wide as their widest cell.
void write_table(Out& out, const Terminal& terminal, std::span<const Listed> sockets,
                 bool extended);

// The members of a "socket" line: transport, family, state, both ends, queues, uid, inode,
// processes.
JsonLine json_of(const Listed& listed);

}  // namespace trama::host
