#include "packet/parse/key_log.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/say.h"
#include "base/terminal.h"

namespace trama::parse {
namespace {

constexpr std::size_t most_secrets = 1'000'000;

struct Label {
  std::string_view text;
  SecretKind kind;
};

constexpr Label labels[] = {
    {"CLIENT_RANDOM",                   SecretKind::master          },
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", SecretKind::client_handshake},
    {"SERVER_HANDSHAKE_TRAFFIC_SECRET", SecretKind::server_handshake},
    {"CLIENT_TRAFFIC_SECRET_0",         SecretKind::client_traffic  },
    {"SERVER_TRAFFIC_SECRET_0",         SecretKind::server_traffic  },
    {"CLIENT_EARLY_TRAFFIC_SECRET",     SecretKind::client_early    },
};

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Hex digits as bytes: how many; 0 where the text is something else or does not fit.
template <std::size_t n>
std::size_t from_hex(std::string_view text, std::array<u8, n>& bytes) {
  if (text.size() % 2 != 0 || text.size() / 2 > n) return 0;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return 0;
    bytes[i / 2] = static_cast<u8>(high << 4 | low);
  }
  return text.size() / 2;
}

std::string_view next_word(std::string_view& line) {
  constexpr std::string_view blanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const auto word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

Result<KeyLog> KeyLog::read(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file.is_open() || file.bad())
    return fail(Exit::bad_input, say("cannot read the key log {}: {}", harmless(path),
                                     std::strerror(errno)));  // NOLINT(concurrency-mt-unsafe)
  KeyLog log;
  log.add(text);
  return log;
}

void KeyLog::add(std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto word = next_word(line);
    for (const Label& label : labels) {
      if (word != label.text) continue;
      Key key{.kind = label.kind};
      Value value;
      if (from_hex(next_word(line), key.random) != key.random.size()) break;
      value.size = static_cast<u8>(from_hex(next_word(line), value.bytes));
      if (value.size >= 32 && secrets_.size() < most_secrets) secrets_[key] = value;
      break;
    }
  }
}

Bytes KeyLog::find(SecretKind kind, const std::array<u8, 32>& client_random) const {
  const auto found = secrets_.find({client_random, kind});
  if (found == secrets_.end()) return {};
  return {found->second.bytes.data(), found->second.size};
}

// The random number is random: its first bytes spread well.
std::size_t KeyLog::Hash::operator()(const Key& key) const {
  u64 word = 0;
  std::memcpy(&word, key.random.data() + 8, sizeof word);
  return word + static_cast<u64>(key.kind) * 0x9e3779b97f4a7c15;
}

}  // namespace trama::parse
