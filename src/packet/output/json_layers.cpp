#include "packet/output/json_layers.h"

#include <algorithm>

#include "base/json.h"
#include "packet/dissect/value.h"
#include "wire/protocols/tcp.h"

namespace trama::output {

using wire::Field;
using wire::Show;
using Kind = Shape::Kind;

namespace {

constexpr unsigned layer_indent = 10;  // the members of a layer stand so far to the right
constexpr char digits[] = "0123456789abcdef";

std::string indent(unsigned depth) {
  std::string blanks(layer_indent + 2 * depth, ' ');
  return blanks;
}

void append_spaced(std::string& out, Bytes bytes) {  // "02:04:05:b4"
  if (bytes.empty()) return;
  const std::size_t start = out.size();
  out.resize(start + bytes.size() * 3 - 1, ':');
  char* to = out.data() + start;
  for (const u8 byte : bytes) {
    to[0] = digits[byte >> 4];
    to[1] = digits[byte & 15];
    to += 3;
  }
}

bool plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<u8>(c) >= 0x20 && c != '"' && c != '\\' && static_cast<u8>(c) < 0x7f;
  });
}

// A row made of a fixed field's bytes.
dissect::Row row_of(const Field& field, const u8* header) {
  dissect::Row row{&field, 0, 0, 0, 0, nullptr, 0};
  if (field.show == Show::ipv6) {
    row.data = header + field.byte();
    row.size = 16;
  } else {
    row.value = wire::read(field, header);
  }
  return row;
}

// The bits of `inner` lie inside those of `outer`.
bool inside(const Field& inner, const Field& outer) {
  return &inner != &outer && outer.bits > inner.bits && inner.at >= outer.at &&
         inner.at + inner.bits <= outer.at + outer.bits;
}

// What tshark calls an option of TCP, by its kind.
std::string_view option_name(u8 kind) {
  constexpr std::pair<u8, std::string_view> names[] = {
      {0,  "eol"       },
      {1,  "nop"       },
      {2,  "mss"       },
      {3,  "wscale"    },
      {4,  "sack_perm" },
      {5,  "sack"      },
      {6,  "echo"      },
      {7,  "echo_reply"},
      {8,  "timestamp" },
      {11, "cc"        },
      {12, "ccnew"     },
      {13, "ccecho"    },
      {19, "md5"       },
      {20, "scps"      },
      {21, "snack"     },
      {27, "qs"        },
      {28, "user_to"   },
      {30, "mptcp"     },
      {34, "tfo"       }
  };
  for (const auto& [number, name] : names)
    if (number == kind) return name;
  return "unknown";
}

}  // namespace

bool is_of_segments(std::string_view word) {
  return word == "tcp.segment" || word.starts_with("tcp.segment.") ||
         word.starts_with("tcp.reassembled.");
}

bool JsonChoice::shows(std::string_view word) const {
  return all || std::find(words.begin(), words.end(), word) != words.end();
}

void RowChains::read(const dissect::Tree& tree) {
  const auto rows = tree.rows();
  heads_.assign(tree.layers().size(), none);
  tails_.assign(tree.layers().size(), none);
  next_.resize(rows.size());
  for (u32 i = 0; i < rows.size(); ++i) {
    if (rows[i].field->bits != 0 || rows[i].field->show == Show::layer) continue;
    const u16 layer = rows[i].layer;
    (tails_[layer] == none ? heads_[layer] : next_[tails_[layer]]) = i;
    tails_[layer] = i;
    next_[i] = none;
  }
}

void append_json_value(std::string& out, const dissect::Row& row) {
  switch (row.field->show) {
    case Show::bytes:
      return append_spaced(out, {row.data, row.size});
    case Show::text: {
      const std::string_view text{reinterpret_cast<const char*>(row.data), row.size};
      if (plain(text)) {
        out += text;
        return;
      }
      std::string quoted;
      append_json_text(quoted, text);
      out.append(quoted, 1, quoted.size() - 2);
      return;
    }
    case Show::mark:
      return;
    default:
      return dissect::append_value(out, row);
  }
}

JsonLayer::JsonLayer(const wire::Header& header, const JsonChoice& choice) : header_(header) {
  shaped_.resize(header.found.size());
  rows_.resize(header.found.size());
  for (const LayerShape& shape : layer_shapes)
    if (shape.word == header.word)
      for (const Shape& row : shape.rows) add(row, choice);
  if (pieces_.empty()) derive(choice);
  close_trees();
}

void JsonLayer::add(const Shape& shape, const JsonChoice& choice) {
  Piece piece{shape, {}, {}};
  const auto find = [&](std::string_view word) {
    for (const Field& field : header_.fields)
      if (!word.empty() && field.word == word) piece.field = &field;
    for (std::size_t i = 0; i < header_.found.size(); ++i)
      if (header_.found[i].word == word) {
        piece.field = &header_.found[i];
        piece.found = static_cast<int>(i);
      }
  };
  find(shape.kind == Kind::constant || shape.word.empty() ? shape.key : shape.word);
  if (shape.kind == Kind::constant && piece.field != nullptr) piece.shape.kind = Kind::value;
  if (shape.kind != Kind::constant && shape.kind != Kind::label && piece.field == nullptr) return;
  // A checksum's status follows from the checksum; where there is a row of it, too, this is it.
  for (std::size_t i = 0; i < header_.found.size(); ++i)
    if (static_cast<int>(i) == piece.found ||
        (shape.kind == Kind::status && header_.found[i].word == shape.key))
      shaped_[i] = true;
  const bool has_members = shape.kind == Kind::tree || shape.kind == Kind::label;
  piece.before = fmt::format(",\n{}\"{}{}\": {}", indent(shape.depth), shape.key,
                             shape.kind == Kind::tree ? "_tree" : "", has_members ? "{" : "\"");
  piece.after = has_members ? fmt::format("\n{}}}", indent(shape.depth)) : "\"";
  if (has_members) piece.shown = choice.inside || choice.shows(shape.key);
  if (shape.kind == Kind::status) piece.shown = choice.inside || choice.shows(shape.word);
  pieces_.push_back(std::move(piece));
}

// Without a shape of its own: the fields in order, a sum before its parts, the parts in its tree.
void JsonLayer::derive(const JsonChoice& choice) {
  std::vector<bool> done(header_.fields.size());
  const auto put = [&](auto&& self, std::size_t i, unsigned depth) -> void {
    const Field& field = header_.fields[i];
    done[i] = true;
    if (field.word.empty()) return;
    add({depth, Kind::value, field.word}, choice);
    bool parted = false;
    for (std::size_t k = 0; k < header_.fields.size(); ++k) {
      if (done[k] || header_.fields[k].word.empty() || !inside(header_.fields[k], field)) continue;
      if (!parted) add({depth, Kind::tree, field.word}, choice);
      parted = true;
      self(self, k, depth + 1);
    }
  };
  for (std::size_t i = 0; i < header_.fields.size(); ++i) {
    if (done[i]) continue;
    std::size_t outer = i;
    for (std::size_t k = i + 1; k < header_.fields.size(); ++k)
      if (!header_.fields[k].word.empty() && inside(header_.fields[outer], header_.fields[k]))
        outer = k;
    put(put, outer, 0);
    if (!done[i]) put(put, i, 0);
  }
}

void JsonLayer::close_trees() {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    std::size_t end = i + 1;
    while (end < pieces_.size() && pieces_[end].shape.depth > pieces_[i].shape.depth) ++end;
    pieces_[i].end = end;
  }
}

void JsonLayer::write(std::string& out, bool& first, const Packet& packet,
                      const dissect::Tree& tree, const RowChains& chains, unsigned layer) {
  const dissect::Layer& shown = tree.layers()[layer];
  const u8* bytes = shown.data != nullptr ? shown.data : packet.data + shown.at;
  const Here here{bytes, shown.length, &tree, &chains, layer};
  std::fill(rows_.begin(), rows_.end(), RowChains::none);
  const Field* const found = header_.found.data();
  bool others = false;
  for (u32 row = chains.first(layer); row != RowChains::none; row = chains.next(row)) {
    const Field* field = tree.rows()[row].field;
    const auto place = static_cast<std::size_t>(field - found);
    if (place >= rows_.size()) continue;
    if (rows_[place] == RowChains::none) rows_[place] = row;
    others = others || !shaped_[place];
  }
  run(out, first, 0, pieces_.size(), here);
  if (!others) return;
  for (u32 i = chains.first(layer); i != RowChains::none; i = chains.next(i)) {
    const dissect::Row& row = tree.rows()[i];
    const auto place = static_cast<std::size_t>(row.field - found);
    if (place < rows_.size() && shaped_[place]) continue;
    if (row.field->word.empty() || row.field->word.starts_with("tcp.option") ||
        is_of_segments(row.field->word))
      continue;
    fmt::format_to(std::back_inserter(out), "{}\n{}\"{}\": \"", first ? "" : ",", indent(0),
                   row.field->word);
    append_json_value(out, row);
    out += '"';
    first = false;
  }
}

bool JsonLayer::there(const Piece& piece, const Here& here) const {
  if (piece.found >= 0) return rows_[static_cast<std::size_t>(piece.found)] != RowChains::none;
  if (piece.field == nullptr || piece.field->byte() + piece.field->length() > here.captured)
    return false;
  return piece.field->holds == nullptr || piece.field->holds(here.bytes);
}

bool JsonLayer::any_there(std::size_t from, std::size_t to, const Here& here) const {
  return std::any_of(pieces_.begin() + static_cast<std::ptrdiff_t>(from),
                     pieces_.begin() + static_cast<std::ptrdiff_t>(to),
                     [&](const Piece& piece) { return there(piece, here); });
}

void JsonLayer::run(std::string& out, bool& first, std::size_t from, std::size_t to,
                    const Here& here) const {
  bool before = false;  // the piece before is there
  for (std::size_t i = from; i < to; i = pieces_[i].end) {
    const Piece& piece = pieces_[i];
    switch (piece.shape.kind) {
      case Kind::constant:
        if (before) put_value(out, first, piece, here);
        break;
      case Kind::tree:
        if (there(piece, here)) members(out, first, piece, i, here);
        break;
      case Kind::label:
        if (any_there(i + 1, piece.end, here)) members(out, first, piece, i, here);
        break;
      case Kind::options:
        put_options(out, here);
        first = false;
        break;
      default:
        before = there(piece, here);
        if (before) put_value(out, first, piece, here);
    }
  }
}

void JsonLayer::members(std::string& out, bool& first, const Piece& piece, std::size_t at,
                        const Here& here) const {
  out.append(piece.before, first ? 1 : 0);
  first = false;
  if (piece.shown) {
    bool empty = true;
    run(out, empty, at + 1, piece.end, here);
  } else {
    out += '\n';
    out.append(layer_indent + 2 * piece.shape.depth + 2, ' ');
    out += R"("filtered": ")";
    out += piece.shape.key;
    out += '"';
  }
  out += piece.after;
}

void JsonLayer::put_value(std::string& out, bool& first, const Piece& piece,
                          const Here& here) const {
  if (piece.found >= 0) {
    const auto rows = here.tree->rows();
    for (u32 row = rows_[static_cast<std::size_t>(piece.found)]; row != RowChains::none;
         row = here.chains->next(row)) {
      if (rows[row].field != piece.field) continue;
      out.append(piece.before, first ? 1 : 0);
      first = false;
      if (rows[row].field->show == Show::moment)
        date(out, static_cast<i64>(rows[row].value));
      else
        append_json_value(out, rows[row]);
      out += '"';
    }
    return;
  }
  if (piece.shape.kind == Kind::constant) {
    out.append(piece.before, first ? 1 : 0);
    out += piece.shape.word;
    out += '"';
    first = false;
    return;
  }
  const dissect::Row row = row_of(*piece.field, here.bytes);
  if (piece.shape.kind == Kind::status && row.value == 0) {
    fmt::format_to(std::back_inserter(out), "{}\n{}\"{}_tree\": {{\n{}\"{}\": \"{}\"\n{}}}",
                   first ? "" : ",", indent(0), piece.shape.word, indent(1),
                   piece.shown ? piece.shape.key : "filtered", piece.shown ? "3" : piece.shape.word,
                   indent(0));
    first = false;
    return;
  }
  if (piece.shape.kind == Kind::slaac && (row.data[11] != 0xff || row.data[12] != 0xfe)) return;
  out.append(piece.before, first ? 1 : 0);
  first = false;
  if (piece.shape.kind == Kind::status) {
    out += '2';
  } else if (piece.shape.kind == Kind::oui) {
    fmt::format_to(std::back_inserter(out), "{}", row.value >> 24);
  } else if (piece.shape.kind == Kind::slaac) {
    u64 address = 0;
    for (const unsigned i : {8U, 9U, 10U, 13U, 14U, 15U}) address = address << 8 | row.data[i];
    dissect::append_ether(out, address ^ u64{2} << 40);
  } else {
    dissect::append_value(out, row);
  }
  out += '"';
}

// Asking for the calendar costs more than a layer: once a second of the capture is enough.
void JsonLayer::date(std::string& out, i64 nanoseconds) const {
  constexpr i64 second = 1'000'000'000;
  const i64 fraction = (nanoseconds % second + second) % second;
  if (const i64 whole = nanoseconds - fraction; whole != dated_ || date_.empty()) {
    dated_ = whole;
    date_.clear();
    dissect::append_date(date_, whole);
    point_ = date_.find('.') + 1;
  }
  const std::size_t start = out.size() + point_;
  out += date_;
  i64 rest = fraction;
  for (std::size_t i = 9; i-- > 0; rest /= 10) out[start + i] = static_cast<char>('0' + rest % 10);
}

// "tcp.options.mss": its bytes, and "tcp.options.mss_tree": what the walk read in them.
void JsonLayer::put_options(std::string& out, const Here& here) {
  const auto rows = here.tree->rows();
  const auto is = [&](u32 row, std::string_view word) { return rows[row].field->word == word; };
  bool first = true;
  for (u32 i = here.chains->first(here.layer); i != RowChains::none; i = here.chains->next(i)) {
    if (!is(i, "tcp.option_kind")) continue;
    const u32 start = rows[i].at;
    u32 size = 1;
    const u32 next = here.chains->next(i);
    if (next != RowChains::none && is(next, "tcp.option_len"))
      size = static_cast<u32>(rows[next].value);
    const auto name = option_name(static_cast<u8>(rows[i].value));
    const u32 offset = start - here.tree->layers()[here.layer].at;
    if (offset >= here.captured) break;
    size = std::min(size, here.captured - offset);
    fmt::format_to(std::back_inserter(out), "{}\n{}\"tcp.options.{}\": \"", first ? "" : ",",
                   indent(1), name);
    first = false;
    append_spaced(out, {here.bytes + offset, size});
    fmt::format_to(std::back_inserter(out),
                   "\",\n{}\"tcp.options.{}_tree\": {{\n{}\"tcp.option_kind\": \"{}\"", indent(1),
                   name, indent(2), rows[i].value);
    for (u32 k = next; k != RowChains::none && !is(k, "tcp.option_kind");
         k = here.chains->next(k)) {
      const dissect::Row& row = rows[k];
      if (row.at < start || row.at >= start + size || row.at == start) continue;
      fmt::format_to(std::back_inserter(out), ",\n{}\"{}\": \"", indent(2), row.field->word);
      append_json_value(out, row);
      out += '"';
    }
    out += '\n' + indent(1) + '}';
  }
}

}  // namespace trama::output
