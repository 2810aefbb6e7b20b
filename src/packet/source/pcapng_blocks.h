// What is inside pcapng blocks: whether it fits the block (options and records end where it ends,
// numbers have their size: Wireshark's rules, so that both readers stop at the same block), and
// what the reader needs of statistics and journal entries.
#pragma once
#include <string_view>

#include "base/bytes.h"

namespace trama::source::pcapng {

// The options of any block; `of_packet`: a packet block's, whose numbers have fixed sizes.
bool sound_options(Bytes options, bool big_endian, bool of_packet = false);

// The body of a name resolution block: records, then options.
bool sound_names(Bytes body, bool big_endian);

// The body of a decryption secrets block: kind, length, secrets.
bool sound_secrets(Bytes body, bool big_endian);
// The text of a TLS key log in such a sound block; empty where it holds something else.
std::string_view key_log_of(Bytes body, bool big_endian);

// What an interface statistics block's options count as dropped; 0: nothing, or not told.
u64 dropped_of(Bytes options, bool big_endian);

// When a journal entry was made (__REALTIME_TIMESTAMP, microseconds since 1970), in nanoseconds;
// no_time where it does not say.
i64 journal_time(std::string_view entry);

}  // namespace trama::source::pcapng
