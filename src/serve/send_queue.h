// What one client has still to be sent, in order. The texts are shared with the other clients'
// queues; many leave with one system call. An idle client's queue keeps no memory.
#pragma once
#include <sys/types.h>

#include <functional>
#include <vector>

#include "serve/shared_text.h"

namespace trama::serve {

class SendQueue {
 public:
  [[nodiscard]] bool empty() const { return first_ == texts_.size(); }
  // What it costs in memory at most, in bytes: each text, and SharedText::overhead for it.
  [[nodiscard]] std::size_t cost() const { return cost_; }

  void push(SharedText text);
  // Takes the oldest text out of which nothing was sent yet; false where there is none.
  bool drop_oldest();

  // Sends what the socket takes now, and counts it in `sent`. 0, or the errno that ends the
  // connection.
  int send_to(int socket, u64& sent);
  // The same by another way out, text by text: `send` is as send(2), and what it refuses with
  // EAGAIN is given to it again.
  int send_by(const std::function<ssize_t(Bytes)>& send, u64& sent);
  // The first text is on its way, though nothing of it was counted: it is not dropped.
  void begin() { begun_ = true; }

 private:
  void took(std::size_t bytes);
  void forget_first();
  [[nodiscard]] static std::size_t cost_of(const SharedText& text) {
    return text.size() + SharedText::overhead;
  }
  std::vector<SharedText> texts_;  // from first_ on
  std::size_t first_ = 0;
  std::size_t written_ = 0;  // of the first one
  std::size_t cost_ = 0;
  bool begun_ = false;  // the first one
};

}  // namespace trama::serve
