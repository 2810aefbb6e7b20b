#include "verbs/ncat_hosts.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "net/resolve.h"

namespace trama {
namespace {

Result<void> append_host(std::vector<Cidr>& hosts, const std::string& host, bool lookups) {
  if (const auto block = parse_cidr(host)) {
    hosts.push_back(*block);
    return {};
  }
  const auto slash = host.find('/');
  const auto found = net::resolve(host.substr(0, slash), 0, net::Family::any, lookups);
  if (!found || slash != host.npos) return fail(Exit::bad_input, host);
  for (const Endpoint& at : *found)
    hosts.push_back({.base = at.address, .prefix = at.address.v6 ? 128U : 32U});
  return {};
}

}  // namespace

Result<void> append_hosts(std::vector<Cidr>& hosts, std::string_view list, bool lookups) {
  for (;;) {
    const auto comma = list.find(',');
    if (auto appended = append_host(hosts, std::string{list.substr(0, comma)}, lookups); !appended)
      return appended;
    if (comma == list.npos) return {};
    list.remove_prefix(comma + 1);
  }
}

Result<void> append_hosts_of_file(std::vector<Cidr>& hosts, const std::string& path, bool lookups) {
  std::ifstream file{path};
  if (!file) return fail(Exit::bad_input, path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line.substr(0, line.find('#'))};
    for (std::string word; words >> word;)
      if (auto appended = append_host(hosts, word, lookups); !appended) return appended;
  }
  return {};
}

bool contains(const std::vector<Cidr>& hosts, const Address& address) {
  return std::any_of(hosts.begin(), hosts.end(),
                     [&](const Cidr& block) { return block.contains(address); });
}

}  // namespace trama
