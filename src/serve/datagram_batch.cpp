#include "serve/datagram_batch.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket.h"

namespace trama::serve {
namespace {

// Takes the size of an arrival's datagrams out of its control data, where what is left goes back
// with answers; 0: it is one datagram. The kernel tells it before all else.
std::size_t take_segment(msghdr& message) {
  const cmsghdr* row = CMSG_FIRSTHDR(&message);
  if (row == nullptr || row->cmsg_level != SOL_UDP || row->cmsg_type != UDP_GRO) return 0;
  int size = 0;
  std::memcpy(&size, CMSG_DATA(row), sizeof size);
  const std::size_t taken =
      std::min<std::size_t>(CMSG_ALIGN(row->cmsg_len), message.msg_controllen);
  auto* control = static_cast<u8*>(message.msg_control);
  std::memmove(control, control + taken, message.msg_controllen - taken);
  message.msg_controllen -= taken;
  return static_cast<std::size_t>(std::max(size, 0));
}

bool same(const void* a, std::size_t a_size, const void* b, std::size_t b_size) {
  return a_size == b_size && (a_size == 0 || std::memcmp(a, b, a_size) == 0);
}

}  // namespace

bool join_datagrams(int socket) {
  constexpr int on = 1, none = 0;
  // Kernels that do not know an option refuse it: then each datagram goes by itself.
  const bool arrive = setsockopt(socket, SOL_UDP, UDP_GRO, &on, sizeof on) == 0;
  return arrive && setsockopt(socket, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): names and controls are received into
DatagramBatch::DatagramBatch() : space_(std::make_unique_for_overwrite<u8[]>(most * stride)) {
  for (unsigned i = 0; i < most; ++i) {
    parts_[i] = {space_.get() + i * stride, longest_datagram};
    came_[i].msg_hdr.msg_name = &names_[i];
    came_[i].msg_hdr.msg_iov = &parts_[i];
    came_[i].msg_hdr.msg_iovlen = 1;
  }
}

int DatagramBatch::receive(int socket, bool joins) {
  // The kernel shortens these to what came, in the messages that it filled.
  const unsigned filled = std::exchange(count_, 0);
  for (unsigned i = 0; i < filled; ++i) {
    came_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    came_[i].msg_hdr.msg_control = &controls_[i];
    came_[i].msg_hdr.msg_controllen = sizeof(Control);
  }
  answered_ = pieces_ = 0;
  joins_ = joins;
  const int n = recvmmsg(socket, came_.data(), most, MSG_DONTWAIT, nullptr);
  count_ = static_cast<unsigned>(std::max(n, 0));
  for (unsigned i = 0; i < count_; ++i) segments_[i] = take_segment(came_[i].msg_hdr);
  return n;
}

// Joined datagrams have one sender and one size, but for the last, which may be shorter.
bool DatagramBatch::continues(const Joined& last, unsigned arrival, std::size_t size) const {
  if (!last.open || size == 0 || size > last.segment || last.count == most_joined ||
      last.bytes + size > net::longest_udp_payload)
    return false;
  if (last.arrival == arrival) return true;
  const msghdr &a = came_[last.arrival].msg_hdr, &b = came_[arrival].msg_hdr;
  return same(a.msg_name, a.msg_namelen, b.msg_name, b.msg_namelen) &&
         same(a.msg_control, a.msg_controllen, b.msg_control, b.msg_controllen);
}

bool DatagramBatch::keep(Bytes answer) {
  const auto at = static_cast<std::size_t>(answer.data() - space_.get());
  if (answer.data() < space_.get() || at >= count_ * stride) return false;
  const auto arrival = static_cast<unsigned>(at / stride);
  iovec piece{const_cast<u8*>(answer.data()), answer.size()};  // only read
  if (answered_ > 0 && continues(joined_[answered_ - 1], arrival, answer.size())) {
    Joined& last = joined_[answered_ - 1];
    iovec& before = answers_[pieces_ - 1];
    const bool follows = static_cast<u8*>(before.iov_base) + before.iov_len == answer.data();
    if (!follows && pieces_ == most) return false;
    if (follows) {
      before.iov_len += answer.size();
    } else {
      answers_[pieces_++] = piece;
      ++kept_[answered_ - 1].msg_hdr.msg_iovlen;
    }
    ++last.count;
    last.bytes += answer.size();
    last.open = answer.size() == last.segment;
    return true;
  }
  if (answered_ == most || pieces_ == most) return false;
  joined_[answered_] = {arrival, 1, answer.size(), answer.size(),
                        joins_ && !answer.empty() && answer.size() <= longest_};
  answers_[pieces_] = piece;
  msghdr& back = kept_[answered_].msg_hdr;
  back.msg_iov = &answers_[pieces_];
  back.msg_iovlen = 1;
  ++pieces_;
  ++answered_;
  return true;
}

// Addresses a message; several answers in it are told apart by the size of each.
void DatagramBatch::prepare(unsigned message) {
  const Joined& joined = joined_[message];
  const msghdr& from = came_[joined.arrival].msg_hdr;
  msghdr& back = kept_[message].msg_hdr;
  back.msg_name = from.msg_name;
  back.msg_namelen = from.msg_namelen;
  back.msg_control = from.msg_controllen == 0 ? nullptr : from.msg_control;
  back.msg_controllen = from.msg_controllen;
  if (joined.count == 1) return;
  auto& control = answer_controls_[message].bytes;
  std::memcpy(control.data(), from.msg_control, from.msg_controllen);
  const auto size = static_cast<u16>(joined.segment);
  cmsghdr row{};
  row.cmsg_level = SOL_UDP;
  row.cmsg_type = UDP_SEGMENT;
  row.cmsg_len = CMSG_LEN(sizeof size);
  u8* place = control.data() + CMSG_ALIGN(from.msg_controllen);
  std::memcpy(place, &row, sizeof row);
  std::memcpy(place + CMSG_LEN(0), &size, sizeof size);
  back.msg_control = control.data();
  back.msg_controllen = CMSG_ALIGN(from.msg_controllen) + CMSG_SPACE(sizeof size);
}

// The answers of a message that the kernel did not take, one by one.
void DatagramBatch::send_alone(int socket, unsigned message, Flushed& flushed) {
  const Joined& joined = joined_[message];
  const msghdr whole = kept_[message].msg_hdr;
  msghdr one = came_[joined.arrival].msg_hdr;
  if (one.msg_controllen == 0) one.msg_control = nullptr;
  for (std::size_t i = 0; i < whole.msg_iovlen; ++i) {
    Bytes rest{static_cast<const u8*>(whole.msg_iov[i].iov_base), whole.msg_iov[i].iov_len};
    while (!rest.empty()) {
      const std::size_t size = std::min(rest.size(), joined.segment);
      iovec part{const_cast<u8*>(rest.data()), size};
      one.msg_iov = &part;
      one.msg_iovlen = 1;
      if (sendmsg(socket, &one, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        ++flushed.failed;
      else
        flushed.bytes += size;
      rest = rest.subspan(size);
    }
  }
}

DatagramBatch::Flushed DatagramBatch::flush(int socket) {
  Flushed flushed;
  for (unsigned i = 0; i < answered_; ++i) prepare(i);
  for (unsigned i = 0; i < answered_;) {
    const int n = sendmmsg(socket, &kept_[i], answered_ - i, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) {  // the first of them: the others may go
      if (joined_[i].count > 1) {
        // The path's MTU is smaller, or its device can't count checksums: from now on nothing of
        // this size is joined.
        if (errno == EINVAL || errno == EMSGSIZE) longest_ = joined_[i].segment - 1;
        if (errno == EIO) longest_ = 0;
        send_alone(socket, i, flushed);
      } else {
        ++flushed.failed;
      }
      ++i;
    }
    for (const unsigned sent = i + static_cast<unsigned>(std::max(n, 0)); i < sent; ++i)
      flushed.bytes += kept_[i].msg_len;
  }
  answered_ = pieces_ = 0;
  return flushed;
}

}  // namespace trama::serve
