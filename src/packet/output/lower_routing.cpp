// What routers and their neighbours tell each other below TCP and UDP: the list's words for it.
#include <algorithm>

#include "base/address.h"
#include "packet/dissect/value.h"
#include "packet/output/lower.h"
#include "wire/registry.h"

namespace trama::output {
namespace {

using namespace wire;  // NOLINT: the tables' own words are what this file is about
using dissect::Row;

void say_ospf(Column& column, const LayerRows& rows) {
  const u64 type = rows.number(in(ospf_fields, "ospf.msg"));
  column.protocol("OSPF");
  const auto name = name_in(ospf_message_names, type, "");
  name.empty() ? column.info("Unknown ({})", type) : column.info("{}", name);
}

void say_pim(Column& column, const LayerRows& rows) {
  const u64 version = rows.number(in(pim_fields, "pim.version"));
  const u64 type = rows.number(in(pim_fields, "pim.type"));
  column.protocol("PIMv{}", version);
  const auto name = version == 2 ? name_in(pim_type_names, type, "") : "Unknown";
  name.empty() ? column.info("Unknown ({})", type) : column.info("{}", name);
}

void say_vrrp(Column& column, const LayerRows& rows) {
  column.protocol("VRRP");
  column.info("Announcement (v{})", rows.number(in(vrrp_fields, "vrrp.version")));
}

void say_eigrp(Column& column, const LayerRows& rows) {
  const u64 code = rows.number(in(eigrp_fields, "eigrp.opcode"));
  column.protocol("EIGRP");
  const auto name = name_in(eigrp_opcode_names, code, "");
  if (name.empty()) return column.info("Unknown OpCode (0x{:04x})", code);
  const bool answers = code == 5 && rows.number(in(eigrp_fields, "eigrp.ack")) != 0;
  column.info("{}{}", name, answers ? " (Ack)" : "");
}

void say_esp(Column& column, const LayerRows& rows) {
  column.protocol("ESP");
  column.info("ESP (SPI=0x{:08x})", rows.number(in(esp_fields, "esp.spi")));
}

void say_loop_test(Column& column, const LayerRows& rows) {
  column.protocol("LOOP");
  const Row* function = rows.find(in(loop_test_found, "loop.function"));
  if (function == nullptr) return column.info("");
  const auto name = name_in(loop_test_function_names, function->value, "");
  name.empty() ? column.info("Unknown function ({})", function->value) : column.info("{}", name);
}

void say_cdp(Column& column, const LayerRows& rows) {
  column.protocol("CDP");
  column.info("");
  const auto tell = [&](std::string_view name, const Field& field) {
    const Row* row = rows.find(field);
    if (row == nullptr) return;
    column.more("{}: ", name);
    column.value(row);
    column.more("  ");
  };
  tell("Device ID", in(cdp_found, "cdp.deviceid"));
  tell("Port ID", in(cdp_found, "cdp.portid"));
}

constexpr std::string_view chassis_kinds[] = {"Rs", "CC", "IA", "PC", "MA", "NA", "IN", "LA"};
constexpr std::string_view port_kinds[] = {"Rs", "IA", "PC", "MA", "NA", "IN", "AC", "LA"};

void say_name(Column& column, std::span<const std::string_view> kinds, u64 kind, const Row* name) {
  const auto word = kind < kinds.size() ? kinds[kind] : kinds[0];
  column.more("{}/", word);
  if (word == "Rs" || name == nullptr) return column.more("Reserved ");
  const Bytes bytes{name->data, name->size};
  if (word == "NA" && bytes.size() == 5 && bytes[0] == 1)
    column.more("{}", to_string(address_of(bytes.subspan(1))));
  else if (word == "PC")
    for (const u8 byte : bytes) column.more("{:02x}", byte);
  else
    column.more("{}", std::string_view{reinterpret_cast<const char*>(name->data), name->size});
  column.more(" ");
}

void say_lldp(Column& column, const LayerRows& rows) {
  column.protocol("LLDP");
  column.info("");
  const auto name = [&](auto kinds, const Field& kind, const Field& address, const Field& text) {
    const Row* row = rows.find(kind);
    if (row == nullptr) return;
    if (const Row* hardware = rows.find(address); hardware != nullptr) {
      column.more("MA/");
      column.value(hardware);
      return column.more(" ");
    }
    say_name(column, kinds, row->value, rows.find(text));
  };
  name(std::span{chassis_kinds}, in(lldp_found, "lldp.chassis.subtype"),
       in(lldp_found, "lldp.chassis.id.mac"), in(lldp_found, "lldp.chassis.id"));
  name(std::span{port_kinds}, in(lldp_found, "lldp.port.subtype"),
       in(lldp_found, "lldp.port.id.mac"), in(lldp_found, "lldp.port.id"));
  if (const Row* row = rows.find(in(lldp_found, "lldp.time_to_live")); row != nullptr)
    column.more("{} ", row->value);
  const auto word = [&](std::string_view said, const Field& field) {
    const Row* row = rows.find(field);
    if (row == nullptr) return;
    column.more("{}=", said);
    column.value(row);
    column.more(" ");
  };
  word("SysN", in(lldp_found, "lldp.tlv.system.name"));
  word("SysD", in(lldp_found, "lldp.tlv.system.desc"));
}

constexpr Name eap_kind_names[] = {
    {1,   "Identity"                             },
    {2,   "Notification"                         },
    {3,   "Legacy Nak (Response Only)"           },
    {4,   "MD5-Challenge EAP (EAP-MD5-CHALLENGE)"},
    {13,  "TLS EAP (EAP-TLS)"                    },
    {21,  "Tunneled TLS EAP (EAP-TTLS)"          },
    {25,  "Protected EAP (EAP-PEAP)"             },
    {26,  "MS-Authentication EAP (EAP-MS-AUTH)"  },
    {254, "Expanded Type"                        }
};

void say_eapol(Column& column, const LayerRows& rows) {
  const u64 type = rows.number(in(eapol_fields, "eapol.type"));
  if (type != 0) {
    column.protocol("EAPOL");
    column.info("{}", name_in(eapol_type_names, type, "Unknown"));
    if (const Row* number = rows.find(in(eapol_found, "wlan_rsna_eapol.keydes.msgnr")))
      column.more(" (Message {} of 4)", number->value);
    return;
  }
  column.protocol("EAP");
  const u64 code = rows.number(in(eapol_found, "eap.code"));
  const auto name = name_in(eap_code_names, code, "");
  name.empty() ? column.info("Unknown code (0x{:02X})", code) : column.info("{}", name);
  if (const Row* kind = rows.find(in(eapol_found, "eap.type")))
    column.more(", {}", name_in(eap_kind_names, kind->value, "Unknown"));
}

}  // namespace

bool say_routing(Column& column, const LayerRows& rows) {
  const Header* header = rows.layer().header;
  if (header == &ospf)
    say_ospf(column, rows);
  else if (header == &pim)
    say_pim(column, rows);
  else if (header == &vrrp)
    say_vrrp(column, rows);
  else if (header == &eigrp)
    say_eigrp(column, rows);
  else if (header == &esp)
    say_esp(column, rows);
  else if (header == &loop_test)
    say_loop_test(column, rows);
  else if (header == &cdp)
    say_cdp(column, rows);
  else if (header == &lldp)
    say_lldp(column, rows);
  else if (header == &eapol)
    say_eapol(column, rows);
  else if (header == &dtp) {
    column.protocol("DTP");
    column.info("Dynamic Trunk Protocol");
  } else {
    return false;
  }
  return true;
}

}  // namespace trama::output
