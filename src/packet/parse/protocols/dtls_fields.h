// DTLS's words: those of TLS with a "d" before them, and what datagrams need beyond.
#pragma once
#include "packet/parse/protocols/tls_fields.h"

namespace trama::parse {

inline constexpr wire::Name srtp_profile_names[] = {
    {0x0001, "SRTP_AES128_CM_HMAC_SHA1_80"},
    {0x0002, "SRTP_AES128_CM_HMAC_SHA1_32"},
    {0x0005, "SRTP_NULL_HMAC_SHA1_80"     },
    {0x0006, "SRTP_NULL_HMAC_SHA1_32"     },
    {0x0007, "SRTP_AEAD_AES_128_GCM"      },
    {0x0008, "SRTP_AEAD_AES_256_GCM"      },
};

inline constexpr auto dtls_own_fields = std::to_array<Field>({
    named(tls_names::content_names,
          {"dtls.record.special_type",                 0, Show::dec,   N_("what the record carries")                   }
          ),
    {"dtls.record.epoch",                        0, Show::dec,   N_("counts the changes of keys")                },
    {"dtls.record.sequence_number",              0, Show::dec,   N_("number of this record, in its epoch")       },
    {"dtls.handshake.message_seq",               0, Show::dec,   N_("number of this handshake message")          },
    {"dtls.handshake.fragment_offset",           0, Show::dec,   N_("where in the message these bytes belong")   },
    {"dtls.handshake.fragment_length",           0, Show::dec,   N_("bytes of the message that stand here")      },
    {"dtls.handshake.cookie_length",             0, Show::dec,   N_("length of the cookie")                      },
    {"dtls.handshake.cookie",                    0, Show::bytes, N_("cookie that proves the client's address")   },
    {"dtls.fragment",                            0, Show::dec,   N_("packet with a piece of the message")        },
    {"dtls.reassembled.length",                  0, Show::dec,   N_("bytes of the message that was put together")},
    {"dtls.use_srtp.protection_profiles_length", 0, Show::dec,   N_("bytes of the list")                         },
    named(srtp_profile_names,
          {"dtls.use_srtp.protection_profile",         0, Show::hex4,  N_("how SRTP is to be encrypted")               }
          ),
    {"dtls.use_srtp.mki_length",                 0, Show::dec,   N_("length of the master key's identifier")     },
    {"dtls.use_srtp.mki",                        0, Show::bytes, N_("which master key is meant")                 },
});

namespace dtls_table {

// What of TLS datagrams do not have: SSL 2.0, records put together.
constexpr bool is_shared(const Field& field) {
  constexpr std::string_view absent[] = {
      "tls.record.opaque_type",   "tls.ignored_unknown_record",   "tls.handshake.fragment",
      "tls.handshake.fragments",  "tls.handshake.fragment.count", "tls.handshake.cipher_spec_len",
      "tls.handshake.cipherspec", "tls.handshake.challenge",      "tls.handshake.challenge_length"};
  for (const auto word : absent)
    if (word == field.word) return false;
  return true;
}

struct Size {
  std::size_t fields = 0, letters = 0;
};
inline constexpr Size size = [] {
  Size sum;
  for (const Field& field : tls_fields)
    if (is_shared(field)) {
      ++sum.fields;
      sum.letters += 1 + field.word.size();
    }
  return sum;
}();
inline constexpr auto letters = [] {
  std::array<char, size.letters> all{};
  std::size_t at = 0;
  for (const Field& field : tls_fields)
    if (is_shared(field)) {
      all[at++] = 'd';
      for (const char letter : field.word) all[at++] = letter;
    }
  return all;
}();

}  // namespace dtls_table

// TLS's fields in DTLS's words, then DTLS's own.
inline constexpr auto dtls_fields = [] {
  std::array<Field, dtls_table::size.fields + dtls_own_fields.size()> all{};
  std::size_t row = 0;
  std::size_t letter = 0;
  for (const Field& field : tls_fields)
    if (dtls_table::is_shared(field)) {
      all[row] = field;
      all[row++].word = {dtls_table::letters.data() + letter, 1 + field.word.size()};
      letter += 1 + field.word.size();
    }
  for (const Field& field : dtls_own_fields) all[row++] = field;
  return all;
}();

}  // namespace trama::parse
