#include "connect/talk.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/say.h"
#include "connect/command.h"
#include "connect/tcp_talk.h"
#include "connect/udp_talk.h"

namespace trama::connect {
namespace {

Report talk_by(const Run& run, const Request& request, Channel& channel) {
  auto report = request.transport == Transport::tcp ? TcpTalk{run, channel, request}.run()
                                                    : UdpTalk{run, channel.socket(), request}.run();
  report.unix_socket = !request.path.empty();
  return report;
}

// unix(7), SCM_RIGHTS: the descriptor rides on one byte.
Result<Report> hand_over(int socket, int to) {
  u8 byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<u8, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* row = CMSG_FIRSTHDR(&message);
  row->cmsg_level = SOL_SOCKET;
  row->cmsg_type = SCM_RIGHTS;
  row->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(row), &socket, sizeof socket);
  if (sendmsg(to, &message, MSG_NOSIGNAL) < 0)
    return fail(Exit::no, say("standard output takes no socket: {}", errno_text(errno)), errno);
  Report report;
  report.ending = Ending::quit;
  return report;
}

}  // namespace

Result<Report> hold_talk(const Run& run, const Request& request, Channel& channel) {
  if (request.hands_over) return hand_over(channel.socket(), request.output);
  if (!request.command) return talk_by(run, request, channel);
  const auto child = start(*request.command, surroundings_of(channel.socket(), request.transport));
  if (!child) return fail(child);
  Request its = request;
  its.input = its.output = child->get();
  its.program = true;
  its.ends.with_input = true;
  its.ends.with_peer = false;  // what the program still says is worth hearing
  return talk_by(run, its, channel);
}

}  // namespace trama::connect
