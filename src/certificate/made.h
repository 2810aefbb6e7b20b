// A certificate for who listens with TLS and has none: for tries and lessons.
#pragma once

struct ssl_ctx_st;

namespace trama {

// Makes a key and a certificate for localhost that it signs itself, and uses them. False: OpenSSL
// refused.
bool use_made_certificate(ssl_ctx_st* context);

}  // namespace trama
