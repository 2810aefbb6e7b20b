// A certificate for tries and lessons: a new P-256 key, localhost as its name, signed by itself.
#include "certificate/made.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

namespace trama {
namespace {

constexpr long days = 30;
constexpr int serial_bits = 127;

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;

bool add_extension(X509* certificate, int kind, const char* value) {
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension{
      X509V3_EXT_conf_nid(nullptr, nullptr, kind, value)};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace

bool use_made_certificate(ssl_ctx_st* context) {
  const Key key{EVP_EC_gen("P-256")};
  const Certificate certificate{X509_new()};
  const Number serial{BN_new()};
  if (!key || !certificate || !serial) return false;
  X509* c = certificate.get();
  X509_NAME* name = X509_get_subject_name(c);
  const auto* host = reinterpret_cast<const unsigned char*>("localhost");
  return X509_set_version(c, X509_VERSION_3) == 1 &&
         BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(c)) != nullptr &&
         X509_gmtime_adj(X509_getm_notBefore(c), -3600) != nullptr &&  // clocks differ
         X509_gmtime_adj(X509_getm_notAfter(c), days * 24 * 3600) != nullptr &&
         X509_set_pubkey(c, key.get()) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0) == 1 &&
         X509_set_issuer_name(c, name) == 1 &&
         add_extension(c, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
         add_extension(c, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(c, NID_ext_key_usage, "serverAuth") &&
         X509_sign(c, key.get(), EVP_sha256()) > 0 && SSL_CTX_use_certificate(context, c) == 1 &&
         SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

}  // namespace trama
