#include "serve/datagram_port.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "net/unix_socket.h"

namespace trama::serve {
namespace {

// The received IP_PKTINFO names the address that the client used; sent back as it is, it makes that
// address the answer's source. The interface is left to the routing table, but for link-local.
void answer_from_there(msghdr& message) {
  for (cmsghdr* row = CMSG_FIRSTHDR(&message); row != nullptr; row = CMSG_NXTHDR(&message, row))
    if (row->cmsg_level == IPPROTO_IP && row->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(row), sizeof info);
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(row), &info, sizeof info);
    }
}

}  // namespace

DatagramPort::DatagramPort(Fd socket, Place place, u32& next_number, const Mode& mode, Hall& hall,
                           Door& door)
    : socket_(std::move(socket)),
      place_(std::move(place)),
      next_number_(next_number),
      mode_(mode),
      hall_(hall),
      door_(door),
      longest_(net::is_unix(place_.transport) ? DatagramBatch::longest_datagram
                                              : net::longest_udp_payload) {
  joins_ = !net::is_unix(place_.transport) && join_datagrams(socket_.get());
  // With one address bound, that one is the source already.
  if (net::is_unix(place_.transport) || !place_.at.address.is_any()) return;
  constexpr int on = 1;
  if (place_.at.address.v6)
    setsockopt(socket_.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  else
    setsockopt(socket_.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
}

Client DatagramPort::client_of(const Name& name) const {
  Client client{.transport = place_.transport, .local = place_.at, .unix_local = place_.path};
  if (net::is_unix(place_.transport)) {
    client.unix_peer = net::path_of(reinterpret_cast<const sockaddr_un&>(name.bytes), name.size);
    if (client.unix_peer.empty()) client.unix_peer += '?';  // it has no name: no answer finds it
  } else {
    client.peer = to_endpoint(name.bytes);
  }
  return client;
}

DatagramPort::Peer& DatagramPort::peer_at(const Name& name) {
  if (const auto known = known_.find(name.view()); known != known_.end()) {
    recent_.splice(recent_.begin(), recent_, known->second);
    return recent_.front();
  }
  if (recent_.size() >= max_peers) forget_last();
  ++peers_;
  Client client = client_of(name);
  client.number = next_number_++;
  Peer& peer = recent_.emplace_front(*this, name, std::move(client));
  known_.emplace(peer.name_.view(), recent_.begin());
  return peer;
}

void DatagramPort::forget_last() {
  Peer& peer = recent_.back();
  hall_.company.remove(peer);
  if (peer.talk) peer.talk->ends();
  known_.erase(peer.name_.view());
  recent_.pop_back();
}

void DatagramPort::forget_silent_since(Clock::time_point then) {
  while (!recent_.empty() && recent_.back().last < then) forget_last();
}

DatagramPort::Name DatagramPort::name_in(const msghdr& message) {
  Name from;
  from.size = std::min<socklen_t>(message.msg_namelen, sizeof from.bytes);
  std::memcpy(&from.bytes, message.msg_name, from.size);
  return from;
}

bool DatagramPort::ready(DatagramBatch& batch, Audience& audience) {
  const int n = batch.receive(socket_.get(), joins_);
  // An ICMP error of an earlier answer is told to nobody: its client is gone.
  if (n < 0) return errno != EAGAIN;
  batch_ = &batch;
  for (unsigned i = 0; i < static_cast<unsigned>(n); ++i)
    if (batch.is_cut(i))
      refuse(name_in(batch.message(i)), Refusal::too_long, audience);
    else
      batch.each(i, [&](std::span<u8> text) { take(text, batch.message(i), audience); });
  batch_ = nullptr;
  flush(batch);
  return true;
}

void DatagramPort::take(std::span<u8> text, msghdr& message, Audience& audience) {
  ++traffic_.messages;
  traffic_.bytes_in += text.size();
  const Name from = name_in(message);
  if (door_.checks_datagrams() && !net::is_unix(place_.transport)) {
    const auto address = to_endpoint(from.bytes).address.unmapped();
    if (const auto refusal = door_.take(address, text.size()))
      return refuse(from, *refusal, audience);
  }
  Peer& peer = peer_at(from);
  if (mode_.tells_messages) audience.message(peer.who_, text);
  answer_from_there(message);
  peer.control_size = std::min(message.msg_controllen, peer.control.size());
  std::memcpy(peer.control.data(), message.msg_control, peer.control_size);
  if (mode_.meets) peer.last = Clock::now();
  if (!peer.talk) {
    peer.talk = mode_.start(peer, hall_);
    if (mode_.meets) hall_.company.add(peer);
    peer.talk->begins();
  }
  peer.talk->datagram(text);
}

// An answer within its own datagram leaves with the others of the batch; any other at once, behind
// those that wait.
void DatagramPort::answer(const Peer& peer, Bytes text) {
  const bool one = batch_ != nullptr && text.size() <= longest_;
  if (one && batch_->keep(text)) return;
  if (batch_ != nullptr) flush(*batch_);
  if (one && batch_->keep(text)) return;
  send(peer, text);
}

void DatagramPort::flush(DatagramBatch& batch) {
  const auto flushed = batch.flush(socket_.get());
  traffic_.bytes_out += flushed.bytes;
  unanswered_ += flushed.failed;
}

void DatagramPort::refuse(const Name& from, Refusal why, Audience& audience) {
  ++refused_;
  if (!std::exchange(told_.at(static_cast<std::size_t>(why)), true))
    audience.refused(client_of(from), why);
}

// An empty text is an empty datagram; one too long for a datagram (from a stream) becomes several.
void DatagramPort::send(const Peer& peer, Bytes text) {
  if (batch_ != nullptr) flush(*batch_);
  do {
    const Bytes now = text.first(std::min(text.size(), longest_));
    text = text.subspan(now.size());
    iovec part{const_cast<u8*>(now.data()), now.size()};  // only read
    msghdr message{};
    message.msg_name = const_cast<sockaddr_storage*>(&peer.name_.bytes);
    message.msg_namelen = peer.name_.size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = peer.control_size == 0 ? nullptr : const_cast<u8*>(peer.control.data());
    message.msg_controllen = peer.control_size;
    if (sendmsg(socket_.get(), &message, MSG_NOSIGNAL) < 0)
      ++unanswered_;
    else
      traffic_.bytes_out += now.size();
  } while (!text.empty());
}

}  // namespace trama::serve
