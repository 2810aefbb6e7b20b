#include "packet/parse/protocols/tls.h"
namespace trama::parse {
void read_certificate(Message& /*message*/, Vector /*bytes*/) {}
void read_distinguished_name(Message& /*message*/, Vector /*bytes*/) {}
}  // namespace trama::parse
