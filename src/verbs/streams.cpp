#include "verbs/streams.h"

#include <charconv>

#include "base/say.h"

namespace trama {

std::optional<StreamName> stream_named(std::string_view text) {
  StreamName stream;
  stream.tcp = !text.starts_with("udp:");
  if (text.starts_with("udp:") || text.starts_with("tcp:")) text.remove_prefix(4);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), stream.number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
  return stream;
}

std::string no_such_stream(const StreamName& stream, u64 count) {
  const std::string_view name = stream.tcp ? "TCP" : "UDP";
  if (count == 0) return say("there is no {} conversation in this file", name);
  return say("there is no {0} conversation {1}; this file has {2}, from 0 to {3}", name,
             stream.number, count, count - 1);
}

}  // namespace trama
