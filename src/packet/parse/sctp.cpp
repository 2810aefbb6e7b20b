#include "packet/parse/sctp.h"

#include "packet/parse/talk.h"
#include "wire/protocols/ip.h"
#include "wire/protocols/ipv6.h"
#include "wire/protocols/sctp.h"

namespace trama::parse {

void Associations::drop(std::map<Place, Part>::iterator part) {
  bytes_ -= part->second.bytes.size();
  parts_.erase(part);
}

bool Associations::add(const Chunk& chunk, std::vector<u8>& message) {
  const Place place{chunk.tag, chunk.tsn};
  const auto [self, fresh] = parts_.try_emplace(place);
  if (!fresh) return false;  // sent again
  self->second = {
      chunk.begins, chunk.ends, {chunk.bytes.begin(), chunk.bytes.end()}
  };
  bytes_ += chunk.bytes.size();
  order_.push_back(place);
  const auto at = [&](u32 tsn) { return parts_.find({chunk.tag, tsn}); };
  auto first = self, last = self;
  while (!first->second.begins) {
    const auto before = at(first->first.second - 1);
    if (before == parts_.end() || before->second.ends || before == self) break;
    first = before;
  }
  while (!last->second.ends) {
    const auto next = at(last->first.second + 1);
    if (next == parts_.end() || next->second.begins || next == self) break;
    last = next;
  }
  const bool whole = first->second.begins && last->second.ends;
  if (whole) {
    message.clear();
    const u32 end = last->first.second + 1;
    for (u32 tsn = first->first.second; tsn != end; ++tsn) {
      const auto part = at(tsn);
      message.insert(message.end(), part->second.bytes.begin(), part->second.bytes.end());
      drop(part);
    }
  }
  while (order_.size() > most_chunks || bytes_ > most_bytes) {
    if (const auto oldest = parts_.find(order_.front()); oldest != parts_.end()) drop(oldest);
    order_.pop_front();
  }
  return whole;
}

namespace {

Associations::Key key_of(const dissect::Tree& tree, u16 layer, const Around& around) {
  Associations::Key key{};
  std::array<std::array<u8, 18>, 2> ends{};
  for (u16 i = layer; i-- > 0;) {
    const dissect::Layer& network = tree.layers()[i];
    const bool v6 = network.header == &wire::ipv6;
    if (!v6 && network.header != &wire::ip) continue;
    const u32 size = v6 ? 16 : 4;
    const u32 at = v6 ? 8 : 12;
    if (network.length < at + 2 * size) break;
    std::copy_n(network.data + at, size, ends[0].begin());
    std::copy_n(network.data + at + size, size, ends[1].begin());
    break;
  }
  const auto put = [](std::array<u8, 18>& end, u16 port) {
    end[16] = static_cast<u8>(port >> 8);
    end[17] = static_cast<u8>(port);
  };
  put(ends[0], around.from_port);
  put(ends[1], around.to_port);
  if (ends[1] < ends[0]) std::swap(ends[0], ends[1]);
  std::copy(ends[0].begin(), ends[0].end(), key.begin());
  std::copy(ends[1].begin(), ends[1].end(), key.begin() + 18);
  return key;
}

}  // namespace

void Engine::read_chunks(Job& job, Around& around, const dissect::Payload& payload) {
  constexpr u8 data_chunk = 0;
  constexpr u32 header = 16;
  const auto number = [&](u32 at, u32 count) {
    u32 value = 0;
    for (u32 i = 0; i < count; ++i) value = value << 8 | payload.data[at + i];
    return value;
  };
  const Bytes common{job.tree->layers()[payload.layer].data, 12};
  const u32 tag = static_cast<u32>(common[4]) << 24 | static_cast<u32>(common[5]) << 16 |
                  static_cast<u32>(common[6]) << 8 | common[7];
  Talk* talk = nullptr;
  u32 size = 0;
  for (u32 at = 0; at + 4 <= payload.captured; at += (size + 3) & ~3U) {
    size = number(at + 2, 2);
    if (size < 4 || size > payload.captured - at) return;
    if (payload.data[at] != data_chunk || size <= header) continue;
    if (talk == nullptr) {
      auto& memory = associations_.memory(key_of(*job.tree, payload.layer, around),
                                          [&] { return std::make_unique<Talk>(waiting_); });
      around.association = &memory;
      talk = static_cast<Talk*>(&memory);
    }
    job.talk = talk;
    const u8 flags = payload.data[at + 1];
    const Associations::Chunk chunk{
        (flags & 2) != 0, (flags & 1) != 0, tag, number(at + 4, 4),
        Bytes{payload.data + at + header, size - header}
    };
    if (chunk.begins && chunk.ends) {
      read_message(job, chunk.bytes.data(), size - header, size - header, payload.at + at + header);
      continue;
    }
    std::vector<u8> whole;
    if (!associations_.add(chunk, whole)) continue;
    u8* copy = job.tree->room(whole.size());
    std::copy(whole.begin(), whole.end(), copy);
    const auto length = static_cast<u32>(whole.size());
    read_message(job, copy, length, length, payload.at + at + header);
  }
}

}  // namespace trama::parse
