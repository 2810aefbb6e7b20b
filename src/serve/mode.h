// What a server does with what its clients send. A mode is a file in serve/modes/ and a word in
// serve/modes.h: a row, and a Talk, of which each client has one.
#pragma once
#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "serve/events.h"
#include "serve/shared_text.h"

namespace trama::net {
class Loop;
class Lookups;
}  // namespace trama::net

namespace trama::serve {

// A client whom a talk can send to: a connection, or a peer of a datagram socket.
class Member {
 public:
  Member() = default;
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  virtual ~Member() = default;

  [[nodiscard]] virtual const Client& who() const = 0;
  // The answer to what this client sent. What it does not take yet waits, and before too much
  // waits, nothing more is read from it: answers are never lost.
  virtual void answer(Bytes text) = 0;
  // What others sent. It waits in a queue of bounded size; where that is full, the server's policy
  // for slow clients decides.
  virtual void send(const SharedText& text) = 0;
  // The whole file, from its start to its end as it is then; afterwards the connection is closed.
  // Streams only.
  virtual void send_file(int file) = 0;

  // For talks of two-way modes (Mode::two_way).

  // Answers may be given: less waits than the queue may hold. Where not, Talk::room() is called
  // once all are sent.
  [[nodiscard]] virtual bool has_room() const { return true; }
  // true: what it sends stays in the kernel until hold(false).
  virtual void hold(bool /*on*/) {}
  // So many bytes of a file, after what waits; Talk::room() is called when they are sent.
  virtual void send_part(Fd /*file*/, off_t /*from*/, u64 /*bytes*/) {}
  // After what waits, FIN; what the client still says comes to the talk.
  virtual void finish() {}
  // After what waits, the end of the talk and of the connection. The caller returns at once.
  virtual void part(Ending /*why*/) {}
  // RST, as the other end got one. The talk ends later.
  virtual void cut() {}

  std::string name;  // what others call it, where the mode gives names
};

// All clients, for modes in which they meet. Sending never removes a member at once.
class Company {
 public:
  void add(Member& member) { members_.push_back(&member); }
  void remove(Member& member) {
    const auto at = std::find(members_.begin(), members_.end(), &member);
    if (at == members_.end()) return;
    *at = members_.back();
    members_.pop_back();
  }
  void send_to_others(const Member& from, const SharedText& text) {
    for (Member* member : members_)
      if (member != &from) member->send(text);
  }
  void send_to_all(const SharedText& text) {
    for (Member* member : members_) member->send(text);
  }
  // Each member, for lists of who is there.
  template <class Call>
  void each(const Call& call) const {
    for (const Member* member : members_) call(*member);
  }
  [[nodiscard]] bool has_name(std::string_view name) const {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const Member* member) { return member->name == name; });
  }
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  std::vector<Member*> members_;
};

class Programs;
class HttpRoot;
class Destinations;
struct ProxyLogin;

// What all talks of a server share.
struct Hall {
  net::Loop* loop = nullptr;
  Audience* audience = nullptr;
  Programs* programs = nullptr;                // what the mode `exec` runs
  const HttpRoot* root = nullptr;              // what the mode `http` shows
  const Destinations* destinations = nullptr;  // where the mode `proxy` may go
  const ProxyLogin* login = nullptr;           // what its clients have to know; or nothing
  std::chrono::nanoseconds request_takes{};    // their request, at most, from the talk's begin on
  net::Lookups* lookups = nullptr;             // who looks up names for it
  Company company;
  std::size_t max_line = 0;  // bytes of a line or datagram in chat
  bool closes = false;       // the server ends: nobody need be told who leaves
  int file = -1;             // what the mode `file` sends
};

class Talk {
 public:
  Talk(Member& me, Hall& hall) : me_(me), hall_(hall) {}
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;
  virtual ~Talk() = default;

  virtual void begins() {}
  // The next bytes of a stream; they may be changed in place, until they are answered: an answer
  // to a datagram may leave later.
  virtual void bytes(std::span<u8> text) = 0;
  virtual void datagram(std::span<u8> text) { bytes(text); }
  virtual void ends() {}  // the client is gone, or has said all that it will say

  // Of two-way modes.
  virtual void says_no_more() {}  // the client's FIN; the talk goes on
  virtual void lost() {}          // the client's RST, or the network's end of it; ends() follows
  virtual void room() {}          // all answers are sent, after there was no room
  // The server ends, and nothing moves any more. True: the talk comes to its end by itself.
  virtual bool drains() { return false; }

 protected:
  Member& me_;
  Hall& hall_;
};

struct Mode {
  std::string_view name;  // the word behind --mode
  std::string_view help;  // a key of the catalogue: continues "upper  ..."
  std::unique_ptr<Talk> (*start)(Member& me, Hall& hall);
  bool meets = false;          // clients meet: each is a member of the company
  bool datagrams = true;       // takes them
  bool tells_messages = true;  // the audience hears of each
  bool two_way = false;        // the talk goes on after the client's FIN, until it ends itself
  // Modes that meet: a line that the server's own person types, as its clients get it; nullptr:
  // as it is.
  std::string (*person_says)(std::string_view line) = nullptr;
};

// For a mode's row: makes its talk.
template <class T>
std::unique_ptr<Talk> start(Member& me, Hall& hall) {
  return std::make_unique<T>(me, hall);
}

}  // namespace trama::serve
