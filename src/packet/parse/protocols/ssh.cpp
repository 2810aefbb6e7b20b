// Secure Shell (RFC 4253): the line with which each side starts; what follows is encrypted soon.
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

constexpr auto fields = std::to_array<Field>({
    {"ssh.protocol", 0, Show::text, N_("version and program, as its first line says")},
});

struct Sides final : flow::Memory {
  bool named[2] = {false, false};  // it sent its line
};

bool is_banner(const Message& message) {
  return message.around.tcp && message.whole(0, 4) && message.text(0, 4) == "SSH-";
}

bool read_ssh(Message& message) {
  auto* sides = message.memory<Sides>();
  const bool banner = is_banner(message);
  if (banner) {
    const auto text = message.text(0, message.captured);
    const auto end = text.find('\n');
    if (end == text.npos && message.waits() && message.captured < 255) {
      message.need(0, 0);
      return true;
    }
    if (sides != nullptr) sides->named[message.from()] = true;
    const auto line = text.substr(0, end);
    const auto size = static_cast<u32>(line.size() - (line.ends_with('\r') ? 1 : 0));
    message.enter(ssh.header);
    message.put_text(in(fields, "ssh.protocol"), 0, size);
    message.protocol(line.starts_with("SSH-2") ? "SSHv2" : "SSH");
    message.info() = message.from_client() ? "Client: Protocol (" : "Server: Protocol (";
    message.info().append(line.substr(0, size)) += ')';
    return true;
  }
  message.enter(ssh.header);
  message.protocol("SSH");
  return true;
}

constexpr u16 ports[] = {22};

}  // namespace

const Parser ssh{
    .header = {.word = "ssh", .name = "SSH Protocol", .layer = 7, .fields = {}, .found = fields},
    .tcp_ports = ports,
    .looks = is_banner,
    .read = read_ssh
};

}  // namespace trama::parse
