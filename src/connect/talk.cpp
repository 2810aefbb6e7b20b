#include "connect/talk.h"

#include <cerrno>

#include "base/say.h"
#include "connect/command.h"
#include "connect/tcp_talk.h"
#include "connect/udp_talk.h"
#include "net/unix_socket.h"

namespace trama::connect {
namespace {

Report talk_by(const Run& run, const Request& request, Channel& channel) {
  auto report = request.transport == Transport::tcp ? TcpTalk{run, channel, request}.run()
                                                    : UdpTalk{run, channel.socket(), request}.run();
  report.unix_socket = !request.path.empty();
  return report;
}

Result<Report> hand_over(int socket, int to) {
  constexpr std::string_view carrier{"\0", 1};  // a stream carries descriptors on bytes only
  if (!net::send_with(to, carrier, {&socket, 1}))
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
