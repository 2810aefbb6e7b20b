// Dropbox LAN sync: programs that look for one another in the same network, in JSON.
#include "packet/parse/parser.h"

namespace trama::parse {
namespace {

bool read_discovery(Message& message) {
  if (message.around.tcp) return false;
  message.enter(db_lsp_disc.header);
  message.protocol("DB-LSP-DISC");
  message.info() = "Dropbox LAN sync Discovery Protocol";
  if (!message.whole(0, 1) || message.data[0] != '{') return true;
  message.protocol("DB-LSP-DISC/JSON");
  message.info() += ", JavaScript Object Notation";
  message.carry(json, message.data, message.captured);
  return true;
}

constexpr u16 ports[] = {17500};

}  // namespace

const Parser db_lsp_disc{
    .header = {.word = "db-lsp-disc",
               .name = "Dropbox LAN sync Discovery Protocol",
               .layer = 7,
               .fields = {}},
    .udp_ports = ports,
    .read = read_discovery
};

}  // namespace trama::parse
