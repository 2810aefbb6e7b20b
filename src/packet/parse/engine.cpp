#include "packet/parse/engine.h"

#include <algorithm>
#include <charconv>

#include "base/options.h"
#include "base/say.h"
#include "base/terminal.h"
#include "packet/parse/talk.h"
#include "wire/protocols/sctp.h"
#include "wire/protocols/tcp.h"
#include "wire/protocols/udp.h"

namespace trama::parse {

namespace {

#define TRAMA_PARSER_ROW(name) &(name),
constexpr const Parser* all[] = {TRAMA_PARSERS(TRAMA_PARSER_ROW) nullptr};
#undef TRAMA_PARSER_ROW

// The layer of the innermost transport header: where rows about its payload belong.
u16 transport_of(const dissect::Tree& tree) {
  if (tree.payload().layer != 0) return tree.payload().layer;
  const dissect::Layer* layer = tree.innermost(wire::tcp);
  return layer == nullptr ? u16{0} : static_cast<u16>(layer - tree.layers().data());
}

constexpr u32 sctp_ports = 0x20000;

}  // namespace

std::span<const Parser* const> parsers() { return {all, std::size(all) - 1}; }

const Parser* find_parser(std::string_view word) {
  for (const Parser* parser : parsers())
    if (parser->header.word == word) return parser;
  return nullptr;
}

Engine::Engine(Settings settings, flow::Table* flows)
    : settings_(std::move(settings)), flows_(flows) {
  for (const Parser* parser : parsers()) {
    for (const u16 port : parser->tcp_ports) ports_.emplace(port_key(true, port), parser);
    for (const u16 port : parser->udp_ports) ports_.emplace(port_key(false, port), parser);
    for (const u16 port : parser->sctp_ports) ports_.emplace(sctp_ports | port, parser);
  }
  for (const DecodeAs& choice : settings_.decode_as)
    ports_[port_key(choice.tcp, choice.port)] = choice.parser;
  for (const auto& [key, parser] : ports_)
    if (parser != nullptr && parser->moves_numbers && key < moving_.size()) moving_[key] = true;
}

Engine::~Engine() = default;

bool Engine::moves_numbers(const flow::Step& step) const {
  const auto moves = [&](u16 port) { return moving_[port_key(step.segment.tcp, port)]; };
  return !step.icmp && (moves(step.segment.from.port) || moves(step.segment.to.port));
}

Engine::Talk* Engine::talk_of(flow::Conversation& conversation, const Around& around) {
  if (!conversation.messages) {
    auto talk = std::make_unique<Talk>(waiting_);
    for (auto expected = expected_.begin(); expected != expected_.end(); ++expected) {
      const bool meant =
          expected->tcp == around.tcp && (conversation.endpoints[0] == expected->end ||
                                          conversation.endpoints[1] == expected->end);
      if (!meant) continue;
      talk->parser = expected->parser;
      if (expected->memory)
        talk->memories.push_back({expected->parser, std::move(expected->memory)});
      expected_.erase(expected);
      break;
    }
    conversation.messages = std::move(talk);
  }
  return static_cast<Talk*>(conversation.messages.get());
}

bool Engine::try_parser(const Parser& parser, Message& message, Job& job) {
  const auto end = job.tree != nullptr ? job.tree->end() : dissect::Tree::End{};
  const auto protocol = job.told.protocol;
  const auto info = job.told.info.size();
  message.parser = &parser;
  message.needs_ = message.needs_all_ = message.stays_ = message.entered_ = false;
  message.layers_.clear();
  const bool mine = parser.read(message);
  if (!mine || (message.needs_ && message.need_at_ == 0)) {
    if (job.tree != nullptr && !(mine && message.stays_)) job.tree->back(end);
    job.told.protocol = protocol;
    job.stays = mine && message.stays_;
  }
  if (!mine) job.told.info.resize(std::min(info, job.told.info.size()));
  return mine;
}

// Gives bytes to whoever they belong to; false where that is nobody.
bool Engine::read_message(Job& job, const u8* data, u32 captured, u32 length, u32 at) {
  Message message{*this, job.around, job.tree, job.told, data, captured, length, at};
  message.last_ = job.last;
  const Around& around = job.around;
  const auto attempt = [&](const Parser* parser) {
    if (parser == nullptr || !try_parser(*parser, message, job)) return false;
    job.needs = message.needs_;
    job.needs_all = message.needs_all_;
    job.need_at = message.need_at_;
    job.need_more = message.need_more_;
    return true;
  };
  if (job.talk != nullptr && job.talk->parser != nullptr &&
      around.packet.number > job.talk->since && attempt(job.talk->parser))
    return true;
  const u16 ports[] = {std::min(around.from_port, around.to_port),
                       std::max(around.from_port, around.to_port)};
  const bool sctp = around.association != nullptr;
  for (const u16 port : ports)
    if (const auto found = ports_.find(sctp ? sctp_ports | port : port_key(around.tcp, port));
        found != ports_.end() && attempt(found->second))
      return true;
  if (sctp) return false;  // there, ports are believed
  for (const Parser* parser : parsers()) {
    if (parser->looks == nullptr || !parser->looks(message) || !attempt(parser)) continue;
    if (around.step != nullptr && !around.step->icmp) {
      Talk* talk = talk_of(*around.step->conversation, around);
      if (talk->parser == nullptr) talk->parser = parser;
    }
    return true;
  }
  return false;
}

void Engine::read(const Packet& packet, const flow::Step* step, dissect::Tree* tree, Told& told) {
  told.forget();
  kept_.clear();
  const bool own = step != nullptr && !step->icmp;  // not what an ICMP error quotes
  if (tree == nullptr && !own) return;
  const bool fin = own && step->segment.tcp && step->segment.has(flow::TcpFlag::fin);
  if (!fin && (tree != nullptr ? tree->payload().layer == 0 : step->segment.payload.empty()))
    return;
  Around around{packet, own ? step : nullptr, true, 0, 0, true, false, !own};
  const u8* data = nullptr;
  u32 captured = 0;
  u32 length = 0;
  u32 at = 0;
  if (own) {
    const flow::Segment& segment = step->segment;
    around.tcp = segment.tcp;
    around.from_port = segment.from.port;
    around.to_port = segment.to.port;
    around.ends = fin;
    data = segment.payload.data();
    captured = static_cast<u32>(segment.payload.size());
    length = segment.length;
    at = tree != nullptr ? tree->payload().at : 0;
  } else {
    const dissect::Payload& payload = tree->payload();
    const dissect::Layer& layer = tree->layers()[payload.layer];
    if (layer.length < 8) return;
    around.tcp = layer.header == &wire::tcp;
    around.from_port = static_cast<u16>(layer.data[0] << 8 | layer.data[1]);
    around.to_port = static_cast<u16>(layer.data[2] << 8 | layer.data[3]);
    at = payload.at;
    data = payload.data;
    captured = payload.captured;
    length = payload.length;
  }
  if (captured == 0 && !fin) return;
  around.whole = captured == length;
  Talk* talk = own && (around.tcp || step->conversation->messages || !expected_.empty())
                   ? talk_of(*step->conversation, around)
                   : nullptr;
  Job job{packet, around, talk, tree, told};
  if (tree != nullptr) job.layer = transport_of(*tree);
  if (!own && tree->layers()[tree->payload().layer].header == &wire::sctp) {
    around.tcp = true;  // a parser's stream of bytes, whole messages of it
    return read_chunks(job, around, tree->payload());
  }
  if (own && around.tcp)
    read_segment(job);
  else
    job.read = read_message(job, data, captured, length, at);
  if (!own) told.forget();  // the columns speak of the error, not of what it quotes
  if (tree != nullptr && !job.read && captured != 0) tree->add_data();
}

Result<DecodeAs> decode_as(std::string_view text) {
  const auto wrong = [&] {
    return fail(Exit::bad_input,
                say("-d takes tcp.port==NUMBER,PROTOCOL or udp.port==NUMBER,PROTOCOL, "
                    "not \"{}\"",
                    harmless(text)));
  };
  DecodeAs choice;
  const auto equals = text.find("==");
  const auto comma = text.find(',');
  if (equals == text.npos || comma == text.npos || comma < equals) return wrong();
  const auto layer = text.substr(0, equals);
  const auto number = text.substr(equals + 2, comma - equals - 2);
  const auto word = text.substr(comma + 1);
  if (layer != "tcp.port" && layer != "udp.port") return wrong();
  choice.tcp = layer == "tcp.port";
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), choice.port);
  if (error != std::errc{} || end != number.data() + number.size()) return wrong();
  choice.parser = find_parser(word);
  if (choice.parser == nullptr && word != "data") {
    std::vector<std::string_view> known;
    for (const Parser* parser : parsers()) known.push_back(parser->header.word);
    const auto meant = nearest(word, known);
    return fail(Exit::bad_input, meant.empty()
                                     ? say("-d: there is no parser for \"{}\"", harmless(word))
                                     : say("-d: there is no parser for \"{}\": did you mean {}?",
                                           harmless(word), meant));
  }
  return choice;
}

}  // namespace trama::parse
