// What was asked in a conversation, by the number that its answer repeats (DNS, SNMP).
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>

#include "packet/parse/message.h"
#include "packet/parse/waiting.h"

namespace trama::parse {

template <class Id, class Question>
class Asked {
 public:
  static constexpr std::size_t most = 4096;

  // nullptr where nobody asked that, or it is forgotten. Good until the next note().
  [[nodiscard]] Question* find(Id id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  // Notes a question instead of an earlier one with this number. Where there is no room, all that
  // was asked before is forgotten.
  void note(Message& message, Id id, const Question& question) {
    if (by_id_.size() >= most || !share_.cover(message, (by_id_.size() + 1) * 64)) {
      by_id_ = {};
      share_.give_back();
    }
    by_id_.insert_or_assign(id, question);
  }

 private:
  boost::unordered_flat_map<Id, Question> by_id_;
  Share share_;
};

}  // namespace trama::parse
