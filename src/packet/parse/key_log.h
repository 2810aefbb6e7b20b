// The secrets of TLS connections as programs write them for SSLKEYLOGFILE: found by the random
// number of the client's hello. A file given by hand, and what pcapng files bring in their own
// blocks.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trama::parse {

enum class SecretKind : u8 {
  master,  // TLS 1.2 and before
  client_handshake,
  server_handshake,
  client_traffic,
  server_traffic,
  client_early
};

class KeyLog {
 public:
  // Reads a whole file. Errors: it cannot be read (Exit::bad_input).
  static Result<KeyLog> read(const std::string& path);

  // Adds the lines of a key log; what is none is passed over.
  void add(std::string_view text);
  [[nodiscard]] bool empty() const { return secrets_.empty(); }
  // Of 32 to 48 bytes; empty where it is unknown. Valid until more is added.
  [[nodiscard]] Bytes find(SecretKind kind, const std::array<u8, 32>& client_random) const;

 private:
  struct Key {
    std::array<u8, 32> random{};
    SecretKind kind{};
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Value {
    std::array<u8, 48> bytes{};
    u8 size = 0;
  };
  boost::unordered_flat_map<Key, Value, Hash> secrets_;
};

}  // namespace trama::parse
