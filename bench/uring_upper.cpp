// bench/bare_upper.cpp's TCP server again, by io_uring(7): multishot accept, multishot recv with a
// ring of provided buffers, sends that are handed over together. It answers one question: what does
// io_uring save for each message, beside epoll, when nothing else is done? Not a server for
// anything else: a client that does not read its answers loses them.
//
//   uring_upper PORT [BUFFERS]   port 0: the kernel's choice; prints "127.0.0.1:PORT"
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "upper.h"

namespace {

constexpr unsigned entries = 4096;
constexpr unsigned completions = 65536;
constexpr unsigned most_files = 16384;
constexpr std::size_t buffer_size = 2048;

enum Kind : std::uint64_t { accepted, received, sent, closed };

using upper::give_up;

template <class T>
T* at(void* base, unsigned offset) {
  return reinterpret_cast<T*>(static_cast<char*>(base) + offset);
}

// The two queues, and system calls without liburing. One thread; completions are made when it asks
// (DEFER_TASKRUN).
class Ring {
 public:
  Ring() {
    io_uring_params p{};
    p.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    p.cq_entries = completions;
    fd_ = static_cast<int>(syscall(__NR_io_uring_setup, entries, &p));
    if (fd_ < 0) give_up("io_uring_setup");
    const std::size_t size = p.cq_off.cqes + p.cq_entries * sizeof(io_uring_cqe);
    const std::size_t other = p.sq_off.array + p.sq_entries * sizeof(unsigned);
    void* rings = map(size > other ? size : other, IORING_OFF_SQ_RING);
    sqes_ = static_cast<io_uring_sqe*>(map(p.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES));
    sq_tail_ = at<std::atomic<unsigned>>(rings, p.sq_off.tail);
    sq_mask_ = *at<unsigned>(rings, p.sq_off.ring_mask);
    cq_head_ = at<std::atomic<unsigned>>(rings, p.cq_off.head);
    cq_tail_ = at<std::atomic<unsigned>>(rings, p.cq_off.tail);
    cq_mask_ = *at<unsigned>(rings, p.cq_off.ring_mask);
    cqes_ = at<io_uring_cqe>(rings, p.cq_off.cqes);
    auto* array = at<unsigned>(rings, p.sq_off.array);
    for (unsigned i = 0; i < p.sq_entries; ++i) array[i] = i;
    io_uring_rsrc_update own{};
    own.offset = UINT32_MAX;
    own.data = static_cast<std::uint64_t>(fd_);
    if (do_register(IORING_REGISTER_RING_FDS, &own, 1) == 1) {
      number_ = static_cast<int>(own.offset);
      flags_ |= IORING_ENTER_REGISTERED_RING;
    }
  }

  int do_register(unsigned what, void* argument, unsigned count) const {
    return static_cast<int>(syscall(__NR_io_uring_register, fd_, what, argument, count));
  }

  // The next entry, zeroed; those before it are handed over if there is no place.
  io_uring_sqe& next() {
    if (tail_ - handed_ == entries) enter(0);
    io_uring_sqe& sqe = sqes_[tail_++ & sq_mask_];
    std::memset(&sqe, 0, sizeof sqe);
    return sqe;
  }

  // Hands over what is there, and waits for so many completions.
  void enter(unsigned wait) {
    sq_tail_->store(tail_, std::memory_order_release);
    const unsigned flags = flags_ | IORING_ENTER_GETEVENTS;
    const auto n = syscall(__NR_io_uring_enter, number_ < 0 ? fd_ : number_, tail_ - handed_, wait,
                           flags, nullptr, 0);
    if (n >= 0) handed_ += static_cast<unsigned>(n);
    if (n < 0 && errno != EINTR && errno != EBUSY && errno != EAGAIN) give_up("io_uring_enter");
  }

  template <class Work>
  void each(Work work) {
    unsigned head = cq_head_->load(std::memory_order_relaxed);
    for (const unsigned tail = cq_tail_->load(std::memory_order_acquire); head != tail; ++head)
      work(cqes_[head & cq_mask_]);
    cq_head_->store(head, std::memory_order_release);
  }

 private:
  [[nodiscard]] void* map(std::size_t size, off_t offset) const {
    void* place =
        mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, offset);
    if (place == MAP_FAILED) give_up("mmap");
    return place;
  }
  int fd_ = -1;
  int number_ = -1;  // of the ring, among the registered ones
  unsigned flags_ = 0;
  io_uring_sqe* sqes_ = nullptr;
  std::atomic<unsigned>* sq_tail_ = nullptr;
  std::atomic<unsigned>* cq_head_ = nullptr;
  std::atomic<unsigned>* cq_tail_ = nullptr;
  io_uring_cqe* cqes_ = nullptr;
  unsigned sq_mask_ = 0, cq_mask_ = 0;
  unsigned tail_ = 0, handed_ = 0;
};

// Buffers that the kernel takes for what comes.
class Buffers {
 public:
  Buffers(const Ring& ring, unsigned count) : count_(count), space_(count * buffer_size) {
    void* place = mmap(nullptr, count * sizeof(io_uring_buf), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    rows_ = static_cast<io_uring_buf_ring*>(place);
    io_uring_buf_reg row{};
    row.ring_addr = reinterpret_cast<std::uint64_t>(place);
    row.ring_entries = count;
    if (ring.do_register(IORING_REGISTER_PBUF_RING, &row, 1) != 0) give_up("PBUF_RING");
    for (unsigned i = 0; i < count; ++i) give(i);
    publish();
  }
  char* at(unsigned number) { return space_.data() + number * buffer_size; }
  void give(unsigned number) {
    io_uring_buf& row = reinterpret_cast<io_uring_buf*>(rows_)[tail_++ & (count_ - 1)];
    row.addr = reinterpret_cast<std::uint64_t>(at(number));
    row.len = buffer_size;
    row.bid = static_cast<std::uint16_t>(number);
  }
  void publish() {
    reinterpret_cast<std::atomic<std::uint16_t>*>(&rows_->tail)
        ->store(tail_, std::memory_order_release);
  }

 private:
  unsigned count_;
  std::vector<char> space_;
  io_uring_buf_ring* rows_ = nullptr;
  std::uint16_t tail_ = 0;
};

class Server {
 public:
  Server(int door, unsigned buffers) : door_(door), buffers_(ring_, buffers) {
    std::vector<int> files(most_files, -1);
    if (ring_.do_register(IORING_REGISTER_FILES, files.data(), most_files) != 0)
      give_up("IORING_REGISTER_FILES");
    accept();
  }
  [[noreturn]] void run() {
    for (;;) {
      ring_.enter(1);
      ring_.each([this](const io_uring_cqe& cqe) { take(cqe); });
      // A send of this round is done, and its buffer read, before any recv of the next enter runs:
      // sends are tried at submission, MSG_DONTWAIT, and receives when completions are asked for.
      buffers_.publish();
    }
  }

 private:
  void accept() {
    io_uring_sqe& sqe = ring_.next();
    sqe.opcode = IORING_OP_ACCEPT;
    sqe.fd = door_;
    sqe.ioprio = IORING_ACCEPT_MULTISHOT;
    sqe.file_index = IORING_FILE_INDEX_ALLOC;
    sqe.user_data = accepted;
  }
  void receive(unsigned file) {
    io_uring_sqe& sqe = ring_.next();
    sqe.opcode = IORING_OP_RECV;
    sqe.fd = static_cast<int>(file);
    sqe.flags = IOSQE_FIXED_FILE | IOSQE_BUFFER_SELECT;
    sqe.ioprio = IORING_RECV_MULTISHOT;
    sqe.user_data = received | std::uint64_t{file} << 8;
  }
  void close(unsigned file) {
    io_uring_sqe& sqe = ring_.next();
    sqe.opcode = IORING_OP_CLOSE;
    sqe.file_index = file + 1;
    sqe.flags = IOSQE_CQE_SKIP_SUCCESS;
    sqe.user_data = closed;
  }
  void take(const io_uring_cqe& cqe) {
    const auto file = static_cast<unsigned>(cqe.user_data >> 8);
    const bool more = (cqe.flags & IORING_CQE_F_MORE) != 0;
    switch (static_cast<Kind>(cqe.user_data & 0xff)) {
      case accepted:
        if (cqe.res >= 0) receive(static_cast<unsigned>(cqe.res));
        if (!more) accept();
        break;
      case received:
        if (cqe.res > 0) {
          answer(file, cqe.flags >> IORING_CQE_BUFFER_SHIFT, static_cast<unsigned>(cqe.res));
          if (!more) receive(file);
        } else if (cqe.res == -ENOBUFS) {
          receive(file);
        } else {
          close(file);
        }
        break;
      case sent:
      case closed:
        break;  // only what failed
    }
  }
  void answer(unsigned file, unsigned number, unsigned size) {
    char* text = buffers_.at(number);
    upper::change(text, size);
    io_uring_sqe& sqe = ring_.next();
    sqe.opcode = IORING_OP_SEND;
    sqe.fd = static_cast<int>(file);
    sqe.flags = IOSQE_FIXED_FILE | IOSQE_CQE_SKIP_SUCCESS;
    sqe.addr = reinterpret_cast<std::uint64_t>(text);
    sqe.len = size;
    sqe.msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    sqe.user_data = sent;
    buffers_.give(number);
  }

  int door_;
  Ring ring_;
  Buffers buffers_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::fputs("usage: uring_upper PORT [BUFFERS, a power of two]\n", stderr);
    return 2;
  }
  upper::raise_limit();
  const int door = upper::listener(SOCK_STREAM, static_cast<unsigned short>(std::atoi(argv[1])));
  Server server{door, argc == 3 ? static_cast<unsigned>(std::atoi(argv[2])) : 2048U};
  server.run();
}
