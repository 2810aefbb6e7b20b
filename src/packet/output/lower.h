// The list's Protocol and Info for what stands below TCP and UDP's payload: each layer, outermost
// first, says its own, so that what could not be read leaves the text of what could.
#pragma once
#include <fmt/core.h>

#include <iterator>
#include <string>

#include "packet/dissect/tree.h"

namespace trama::output {

// One of the two columns, being written behind what `text` had.
class Column {
 public:
  enum class Which : u8 { protocol, info };
  Column(std::string& text, Which which) : text_(text), start_(text.size()), which_(which) {}

  [[nodiscard]] bool is_info() const { return which_ == Which::info; }
  // Each replaces what was said before; of the other column it does nothing.
  template <class... Args>
  void protocol(fmt::format_string<Args...> format, Args&&... args) {
    if (which_ != Which::protocol) return;
    text_.resize(start_);
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    if (which_ != Which::info) return;
    text_.resize(start_);
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  // Adds to the info.
  template <class... Args>
  void more(fmt::format_string<Args...> format, Args&&... args) {
    if (which_ == Which::info)
      fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  // Adds a row's value to the info.
  void value(const dissect::Row* row);

 private:
  std::string& text_;
  std::size_t start_;
  Which which_;
};

// The rows of one layer.
class LayerRows {
 public:
  LayerRows(const dissect::Tree& tree, unsigned layer) : tree_(tree), layer_(layer) {}
  // The first row of a field; nullptr where the layer has none.
  [[nodiscard]] const dissect::Row* find(const wire::Field& field) const;
  [[nodiscard]] u64 number(const wire::Field& field) const;  // 0 where there is none
  [[nodiscard]] const dissect::Tree& tree() const { return tree_; }
  [[nodiscard]] unsigned index() const { return layer_; }
  [[nodiscard]] const dissect::Layer& layer() const { return tree_.layers()[layer_]; }
  // The layer inside; nullptr for the last.
  [[nodiscard]] const dissect::Layer* inner() const;

 private:
  const dissect::Tree& tree_;
  unsigned layer_;
};

std::string_view name_in(std::span<const wire::Name> names, u64 value, std::string_view otherwise);

// False where the layer is none of the file's: it says nothing then.
bool say_link(Column& column, const LayerRows& rows);
bool say_tunnel(Column& column, const LayerRows& rows);
bool say_network(Column& column, const LayerRows& rows);
bool say_control(Column& column, const LayerRows& rows);  // ICMP, ICMPv6, IGMP
bool say_wireless(Column& column, const LayerRows& rows);
bool say_routing(Column& column, const LayerRows& rows);  // and neighbours of links
void say_arp(Column& column, const LayerRows& rows);

// The sender's or receiver's address of a frame that only controls the air; nothing of others.
void append_wireless_end(std::string& text, const dissect::Tree& tree, bool source);

// All layers' words, in order, up to `until` (not included); what an ICMP error quotes is left out.
void say_lower(Column& column, const dissect::Tree& tree, std::size_t until);
// What is added behind the info where a layer ends too early.
std::string_view cut_remark(const dissect::Tree& tree);

}  // namespace trama::output
