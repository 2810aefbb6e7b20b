// Wireless frames: what the list says of those that carry nothing that is read, and who talks to
// whom where a frame names only the ends on the air.
#include <algorithm>

#include "packet/dissect/value.h"
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Row;

void say_flags(Column& column, const LayerRows& rows) {
  constexpr std::string_view letters = "opmPRMFT";  // from the highest bit
  const u64 flags = rows.number(in(wlan_found, "wlan.flags"));
  std::string text;
  for (unsigned i = 0; i < letters.size(); ++i)
    text += (flags >> (7 - i) & 1) != 0 ? letters[i] : '.';
  column.more(", Flags={}{}", text, rows.find(in(wlan_found, "wlan.fcs")) != nullptr ? "C" : "");
}

void say_network_name(Column& column, const LayerRows& rows) {
  const Row* name = rows.find(in(wlan_found, "wlan.ssid"));
  if (name == nullptr) return;
  const std::string_view text{reinterpret_cast<const char*>(name->data), name->size};
  if (text.empty()) return column.more(", SSID=Wildcard (Broadcast)");
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return column.more(", SSID=\"{}\"", text);
  column.more(", SSID=");
  column.value(name);
}

void say_wlan(Column& column, const LayerRows& rows) {
  column.protocol("802.11");
  const Row* kind = rows.find(in(wlan_found, "wlan.fc.type_subtype"));
  if (kind == nullptr) return column.info("");
  column.info("{}", name_in(wlan_type_names, kind->value, "Unrecognized (Reserved frame)"));
  if (rows.layer().cut) return;
  const Row* number = rows.find(in(wlan_found, "wlan.seq"));
  const u64 fragment = rows.number(in(wlan_found, "wlan.frag"));
  const bool data = kind->value >> 4 == 2;
  if (data && (fragment != 0 || rows.number(in(wlan_found, "wlan.fc.frag")) != 0) &&
      rows.number(in(wlan_found, "wlan.fc.protected")) == 0)
    return column.info("Fragmented IEEE 802.11 frame");
  if (number != nullptr) column.more(", SN={}, FN={}", number->value, fragment);
  say_flags(column, rows);
  if (const Row* interval = rows.find(in(wlan_found, "wlan.fixed.beacon")))
    column.more(", BI={}", interval->value);
  say_network_name(column, rows);
}

}  // namespace

bool say_wireless(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &wlan || header == &wlan_fcs)
    say_wlan(column, rows);
  else if (header == &radiotap)
    column.protocol("Radiotap");
  else if (header == &ppi)
    column.protocol("PPI");
  else if (header == &prism)
    column.protocol("Prism");
  else if (header == &wlancap)
    column.protocol("WLAN");
  else
    return false;
  return true;
}

void append_wireless_end(std::string& text, const dissect::Tree& tree, bool source) {
  const auto rows = tree.rows();
  const auto find = [&](const Field& field) -> const Row* {
    for (const Row& row : rows)
      if (row.field == &field) return &row;
    return nullptr;
  };
  const Row* kind = find(in(wlan_found, "wlan.fc.type_subtype"));
  if (kind == nullptr || kind->value >> 4 != 1) return;
  const bool poll = kind->value == 0x1a;
  const bool ends = kind->value == 0x1e;
  const bool network = source ? ends : poll;  // the end is named by its network
  const Row* end = find(network  ? in(wlan_found, "wlan.bssid")
                        : source ? in(wlan_found, "wlan.ta")
                                 : in(wlan_found, "wlan.ra"));
  if (end == nullptr) return;
  dissect::append_value(text, *end);
  text += network ? " (BSSID)" : source ? " (TA)" : " (RA)";
}

}  // namespace trama::output
