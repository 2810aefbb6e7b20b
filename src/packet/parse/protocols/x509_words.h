// Which part of X.509 an object identifier belongs to, by the words that Wireshark adds to
// frame.protocols where it reads what the identifier announces.
#pragma once
#include <string_view>

#include "base/bytes.h"

namespace trama::parse {

struct OidWord {
  std::string_view prefix;  // the identifier's bytes but the last
  u8 from, to;              // the last byte
  std::string_view word;
};

namespace oid {
inline constexpr std::string_view attribute{"\x55\x04"};                         // 2.5.4
inline constexpr std::string_view extension{"\x55\x1d"};                         // 2.5.29
inline constexpr std::string_view pkcs1{"\x2a\x86\x48\x86\xf7\x0d\x01\x01"};     // 1.2.840.113549.1.1
inline constexpr std::string_view pkcs9{"\x2a\x86\x48\x86\xf7\x0d\x01\x09"};     // 1.2.840.113549.1.9
inline constexpr std::string_view pilot{"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01"};  // 0.9.2342.19200300.100.1
inline constexpr std::string_view private_extension{"\x2b\x06\x01\x05\x05\x07\x01"};  // 1.3.6.1.5.5.7.1
inline constexpr std::string_view qualifier{"\x2b\x06\x01\x05\x05\x07\x02"};     // 1.3.6.1.5.5.7.2
inline constexpr std::string_view personal{"\x2b\x06\x01\x05\x05\x07\x09"};      // 1.3.6.1.5.5.7.9
inline constexpr std::string_view status{"\x2b\x06\x01\x05\x05\x07\x30\x01"};    // 1.3.6.1.5.5.7.48.1
inline constexpr std::string_view microsoft_20{"\x2b\x06\x01\x04\x01\x82\x37\x14"};
inline constexpr std::string_view microsoft_20_2{"\x2b\x06\x01\x04\x01\x82\x37\x14\x02"};
inline constexpr std::string_view microsoft_21{"\x2b\x06\x01\x04\x01\x82\x37\x15"};
inline constexpr std::string_view jurisdiction{"\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01"};
inline constexpr std::string_view netscape{"\x60\x86\x48\x01\x86\xf8\x42\x01"};  // 2.16.840.1.113730.1
inline constexpr std::string_view transparency{"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04"};
inline constexpr std::string_view entrust{"\x2a\x86\x48\x86\xf6\x7d\x07\x41"};
inline constexpr std::string_view curve_key{"\x2a\x86\x48\xce\x3d\x02"};         // 1.2.840.10045.2
inline constexpr std::string_view curve_scheme{"\x2b\x81\x04\x01"};              // 1.3.132.1
inline constexpr std::string_view dsa_key{"\x2a\x86\x48\xce\x38\x04"};           // 1.2.840.10040.4
inline constexpr std::string_view dh_key{"\x2a\x86\x48\xce\x3e\x02"};            // 1.2.840.10046.2
}  // namespace oid

inline constexpr OidWord oid_words[] = {
    {oid::attribute, 0, 0, "x509sat"},
    {oid::attribute, 1, 1, "x509if"},
    {oid::attribute, 2, 21, "x509sat"},
    {oid::attribute, 23, 30, "x509sat"},
    {oid::attribute, 31, 34, "x509if"},
    {oid::attribute, 35, 35, "x509sat"},
    {oid::attribute, 36, 40, "x509af"},
    {oid::attribute, 41, 48, "x509sat"},
    {oid::attribute, 49, 49, "x509if"},
    {oid::attribute, 50, 52, "x509sat"},
    {oid::attribute, 53, 53, "x509af"},
    {oid::attribute, 54, 54, "x509sat"},
    {oid::attribute, 55, 55, "pkixac"},
    {oid::attribute, 56, 56, "x509sat"},
    {oid::attribute, 58, 59, "x509af"},
    {oid::attribute, 65, 67, "x509sat"},
    {oid::attribute, 72, 72, "pkixac"},
    {oid::pkcs9, 1, 1, "x509sat"},
    {oid::pkcs9, 3, 4, "cms"},
    {oid::pkcs9, 6, 6, "cms"},
    {oid::pkcs9, 7, 8, "x509sat"},
    {oid::pkcs9, 9, 9, "pkcs10"},
    {oid::pkcs9, 13, 13, "x509sat"},
    {oid::pkcs9, 14, 14, "pkix1explicit"},
    {oid::pkcs9, 15, 15, "cms"},
    {oid::pkcs9, 20, 21, "x509sat"},
    {oid::pilot, 1, 1, "x509af"},
    {oid::pilot, 25, 25, "x509sat"},
    {oid::pilot, 60, 60, "jpeg"},
    {oid::jurisdiction, 1, 3, "x509sat"},
    {oid::personal, 1, 5, "x509sat"},
    {oid::extension, 3, 3, "x509ce"},
    {oid::extension, 9, 9, "x509ce"},
    {oid::extension, 14, 21, "x509ce"},
    {oid::extension, 23, 24, "x509ce"},
    {oid::extension, 27, 33, "x509ce"},
    {oid::extension, 35, 37, "x509ce"},
    {oid::extension, 40, 40, "x509ce"},
    {oid::extension, 44, 47, "x509ce"},
    {oid::extension, 51, 51, "x509ce"},
    {oid::extension, 53, 54, "x509ce"},
    {oid::extension, 55, 55, "pkixac"},
    {oid::extension, 58, 61, "x509ce"},
    {oid::private_extension, 1, 1, "pkix1implicit"},
    {oid::private_extension, 2, 3, "pkixqualified"},
    {oid::private_extension, 6, 6, "pkixac"},
    {oid::private_extension, 7, 8, "pkix1explicit"},
    {oid::private_extension, 10, 10, "pkixac"},
    {oid::private_extension, 12, 12, "logotypecertextn"},
    {oid::private_extension, 13, 13, "wlancertextn"},
    {oid::private_extension, 14, 14, "pkixproxy"},
    {oid::private_extension, 24, 24, "pkix1explicit"},
    {oid::private_extension, 25, 25, "mudurl"},
    {oid::qualifier, 1, 1, "pkix1explicit"},
    {oid::qualifier, 2, 2, "pkix1implicit"},
    {oid::status, 1, 7, "ocsp"},
    {oid::microsoft_20, 1, 1, "pkix1implicit"},
    {oid::microsoft_20, 2, 2, "x509sat"},
    {oid::microsoft_20_2, 1, 1, "pkix1implicit"},
    {oid::microsoft_20_2, 3, 3, "x509sat"},
    {oid::microsoft_21, 1, 4, "x509sat"},
    {oid::microsoft_21, 5, 6, "pkix1implicit"},
    {oid::microsoft_21, 7, 7, "x509ce"},
    {oid::microsoft_21, 10, 10, "x509ce"},
    {oid::microsoft_21, 19, 19, "pkix1implicit"},
    {oid::netscape, 1, 4, "ns_cert_exts"},
    {oid::netscape, 7, 8, "ns_cert_exts"},
    {oid::netscape, 12, 13, "ns_cert_exts"},
    {oid::transparency, 2, 2, "tls"},
    {oid::transparency, 5, 5, "tls"},
    {oid::entrust, 0, 0, "x509ce"},
    {oid::pkcs1, 8, 8, "pkcs-1"},
    {oid::pkcs1, 10, 10, "pkcs-1"},
    {oid::curve_key, 1, 1, "pkcs-1"},
    {oid::curve_scheme, 12, 12, "pkcs-1"},
    {oid::dsa_key, 1, 1, "x509af"},
    {oid::dh_key, 1, 1, "pkix1explicit"},
};

}  // namespace trama::parse
