// Goes where the client asks it to, as far as --proxy-to allows: SOCKS 4, 4a and 5, and HTTP's
// CONNECT.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/say.h"
#include "base/terminal.h"
#include "net/dialling.h"
#include "net/lookup.h"
#include "serve/destinations.h"
#include "serve/far_side.h"
#include "serve/modes.h"
#include "serve/proxy_request.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

constexpr auto dial_takes = 10s;  // of one address

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

ProxyOutcome outcome_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return ProxyOutcome::refused;
    case ETIMEDOUT:
      return ProxyOutcome::timeout;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EAFNOSUPPORT:
      return ProxyOutcome::unreachable;
    default:
      return ProxyOutcome::failed;
  }
}

class ProxyTalk : public Talk {
 public:
  ProxyTalk(Member& me, Hall& hall) : Talk(me, hall), dialogue_(hall.login) {}
  ~ProxyTalk() override {
    stop_clock();
    if (lookup_ != 0) hall_.lookups->forget(lookup_);
  }

  void begins() override {
    clock_ = hall_.loop->after(hall_.request_takes, [this] {
      clock_.reset();
      me_.part(Ending::request_late);
    });
  }

  void bytes(std::span<u8> text) override {
    if (far_) return far_->write(text);
    came_.insert(came_.end(), text.begin(), text.end());
    if (!asked_) return go_on();
    me_.hold(true);  // until there is somebody to hear it
  }
  void says_no_more() override {
    ended_ = true;
    if (far_) return far_->no_more();
    if (!asked_) me_.part(Ending::fin);
  }
  void lost() override {
    if (far_) far_->cut();
  }
  void room() override {
    if (far_) far_->room();
  }
  bool drains() override {  // quiet, and asked to end: as if the client had said its FIN
    if (far_) far_->no_more();
    return false;
  }

 private:
  // The dialogue, as far as it has come. The talk may be gone afterwards.
  void go_on() {
    while (!asked_) {
      auto step = dialogue_.take(came_);
      came_.erase(came_.begin(), came_.begin() + static_cast<std::ptrdiff_t>(step.taken));
      me_.answer(bytes_of(step.answer));
      if (step.next == ProxyDialogue::Next::end)
        return fail_with(say("the proxy's client asked wrongly"));
      if (step.next == ProxyDialogue::Next::more && step.taken == 0) return;
      asked_ = step.next == ProxyDialogue::Next::connect;
    }
    stop_clock();
    connect();
  }

  void fail_with(const std::string& sentence) {
    hall_.audience->talk_failed(me_.who(), sentence);
    me_.part(Ending::answered);
  }

  void refuse(ProxyOutcome outcome, const std::string& why) {
    me_.answer(bytes_of(dialogue_.outcome(outcome, {})));
    fail_with(say("not connected to {}: {}", harmless(to_string(dialogue_.target())), why));
  }

  void connect() {
    const auto& target = dialogue_.target();
    if (target.address)
      return dial({
          Endpoint{.address = target.address->unmapped(), .port = target.port}
      });
    if (!hall_.destinations->may_allow(target.name, target.port)) return refuse_by_rules();
    lookup_ =
        hall_.lookups->ask(target.name, target.port, [this](Result<std::vector<Endpoint>> found) {
          lookup_ = 0;
          if (found) return dial(std::move(*found));
          refuse(ProxyOutcome::no_such_name, found.error().sentence);
        });
    if (lookup_ == 0) refuse(ProxyOutcome::failed, errno_text(EAGAIN));
  }

  void refuse_by_rules() { refuse(ProxyOutcome::not_allowed, say("--proxy-to does not allow it")); }

  // After names were looked up: of the addresses only those that the rules allow.
  void dial(std::vector<Endpoint> peers) {
    std::erase_if(peers, [&](const Endpoint& peer) {
      return !hall_.destinations->allows(peer, dialogue_.target().name);
    });
    if (peers.empty()) return refuse_by_rules();
    dialling_.emplace(*hall_.loop, std::move(peers), dial_takes,
                      [this](Fd socket, const Endpoint& peer, int error) {
                        if (error != 0) return refuse(outcome_of(error), errno_text(error));
                        join(std::move(socket), peer);
                      });
  }

  void join(Fd socket, const Endpoint& peer) {
    constexpr int on = 1;
    setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    me_.answer(bytes_of(dialogue_.outcome(ProxyOutcome::connected, net::local_of(socket.get()))));
    hall_.audience->joined(me_.who(), to_string(dialogue_.target()), peer);
    far_.emplace(*hall_.loop, std::move(socket), me_, [this](int error) {
      if (error == 0) return me_.finish();
      me_.cut();
    });
    me_.hold(false);
    far_->write(std::exchange(came_, {}));
    if (ended_) far_->no_more();
  }

  void stop_clock() {
    if (clock_) hall_.loop->cancel(*std::exchange(clock_, {}));
  }

  ProxyDialogue dialogue_;
  std::vector<u8> came_;  // and is not taken yet
  bool asked_ = false;    // the request is whole
  bool ended_ = false;    // the client says no more
  std::optional<net::Loop::Timer> clock_;
  net::Lookups::Ticket lookup_ = 0;
  std::optional<net::Dialling> dialling_;
  std::optional<FarSide> far_;
};

}  // namespace

const Mode proxy_mode{
    .name = "proxy",
    .help = N_("connects clients to where --proxy-to allows (SOCKS, HTTP CONNECT)"),
    .start = start<ProxyTalk>,
    .datagrams = false,
    .tells_messages = false,
    .two_way = true};

}  // namespace trama::serve
