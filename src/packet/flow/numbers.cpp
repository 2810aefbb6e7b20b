#include "packet/flow/numbers.h"

#include <string_view>

namespace trama::flow {

std::size_t Numbers::Hash::operator()(const Endpoint& end) const {
  const auto view = end.address.view();
  const std::string_view text{reinterpret_cast<const char*>(view.data()), view.size()};
  return std::hash<std::string_view>{}(text)*31 + end.port;
}

void Numbers::announce(const Endpoint& end, u64 packet) {
  const auto [at, fresh] = numbers_.try_emplace(end);
  if (!fresh && at->second.announced_by == packet) return;
  at->second = {};
  at->second.announced_by = packet;
  if (!fresh) return;
  order_.push_back(end);
  if (order_.size() <= most) return;
  numbers_.erase(order_.front());
  order_.pop_front();
}

Number* Numbers::find(const Ends& ends) {
  for (const Endpoint* end : {&ends.from, &ends.to})
    if (const auto found = numbers_.find(*end); found != numbers_.end()) return &found->second;
  return nullptr;
}

}  // namespace trama::flow
