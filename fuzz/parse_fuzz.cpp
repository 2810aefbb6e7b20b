// Any bytes as a conversation of one parser: the first byte chooses the parser (the variable PARSER
// of the environment, "PARSER=dns", leaves no choice), the second TCP or UDP and whether rows are
// asked for. The rest is segments: a byte of who sends and how it follows, one of length, and the
// bytes.
#include <cstdlib>
#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/dissect/value.h"
#include "packet/flow/table.h"
#include "packet/parse/engine.h"
#include "wire/registry.h"

namespace {

using namespace trama;

std::vector<u8> frame(bool tcp, bool back, u16 port, u32 seq, u32 ack, u8 flags, Bytes payload) {
  const std::size_t header = tcp ? 20 : 8;
  std::vector<u8> bytes(34 + header);
  bytes[12] = 8;
  bytes[14] = 0x45;
  const auto put = [&](std::size_t at, u32 value, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      bytes[at + i] = static_cast<u8>(value >> 8 * (count - 1 - i));
  };
  put(16, static_cast<u32>(20 + header + payload.size()), 2);
  bytes[22] = 64;
  bytes[23] = tcp ? 6 : 17;
  put(26, back ? 0x0a000002 : 0x0a000001, 4);
  put(30, back ? 0x0a000001 : 0x0a000002, 4);
  put(34, back ? port : 40000, 2);
  put(36, back ? 40000 : port, 2);
  if (tcp) {
    put(38, seq, 4);
    put(42, ack, 4);
    bytes[46] = 0x50;
    bytes[47] = flags;
    put(48, 65000, 2);
  } else {
    put(38, static_cast<u32>(8 + payload.size()), 2);
  }
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const auto all = parse::parsers();
  static const char* const named = std::getenv("PARSER");
  const parse::Parser* parser =
      named != nullptr ? parse::find_parser(named) : all[data[0] % all.size()];
  if (parser == nullptr) std::abort();
  const bool tcp = (data[1] & 1U) == 0;
  const bool rows = (data[1] & 2U) == 0;
  const auto ports = tcp ? parser->tcp_ports : parser->udp_ports;
  const u16 port = ports.empty() ? u16{7777} : ports[0];
  parse::Settings settings;
  settings.decode_as.push_back({tcp, port, parser});
  parse::Engine engine{settings};
  flow::Table flows{8};
  dissect::Tree tree;
  parse::Told told;
  source::Interface interface;
  interface.link_type = 1;
  std::string text;
  u32 next[2] = {1000, 5000};
  u64 number = 0;
  for (std::size_t at = 2; at + 2 <= size && number < 64;) {
    const u8 how = data[at];
    const std::size_t length =
        std::min<std::size_t>(std::size_t{data[at + 1]} << ((how >> 6 & 1) * 3), size - at - 2);
    const bool back = (how & 1U) != 0;
    u32& mine = next[back ? 1 : 0];
    u32 seq = mine;
    if ((how & 6U) == 2) seq -= std::min<u32>(static_cast<u32>(length), 16);  // again, partly
    if ((how & 6U) == 4) seq += how >> 3 & 7U;                                // a gap
    const u8 flags = static_cast<u8>(0x18 | ((how & 0x38U) == 0x38 ? 1 : 0));
    auto bytes = frame(tcp, back, port, seq, next[back ? 0 : 1], flags, {data + at + 2, length});
    mine = seq + static_cast<u32>(length);
    const auto wire = static_cast<u32>(bytes.size());
    const u32 cut =
        (how & 0x80U) != 0 ? std::min<u32>(how >> 1 & 15U, static_cast<u32>(length)) : 0;
    bytes.resize(wire - cut);
    const auto captured = static_cast<u32>(bytes.size());
    bytes.resize(captured + padding);
    Packet packet;
    packet.data = bytes.data();
    packet.captured = captured;
    packet.wire = wire;
    packet.number = ++number;
    packet.time = static_cast<i64>(number) * 1'000'000;
    dissect::mark(packet, interface.link_type);
    tree.dissect(packet, interface);
    flows.forget_ended();
    const auto step = flows.follow(packet, packet.deep ? &tree : nullptr);
    if (step) flow::annotate(tree, *step);
    engine.read(packet, step ? &*step : nullptr, rows ? &tree : nullptr, told);
    if (engine.waiting() > parse::most_waiting) std::abort();
    for (const auto& row : tree.rows()) {
      if (row.layer >= tree.layers().size()) std::abort();
      text.clear();
      dissect::append_value(text, row);
    }
    at += length + 2;
  }
  return 0;
}
