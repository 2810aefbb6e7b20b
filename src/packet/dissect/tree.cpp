#include "packet/dissect/tree.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "packet/dissect/frame.h"
#include "wire/registry.h"
#include "wire/walk.h"

namespace trama::dissect {

using namespace wire;  // NOLINT: the tables' own words are what this file is about

namespace {

// No real packet nests deeper (a label of MPLS is a layer each); a hostile one ends here.
constexpr std::size_t most_layers = 256;
// A packet's rows are bounded too: option lists are as long as their header.
constexpr std::size_t chunk_size = std::size_t{16} * 1024;

}  // namespace

// Reads one packet; the Walk of whichever header it is at.
class Reader final : public Walk {
 public:
  Reader(Tree& tree, const Packet& packet, Fragments* fragments)
      : tree_(tree), packet_(packet), fragments_(fragments), start_(packet.data) {}

  void run(const source::Interface& interface) {
    const Link* link = link_of(interface.link_type);
    HeaderId next = link == nullptr || link->first.empty() ? HeaderId{id_data} : id_of(link->first);
    at_ = 0;
    captured = packet_.captured;
    length = std::max(packet_.wire, packet_.captured);
    time = packet_.time;
    while (next != nothing && tree_.layers_.size() < most_layers) next = one(next);
    if (tree_.layers_.size() > 2 && tree_.layers_[1].header == &eth) put_trailer();
  }

  void put(const Field& field, u32 at, u32 count, u64 value) override {
    tree_.rows_.push_back({&field, layer_, at_ + at, count, value, nullptr, 0});
  }
  void put_bytes(const Field& field, u32 at, u32 count) override {
    tree_.rows_.push_back({&field, layer_, at_ + at, count, 0, data + at, count});
  }
  void put_text(const Field& field, u32 at, u32 count, std::string_view text) override {
    u8* copy = tree_.room(text.size());
    std::copy(text.begin(), text.end(), copy);
    tree_.rows_.push_back(
        {&field, layer_, at_ + at, count, 0, copy, static_cast<u32>(text.size())});
  }
  void fragment(u32 id, u32 at, bool more) override;
  void malformed(u32 /*at*/) override { tree_.layers_[layer_].malformed = true; }
  void cut() override { tree_.layers_[layer_].cut = true; }

 private:
  void put_field(const Field& field) {
    if (field.word.empty() || !whole(field.byte(), field.length())) return;
    for (const Header::Together& apart : header_->together)
      if (captured < apart.to && field.byte() >= apart.from && field.byte() < apart.to) return;
    if (field.holds != nullptr && !field.holds(data)) return;
    if (field.show == Show::ipv6)
      put_bytes(field, field.byte(), 16);
    else
      put(field, field.byte(), field.length(), read(field, data));
  }

  // What stands in an Ethernet frame behind its payload, told apart as Wireshark does: zeros up to
  // the least length of a frame are padding; a frame of full length ends with its check sequence.
  void put_trailer() {
    constexpr u32 least = 60;  // IEEE 802.3: 64 with the check sequence
    u32 end = tree_.layers_[1].at + tree_.layers_[1].length_on_wire;
    u16 tagged = 1;
    for (std::size_t i = 2; i < tree_.layers_.size(); ++i) {
      const Layer& inner = tree_.layers_[i];
      if (inner.header == &pppoes) return;  // it keeps what is left
      end = std::min(end, inner.at + inner.length_on_wire);
      if (inner.header == &vlan) tagged = i;
      if (inner.header->place != Place::tag) break;
    }
    if (end >= packet_.captured) return;
    data = packet_.data;
    at_ = 0;
    layer_ = 1;
    if (packet_.captured >= least && end < least &&
        std::all_of(data + end, data + least, [](u8 byte) { return byte == 0; })) {
      put_bytes(in(eth_found, "eth.padding"), end, least - end);
      end = least;
    }
    u32 rest = packet_.captured - end;
    if (tagged != 1) {
      layer_ = tagged;
      if (rest > 0) put_bytes(in(vlan_found, "vlan.trailer"), end, rest);
      return;
    }
    const bool checked = rest >= 4 && packet_.wire >= least + 4 && packet_.captured == packet_.wire;
    if (checked) rest -= 4;
    if (rest > 0) put_bytes(in(eth_found, "eth.trailer"), end, rest);
    if (!checked) return;
    u64 sequence = 0;
    for (u32 i = 0; i < 4; ++i) sequence = sequence << 8 | data[end + rest + i];
    put(in(eth_found, "eth.fcs"), end + rest, 4, sequence);
    put(in(eth_found, "eth.fcs.status"), end + rest, 4, 2);  // not checked
  }

  // Reads the header `id` at the current place; returns what follows it.
  HeaderId one(HeaderId id) {
    const Header& header = *headers[id];
    data = start_ + at_;
    header_length = header.size();
    selector = 0;
    space = header.space;
    has_payload = true;
    even_empty = false;
    path = header.path.empty() || captured < header_length ? header.word : header.path;
    layer_ = static_cast<u16>(tree_.layers_.size());
    tree_.layers_.push_back({&header, at_, captured, 0, length, false, captured < header_length,
                             static_cast<u32>(tree_.rows_.size()), 0, data});
    const std::size_t self = tree_.rows_.size();
    // tshark knows a transport header by its ports: without them the word is not there.
    const bool known = captured >= 4 || (&header != &tcp && &header != &udp);
    if (known) put_bytes(header.whole, 0, captured);
    if (id == id_data) return end_with_data();
    if (&header == &ip || &header == &ipv6) network_ = layer_;
    header_ = &header;
    const bool odd = header.hides != nullptr && header.odd(data);
    for (const Field& field : header.fields)
      if (!odd || !header.hides(field, data)) put_field(field);
    if (const Field* field = length_fields[id];
        field != nullptr && whole(field->byte(), field->length()))
      header_length = static_cast<u32>(read(*field, data));
    if (const Field* field = selector_fields[id];
        field != nullptr && whole(field->byte(), field->length()))
      selector = read(*field, data);
    if (header.walk != nullptr) header.walk(*this);
    if (!path.empty()) tree_.add_path(path);
    if (&header == &ip || &header == &ipv6) {
      network = data;
      network_v6 = &header == &ipv6;
    }
    if (space == Space::icmp_error || space == Space::icmpv6_error) quoted = true;
    Layer& layer = tree_.layers_[layer_];
    captured = std::min(captured, length);
    layer.length = captured;
    if (known) tree_.rows_[self].length = tree_.rows_[self].size = captured;
    layer.length_on_wire = length;
    layer.header_length = header_length;
    layer.rows = static_cast<u32>(tree_.rows_.size()) - layer.first_row;
    if (whole_ != nullptr) {  // the datagram that this fragment completed goes on here
      start_ = std::exchange(whole_, nullptr);
      at_ = 0;
      captured = length = whole_length_;
    } else {
      if (layer.cut || !has_payload || header_length > captured ||
          (header_length >= length && !even_empty))
        return nothing;
      at_ += header_length;
      captured -= header_length;
      length -= header_length;
    }
    const HeaderId inner = inner_of(space, selector);
    if (inner != nothing) return inner;
    if (captured == 0) return nothing;
    if (&header != &tcp && &header != &udp && &header != &sctp) return HeaderId{id_data};
    tree_.payload_ = {layer_, at_, captured, length, start_ + at_};
    return nothing;
  }

  HeaderId end_with_data() {
    tree_.add_path(path);
    put_bytes(in(data_found, "data.data"), 0, captured);
    put(in(data_found, "data.len"), 0, captured, captured);
    Layer& layer = tree_.layers_[layer_];
    layer.rows = static_cast<u32>(tree_.rows_.size()) - layer.first_row;
    return nothing;
  }

  Tree& tree_;
  const Packet& packet_;
  Fragments* fragments_;
  const u8* start_;  // what at_ counts from
  u32 at_ = 0;
  u16 layer_ = 0;
  u16 network_ = 0;  // the innermost IP layer
  const Header* header_ = nullptr;
  const u8* whole_ = nullptr;  // a datagram that was put together just now
  u32 whole_length_ = 0;
};

void Reader::fragment(u32 id, u32 at, bool more) {
  const Layer& network = tree_.layers_[network_];
  const bool v6 = network.header == &ipv6;
  space = Space::none;
  if (fragments_ == nullptr || payload_length() == 0 || payload_captured() < payload_length())
    return;
  Fragments::Key key;
  key.v6 = v6;
  key.id = id;
  key.protocol = static_cast<u8>(selector);
  std::copy_n(network.data + (v6 ? 8 : 12), v6 ? 32 : 8, key.addresses.begin());
  Fragments::Datagram datagram;
  if (!fragments_->add(key, at, {data + header_length, payload_length()}, more, packet_.number,
                       datagram))
    return;
  const auto size = static_cast<u32>(datagram.bytes.size());
  u8* copy = tree_.room(size + padding);
  std::copy(datagram.bytes.begin(), datagram.bytes.end(), copy);
  std::fill_n(copy + size, padding, u8{0});
  const auto found = [&](std::string_view word, u64 value) {
    const Header& header = v6 ? ipv6_fraghdr : ip;
    if (const Field* field = field_of(header, word)) put(*field, 0, 0, value);
  };
  for (const Fragments::Piece& piece : datagram.pieces)
    found(v6 ? "ipv6.fragment" : "ip.fragment", piece.packet);
  found(v6 ? "ipv6.fragment.count" : "ip.fragment.count", datagram.pieces.size());
  found(v6 ? "ipv6.reassembled.length" : "ip.reassembled.length", size);
  whole_ = copy;
  whole_length_ = size;
  space = Space::ip_protocol;
}

Tree::Tree() = default;
Tree::~Tree() = default;

u8* Tree::room(std::size_t size) {
  if (chunks_.empty() || used_ + size > chunk_size) {
    if (!chunks_.empty() && chunk_ + 1 < chunks_.size() && size <= chunk_size) {
      ++chunk_;
    } else {
      if (size > chunk_size) unusual_ = true;
      chunks_.push_back(std::make_unique<u8[]>(std::max(size, chunk_size)));
      chunk_ = chunks_.size() - 1;
    }
    used_ = 0;
  }
  u8* place = chunks_[chunk_].get() + used_;
  used_ += size;
  return place;
}

void Tree::forget_unusual() {
  if (!unusual_ && chunks_.size() <= 4) return;
  unusual_ = false;
  chunks_.clear();
}

void Tree::dissect(const Packet& packet, const source::Interface& interface, Fragments* fragments) {
  constexpr std::size_t usual = 4096;
  if (rows_.capacity() > usual) rows_ = std::vector<Row>();  // a hostile packet's
  rows_.clear();
  layers_.clear();
  forget_unusual();
  chunk_ = used_ = 0;
  payload_ = {};
  path_.clear();
  layers_.push_back(
      {&wire::frame, 0, packet.captured, 0, packet.wire, false, false, 0, 0, packet.data});
  rows_.push_back({&wire::frame.whole, 0, 0, packet.captured, 0, packet.data, packet.captured});
  add_frame(*this, packet, interface);
  path_row_ = rows_.size();
  rows_.push_back({&in(frame_found, "frame.protocols"), 0, 0, 0, 0, nullptr, 0});
  layers_[0].rows = static_cast<u32>(rows_.size());
  Reader{*this, packet, fragments}.run(interface);
}

void Tree::add_path(std::string_view word) {
  if (!path_.empty()) path_ += ':';
  path_ += word;
  Row& row = rows_[path_row_];
  row.data = reinterpret_cast<const u8*>(path_.data());
  row.size = static_cast<u32>(path_.size());
}

u16 Tree::add_layer(const Header& header, u32 at, Bytes bytes, u32 length, bool in_path) {
  const auto index = static_cast<u16>(layers_.size());
  const auto captured = static_cast<u32>(bytes.size());
  layers_.push_back({&header, at, captured, 0, length, false, captured < length,
                     static_cast<u32>(rows_.size()), 0, bytes.data()});
  rows_.push_back({&header.whole, index, at, captured, 0, bytes.data(), captured});
  if (in_path) add_path(header.path.empty() ? header.word : header.path);
  return index;
}

void Tree::back(const End& end) {
  layers_.resize(end.layers);
  rows_.resize(end.rows);
  path_.resize(end.path);
  rows_[path_row_].size = static_cast<u32>(path_.size());
}

void Tree::add_data() {
  if (payload_.layer == 0) return;
  const Bytes bytes{payload_.data, payload_.captured};
  const u16 layer = add_layer(wire::data, payload_.at, bytes, payload_.length);
  rows_.push_back({&in(data_found, "data.data"), layer, payload_.at, payload_.captured, 0,
                   bytes.data(), payload_.captured});
  add(in(data_found, "data.len"), layer, payload_.captured);
  layers_[layer].rows = 3;
  payload_ = {};
}

const Row* Tree::find(const Field& field) const {
  for (const Row& row : rows_)
    if (row.field == &field) return &row;
  return nullptr;
}

const Layer* Tree::innermost(const Header& header) const {
  // NOLINTNEXTLINE(modernize-loop-convert): from the innermost out
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer)
    if (layer->header == &header) return &*layer;
  return nullptr;
}

void Tree::add(const Field& field, u16 layer, u64 value) {
  rows_.push_back({&field, layer, layers_[layer].at, 0, value, nullptr, 0});
}

void Tree::subtract(const Field& field, u16 layer, u32 base) {
  for (Row& row : rows_)
    if (row.field == &field && row.layer == layer) row.value = static_cast<u32>(row.value) - base;
}

void Tree::add_text(const Field& field, u16 layer, std::string_view text) {
  u8* copy = room(text.size());
  std::copy(text.begin(), text.end(), copy);
  rows_.push_back({&field, layer, layers_[layer].at, 0, 0, copy, static_cast<u32>(text.size())});
}

}  // namespace trama::dissect
