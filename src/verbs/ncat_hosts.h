// Which hosts --allow and --deny mean.
#pragma once
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace trama {

// "10.0.0.0/8,192.0.2.1,localhost": blocks, addresses and names. Error (Exit::bad_input): the
// sentence is the host that is none.
Result<void> append_hosts(std::vector<Cidr>& hosts, std::string_view list, bool lookups);

// The same from a file, with spaces and lines between them, and comments behind '#'.
Result<void> append_hosts_of_file(std::vector<Cidr>& hosts, const std::string& path, bool lookups);

bool contains(const std::vector<Cidr>& hosts, const Address& address);

}  // namespace trama
