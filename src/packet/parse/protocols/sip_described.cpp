#include "packet/parse/protocols/sip_described.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

struct Described final : flow::Memory {
  static constexpr std::size_t most = 64;
  struct Transaction {
    std::string call_id, cseq;
    bool asked = false,
         early = false;  // what held a description: the request, an answer before 200
  };
  std::deque<Transaction> transactions;
  u64 bytes = 0;  // of their texts
  Share share;
};

}  // namespace

bool describes_anew(Message& message, u32 status, std::string_view call_id, std::string_view cseq) {
  auto* described = message.memory<Described>();
  if (described == nullptr) return true;
  auto& known = described->transactions;
  auto at = std::find_if(known.begin(), known.end(), [&](const auto& transaction) {
    return transaction.call_id == call_id && transaction.cseq == cseq;
  });
  if (at == known.end()) {
    described->bytes += call_id.size() + cseq.size();
    while (!known.empty() && (known.size() >= Described::most ||
                              !described->share.cover(message, described->bytes))) {
      described->bytes -= known.front().call_id.size() + known.front().cseq.size();
      known.pop_front();
    }
    known.push_back({std::string{call_id}, std::string{cseq}});
    at = std::prev(known.end());
  }
  if (status == 0) return !std::exchange(at->asked, true);
  if (status < 200) return at->early = true;
  return !std::exchange(at->early, false);
}

}  // namespace trama::parse
