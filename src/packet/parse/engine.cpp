#include "packet/parse/engine.h"

#include <algorithm>
#include <charconv>

#include "base/options.h"
#include "base/say.h"
#include "base/terminal.h"
#include "wire/protocols/tcp.h"
#include "wire/protocols/udp.h"

namespace trama::parse {

using flow::before;

namespace {

// A message inside a message, and so on: no real packet nests deeper.
constexpr unsigned deepest = 8;
constexpr std::size_t most_expected = 256;
constexpr u64 most_rows = 1U << 16;  // of one packet: what a hostile one may cost

#define TRAMA_PARSER_ROW(name) &(name),
constexpr const Parser* all[] = {TRAMA_PARSERS(TRAMA_PARSER_ROW) nullptr};
#undef TRAMA_PARSER_ROW

u32 port_key(bool tcp, u16 port) { return (tcp ? 0x10000U : 0U) | port; }

}  // namespace

std::span<const Parser* const> parsers() { return {all, std::size(all) - 1}; }

const Parser* find_parser(std::string_view word) {
  for (const Parser* parser : parsers())
    if (parser->header.word == word) return parser;
  return nullptr;
}

// What the parse step remembers of a conversation.
class Engine::Talk final : public flow::Memory {
 public:
  explicit Talk(u64& waiting) : waiting_(waiting) {}
  ~Talk() override {
    for (Direction& direction : directions) drop(direction);
  }
  void drop(Direction& direction) {
    if (!direction.open) return;
    waiting_ -= direction.open->bytes.size();
    direction.open.reset();
  }

  const Parser* parser = nullptr;  // of all the conversation; nullptr: by port and content
  u64 since = 0;                   // packets after this one
  std::array<Direction, 2> directions;
  struct Memories {
    const Parser* parser;
    std::unique_ptr<flow::Memory> memory;
  };
  std::vector<Memories> memories;

 private:
  u64& waiting_;
};

struct Engine::Job {
  const Packet& packet;
  const Around& around;
  Talk* talk;
  dissect::Tree* tree;
  Told& told;
  u32 seq = 0;
  // What the last message asked for.
  bool needs = false, needs_all = false;
  u32 need_at = 0, need_more = 0;
  bool read = false;  // a parser took bytes of this packet
};

// ---- Message ----

Message::Message(Engine& engine, const Around& around_, dissect::Tree* tree, Told& told,
                 const u8* data_, u32 captured_, u32 length_, u32 at)
    : data(data_),
      captured(captured_),
      length(length_),
      around(around_),
      engine_(engine),
      tree_(tree),
      told_(told),
      at_(at) {}

void Message::enter(const wire::Header& header, u32 at, u32 count) {
  if (tree_ == nullptr) return;
  at = std::min(at, captured);
  const u32 here = std::min(count, captured - at);
  const u32 on_wire = count == captured - at ? length - at : count;
  layers_.push_back(tree_->add_layer(header, at_ + at, {data + at, here}, on_wire));
}

void Message::leave() {
  if (!layers_.empty()) layers_.pop_back();
}

void Message::path(std::string_view word) {
  if (tree_ != nullptr) tree_->add_path(word);
}

void Message::put(const wire::Field& field, u32 at, u32 count, u64 value) {
  if (tree_ == nullptr || layers_.empty() || tree_->rows().size() >= most_rows) return;
  tree_->add_row({&field, layers_.back(), at_ + at, count, value, nullptr, 0});
}

void Message::put_bytes(const wire::Field& field, u32 at, u32 count) {
  if (tree_ == nullptr || layers_.empty() || tree_->rows().size() >= most_rows) return;
  tree_->add_row({&field, layers_.back(), at_ + at, count, 0, data + at, count});
}

void Message::put_text(const wire::Field& field, u32 at, u32 count, std::string_view text) {
  if (tree_ == nullptr || layers_.empty() || tree_->rows().size() >= most_rows) return;
  u8* copy = tree_->room(text.size());
  std::copy(text.begin(), text.end(), copy);
  tree_->add_row({&field, layers_.back(), at_ + at, count, 0, copy, static_cast<u32>(text.size())});
}

void Message::put_text(const wire::Field& field, u32 at, u32 count) { put_bytes(field, at, count); }

u64 Message::put_number(const wire::Field& field, u32 at, u32 count) {
  if (!whole(at, count)) return 0;
  const u64 value = number(at, count);
  put(field, at, count, value);
  return value;
}

void Message::malformed() {
  if (tree_ != nullptr && !layers_.empty()) tree_->malformed(layers_.back());
}

void Message::need(u32 at, u32 more) {
  needs_ = true;
  need_at_ = at;
  need_more_ = more;
}

void Message::need_all(u32 at) {
  need(at, 0);
  needs_all_ = true;
}

std::unique_ptr<flow::Memory>* Message::memory_place() {
  if (around.step == nullptr || around.step->icmp) return nullptr;
  Engine::Talk* talk = engine_.talk_of(*around.step->conversation, around);
  for (auto& entry : talk->memories)
    if (entry.parser == parser) return &entry.memory;
  talk->memories.push_back({parser, nullptr});
  return &talk->memories.back().memory;
}

bool Message::from_client() const {
  return around.step == nullptr || around.step->from == around.step->conversation->client;
}

void Message::hand_over(const Parser& next) {
  if (around.step == nullptr || around.step->icmp) return;
  Engine::Talk* talk = engine_.talk_of(*around.step->conversation, around);
  talk->parser = &next;
  talk->since = around.packet.number;
}

void Message::expect(const Endpoint& end, const Parser& next) {
  if (engine_.expected_.size() >= most_expected) engine_.expected_.pop_front();
  engine_.expected_.push_back({end, around.tcp, &next});
}

bool Message::carry(const Parser& inner, const u8* bytes, u32 count) {
  if (depth_ + 1 >= deepest) return false;
  const bool inside = bytes >= data && bytes < data + captured;
  Message message{engine_, around, tree_, told_,
                  bytes,   count,  count, inside ? at_ + static_cast<u32>(bytes - data) : at_};
  message.depth_ = depth_ + 1;
  message.parser = &inner;
  const auto end = tree_ != nullptr ? tree_->end() : dissect::Tree::End{};
  if (inner.read(message)) return true;
  if (tree_ != nullptr) tree_->back(end);
  return false;
}

u8* Message::keep(std::size_t size) {
  if (tree_ != nullptr) return tree_->room(size);
  engine_.kept_.push_back(std::make_unique<u8[]>(std::max<std::size_t>(size, 1)));
  return engine_.kept_.back().get();
}

// ---- Engine ----

Engine::Engine(Settings settings) : settings_(std::move(settings)) {
  for (const Parser* parser : parsers()) {
    for (const u16 port : parser->tcp_ports) ports_.emplace(port_key(true, port), parser);
    for (const u16 port : parser->udp_ports) ports_.emplace(port_key(false, port), parser);
  }
  for (const DecodeAs& choice : settings_.decode_as)
    ports_[port_key(choice.tcp, choice.port)] = choice.parser;
}

Engine::~Engine() = default;

Engine::Talk* Engine::talk_of(flow::Conversation& conversation, const Around& around) {
  if (!conversation.messages) {
    auto talk = std::make_unique<Talk>(waiting_);
    for (auto expected = expected_.begin(); expected != expected_.end(); ++expected) {
      const bool meant =
          expected->tcp == around.tcp && (conversation.ends[0].endpoint == expected->end ||
                                          conversation.ends[1].endpoint == expected->end);
      if (!meant) continue;
      talk->parser = expected->parser;
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
  message.parser = &parser;
  message.needs_ = message.needs_all_ = false;
  message.layers_.clear();
  const bool mine = parser.read(message);
  if (!mine || (message.needs_ && message.need_at_ == 0)) {
    if (job.tree != nullptr) job.tree->back(end);
    job.told.protocol = protocol;
  }
  return mine;
}

// Gives bytes to whoever they belong to; false where that is nobody.
bool Engine::read_message(Job& job, const u8* data, u32 captured, u32 length, u32 at) {
  Message message{*this, job.around, job.tree, job.told, data, captured, length, at};
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
  for (const u16 port : ports)
    if (const auto found = ports_.find(port_key(around.tcp, port));
        found != ports_.end() && attempt(found->second))
      return true;
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

// Rows that tell how a message came together, in the TCP layer.
void Engine::put_segments(Job& job, const Unit& unit) {
  if (job.tree == nullptr) return;
  const u16 layer = job.tree->payload().layer;
  for (const u64 packet : unit.packets)
    job.tree->add(wire::in(wire::tcp_found, "tcp.segment"), layer, packet);
  job.tree->add(wire::in(wire::tcp_found, "tcp.segment.count"), layer, unit.packets.size());
  job.tree->add(wire::in(wire::tcp_found, "tcp.reassembled.length"), layer, unit.bytes.size());
}

// The message at job.need_at of `bytes`, which start at `seq`, goes on: keeps what is here of it.
void Engine::wait_for_more(Job& job, u32 seq, Bytes bytes) {
  Direction& direction = job.talk->directions[job.around.step->from];
  const Bytes rest = bytes.subspan(std::min<std::size_t>(job.need_at, bytes.size()));
  const u32 from = seq + static_cast<u32>(bytes.size() - rest.size());
  const u32 end = seq + static_cast<u32>(bytes.size());
  Unit unit;
  unit.span.from = unit.end = from;
  add_piece(unit, from, rest, job.packet.number);
  unit.span.to = job.need_more != 0 ? end + std::min(job.need_more, longest_unit) : end + 1;
  unit.whole_segment = job.need_more == 0;
  unit.until_end = job.needs_all;
  if (unit.until_end) unit.span.to = end + 0x40000000;
  if (waiting_ + rest.size() > most_waiting) return;  // read no further: there is no room to wait
  waiting_ += rest.size();
  direction.open = std::move(unit);
}

// Bytes that start where a message should.
void Engine::read_bytes(Job& job, const u8* data, u32 captured, u32 length, u32 at, u32 seq) {
  job.needs = false;
  const bool read = read_message(job, data, captured, length, at);
  if (!read) return;
  if (!job.needs || job.need_at != 0) job.read = true;
  if (!job.needs || job.talk == nullptr || !job.around.whole) return;
  if (job.need_at == 0) job.told.unfinished = true;
  wait_for_more(job, seq, {data, captured});
}

void Engine::read_segment(Job& job) {
  const flow::Segment& segment = job.around.step->segment;
  Direction& direction = job.talk->directions[job.around.step->from];
  const bool suspect =
      job.around.step->found(flow::found::any_retransmission | flow::found::out_of_order);
  const u8* data = segment.payload.data();
  u32 seq = segment.seq;
  u32 left = static_cast<u32>(segment.payload.size());
  u32 at = job.tree != nullptr ? job.tree->payload().at : 0;
  u32 on_wire = segment.length;
  const auto put_part = [&] {
    if (job.tree == nullptr) return;
    job.tree->add_row({&wire::in(wire::tcp_found, "tcp.segment_data"), job.tree->payload().layer,
                       at, left, 0, data, left});
  };
  // A FIN ends what waits for the end.
  const bool again = std::any_of(direction.done.begin(), direction.done.end(), [&](const Span& s) {
    return s.from != s.to && !before(seq, s.from) && before(seq, s.to);
  });
  for (unsigned turns = 0; left > 0 && turns < 64; ++turns) {
    std::optional<Unit>& open = direction.open;
    const bool continues = open && !before(seq, open->span.from) && before(seq, open->span.to) &&
                           (seq != open->span.from || before(open->end, seq + left));
    if (!continues) {
      if (suspect || again || (open && seq == open->span.from)) {
        put_part();
        job.told.protocol = {};
        return;
      }
      if (open && !before(seq, open->span.to)) job.talk->drop(direction);
      read_bytes(job, data, left, on_wire, at, seq);
      if (job.needs && job.around.whole && job.tree != nullptr) {
        data += std::min(job.need_at, left);
        at += std::min(job.need_at, left);
        left -= std::min(job.need_at, left);
        put_part();
      }
      return;
    }
    // This segment continues a message that was begun.
    put_part();
    const u32 taken = open->whole_segment ? left : std::min(left, open->span.to - seq);
    const u64 before_size = open->bytes.size();
    if (open->whole_segment && before(open->span.to, seq + taken)) open->span.to = seq + taken;
    if (open->whole_segment && seq + taken != open->span.to && open->holes.empty())
      open->span.to = seq + taken;
    const bool complete = add_piece(*open, seq, {data, taken}, job.packet.number) &&
                          (!open->until_end || job.around.ends);
    waiting_ += open->bytes.size() - before_size;
    if (waiting_ > most_waiting) {
      job.talk->drop(direction);
      return;
    }
    if (!complete) {
      job.told.unfinished = true;
      return;
    }
    const auto size = static_cast<u32>(open->bytes.size());
    Unit unit = std::move(*open);
    job.talk->drop(direction);
    put_segments(job, unit);
    const u8* bytes = unit.bytes.data();
    if (job.tree != nullptr) {
      u8* copy = job.tree->room(size);
      std::copy(unit.bytes.begin(), unit.bytes.end(), copy);
      bytes = copy;
    }
    job.needs = false;
    const bool read = read_message(job, bytes, size, size, at);
    if (read && job.needs && job.need_at == 0) {  // still not whole
      waiting_ += size;
      unit.whole_segment = job.need_more == 0;
      unit.span.to =
          job.need_more != 0 ? unit.end + std::min(job.need_more, longest_unit) : unit.end + 1;
      unit.until_end = job.needs_all;
      if (unit.until_end) unit.span.to = unit.end + 0x40000000;
      open = std::move(unit);
      job.told.unfinished = !job.read;
      return;
    }
    if (read) job.read = true;
    if (read && job.needs) {
      direction.finish({unit.span.from, unit.span.from + job.need_at});
      wait_for_more(job, unit.span.from, {unit.bytes.data(), size});
      return;
    }
    direction.finish(unit.span);
    data += taken;
    at += taken;
    seq += taken;
    left -= taken;
    on_wire -= std::min(on_wire, taken);
  }
}

void Engine::read(const Packet& packet, const flow::Step* step, dissect::Tree* tree, Told& told) {
  told.forget();
  kept_.clear();
  const bool own = step != nullptr && !step->icmp;  // not what an ICMP error quotes
  if (tree == nullptr && !own) return;
  if (tree != nullptr ? tree->payload().layer == 0 : step->segment.payload.empty()) return;
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
    around.ends = segment.tcp && segment.has(flow::TcpFlag::fin);
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
  if (captured == 0) return;
  around.whole = captured == length;
  Talk* talk = own && (around.tcp || step->conversation->messages || !expected_.empty())
                   ? talk_of(*step->conversation, around)
                   : nullptr;
  Job job{packet, around, talk, tree, told};
  if (own && around.tcp)
    read_segment(job);
  else
    read_bytes(job, data, captured, length, at, 0);
  if (tree != nullptr && !job.read && !told.unfinished) {
    const bool part = tree->find(wire::in(wire::tcp_found, "tcp.segment_data")) != nullptr;
    if (!part) tree->add_data();
  }
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
