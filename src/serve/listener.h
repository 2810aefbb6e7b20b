// The sockets that a server waits at: opened for its places, or handed over by a service manager.
#pragma once
#include <sys/types.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "serve/place.h"

namespace trama::serve {

// The file of a Unix socket: removed with this object, if it is still the same one.
class SocketFile {
 public:
  SocketFile() = default;
  explicit SocketFile(std::string path);
  SocketFile(SocketFile&& other) noexcept { *this = std::move(other); }
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile();

 private:
  std::string path_;  // "" for none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct Listener {
  Fd socket;
  Place place;  // with the port that the kernel chose
  SocketFile file;
};

// Who holds a port that is taken, in words ("nc (pid 12)"); "" where nobody can tell.
using Holder = std::function<std::string(net::Transport, const Endpoint&)>;

// Which of the listeners has the port that the place needs, too ("tcp 127.0.0.1:80"); "" if none.
std::string holder_among(std::span<const Listener> all, const Place& place);
// The error (Exit::bad_input) where both are ours.
tl::unexpected<Error> same_port(std::string_view one, std::string_view other);

// Opens every place, or none. Errors as of net::listen_at and net::listen_at_path; an inherited
// descriptor that is no socket to wait at is Exit::bad_input.
Result<std::vector<Listener>> open_listeners(std::span<const Place> places,
                                             std::vector<Fd> inherited, const Holder& holder);

}  // namespace trama::serve
