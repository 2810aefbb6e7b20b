// Any bytes as a run of packets of any link type: marked, read deeply, followed and told. The first
// byte chooses the link type; each packet is a length byte and its bytes.
#include <cstdlib>
#include <vector>

#include "packet/dissect/dissect.h"
#include "packet/dissect/value.h"
#include "packet/flow/judge.h"
#include "packet/story/diagnosis.h"
#include "wire/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trama;
  if (size < 2) return 0;
  source::Interface interface;
  interface.link_type = wire::links[data[0] % std::size(wire::links)].type;
  flow::Judge judge;
  flow::Table flows{std::size_t{8} * 1024};
  story::Book book;
  dissect::Tree tree;
  std::string text;
  u64 number = 0;
  for (std::size_t at = 1; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    std::vector<u8> bytes(data + at + 1, data + at + 1 + length);
    bytes.resize(length + padding);
    Packet packet;
    packet.data = bytes.data();
    packet.captured = static_cast<u32>(length);
    packet.wire = packet.captured + (data[at] & 3U);
    packet.number = ++number;
    packet.time = static_cast<i64>(number) * 1'000'000;
    dissect::mark(packet, interface.link_type);
    tree.dissect(packet, interface);
    flows.forget_ended();
    const auto step = flows.follow(packet, packet.deep ? &tree : nullptr);
    if (step) {
      flow::annotate(tree, *step);
      const auto verdicts = judge.follow(*step, packet, packet.deep ? &tree : nullptr);
      flow::annotate(tree, verdicts);
      if (auto* story = book.add(*step, number, packet.time, &verdicts); story != nullptr)
        story::note_messages(story->facts, tree, number, true);
    }
    for (const auto& row : tree.rows()) {
      if (row.field->show != wire::Show::layer && row.at + row.length > packet.captured)
        std::abort();
      text.clear();
      dissect::append_value(text, row);
    }
    at += length + 1;
  }
  for (const auto& story : book.stories())
    (void)(story::summary(story).size() + story::diagnose(story).size());
  return 0;
}
