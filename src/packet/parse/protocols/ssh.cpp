// Secure Shell (RFC 4253): the line with which each side starts, the key exchange in the clear, and
// how much is encrypted after it.
#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/protocols/ssh_fields.h"
#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

using wire::in;

// The lists of one side's key exchange init that decide what follows.
struct Lists {
  std::string exchanges, to_server, to_client;
};

struct Side {
  bool offered = false;
  bool keyed = false;  // it sent New Keys
  u32 packets = 0;
  std::optional<Lists> lists;  // until the other side's are known, too
};

enum class Exchange : u8 { plain, group, elliptic };

struct Talk final : flow::Memory {
  unsigned version = 0;  // 1 or 2, as the client says; 0: not seen
  Side sides[2];         // client, server
  Share share;           // of the lists
  // What both agreed on.
  Exchange exchange = Exchange::plain;
  bool silent[2] = {false, false};  // what the client sends, the server: see is_silent()
};

constexpr std::size_t longest_list = 4096;  // of what is remembered

// The client's first choice that the server knows, too (RFC 4253 section 7.1).
std::string_view chosen(std::string_view wanted, std::string_view known) {
  while (!wanted.empty()) {
    const auto word = wanted.substr(0, wanted.find(','));
    for (auto rest = known; !rest.empty();) {
      const auto other = rest.substr(0, rest.find(','));
      if (word == other) return word;
      rest.remove_prefix(std::min(other.size() + 1, rest.size()));
    }
    wanted.remove_prefix(std::min(word.size() + 1, wanted.size()));
  }
  return {};
}

Exchange exchange_named(std::string_view name) {
  if (name.starts_with("diffie-hellman-group-exchange-")) return Exchange::group;
  if (name.starts_with("ecdh-sha2-") || name.starts_with("curve25519-sha256") ||
      name == "curve448-sha512")
    return Exchange::elliptic;
  return Exchange::plain;
}

// Ciphers whose packets tshark does not count without their keys.
bool is_silent(std::string_view cipher) {
  if (cipher == "chacha20-poly1305@openssh.com") return true;
  for (const std::string_view size : {"aes128-", "aes192-", "aes256-"})
    if (cipher.starts_with(size)) {
      const auto mode = cipher.substr(size.size());
      return mode == "cbc" || mode == "ctr" || mode == "gcm@openssh.com";
    }
  return false;
}

// What follows from both sides' lists, which are then forgotten; waits for the other side's.
void agree(Message& message, Talk& talk) {
  auto& [client, server] = talk.sides;
  if (client.lists && server.lists) {
    talk.exchange = exchange_named(chosen(client.lists->exchanges, server.lists->exchanges));
    const bool told = talk.exchange != Exchange::group;
    talk.silent[0] = told && is_silent(chosen(client.lists->to_server, server.lists->to_server));
    talk.silent[1] = told && is_silent(chosen(client.lists->to_client, server.lists->to_client));
    client.lists.reset();
    server.lists.reset();
    talk.share.give_back();
    return;
  }
  auto& lists = client.lists ? client.lists : server.lists;
  if (!talk.share.cover(
          message, lists->exchanges.size() + lists->to_server.size() + lists->to_client.size()))
    lists.reset();
}

std::string_view code_name(u64 code, Exchange exchange) {
  constexpr std::string_view plain[] = {"Diffie-Hellman Key Exchange Init",
                                        "Diffie-Hellman Key Exchange Reply"};
  constexpr std::string_view elliptic[] = {"Elliptic Curve Diffie-Hellman Key Exchange Init",
                                           "Elliptic Curve Diffie-Hellman Key Exchange Reply"};
  constexpr std::string_view group[] = {
      "Diffie-Hellman Group Exchange Request (Old)", "Diffie-Hellman Group Exchange Group",
      "Diffie-Hellman Group Exchange Init", "Diffie-Hellman Group Exchange Reply",
      "Diffie-Hellman Group Exchange Request"};
  if (code >= 30 && code < 35 && exchange == Exchange::group) return group[code - 30];
  if (code >= 30 && code < 32) return (exchange == Exchange::plain ? plain : elliptic)[code - 30];
  for (const wire::Name& name : ssh_code_names)
    if (name.value == code) return name.text;
  return {};
}

// The lists of a key exchange init, two fields each: length and names.
bool read_offer(Message& message, u32 at, u32 end, Talk* talk, bool server) {
  constexpr std::size_t lists = 10;
  const auto* field = &in(ssh_fields, "ssh.kex_algorithms_length");
  if (end - at < 16) return false;
  message.put_bytes(in(ssh_fields, "ssh.cookie"), at, 16);
  at += 16;
  std::string_view names[lists];
  for (std::size_t i = 0; i < lists; ++i, field += 2) {
    if (end - at < 4) return false;
    const u64 size = message.number(at, 4);
    message.put(field[0], at, 4, size);
    at += 4;
    if (size > end - at) return false;
    message.put_text(field[1], at, static_cast<u32>(size));
    names[i] = message.text(at, static_cast<u32>(size));
    at += static_cast<u32>(size);
  }
  if (end - at < 5) return false;
  message.put_number(in(ssh_fields, "ssh.first_kex_packet_follows"), at, 1);
  message.put_bytes(in(ssh_fields, "ssh.kex.reserved"), at + 1, 4);
  if (talk != nullptr) {
    Side& side = talk->sides[server ? 1 : 0];
    side.offered = true;
    side.keyed = false;
    const auto kept = [](std::string_view list) {
      return std::string{list.substr(0, longest_list)};
    };
    side.lists = Lists{kept(names[0]), kept(names[2]), kept(names[3])};
    agree(message, *talk);
  }
  if (!message.rows()) return true;
  const std::size_t way = server ? 1 : 0;
  const auto made =
      fmt::format("{};{};{};{}", names[0], names[2 + way], names[4 + way], names[6 + way]);
  message.put_text(server ? in(ssh_fields, "ssh.kex.hasshserver_algorithms")
                          : in(ssh_fields, "ssh.kex.hassh_algorithms"),
                   at + 5, 0, made);
  return true;
}

void add_info(Message& message, std::string_view words) {
  if (!message.info().empty()) message.info() += ", ";
  message.info() += words;
}

// A packet in the clear. Where the next one starts; 0: it is not whole, or is none.
u32 read_packet(Message& message, u32 at, Talk* talk, Side* side, bool server) {
  const u32 left = message.captured - at;
  const u64 size = left < 4 ? 0 : message.number(at, 4);
  if ((left < 4 || size > left - 4) && message.waits()) {
    message.need_here(at, left < 4 ? 0 : static_cast<u32>(std::min<u64>(size + 4 - left, u32(-1))));
    return 0;
  }
  if (left < 6) {
    message.malformed();
    return 0;
  }
  message.put(in(ssh_fields, "ssh.packet_length"), at, 4, size);
  const u64 padding = message.put_number(in(ssh_fields, "ssh.padding_length"), at + 4, 1);
  const u64 code = message.put_number(in(ssh_fields, "ssh.message_code"), at + 5, 1);
  const auto name = code_name(code, talk == nullptr ? Exchange::plain : talk->exchange);
  add_info(message, name);
  if (name.empty()) fmt::format_to(std::back_inserter(message.info()), "Unknown ({})", code);
  if (size > left - 4 || size < padding + 2) {
    message.malformed();
    return 0;
  }
  const u32 end = at + 4 + static_cast<u32>(size);
  const u32 body_end = end - static_cast<u32>(padding);
  if (code == 20 && !read_offer(message, at + 6, body_end, talk, server)) {
    message.malformed();
    return 0;
  }
  if (code == 21 && side != nullptr) side->keyed = true;
  message.put_bytes(in(ssh_fields, "ssh.padding_string"), body_end, static_cast<u32>(padding));
  if (side != nullptr) message.put_found(in(ssh_fields, "ssh.seq_num"), side->packets++);
  return end;
}

void read_encrypted(Message& message, u32 at, const Talk* talk, bool server) {
  if (talk != nullptr && talk->silent[server ? 1 : 0]) return;
  const u32 size = message.length - at;
  add_info(message, "Encrypted packet (len=");
  fmt::format_to(std::back_inserter(message.info()), "{})", size);
  const u32 here = message.captured - at;
  if (here <= 4) return;
  message.put_bytes(in(ssh_fields, "ssh.packet_length_encrypted"), at, 4);
  message.put_bytes(in(ssh_fields, "ssh.encrypted_packet"), at + 4, here - 4);
}

// The line "SSH-2.0-program"; where it ends, 0: it is not whole.
u32 read_banner(Message& message, u32 at, Talk* talk, bool server) {
  const auto text = message.text(at, message.captured - at);
  const auto end = text.find('\n');
  if (end == text.npos && message.waits() && text.size() < 255) {
    message.need_here(at, 0);
    return 0;
  }
  auto line = text.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  message.put_text(in(ssh_fields, "ssh.protocol"), at, static_cast<u32>(line.size()));
  add_info(message, "Protocol (");
  dissect::append_text(message.info(), line);
  message.info() += ')';
  if (talk != nullptr && !server)
    talk->version = line.starts_with("SSH-2.") || line.starts_with("SSH-1.99-") ? 2
                    : line.starts_with("SSH-1.")                                ? 1
                                                                                : 0;
  return end == text.npos ? message.captured : at + static_cast<u32>(end) + 1;
}

bool read_ssh(Message& message) {
  if (!message.around.tcp) return false;
  auto* talk = message.memory<Talk>();
  const bool server = message.around.to_port != 22 && message.around.from_port == 22;
  Side* side = talk == nullptr ? nullptr : &talk->sides[server ? 1 : 0];
  const unsigned version = talk == nullptr ? 0 : talk->version;
  message.enter(ssh.header);
  message.clear_info();
  message.protocol(version == 2 ? "SSHv2" : version == 1 ? "SSHv1" : "SSH");
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    u32 next = message.captured;
    if (left >= 4 && message.text(at, 4) == "SSH-" && (side == nullptr || !side->offered)) {
      next = read_banner(message, at, talk, server);
    } else if (talk != nullptr && talk->version == 2 && !side->keyed) {
      next = read_packet(message, at, talk, side, server);
    } else {
      read_encrypted(message, at, talk, server);
    }
    if (next == 0) break;
    at = next;
  }
  if (message.stopped()) return true;
  message.ahead(server ? "Server: " : "Client: ");
  message.put_found(in(ssh_fields, "ssh.direction"), server ? 1 : 0);
  return true;
}

constexpr u16 ports[] = {22};

}  // namespace

const Parser ssh{
    .header =
        {.word = "ssh", .name = "SSH Protocol", .layer = 7, .fields = {}, .found = ssh_fields},
    .tcp_ports = ports,
    .read = read_ssh
};

}  // namespace trama::parse
