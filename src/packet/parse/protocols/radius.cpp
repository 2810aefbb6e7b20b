// Remote Authentication Dial-In User Service (RFC 2865, RFC 2866, RFC 5176): may this user come in,
// and how long was he there. The attributes that most messages carry are read; others are numbers.
#include <algorithm>
#include <iterator>

#include "packet/parse/parser.h"
#include "packet/parse/reader.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// Which of them ask, and which answer, is told by `role`.
enum class Role : u8 { neither, asks, answers };
struct Code {
  u8 value;
  Role role;
  std::string_view name;
};
// clang-format off
constexpr Code codes[] = {
    {1, Role::asks, "Access-Request"}, {2, Role::answers, "Access-Accept"},
    {3, Role::answers, "Access-Reject"}, {4, Role::asks, "Accounting-Request"},
    {5, Role::answers, "Accounting-Response"}, {6, Role::neither, "Accounting-Status"},
    {7, Role::asks, "Password-Request"}, {8, Role::answers, "Password-Ack"},
    {9, Role::answers, "Password-Reject"}, {10, Role::neither, "Accounting-Message"},
    {11, Role::answers, "Access-Challenge"}, {12, Role::neither, "Status-Server"},
    {13, Role::neither, "Status-Client"}, {21, Role::asks, "Resource-Free-Request"},
    {22, Role::answers, "Resource-Free-Response"}, {23, Role::asks, "Resource-Query-Request"},
    {24, Role::answers, "Query_Response"},
    {25, Role::neither, "Alternate-Resource-Reclaim-Request"},
    {26, Role::asks, "NAS-Reboot-Request"}, {27, Role::answers, "NAS-Reboot-Response"},
    {29, Role::neither, "Next-Passcode"}, {30, Role::neither, "New-Pin"},
    {31, Role::neither, "Terminate-Session"}, {32, Role::neither, "Password-Expired"},
    {33, Role::asks, "Event-Request"}, {34, Role::answers, "Event-Response"},
    {40, Role::asks, "Disconnect-Request"}, {41, Role::answers, "Disconnect-ACK"},
    {42, Role::answers, "Disconnect-NAK"}, {43, Role::asks, "CoA-Request"},
    {44, Role::answers, "CoA-ACK"}, {45, Role::answers, "CoA-NAK"},
    {50, Role::neither, "IP-Address-Allocate"}, {51, Role::neither, "IP-Address-Release"},
    {129, Role::asks, "ALU-State-Request"}, {130, Role::answers, "ALU-State-Accept"},
    {131, Role::answers, "ALU-State-Reject"}, {132, Role::answers, "ALU-State-Error"},
};

constexpr auto fields = std::to_array<Field>({
    {"radius.code", 0, Show::dec, N_("kind of message")},
    {"radius.id", 0, Show::dec, N_("pairs question and answer")},
    {"radius.length", 0, Show::dec, N_("bytes of the message")},
    {"radius.authenticator", 0, Show::bytes, N_("proof of who speaks")},
    {"radius.req", 0, Show::flag, N_("it is a question")},
    {"radius.rsp", 0, Show::flag, N_("it is an answer")},
    {"radius.dup", 0, Show::dec, N_("packet that said the same before")},
    {"radius.reqframe", 0, Show::dec, N_("packet with the request")},
    {"radius.time", 0, Show::seconds, N_("time since the request")},
    {"radius.avp", 0, Show::bytes, N_("an attribute")},
    {"radius.avp.type", 0, Show::dec, N_("kind of attribute")},
    {"radius.avp.length", 0, Show::dec, N_("bytes of the attribute")},
    {"radius.User_Name", 0, Show::text, N_("who wants to come in")},
    {"radius.NAS_IP_Address", 0, Show::ipv4, N_("address of the one who asks")},
    {"radius.NAS_Port", 0, Show::dec, N_("port at which the user is")},
    {"radius.Service_Type", 0, Show::dec, N_("what the user wants")},
    {"radius.Framed_Protocol", 0, Show::dec, N_("protocol that frames the packets")},
    {"radius.Framed-IP-Address", 0, Show::ipv4, N_("address that the user gets")},
    {"radius.Framed_IP_Netmask", 0, Show::ipv4, N_("netmask that the user gets")},
    {"radius.Filter_Id", 0, Show::text, N_("name of the filter for the user")},
    {"radius.Framed_MTU", 0, Show::dec, N_("largest packet in bytes")},
    {"radius.Reply_Message", 0, Show::text, N_("text for the user")},
    {"radius.State", 0, Show::bytes, N_("what comes back in the next message")},
    {"radius.Class", 0, Show::bytes, N_("what comes back when use is counted")},
    {"radius.Session_Timeout", 0, Show::dec, N_("seconds after which the session ends")},
    {"radius.Idle_Timeout", 0, Show::dec, N_("seconds of silence that end the session")},
    {"radius.Called_Station_Id", 0, Show::text, N_("whom the user called")},
    {"radius.Calling_Station_Id", 0, Show::text, N_("where the user called from")},
    {"radius.NAS_Identifier", 0, Show::text, N_("name of the one who asks")},
    {"radius.Acct_Status_Type", 0, Show::dec, N_("begin, end or middle of the session")},
    {"radius.Acct_Delay_Time", 0, Show::dec, N_("seconds that the message waited")},
    {"radius.Acct_Input_Octets", 0, Show::dec, N_("bytes from the user")},
    {"radius.Acct_Output_Octets", 0, Show::dec, N_("bytes to the user")},
    {"radius.Acct_Session_Id", 0, Show::text, N_("name of the session")},
    {"radius.Acct_Session_Time", 0, Show::dec, N_("seconds that the session lasted")},
    {"radius.Acct_Terminate_Cause", 0, Show::dec, N_("why the session ended")},
    {"radius.NAS_Port_Type", 0, Show::dec, N_("kind of the port")},
    {"radius.eap_fragment", 0, Show::bytes, N_("part of an EAP message")},
    {"radius.Message_Authenticator", 0, Show::bytes, N_("proof that nobody changed the message")},
    {"radius.NAS_Port_Id", 0, Show::text, N_("name of the port")},
});

struct Attribute {
  u8 type;
  const Field& field;
};
constexpr Attribute attributes[] = {
    {1, in(fields, "radius.User_Name")}, {4, in(fields, "radius.NAS_IP_Address")},
    {5, in(fields, "radius.NAS_Port")}, {6, in(fields, "radius.Service_Type")},
    {7, in(fields, "radius.Framed_Protocol")}, {8, in(fields, "radius.Framed-IP-Address")},
    {9, in(fields, "radius.Framed_IP_Netmask")}, {11, in(fields, "radius.Filter_Id")},
    {12, in(fields, "radius.Framed_MTU")}, {18, in(fields, "radius.Reply_Message")},
    {24, in(fields, "radius.State")}, {25, in(fields, "radius.Class")},
    {27, in(fields, "radius.Session_Timeout")}, {28, in(fields, "radius.Idle_Timeout")},
    {30, in(fields, "radius.Called_Station_Id")}, {31, in(fields, "radius.Calling_Station_Id")},
    {32, in(fields, "radius.NAS_Identifier")}, {40, in(fields, "radius.Acct_Status_Type")},
    {41, in(fields, "radius.Acct_Delay_Time")}, {42, in(fields, "radius.Acct_Input_Octets")},
    {43, in(fields, "radius.Acct_Output_Octets")}, {44, in(fields, "radius.Acct_Session_Id")},
    {46, in(fields, "radius.Acct_Session_Time")}, {49, in(fields, "radius.Acct_Terminate_Cause")},
    {61, in(fields, "radius.NAS_Port_Type")}, {79, in(fields, "radius.eap_fragment")},
    {80, in(fields, "radius.Message_Authenticator")}, {87, in(fields, "radius.NAS_Port_Id")},
};
// clang-format on

constexpr u32 header_size = 20;

// The requests that were not forgotten yet, by code and number.
struct Requests final : flow::Memory {
  struct Request {
    u8 code = 0, id = 0;
    u64 packet = 0;
    i64 time = 0;
  };
  static constexpr std::size_t most = 64;
  std::vector<Request> known;

  [[nodiscard]] const Request* find(u8 id) const {
    const auto found = std::find_if(known.rbegin(), known.rend(),
                                    [&](const Request& one) { return one.id == id; });
    return found == known.rend() ? nullptr : &*found;
  }
};

void pair(Message& message, const Code& code, u8 id) {
  const bool asks = code.role == Role::asks;
  if (code.role == Role::neither) return;
  message.put_found(asks ? in(fields, "radius.req") : in(fields, "radius.rsp"), 1);
  auto* requests = message.memory<Requests>();
  if (requests == nullptr) return;
  const auto* known = requests->find(id);
  const Packet& packet = message.around.packet;
  if (asks && known != nullptr && known->code == code.value) {
    message.info() += ", Duplicate Request";
    message.put_found(in(fields, "radius.dup"), known->packet);
  } else if (asks) {
    if (requests->known.size() >= Requests::most) requests->known.erase(requests->known.begin());
    requests->known.push_back({code.value, id, packet.number, packet.time});
  } else if (known != nullptr) {
    message.put_found(in(fields, "radius.reqframe"), known->packet);
    message.put_found(in(fields, "radius.time"), static_cast<u64>(packet.time - known->time));
  }
}

void put_value(Message& message, const Field& field, u32 at, u32 size) {
  const bool number = field.show == Show::dec || field.show == Show::ipv4;
  if (number && size == 4) message.put(field, at, size, message.number(at, size));
  if (field.show == Show::text) message.put_ascii(field, at, size);
  if (field.show == Show::bytes) message.put_bytes(field, at, size);
}

// False: they go on beyond the message.
bool read_attributes(Message& message, u32 end) {
  for (u32 at = header_size; at < end;) {
    if (!message.whole(at, 2)) return false;
    const u8 type = message.data[at];
    const u32 size = message.data[at + 1];
    if (size < 2 || size > end - at) return true;
    if (!message.whole(at, size)) return false;
    message.put_bytes(in(fields, "radius.avp"), at, size);
    message.put(in(fields, "radius.avp.type"), at, 1, type);
    message.put(in(fields, "radius.avp.length"), at + 1, 1, size);
    const auto* known = std::find_if(std::begin(attributes), std::end(attributes),
                                     [&](const Attribute& one) { return one.type == type; });
    if (known != std::end(attributes) && size > 2)
      put_value(message, known->field, at + 2, size - 2);
    at += size;
  }
  return true;
}

bool read_radius(Message& message) {
  if (message.around.tcp || !message.whole(0, 1)) return false;
  const auto* code = std::find_if(std::begin(codes), std::end(codes),
                                  [&](const Code& one) { return one.value == message.data[0]; });
  if (code == std::end(codes)) return false;
  if (message.whole(2, 2) && message.number(2, 2) < header_size) return false;
  message.enter(radius.header);
  message.protocol("RADIUS");
  Reader reader{message, 0, message.captured};
  reader.number(in(fields, "radius.code"), 1);
  const u64 id = reader.number(in(fields, "radius.id"), 1);
  auto& info = message.info();
  info = std::string{code->name} + " id=" + std::to_string(id);
  const u64 length = reader.number(in(fields, "radius.length"), 2);
  reader.bytes(in(fields, "radius.authenticator"), 16);
  if (!reader.good()) {
    message.malformed();
    return true;
  }
  pair(message, *code, static_cast<u8>(id));
  if (!read_attributes(message, static_cast<u32>(length))) message.malformed();
  return true;
}

constexpr u16 ports[] = {1812, 1813, 1645, 1646, 1700, 3799};

}  // namespace

const Parser radius{
    .header =
        {.word = "radius", .name = "RADIUS Protocol", .layer = 7, .fields = {}, .found = fields},
    .udp_ports = ports,
    .read = read_radius
};

}  // namespace trama::parse
