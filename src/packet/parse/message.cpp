#include "packet/parse/message.h"

#include <algorithm>

#include "packet/parse/engine.h"
#include "packet/parse/talk.h"

namespace trama::parse {
namespace {

// A message inside a message, and so on: no real packet nests deeper.
constexpr unsigned deepest = 8;
constexpr std::size_t most_expected = 256;
constexpr u64 most_rows = 1U << 16;  // of one packet: what a hostile one may cost

}  // namespace

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

void Message::enter(const wire::Header& header, u32 at, u32 count, bool in_path) {
  if (tree_ == nullptr) return;
  at = std::min(at, captured);
  const u32 here = std::min(count, captured - at);
  const u32 on_wire = count == captured - at ? length - at : count;
  // One word of the path for all messages that a parser reads in a row.
  const bool named = entered_ && parser != nullptr && &header == &parser->header;
  layers_.push_back(
      tree_->add_layer(header, at_ + at, {data + at, here}, on_wire, in_path && !named));
  entered_ = entered_ || (parser != nullptr && &header == &parser->header);
}

void Message::leave() {
  if (!layers_.empty()) layers_.pop_back();
}

void Message::path(std::string_view word) {
  if (tree_ != nullptr) tree_->add_path(word);
}

void Message::add(const wire::Field& field, u32 at, u32 count, u64 value, const u8* bytes,
                  u32 size) {
  if (tree_ == nullptr || layers_.empty() || tree_->rows().size() >= most_rows) return;
  const wire::Field* said = words_ == nullptr ? &field : words_(field);
  if (said != nullptr) tree_->add_row({said, layers_.back(), at_ + at, count, value, bytes, size});
}

void Message::put(const wire::Field& field, u32 at, u32 count, u64 value) {
  add(field, at, count, value, nullptr, 0);
}

void Message::put_bytes(const wire::Field& field, u32 at, u32 count) {
  add(field, at, count, 0, data + at, count);
}

void Message::put_text(const wire::Field& field, u32 at, u32 count, std::string_view text) {
  put_copy(field, at, count, {reinterpret_cast<const u8*>(text.data()), text.size()});
}

void Message::put_copy(const wire::Field& field, u32 at, u32 count, Bytes bytes) {
  if (tree_ == nullptr || layers_.empty() || tree_->rows().size() >= most_rows) return;
  u8* copy = tree_->room(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy);
  add(field, at, count, 0, copy, static_cast<u32>(bytes.size()));
}

void Message::put_text(const wire::Field& field, u32 at, u32 count) { put_bytes(field, at, count); }

std::string plain_ascii(std::string_view text) {
  std::string plain;
  for (const char c : text.substr(0, text.find('\0')))
    static_cast<u8>(c) >= 0x80 ? plain += "\xef\xbf\xbd" : plain += c;
  return plain;
}

void Message::put_ascii(const wire::Field& field, u32 at, u32 count, std::string_view text) {
  if (tree_ != nullptr) put_text(field, at, count, plain_ascii(text));
}

void Message::put_ascii(const wire::Field& field, u32 at, u32 count) {
  if (tree_ == nullptr) return;
  const auto all = text(at, count);
  const auto ascii = all.substr(0, all.find('\0'));
  const auto strange = [](char c) { return static_cast<u8>(c) >= 0x80; };
  if (std::none_of(ascii.begin(), ascii.end(), strange))
    return put_bytes(field, at, static_cast<u32>(ascii.size()));
  put_ascii(field, at, count, all);
}

u64 Message::put_number(const wire::Field& field, u32 at, u32 count) {
  if (!whole(at, count)) return 0;
  const u64 value = number(at, count);
  put(field, at, count, value);
  return value;
}

void Message::malformed() {
  told_.remark = captured < length ? "[Packet size limited during capture]" : "[Malformed Packet]";
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
  const bool known = around.step != nullptr && !around.step->icmp;
  if (!known && around.association == nullptr) return nullptr;
  Engine::Talk* talk = known ? engine_.talk_of(*around.step->conversation, around)
                             : static_cast<Engine::Talk*>(around.association);
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

void Message::expect(const Endpoint& end, const Parser& next,
                     std::unique_ptr<flow::Memory> memory) {
  if (engine_.expected_.size() >= most_expected) engine_.expected_.pop_front();
  engine_.expected_.push_back({end, around.tcp, &next, std::move(memory)});
}

void Message::arrange(const Endpoint& end, std::unique_ptr<flow::Memory> agreed) {
  if (engine_.arranged_.size() >= most_expected) engine_.arranged_.pop_front();
  engine_.arranged_.push_back({end, std::move(agreed)});
}

const Parser* Message::parser_of(u16 port) const {
  const auto found = engine_.ports_.find(Engine::port_key(true, port));
  return found == engine_.ports_.end() ? nullptr : found->second;
}

void Message::announce(const Endpoint& end) {
  if (engine_.flows_ != nullptr && !around.quoted)
    engine_.flows_->announce(end, around.packet.number);
}

void Message::renumber() {
  if (engine_.flows_ != nullptr && around.step != nullptr && !around.quoted)
    engine_.flows_->renumber(*around.step->conversation);
}

void Message::skip_tcp_number() {
  if (engine_.flows_ != nullptr) engine_.flows_->skip_tcp_number();
}

void Message::foretell(const flow::Foretold& connection) {
  if (engine_.flows_ != nullptr && !around.quoted) engine_.flows_->foretell(connection);
}

flow::Memory* Message::arranged_at(const Endpoint& end) {
  const auto& arranged = engine_.arranged_;
  for (std::size_t i = arranged.size(); i-- > 0;)  // the newest first
    if (arranged[i].end == end) return arranged[i].agreed.get();
  return nullptr;
}

const KeyLog& Message::key_log() const { return engine_.settings_.key_log; }

bool Message::carry(const Parser& inner, const u8* bytes, u32 count, u32* waiting,
                    std::string_view said_of_it) {
  if (depth_ + 1 >= deepest) return false;
  const bool inside = bytes >= data && bytes < data + captured;
  Message message{engine_, around, tree_, told_,
                  bytes,   count,  count, inside ? at_ + static_cast<u32>(bytes - data) : at_};
  message.depth_ = depth_ + 1;
  message.parser = &inner;
  message.said = said_of_it;
  const auto end = tree_ != nullptr ? tree_->end() : dissect::Tree::End{};
  message.last_ = last_;
  const auto protocol = told_.protocol;
  if (inner.read(message)) {
    if (waiting != nullptr) {
      *waiting = message.needs_ ? count - std::min(message.need_at_, count) : 0;
      if (*waiting == count) {  // nothing is read yet
        if (tree_ != nullptr) tree_->back(end);
        told_.protocol = protocol;
      }
    } else if (message.needs_ && inside) {
      need(static_cast<u32>(bytes - data) + message.need_at_, message.need_more_);
      needs_all_ = message.needs_all_;
      stays_ = message.stays_;
    }
    return true;
  }
  if (tree_ != nullptr) tree_->back(end);
  return false;
}

u64& Message::waiting() { return engine_.waiting_; }

u8* Message::keep(std::size_t size) {
  if (tree_ != nullptr) return tree_->room(size);
  engine_.kept_.push_back(std::make_unique<u8[]>(std::max<std::size_t>(size, 1)));
  return engine_.kept_.back().get();
}

}  // namespace trama::parse
