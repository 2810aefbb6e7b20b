#include "serve/datagram_batch.h"

#include <algorithm>
#include <utility>

namespace trama::serve {

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): names and controls are received into
DatagramBatch::DatagramBatch() : space_(std::make_unique_for_overwrite<u8[]>(most * stride)) {
  for (unsigned i = 0; i < most; ++i) {
    parts_[i] = {space_.get() + i * stride, stride};
    came_[i].msg_hdr.msg_name = &names_[i];
    came_[i].msg_hdr.msg_iov = &parts_[i];
    came_[i].msg_hdr.msg_iovlen = 1;
    kept_[i].msg_hdr.msg_iov = &answers_[i];
    kept_[i].msg_hdr.msg_iovlen = 1;
  }
}

int DatagramBatch::receive(int socket) {
  // The kernel shortens these to what came, in the messages that it filled.
  const unsigned filled = std::exchange(count_, 0);
  for (unsigned i = 0; i < filled; ++i) {
    came_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    came_[i].msg_hdr.msg_control = &controls_[i];
    came_[i].msg_hdr.msg_controllen = sizeof(Control);
  }
  answered_ = 0;
  const int n = recvmmsg(socket, came_.data(), most, MSG_DONTWAIT, nullptr);
  count_ = static_cast<unsigned>(std::max(n, 0));
  return n;
}

bool DatagramBatch::keep(Bytes answer) {
  const auto at = static_cast<std::size_t>(answer.data() - space_.get());
  if (answer.data() < space_.get() || at >= count_ * stride || answered_ == most) return false;
  const msghdr& from = came_[at / stride].msg_hdr;
  msghdr& back = kept_[answered_].msg_hdr;
  answers_[answered_] = {const_cast<u8*>(answer.data()), answer.size()};  // only read
  back.msg_name = from.msg_name;
  back.msg_namelen = from.msg_namelen;
  back.msg_control = from.msg_controllen == 0 ? nullptr : from.msg_control;
  back.msg_controllen = from.msg_controllen;
  ++answered_;
  return true;
}

DatagramBatch::Flushed DatagramBatch::flush(int socket) {
  Flushed flushed;
  for (unsigned i = 0; i < answered_;) {
    const int n = sendmmsg(socket, &kept_[i], answered_ - i, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) {  // the first of them: the others may go
      ++flushed.failed;
      ++i;
    }
    for (const unsigned sent = i + static_cast<unsigned>(std::max(n, 0)); i < sent; ++i)
      flushed.bytes += kept_[i].msg_len;
  }
  answered_ = 0;
  return flushed;
}

}  // namespace trama::serve
