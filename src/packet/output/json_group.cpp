#include "packet/output/json_group.h"

#include <algorithm>
#include <vector>

namespace trama::output {
namespace {

struct Node {
  std::string_view key;    // with its quotes
  std::string_view value;  // with its quotes; "" of an object
  std::vector<Node> members;
};

std::string_view next_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), end + 1));
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.ends_with(',')) line.remove_suffix(1);
  return line;
}

// Until the line that closes the object, or the end.
void read_members(std::string_view& text, std::vector<Node>& members) {
  while (!text.empty()) {
    const auto line = next_line(text);
    if (line.empty()) continue;
    if (line == "}") return;
    auto colon = line.find('"', 1);  // keys hold no quotes
    if (colon == line.npos) continue;
    ++colon;
    Node node{line.substr(0, colon), line.substr(std::min(line.size(), colon + 2)), {}};
    if (node.value == "{") {
      node.value = {};
      read_members(text, node.members);
    }
    members.push_back(std::move(node));
  }
}

void write_members(std::string& out, const std::vector<Node>& members, std::size_t indent);

void write_value(std::string& out, const Node& node, std::size_t indent) {
  if (!node.value.empty()) {
    out += node.value;
    return;
  }
  out += '{';
  write_members(out, node.members, indent + 2);
  out += '\n';
  out.append(indent, ' ');
  out += '}';
}

void write_members(std::string& out, const std::vector<Node>& members, std::size_t indent) {
  bool first = true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto same = [&](const Node& other) { return other.key == members[i].key; };
    const auto here = members.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(members.begin(), here, same)) continue;
    out += first ? "\n" : ",\n";
    first = false;
    out.append(indent, ' ');
    out += members[i].key;
    out += ": ";
    if (std::none_of(here + 1, members.end(), same)) {
      write_value(out, members[i], indent);
      continue;
    }
    out += '[';
    for (auto node = here; node != members.end(); ++node) {
      if (!same(*node)) continue;
      out += node == here ? "\n" : ",\n";
      out.append(indent + 2, ' ');
      write_value(out, *node, indent + 2);
    }
    out += '\n';
    out.append(indent, ' ');
    out += ']';
  }
}

}  // namespace

void append_grouped(std::string& out, std::string_view layers) {
  std::vector<Node> members;
  read_members(layers, members);
  write_members(out, members, 8);
}

}  // namespace trama::output
