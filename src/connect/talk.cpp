#include "connect/talk.h"

#include "connect/command.h"
#include "connect/tcp_talk.h"
#include "connect/udp_talk.h"

namespace trama::connect {
namespace {

Report talk_by(const Run& run, const Request& request, Channel& channel) {
  auto report = request.transport == Transport::tcp
                    ? TcpTalk{run, channel, request}.run()
                    : UdpTalk{run, channel.socket(), request}.run();
  report.unix_socket = !request.path.empty();
  return report;
}

}  // namespace

Result<Report> hold_talk(const Run& run, const Request& request, Channel& channel) {
  if (!request.command) return talk_by(run, request, channel);
  const auto child =
      start(*request.command, surroundings_of(channel.socket(), request.transport));
  if (!child) return fail(child);
  Request its = request;
  its.input = its.output = child->get();
  its.program = true;
  its.ends.with_input = true;
  return talk_by(run, its, channel);
}

}  // namespace trama::connect
