// Which sockets a person wants to see, in the words of the tools they know: Wireshark's
// (`tcp.port == 65432 and ip.addr == 10.0.0.0/8`), ss's (`state established sport = :22`), states
// as ss, netstat and RFC 9293 spell them, and a bare number for a port. Words that stand side by
// side mean "and". A comparison holds if one of the field's values fits; `!=` if there is one and
// none is equal.
// A filter owns all that it needs; matching allocates nothing.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "host/processes.h"
#include "host/socket_table.h"

namespace trama::host {

struct Word;  // socket_words.h

class SocketFilter {
 public:
  // Errors (Exit::bad_input): the sentence, the text again, and a caret under the wrong place.
  static Result<SocketFilter> parse(std::string_view text);

  SocketFilter() = default;  // every socket
  [[nodiscard]] bool matches(const Socket& socket, std::span<const Process> owners) const;
  // What the kernel can leave out by itself; never less than what matches.
  [[nodiscard]] const SocketQuery& query() const { return query_; }
  [[nodiscard]] bool needs_owners() const { return needs_owners_; }  // pid, program, fd

  struct Range {
    u64 low, high;
  };
  struct Host {  // "10.0.0.0/8", ":22", "[::1]:22"
    std::optional<Cidr> block;
    std::optional<u16> port;
  };
  struct Node {
    enum class Kind : u8 { test, both, either, no };
    Kind kind = Kind::test;
    std::size_t left = 0, right = 0;  // of both, either and no
    const Word* word = nullptr;
    bool present = false;  // no comparison: the field only has to be there
    bool unequal = false;  // != : none may fit
    bool part = false;     // contains
    std::vector<Range> ranges{};
    std::vector<Host> hosts{};
    std::vector<std::string> texts{};
  };

 private:
  friend class SocketFilterParser;
  [[nodiscard]] bool holds(std::size_t node, const Socket& socket,
                           std::span<const Process> owners) const;
  void ask_kernel(std::size_t node);

  std::vector<Node> nodes_;
  std::size_t root_ = 0;
  SocketQuery query_;
  bool needs_owners_ = false;
};

}  // namespace trama::host
