#include "serve/arrivals.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "serve/proxy_header.h"

namespace trama::serve {
namespace {

using namespace std::chrono_literals;

// proxy-protocol.txt, section 3.1: at least 3 s, for one lost packet.
constexpr auto header_takes = 5s;

void name(Client& who, const ProxyAddresses& addresses) {
  who.via = peer_text(who);
  who.via_unix = net::is_unix(who.transport);
  who.transport = Transport::tcp;
  who.peer = addresses.source;
  who.local = addresses.destination;
}

}  // namespace

Arrivals::~Arrivals() {
  for (const auto& [fd, arrival] : waiting_) {
    loop_.cancel(arrival->limit);
    loop_.forget(fd);
  }
}

void Arrivals::add(Fd socket, Client who) {
  const int fd = socket.get();
  auto& arrival = waiting_[fd];
  arrival = std::make_unique<Arrival>(Arrival{std::move(socket), std::move(who), {}});
  Arrival* its = arrival.get();
  its->limit = loop_.after(header_takes, [this, its] { end(*its, Refusal::header_late); });
  if (!loop_.watch(fd, EPOLLIN, [this, its](u32) { ready(*its); }))
    end(*its, Refusal::header_late);  // the kernel has no memory for it
}

// Looks before it takes: what follows the header is not ours. The arrival may be gone afterwards.
void Arrivals::ready(Arrival& arrival) {
  const int fd = arrival.socket.get();
  auto& header = arrival.header;
  std::array<u8, ProxyHeader::longest> space;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t n = recv(fd, space.data(), space.size() - header.size(), MSG_PEEK);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return end(arrival, Refusal::no_header);
  const auto before = header.size();
  header.insert(header.end(), space.begin(), space.begin() + n);
  const auto found = parse_proxy_header(header);
  if (found.state == ProxyHeader::State::bad) return end(arrival, Refusal::no_header);
  const bool whole = found.state == ProxyHeader::State::whole;
  const auto ours = whole ? found.size - before : static_cast<std::size_t>(n);
  recv(fd, space.data(), ours, 0);
  if (!whole) return;
  if (found.addresses) name(arrival.who, *found.addresses);
  end(arrival, {});
}

void Arrivals::end(Arrival& arrival, std::optional<Refusal> refusal) {
  loop_.cancel(arrival.limit);
  loop_.forget(arrival.socket.get());
  const auto gone = std::move(waiting_.extract(arrival.socket.get()).mapped());
  done_(std::move(gone->socket), std::move(gone->who), refusal);
}

void Arrivals::finish() {
  std::vector<Arrival*> all;
  for (const auto& [fd, arrival] : waiting_) all.push_back(arrival.get());
  for (Arrival* arrival : all) ready(*arrival);
  while (!waiting_.empty()) end(*waiting_.begin()->second, Refusal::header_late);
}

}  // namespace trama::serve
