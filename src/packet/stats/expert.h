// What is worth a look in a packet, in tshark's words: the findings that -z expert counts.
#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "packet/output/output.h"

namespace trama::stats {

// The worst first, as the report's parts stand.
enum class Severity : u8 { error, warn, note, chat, comment };
inline constexpr unsigned severities = 5;

struct Finding {
  Severity severity = Severity::chat;
  std::string_view group, protocol;  // strings that stay
  std::string summary;
};

class Expert {
 public:
  // The packet's findings, outermost layer first. Packets must come in the capture's order.
  void find(const output::Shown& shown, std::vector<Finding>& findings);

 private:
  // What a connection's closing and fast opening need to know of its packets before: 8 bytes a
  // connection, and no more than `most_talks` connections.
  struct Talk {
    bool closes[2] = {};  // this end sent FIN before the other did
    u32 fast_bytes = 0;   // that its SYN carried
  };
  void find_in_tcp(const output::Shown& shown, u16 layer, bool own, std::vector<Finding>& findings);
  void find_in_opening(const flow::Step& step, bool cookie, std::vector<Finding>& findings);

  boost::unordered_flat_map<u32, Talk> talks_;  // by tcp.stream
};

// The findings of one layer that need nothing of other packets; not TCP's.
void find_in_layer(const output::Shown& shown, u16 layer, std::vector<Finding>& findings);
// What tcp.analysis found.
void find_in_analysis(const flow::Step& step, std::vector<Finding>& findings);

}  // namespace trama::stats
