// Follows one conversation: what both ends said, in order, piece by piece. The first packet's
// sender is node 0.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/address.h"
#include "packet/output/output.h"
#include "packet/stats/said.h"

namespace trama::stats {

// Which conversation: by its number, or by both its ends, whoever of them spoke first.
struct Chosen {
  bool tcp = true;
  u32 stream = 0;
  std::optional<std::array<Endpoint, 2>> ends;

  [[nodiscard]] bool takes(const flow::Step& step) const;
  // The display filter that keeps its packets.
  [[nodiscard]] std::string filter() const;
};

// One end of what is followed.
struct Node {
  Endpoint end;
  std::string link_address;  // instead of the address, where the packet has no other
  bool operator==(const Node&) const = default;
};

class Follower {
 public:
  using Tell = std::function<void(const Said& said)>;
  Follower(Chosen chosen, Tell tell);

  // Packets must come in the capture's order, all of them: streams are counted, too.
  void add(const output::Shown& shown);

  [[nodiscard]] bool found() const { return found_; }
  // Conversations of the chosen one's protocol so far.
  [[nodiscard]] u64 streams() const { return streams_; }
  [[nodiscard]] const std::array<Node, 2>& nodes() const { return nodes_; }
  [[nodiscard]] const Chosen& chosen() const { return chosen_; }
  // The number of the conversation at hand.
  [[nodiscard]] u32 stream() const { return stream_; }

 private:
  // The packet's numbers of UDP conversations: of tunnels there are several.
  void add_tunnelled(const output::Shown& shown);
  void take(unsigned side, std::string_view bytes, const Stamp& stamp);

  Chosen chosen_;
  Tell tell_;
  std::unique_ptr<Assembly> assembly_;
  bool found_ = false;
  u32 stream_ = 0;  // the conversation at hand: ports may be used again
  u64 streams_ = 0;
  std::array<Node, 2> nodes_;
  u64 sent_[2] = {};
};

// What tshark writes before and after the pieces.
std::string head_of(const Follower& follower, Form form);
std::string_view foot_of(Form form);

// The piece as a line of JSON.
std::string line_of(const Said& said, u32 stream);

// "10.0.0.1:80" or "[::1]:80".
std::optional<Endpoint> endpoint_of(std::string_view text);

}  // namespace trama::stats
