#include "serve/listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/say.h"
#include "net/unix_socket.h"

namespace trama::serve {
namespace {

using net::Transport;

std::string text_of(const Place& place) {
  return fmt::format("{} {}", net::name_of(place.transport), to_string(place.at));
}

tl::unexpected<Error> not_opened(const Place& place, Error error, std::span<const Listener> others,
                                 const Holder& holder) {
  if (error.number == EADDRINUSE && !net::is_unix(place.transport)) {
    const auto name = text_of(place);
    if (const auto ours = holder_among(others, place); !ours.empty()) return same_port(name, ours);
    const auto who = holder ? holder(place.transport, place.at) : std::string{};
    error.sentence = who.empty()
                         ? say("{} is taken by another socket: choose another port", name)
                         : say("{} is taken by {}: stop that, or choose another port", name, who);
  }
  return tl::make_unexpected(std::move(error));
}

int option_of(int socket, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

// Where a socket waits that somebody else has opened; nothing where it does not.
std::optional<Place> place_of(int socket) {
  const int family = option_of(socket, SO_DOMAIN);
  const int type = option_of(socket, SO_TYPE);
  const bool stream = type == SOCK_STREAM && option_of(socket, SO_ACCEPTCONN) == 1;
  if (!stream && type != SOCK_DGRAM) return {};
  if (family == AF_INET || family == AF_INET6)
    return Place{.transport = stream ? Transport::tcp : Transport::udp,
                 .at = net::local_of(socket)};
  if (family != AF_UNIX) return {};
  sockaddr_un name{};
  socklen_t size = sizeof name;
  getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size);
  return Place{.transport = stream ? Transport::unix_stream : Transport::unix_datagram,
               .path = net::path_of(name, size)};
}

}  // namespace

SocketFile::SocketFile(std::string path) : path_(std::move(path)) {
  struct stat about {};
  if (stat(path_.c_str(), &about) != 0) path_.clear();
  device_ = about.st_dev;
  inode_ = about.st_ino;
}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

SocketFile::~SocketFile() {
  struct stat about {};
  if (path_.empty() || stat(path_.c_str(), &about) != 0) return;
  if (about.st_dev == device_ && about.st_ino == inode_) unlink(path_.c_str());
}

std::string holder_among(std::span<const Listener> all, const Place& place) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Listener& one) {
    const Endpoint &a = one.place.at, &b = place.at;
    return one.place.transport == place.transport && a.port == b.port &&
           (a.address == b.address || a.address.is_any() || b.address.is_any());
  });
  return found == all.end() ? "" : text_of(found->place);
}

tl::unexpected<Error> same_port(std::string_view one, std::string_view other) {
  return fail(Exit::bad_input,
              say("{} and {} want the same port: choose another one for one of them", one, other),
              EADDRINUSE);
}

Result<std::vector<Listener>> open_listeners(std::span<const Place> places,
                                             std::vector<Fd> inherited, const Holder& holder) {
  std::vector<Listener> all;
  for (Fd& socket : inherited) {
    const auto place = place_of(socket.get());
    if (!place)
      return fail(
          Exit::bad_input,
          say("descriptor {} (LISTEN_FDS) is no socket that clients can come to", socket.get()));
    all.push_back({std::move(socket), *place, {}});  // its file is the manager's
  }
  for (Place place : places) {
    const bool file = net::is_unix(place.transport);
    auto socket = file ? net::listen_at_path(place.transport, place.path)
                       : net::listen_at(place.transport, place.at, place.dual);
    if (!socket) return not_opened(place, socket.error(), all, holder);
    if (!file) place.at = net::local_of(socket->get());
    SocketFile made{file ? place.path : std::string{}};
    all.push_back({std::move(*socket), std::move(place), std::move(made)});
  }
  return all;
}

}  // namespace trama::serve
