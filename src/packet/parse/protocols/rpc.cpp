// Remote Procedure Call (RFC 5531) and who is called by it: portmap, NFS, mount, NLM and NSM. Calls
// and replies are paired and named; of their arguments those of portmap and mount are told.
#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <iterator>

#include "packet/dissect/value.h"
#include "packet/parse/parser.h"
#include "packet/parse/reader.h"
#include "packet/parse/waiting.h"

namespace trama::parse {
namespace {

using namespace wire;  // NOLINT: a table of fields

// clang-format off
constexpr std::string_view portmap_2[] = {"NULL", "SET", "UNSET", "GETPORT", "DUMP", "CALLIT"};
constexpr std::string_view portmap_3[] = {"NULL", "SET", "UNSET", "GETADDR", "DUMP", "CALLIT",
    "GETTIME", "UADDR2TADDR", "TADDR2UADDR"};
constexpr std::string_view portmap_4[] = {"NULL", "SET", "UNSET", "GETADDR", "DUMP", "BCAST",
    "GETTIME", "UADDR2TADDR", "TADDR2UADDR"};
constexpr std::string_view nfs_2[] = {"NULL", "GETATTR", "SETATTR", "ROOT", "LOOKUP", "READLINK",
    "READ", "WRITECACHE", "WRITE", "CREATE", "REMOVE", "RENAME", "LINK", "SYMLINK", "MKDIR",
    "RMDIR", "READDIR", "STATFS"};
constexpr std::string_view nfs_3[] = {"NULL", "GETATTR", "SETATTR", "LOOKUP", "ACCESS", "READLINK",
    "READ", "WRITE", "CREATE", "MKDIR", "SYMLINK", "MKNOD", "REMOVE", "RMDIR", "RENAME", "LINK",
    "READDIR", "READDIRPLUS", "FSSTAT", "FSINFO", "PATHCONF", "COMMIT"};
constexpr std::string_view nfs_4[] = {"NULL", ""};  // its one call holds many
constexpr std::string_view mount_1[] = {"NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT",
    "EXPORTALL"};
constexpr std::string_view mount_3[] = {"NULL", "MNT", "DUMP", "UMNT", "UMNTALL", "EXPORT"};
constexpr std::string_view nlm_all[] = {"NULL", "TEST", "LOCK", "CANCEL", "UNLOCK", "GRANTED",
    "TEST_MSG", "LOCK_MSG", "CANCEL_MSG", "UNLOCK_MSG", "GRANTED_MSG", "TEST_RES", "LOCK_RES",
    "CANCEL_RES", "UNLOCK_RES", "GRANTED_RES"};
constexpr std::string_view stat_all[] = {"NULL", "STAT", "MON", "UNMON", "UNMON_ALL", "SIMU_CRASH",
    "NOTIFY"};

constexpr auto fields = std::to_array<Field>({
    {"rpc.lastfrag", 0, Show::flag, N_("the message ends with it")},
    {"rpc.fraglen", 0, Show::dec, N_("bytes of the message")},
    {"rpc.xid", 0, Show::hex8, N_("pairs question and answer")},
    {"rpc.msgtyp", 0, Show::dec, N_("0 calls, 1 replies")},
    {"rpc.version", 0, Show::dec, N_("version of the protocol")},
    {"rpc.program", 0, Show::dec, N_("who is called")},
    {"rpc.programversion", 0, Show::dec, N_("version of the one who is called")},
    {"rpc.procedure", 0, Show::dec, N_("what it shall do")},
    {"rpc.auth.flavor", 0, Show::dec, N_("how it is proved")},
    {"rpc.auth.length", 0, Show::dec, N_("bytes of the proof")},
    {"rpc.replystat", 0, Show::dec, N_("0: the call was taken")},
    {"rpc.state_accept", 0, Show::dec, N_("how it went")},
    {"rpc.repframe", 0, Show::dec, N_("packet with the request")},
    {"rpc.time", 0, Show::seconds, N_("time since the request")},
});
// clang-format on

struct Version {
  u64 number;
  std::span<const std::string_view> procedures;
};
constexpr Version portmap_versions[] = {
    {2, portmap_2},
    {3, portmap_3},
    {4, portmap_4}
};
constexpr Version nfs_versions[] = {
    {2, nfs_2},
    {3, nfs_3},
    {4, nfs_4}
};
constexpr Version mount_versions[] = {
    {1, mount_1},
    {2, mount_1},
    {3, mount_3}
};
constexpr Version nlm_versions[] = {
    {1, nlm_all},
    {3, nlm_all},
    {4, nlm_all}
};
constexpr Version stat_versions[] = {
    {1, stat_all}
};

struct Program {
  u64 number;
  std::string_view name;
  const Parser& parser;
  std::span<const Version> versions;
};
const Program programs[] = {
    {100000, "Portmap", portmap, portmap_versions},
    {100003, "NFS",     nfs,     nfs_versions    },
    {100005, "MOUNT",   mount,   mount_versions  },
    {100021, "NLM",     nlm,     nlm_versions    },
    {100024, "STAT",    stat,    stat_versions   },
};

const Program* program_of(u64 number) {
  const auto* found = std::find_if(std::begin(programs), std::end(programs),
                                   [&](const Program& one) { return one.number == number; });
  return found == std::end(programs) ? nullptr : found;
}

struct Call {
  u32 number = 0;
  u64 packet = 0, reply = 0;  // 0: none yet
  i64 time = 0;
  const Program* program = nullptr;
  u64 version = 0, procedure = 0;
};
// The newest calls of a conversation.
struct Calls final : flow::Memory {
  static constexpr std::size_t most = 64;
  std::deque<Call> known;
  Share share;

  [[nodiscard]] Call* find(u32 number) {
    const auto found = std::find_if(known.rbegin(), known.rend(),
                                    [&](const Call& one) { return one.number == number; });
    return found == known.rend() ? nullptr : &*found;
  }
};

std::string procedure_name(const Call& call) {
  for (const Version& version : call.program->versions)
    if (version.number == call.version && call.procedure < version.procedures.size())
      return std::string{version.procedures[call.procedure]};
  return fmt::format("proc-{}", call.procedure);
}

void read_proof(Reader& reader) {
  reader.number(in(fields, "rpc.auth.flavor"), 4);
  reader.skip((reader.number(in(fields, "rpc.auth.length"), 4) + 3) / 4 * 4);
}

// A text behind its length.
void add_path(Message& message, Reader& reader) {
  const u64 size = reader.take(4);
  if (size > reader.left()) return;
  message.info() += ' ';
  dissect::append_text(message.info(), message.text(reader.at(), static_cast<u32>(size)));
}

// What the list tells of a call's arguments, and of what came back.
void say_arguments(Message& message, Reader& reader, const Call& call, bool reply) {
  auto out = std::back_inserter(message.info());
  const bool port = &call.program->parser == &portmap && call.version == 2 && call.procedure == 3;
  if (port && reply && reader.left() >= 4) fmt::format_to(out, " Port:{}", reader.take(4));
  if (port && !reply && reader.left() >= 12) {
    const u64 wanted = reader.take(4);
    const Program* known = program_of(wanted);
    const u64 version = reader.take(4);
    const u64 protocol = reader.take(4);
    fmt::format_to(out, " {}({}) V:{} {}", known == nullptr ? "Unknown" : known->name, wanted,
                   version,
                   protocol == 17  ? "UDP"
                   : protocol == 6 ? "TCP"
                                   : "");
  }
  if (&call.program->parser == &mount && !reply && (call.procedure == 1 || call.procedure == 3))
    add_path(message, reader);
}

void say(Message& message, Reader& reader, const Call& call, bool reply) {
  message.leave();
  message.protocol(call.program->name);
  auto& info = message.info();
  const auto name = procedure_name(call);
  info += fmt::format("V{} {}{}{}", call.version, name, name.empty() ? "" : " ",
                      reply ? "Reply" : "Call");
  if (reply) info += fmt::format(" (Call In {})", call.packet);
  message.enter(call.program->parser.header, reader.at(), reader.left(), reader.more());
  say_arguments(message, reader, call, reply);
}

// The message between `at` and `end`, with or without the mark that TCP needs before it. False: it
// is none.
bool read_message(Message& message, u32 at, u32 end, bool marked) {
  const u32 start = at + (marked ? 4 : 0);
  if (end < start + 12 || !message.whole(start, 12)) return false;
  auto* calls = message.memory<Calls>();
  const auto number = static_cast<u32>(message.number(start, 4));
  const u64 type = message.number(start + 4, 4);
  Call* known = calls == nullptr ? nullptr : calls->find(number);
  Call call;
  if (type == 0 && message.number(start + 8, 4) == 2 && message.whole(start, 24)) {
    call.number = number;
    call.packet = message.around.packet.number;
    call.time = message.around.packet.time;
    call.program = program_of(message.number(start + 12, 4));
    call.version = message.number(start + 16, 4);
    call.procedure = message.number(start + 20, 4);
  } else if (type == 1 && known != nullptr) {
    call = *known;
  }
  if (call.program == nullptr) return false;
  message.enter(rpc.header, at, end - at);
  message.info().clear();
  if (marked) message.put(in(fields, "rpc.lastfrag"), at, 4, 1);
  if (marked) message.put(in(fields, "rpc.fraglen"), at, 4, end - start);
  Reader reader{message, start, end};
  reader.number(in(fields, "rpc.xid"), 4);
  reader.number(in(fields, "rpc.msgtyp"), 4);
  if (type == 0) {
    reader.number(in(fields, "rpc.version"), 4);
    reader.number(in(fields, "rpc.program"), 4);
    reader.number(in(fields, "rpc.programversion"), 4);
    reader.number(in(fields, "rpc.procedure"), 4);
    read_proof(reader);
    read_proof(reader);
    if (known != nullptr && known->packet != call.packet)
      message.info() = fmt::format("[RPC retransmission of #{}]", known->packet);
    else if (calls != nullptr) {
      if (calls->known.size() >= Calls::most)
        calls->known.pop_front();
      else if (!calls->share.cover(message, (calls->known.size() + 1) * sizeof(Call)))
        calls->known.clear();
      calls->known.push_back(call);
    }
  } else {
    const u64 refused = reader.number(in(fields, "rpc.replystat"), 4);
    if (refused == 0) read_proof(reader);
    reader.number(in(fields, "rpc.state_accept"), 4);
    if (known->reply == 0)
      known->reply = message.around.packet.number;
    else
      message.info() = fmt::format("[RPC duplicate of #{}]", known->reply);
    message.put_found(in(fields, "rpc.repframe"), call.packet);
    message.put_found(in(fields, "rpc.time"),
                      static_cast<u64>(message.around.packet.time - call.time));
  }
  say(message, reader, call, type == 1);
  if (!reader.good()) message.malformed();
  message.leave();
  return true;
}

constexpr u32 largest = 1U << 20;

bool read_rpc(Message& message) {
  if (!message.around.tcp) return read_message(message, 0, message.captured, false);
  for (u32 at = 0; at < message.captured;) {
    const u32 left = message.captured - at;
    if (left < 4) return false;
    const auto mark = static_cast<u32>(message.number(at, 4));
    const u32 whole = (mark & 0x7fffffff) + 4;
    if ((mark >> 31) == 0 || whole > largest) return false;
    if (whole > left && message.waits()) {
      message.need(at, whole - left);
      return true;
    }
    const u32 end = at + std::min(whole, left);
    if (!read_message(message, at, end, true)) return at != 0;
    at = end;
  }
  return true;
}

// A call to one of the programs.
bool looks_like_rpc(const Message& message) {
  const u32 at = message.around.tcp ? 4 : 0;
  return message.whole(at, 24) && message.number(at + 4, 8) == 2 &&
         program_of(message.number(at + 12, 4)) != nullptr && (at == 0 || message.data[0] >= 0x80);
}

}  // namespace

const Parser rpc{
    .header =
        {.word = "rpc", .name = "Remote Procedure Call", .layer = 5, .fields = {}, .found = fields},
    .looks = looks_like_rpc,
    .read = read_rpc
};
const Parser portmap{
    .header = {.word = "portmap", .name = "Portmap", .layer = 7, .fields = {}}
};
const Parser nfs{
    .header = {.word = "nfs", .name = "Network File System", .layer = 7, .fields = {}}
};
const Parser mount{
    .header = {.word = "mount", .name = "Mount Service", .layer = 7, .fields = {}}
};
const Parser nlm{
    .header = {.word = "nlm", .name = "Network Lock Manager Protocol", .layer = 7, .fields = {}}
};
const Parser stat{
    .header = {
               .word = "stat", .name = "Network Status Monitor Protocol", .layer = 7, .fields = {}}
};

}  // namespace trama::parse
