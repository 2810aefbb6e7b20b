#include "connect/udp_talk.h"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket.h"

namespace trama::connect {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds usual_silence = 1s;

bool is_port_unreachable(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP)
    return error.ee_type == ICMP_DEST_UNREACH && error.ee_code == ICMP_PORT_UNREACH;
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == ICMP6_DST_UNREACH &&
         error.ee_code == ICMP6_DST_UNREACH_NOPORT;
}

std::string offender_of(const sock_extended_err& error) {
  if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) return {};
  // The address stands behind the struct (SO_EE_OFFENDER, ip(7)).
  sockaddr_storage from{};
  std::memcpy(&from, SO_EE_OFFENDER(&error),
              error.ee_origin == SO_EE_ORIGIN_ICMP ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  return from.ss_family == AF_UNSPEC ? std::string{} : to_string(to_endpoint(from).address);
}

}  // namespace

std::size_t space_for_next(int socket, bool unix_socket) {
  constexpr std::size_t usual = std::size_t{64} * 1024, most = std::size_t{64} * 1024 * 1024;
  if (!unix_socket) return usual;
  u8 nothing = 0;
  const ssize_t n = recv(socket, &nothing, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  return std::clamp(static_cast<std::size_t>(std::max<ssize_t>(n, 0)), usual, most);
}

UdpTalk::UdpTalk(const Run& run, int socket, const Request& request)
    : loop_(run.loop),
      run_(run),
      socket_(socket),
      request_(request),
      in_(request.input, request.crlf),
      out_(request.output),
      input_again_(request.input == request.output ? dup(request.input) : -1),
      input_(run.loop, input_again_.is_open() ? input_again_.get() : request.input,
             [this](u32) { read_input(); }),
      output_(run.loop, out_.fd(), [this](u32) { write_down(); }),
      peer_(run.loop, socket, [this](u32 events) { socket_ready(events); }),
      input_ended_(request.receive_only) {
  constexpr int on = 1;
  setsockopt(socket_, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  setsockopt(socket_, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

Report UdpTalk::run() {
  const auto since = Clock::now();
  // Who only listens waits as long as it takes, unless told otherwise.
  if (request_.idle || (request_.wait && request_.receive_only)) arm_silence();
  for (hear_early(); !over_; hear_early()) {
    wait_for_what_is_left();
    loop_.run_once(1min);
    if (run_.interrupted) end(Ending::interrupted);
  }
  for (net::Interest* interest : {&input_, &output_, &peer_}) interest->want(0);
  report_.input_ended = input_ended_ && !request_.receive_only;
  report_.unsent = up_waits_ ? up_.size() : 0;
  report_.time = Clock::now() - since;
  return report_;
}

void UdpTalk::wait_for_what_is_left() {
  input_.want(input_ended_ || up_waits_ ? 0U : u32{EPOLLIN});
  output_.want(down_.empty() ? 0U : u32{EPOLLOUT});
  u32 events = 0;
  if (down_.empty()) events |= EPOLLIN;
  if (up_waits_) events |= EPOLLOUT;
  peer_.want(events);
}

void UdpTalk::read_input() {
  std::size_t count = 0;
  up_.resize(net::longest_udp_payload);
  const bool goes_on = in_.read(up_, count);
  up_.resize(count);
  if (request_.ends.input_is_lost(in_.error())) return end(Ending::input_lost, in_.error());
  if (!goes_on) {
    input_ended_ = true;
    moved_ = Clock::now();
    if (request_.ends.with_input) return end(Ending::quit);
    if (!request_.ends.after_silence && !request_.quit) return;
    loop_.cancel(silence_);
    return arm_silence();
  }
  if (!up_.empty()) send_up();
}

void UdpTalk::send_up() {
  up_waits_ = false;
  // A waiting ICMP error makes one send fail without sending: told, and tried once more where the
  // error was no end.
  for (int attempt = 0; attempt < 2 && !over_; ++attempt) {
    if (send(socket_, up_.data(), up_.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
      report_.sent += up_.size();
      run_.journal.sent(up_);
      moved_ = Clock::now();
      // -w counts from the first datagram on: before it, nobody can be late with an answer.
      if (report_.datagrams_sent++ == 0 && request_.wait && !request_.idle) arm_silence();
      return;
    }
    if (errno == EAGAIN || errno == ENOBUFS) {
      up_waits_ = true;
      return;
    }
    if (errno != EINTR) socket_error(errno);
  }
}

void UdpTalk::socket_ready(u32 events) {
  if ((events & EPOLLERR) != 0) {
    read_error_queue();
    if (const int error = net::pending_error(socket_); error != 0) socket_error(error);
  }
  if ((events & EPOLLIN) != 0) receive();
  if (up_waits_ && (events & EPOLLOUT) != 0) send_up();
}

void UdpTalk::hear_early() {
  while (!over_ && down_.empty() && early_ < request_.early.size()) {
    down_ = request_.early[early_++];
    down_at_ = 0;
    heard();
  }
}

void UdpTalk::receive() {
  if (over_ || !down_.empty()) return;
  down_.resize(space_for_next(socket_, !request_.path.empty()));
  const ssize_t n = recv(socket_, down_.data(), down_.size(), MSG_DONTWAIT | MSG_TRUNC);
  const int error = n < 0 ? errno : 0;
  const bool whole = n <= static_cast<ssize_t>(down_.size());
  down_.resize(n > 0 && whole ? static_cast<std::size_t>(n) : 0);
  down_at_ = 0;
  if (!whole) return end(Ending::error, EMSGSIZE);
  if (n < 0) {
    if (error != EAGAIN && error != EINTR) socket_error(error);
    return;
  }
  heard();
}

// down_ is a datagram that came.
void UdpTalk::heard() {
  moved_ = Clock::now();
  if (report_.datagrams_received++ == 0) run_.audience.answered(Transport::udp, down_.size());
  report_.received += down_.size();
  run_.journal.received(down_);
  if (request_.send_only) down_.clear();
  write_down();
  if (request_.most_reads != 0 && report_.datagrams_received >= request_.most_reads)
    end(Ending::quit);
}

void UdpTalk::read_error_queue() {
  for (;;) {
    alignas(cmsghdr) std::array<u8, 512> control{};
    std::array<u8, 64> quoted{};
    iovec part{quoted.data(), quoted.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(socket_, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (cmsghdr* row = CMSG_FIRSTHDR(&message); row != nullptr; row = CMSG_NXTHDR(&message, row)) {
      const bool v4 = row->cmsg_level == IPPROTO_IP && row->cmsg_type == IP_RECVERR;
      const bool v6 = row->cmsg_level == IPPROTO_IPV6 && row->cmsg_type == IPV6_RECVERR;
      if (!v4 && !v6) continue;
      const auto* error = reinterpret_cast<const sock_extended_err*>(CMSG_DATA(row));
      if (over_) continue;
      report_.by = offender_of(*error);
      if (is_port_unreachable(*error)) {
        end(Ending::refused, ECONNREFUSED);
      } else if (error->ee_errno != 0) {
        end(Ending::error, static_cast<int>(error->ee_errno));
      }
    }
  }
}

// An error of a call: the queue knows more about it, where it came by ICMP.
void UdpTalk::socket_error(int number) {
  read_error_queue();
  if (number == ECONNREFUSED)
    end(Ending::refused, number);
  else
    end(Ending::error, number);
}

void UdpTalk::write_down() {
  while (down_at_ < down_.size()) {
    const auto n = out_.write(Bytes{down_}.subspan(down_at_));
    if (out_.error() == EPIPE) return end(Ending::reader_left);
    if (out_.error() != 0) return end(Ending::output_lost, out_.error());
    if (n == 0) return;
    down_at_ += n;
  }
  down_.clear();
  down_at_ = 0;
}

void UdpTalk::arm_silence() {
  const auto usual = request_.wait.value_or(request_.idle.value_or(usual_silence));
  const auto most = input_ended_ && request_.quit ? *request_.quit
                    : input_ended_                ? usual
                                                  : request_.idle.value_or(usual);
  const auto left = moved_ + most - Clock::now();
  if (left > 0ns) {
    silence_ = loop_.after(left, [this] { arm_silence(); });
  } else if (down_.empty()) {
    report_.silence = most;
    end(input_ended_ ? Ending::silence : Ending::idle);
  } else {
    silence_ =
        loop_.after(most, [this] { arm_silence(); });  // standard output is slow, not the peer
  }
}

void UdpTalk::end(Ending ending, int error) {
  if (std::exchange(over_, true)) return;
  report_.ending = ending;
  report_.error = error;
}

}  // namespace trama::connect
