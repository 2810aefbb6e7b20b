#include "lab/storyteller.h"

#include "base/say.h"
#include "packet/dissect/dissect.h"

namespace trama::lab {

Storyteller::Storyteller(const Terminal& terminal) : terminal_(terminal), ladder_(terminal) {}

void Storyteller::caught(const Frame& frame) {
  buffer_.assign(frame.bytes.begin(), frame.bytes.end());
  buffer_.resize(frame.bytes.size() + padding);
  Packet packet;
  packet.data = buffer_.data();
  packet.captured = packet.wire = static_cast<u32>(frame.bytes.size());
  packet.time = frame.caught_ns;
  packet.number = frame.id;
  dissect::mark(packet, interface_.link_type);
  if (packet.deep) tree_.dissect(packet, interface_);
  flows_.forget_ended();
  const auto step = flows_.follow(packet, packet.deep ? &tree_ : nullptr);
  if (!step) return;
  const auto& conversation = *step->conversation;
  const auto [at, fresh] = threads_.try_emplace({conversation.tcp, conversation.stream});
  Thread& thread = at->second;
  if (fresh) {
    thread.tcp = conversation.tcp;
    thread.client = conversation.client_endpoint();
    thread.server = conversation.server_endpoint();
  }
  const bool told = thread.memory.third_step;
  auto rung = story::tell(*step, frame.id, frame.caught_ns, thread.memory);
  waiting_[frame.id] = {std::move(rung), &thread, thread.memory.third_step != told};
}

story::State Storyteller::kernel_state(Thread& thread, const EndState& end, bool client) {
  using story::Origin;
  const auto port = client ? thread.client.port : thread.server.port;
  switch (end.kind) {
    case EndState::Kind::unknown:
      return {"", Origin::none};
    case EndState::Kind::udp_bound:
      return {fmt::format("bound :{}", port), Origin::kernel};
    case EndState::Kind::udp_connected:
      return {"connected", Origin::kernel};
    case EndState::Kind::tcp:
      thread.lived[client ? 0 : 1] = end.state != host::TcpState::listen;
      return {std::string{host::name_of(end.state)}, Origin::kernel};
    case EndState::Kind::no_socket:
      break;
  }
  // No socket is what is left of a closed connection, and what was there before any.
  return {thread.lived[client ? 0 : 1] ? "CLOSED" : "no socket", Origin::kernel};
}

std::string Storyteller::heads(Thread& thread, const Frame& frame) {
  std::string text;
  if (newest_ == &thread) return text;
  newest_ = &thread;
  text += fmt::format(
      "\n{}\n", terminal_.paint(
                    Colour::bold,
                    fmt::format("{} {} {} {}", thread.tcp ? "TCP" : "UDP", to_string(thread.client),
                                terminal_.utf8 ? "→" : "->", to_string(thread.server))));
  if (thread.titled) return text;
  thread.titled = true;
  const bool client_sends = frame.from == Host::client;
  const EndState& server = client_sends ? frame.receiver : frame.sender;
  const EndState& client = client_sends ? frame.sender : frame.receiver;
  if (!thread.tcp) {
    text += terminal_.paint(Colour::dim, say("UDP: no connection; there is no state to agree on")) +
            "\n";
    return text + ladder_.head(thread.client, thread.server, kernel_state(thread, client, true),
                               kernel_state(thread, server, false));
  }
  const story::State before_server =
      server.kind == EndState::Kind::no_socket
          ? story::State{"no socket", story::Origin::kernel}
          : story::State{"LISTEN", server.kind == EndState::Kind::unknown ? story::Origin::deduced
                                                                          : story::Origin::kernel};
  thread.last[0] = {"CLOSED", story::Origin::deduced};
  thread.last[1] = before_server;
  return text + ladder_.head(thread.client, thread.server, {"CLOSED", story::Origin::deduced},
                             before_server);
}

std::string Storyteller::fate(const Frame& frame) {
  const auto found = waiting_.find(frame.id);
  if (found == waiting_.end())
    return ladder_.note(say("frame {}: {} bytes of no conversation", frame.id, frame.bytes.size()));
  auto [rung, thread, third_step] = std::move(found->second);
  waiting_.erase(found);
  const bool client_sends = frame.from == Host::client;
  std::string text = heads(*thread, frame);
  rung.lost = frame.fate != Fate::delivered;
  rung.client = kernel_state(*thread, client_sends ? frame.sender : frame.receiver, true);
  rung.server = kernel_state(*thread, client_sends ? frame.receiver : frame.sender, false);
  // What a lost frame would have meant is not told, but that it is lost; its receiver stays as it
  // was.
  if (rung.lost) {
    rung.sentence = say("Lost on the wire: it never reaches the other end.");
    (client_sends ? rung.server : rung.client) = thread->last[client_sends ? 1 : 0];
    if (third_step) thread->memory.third_step = false;
  }
  thread->last[0] = rung.client;
  thread->last[1] = rung.server;
  return text + ladder_.rung(rung);
}

}  // namespace trama::lab
