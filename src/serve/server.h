// The server: listens at any number of places and gives what comes to its mode's talks,
// all on one loop and one thread. It owns listeners and connections; the audience is told what
// happens.
#pragma once
#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/lookup.h"
#include "serve/arrivals.h"
#include "serve/datagram_port.h"
#include "serve/destinations.h"
#include "serve/door.h"
#include "serve/http_root.h"
#include "serve/listener.h"
#include "serve/modes.h"
#include "serve/place.h"
#include "serve/programs.h"
#include "serve/proxy_request.h"
#include "serve/stream_client.h"
#include "serve/tls.h"

namespace trama::serve {

struct Settings {
  Limits limits;
  std::chrono::nanoseconds idle{
      0};  // a connection on which nothing moves so long is closed; 0: none
  std::chrono::nanoseconds drain = std::chrono::seconds{10};  // drain() takes so long at most
  const Mode* mode = &upper_mode;
  Queueing queueing;
  std::size_t max_line = std::size_t{64} * 1024;  // Hall::max_line
  std::unique_ptr<TlsContext> tls;                // nullptr: plain text
  // Who may bring clients, each with a PROXY header; nothing: clients come by themselves. Unix
  // sockets are trusted: their files have rights.
  std::optional<std::vector<Cidr>> proxies;
  Fd file;                             // what the mode `file` sends
  Destinations destinations{};         // where the mode `proxy` may go
  std::optional<ProxyLogin> login{};   // what its clients have to know
  std::optional<HttpRoot> root{};      // what the mode `http` shows
  std::vector<std::string> program{};  // what the mode `exec` runs, its path first
  // How long a UDP peer that sends nothing stays in the company.
  std::chrono::nanoseconds peer_stays = std::chrono::minutes{1};
  // From connecting to the end of the TLS handshake.
  std::chrono::nanoseconds handshake = std::chrono::seconds{10};
  // From there (in plain text, from connecting) to the end of the request for the mode `proxy`.
  std::chrono::nanoseconds request = std::chrono::seconds{10};
  // How long after a client's FIN, when all answers are written, the server closes its own side.
  std::chrono::nanoseconds close_after{0};
};

class Server {
 public:
  // Waits at all the listeners. Error: the loop takes one of them not.
  static Result<std::unique_ptr<Server>> open(net::Loop& loop, std::vector<Listener> listeners,
                                              Settings settings, Audience& audience);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  void run();                        // until stop(), or until drain() is done
  void stop() { running_ = false; }  // at once
  // Takes no new connections, answers what has come, closes each connection that is quiet then, and
  // stops; at the latest after the settings' time.
  void drain();
  // With --cert: takes its files anew, and tells the audience. Nothing: there are none.
  std::optional<Result<void>> reload_certificate();
  [[nodiscard]] bool drains() const { return hall_.closes; }
  [[nodiscard]] Summary summary() const;
  // To every member of the company, as if another member had sent it.
  void send_to_all(const SharedText& text) { hall_.company.send_to_all(text); }

 private:
  Server(net::Loop& loop, Settings settings, Audience& audience);

  struct Connection {
    Connection(Fd socket, Client who, const Queueing& queueing, std::vector<StreamClient*>& behind,
               Allowance* allowance, std::unique_ptr<TlsSession> tls)
        : client(std::move(socket), std::move(who), queueing, behind, allowance, std::move(tls)) {}
    // How many sweeps in a row found that nothing had moved; the first one finds that it came.
    unsigned quiet_sweeps() {
      const u64 now = client.traffic().bytes_in + client.traffic().bytes_out;
      quiet_ = std::exchange(moved_, now) == now ? quiet_ + 1 : 0;
      return quiet_;
    }
    void counts_as_busy() { quiet_ = 0; }
    u32 waits_for = EPOLLIN;  // the events the loop watches
    StreamClient client;
    bool watched = true;                     // by the loop
    std::optional<net::Loop::Timer> closes;  // set once the server only waits to close
    std::optional<net::Loop::Timer> greets;  // set while its TLS handshake may take
    std::optional<net::Loop::Timer> rests;   // set while its allowance is used up

   private:
    u64 moved_ = std::numeric_limits<u64>::max();  // bytes, at the last sweep
    unsigned quiet_ = 0;
  };
  unsigned accept_from(const Listener& listener);  // how many came
  void arrive(Fd socket, Client who);
  void enter(Fd socket, Client who);
  [[nodiscard]] u64 inside() const { return connections_.size() + arrivals_.size(); }
  void refuse(const Fd& socket, const Client& who, Refusal why);
  void discard_unread(int socket);
  void let_in(Fd socket, Client who);
  void end() {  // all are answered
    done_ = true;
    stop();
  }
  void close_idle();
  void close_quiet();
  void serve(Connection& connection, u32 events);
  void follow(Connection& connection, StreamClient::State state);
  Result<void> watch(Connection& connection, u32 events);
  void close_in(Connection& connection, std::chrono::nanoseconds time, Ending ending);
  void flush_those_behind();
  void forget_silent_peers();
  void cancel_timers(Connection& connection);
  void close(Connection& connection, Ending ending);
  void listen_to(bool on);

  net::Loop& loop_;
  Settings settings_;
  Audience& audience_;
  std::vector<std::unique_ptr<Listener>> listeners_;  // streams
  std::vector<SocketFile> files_;                     // of the datagram ports
  std::unique_ptr<Programs> programs_;
  std::unique_ptr<net::Lookups> lookups_;
  Hall hall_;
  Door door_;
  Arrivals arrivals_;
  std::vector<std::unique_ptr<DatagramPort>> udp_;
  std::unique_ptr<DatagramBatch> batch_;  // where there are such ports
  std::vector<StreamClient*> behind_;     // have something new to send; nullptr: gone meanwhile
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;  // by descriptor
  std::vector<u8> space_ = std::vector<u8>(StreamClient::most_read);  // what one read brings
  u32 next_number_ = 1;
  u64 accepted_ = 0;
  u64 refused_ = 0;
  Traffic closed_;  // of connections that are gone
  bool accepts_ = true;
  bool told_full_ = false;
  bool retry_waits_ = false;
  bool running_ = true;
  bool done_ = false;  // it ended, as all were answered
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

}  // namespace trama::serve
