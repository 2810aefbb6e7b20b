#include "verbs/netcat_words.h"

#include <fmt/core.h>
#include <getopt.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>

namespace trama {
namespace {

constexpr int first_long = 256;  // getopt_long(3) gives this and more for rows without a letter

std::string percents(std::string_view text) {
  std::string all;
  for (const char c : text) all += fmt::format("%{:02X}", static_cast<u8>(c));
  return all;
}

std::string_view key(const Option& row) { return row.letter.empty() ? row.name : row.letter; }

}  // namespace

std::optional<NetcatWords> NetcatWords::read(std::string_view tool, std::span<const Option> rows,
                                             std::span<char* const> words) {
  std::string name{tool};
  std::vector<char*> arguments{name.data()};
  arguments.insert(arguments.end(), words.begin(), words.end());
  arguments.push_back(nullptr);
  std::string letters;
  std::vector<std::string> names;  // getopt wants them to end with NUL
  names.reserve(rows.size());
  std::vector<option> longs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Option& row = rows[i];
    const int takes = row.value.empty() ? no_argument : required_argument;
    if (!row.letter.empty()) letters += row.letter;
    if (!row.letter.empty() && takes == required_argument) letters += ':';
    if (!row.name.empty())
      longs.push_back(
          {names.emplace_back(row.name).c_str(), takes, nullptr, first_long + static_cast<int>(i)});
  }
  longs.push_back({});
  NetcatWords all;
  optind = 0;
  for (;;) {
    const int found = getopt_long(static_cast<int>(arguments.size()) - 1, arguments.data(),
                                  letters.c_str(), longs.data(), nullptr);
    if (found == -1) break;
    if (found == '?') return std::nullopt;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (found == first_long + static_cast<int>(i) ||
          (!rows[i].letter.empty() && found == rows[i].letter[0]))
        all.given.push_back({&rows[i], optarg == nullptr ? std::string{} : std::string{optarg}});
  }
  for (auto i = static_cast<std::size_t>(optind); i + 1 < arguments.size(); ++i)
    all.operands.emplace_back(arguments[i]);
  return all;
}

std::optional<std::string> NetcatWords::last(std::string_view option) const {
  std::optional<std::string> value;
  for (const Given& one : given)
    if (key(*one.row) == option) value = one.value;
  return value;
}

std::vector<std::string> NetcatWords::all(std::string_view option) const {
  std::vector<std::string> values;
  for (const Given& one : given)
    if (key(*one.row) == option) values.push_back(one.value);
  return values;
}

std::optional<std::string> lookup_failure(const std::string& host, net::Family family,
                                          bool lookups) {
  addrinfo hints{};
  hints.ai_family = family == net::Family::v4   ? AF_INET
                    : family == net::Family::v6 ? AF_INET6
                                                : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = lookups ? 0 : AI_NUMERICHOST;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error == 0) {
    freeaddrinfo(found);
    return std::nullopt;
  }
  return gai_strerror(error);
}

std::string host_name(const Endpoint& at, bool numeric) {
  const auto address = to_sockaddr(at);
  std::array<char, NI_MAXHOST> name{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), size_of(address), name.data(),
                  name.size(), nullptr, 0, numeric ? NI_NUMERICHOST : 0) != 0)
    return to_string(at.address);
  return name.data();
}

Result<connect::Proxy> proxy_at(std::string_view scheme, std::string_view at,
                                const std::optional<connect::Login>& login) {
  std::string before;
  if (login) before = percents(login->user) + ":" + percents(login->password) + "@";
  return connect::parse_proxy(fmt::format("{}://{}{}", scheme, before, at));
}

net::Family family_of(const NetcatWords& words) {
  if (words.has("6")) return net::Family::v6;
  return words.has("4") ? net::Family::v4 : net::Family::any;
}

}  // namespace trama
