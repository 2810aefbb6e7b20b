#include "scan/evidence.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "base/say.h"

namespace trama::scan {
namespace {

struct Meaning {
  bool v6;
  u8 type, code;
  std::string_view text;
};

// RFC 792 and RFC 1812 section 5.2.7.1; RFC 4443 section 3.
constexpr Meaning meanings[] = {
    {false, 3,  0,  N_("network unreachable")                },
    {false, 3,  1,  N_("host unreachable")                   },
    {false, 3,  2,  N_("protocol unreachable")               },
    {false, 3,  3,  N_("port unreachable")                   },
    {false, 3,  4,  N_("too big, and must not be cut")       },
    {false, 3,  9,  N_("network administratively prohibited")},
    {false, 3,  10, N_("host administratively prohibited")   },
    {false, 3,  13, N_("administratively prohibited")        },
    {false, 11, 0,  N_("time to live ran out on the way")    },
    {true,  1,  0,  N_("no route")                           },
    {true,  1,  1,  N_("administratively prohibited")        },
    {true,  1,  3,  N_("host unreachable")                   },
    {true,  1,  4,  N_("port unreachable")                   },
    {true,  1,  5,  N_("source address refused")             },
    {true,  1,  6,  N_("route refused")                      },
    {true,  3,  0,  N_("time to live ran out on the way")    },
};

std::string icmp_text(const Icmp& icmp) {
  return fmt::format("{} {}/{}", icmp.v6 ? "ICMPv6" : "ICMP", icmp.type, icmp.code);
}

std::string proof_of(const Verdict& verdict, const Address& target) {
  switch (verdict.proof) {
    case Proof::syn_ack:
      return "syn-ack";
    case Proof::rst:
      return "RST";
    case Proof::answer:
      return say_n("answered {} byte", "answered {} bytes", verdict.bytes, verdict.bytes);
    case Proof::local_error:
      if (verdict.error == EINVAL) return say("this machine did not send it: a blackhole route");
      return say("this machine did not send it: {}", errno_text(verdict.error));
    case Proof::silence:
      if (verdict.transport == host::Transport::tcp)
        return say_n("no answer to {} SYN in {}", "no answer to {} SYNs in {}", verdict.probes,
                     verdict.probes, duration_text(verdict.took));
      return say_n("no answer to {} datagram in {}", "no answer to {} datagrams in {}",
                   verdict.probes, verdict.probes, duration_text(verdict.took));
    case Proof::icmp:
      break;
  }
  std::string icmp = icmp_text(verdict.icmp);
  if (verdict.state == PortState::closed) return icmp;
  const auto meaning = meaning_of(verdict.icmp);
  const std::string what = meaning.empty() ? icmp : fmt::format("{} ({})", icmp, meaning);
  const std::string from = to_string(verdict.icmp.from);
  if (verdict.icmp.from_here && verdict.icmp.from != target)
    return say("{} from this machine: nobody answers at that address", what);
  return verdict.icmp.from == target ? say("{} from {}", what, from)
                                     : say("{} from {}, not the target", what, from);
}

// Empty where the socket is open to every address that the machine has.
std::string only_there(const Local& local) {
  if (local.socket.local.address.is_any()) return {};
  return say(", on {} only", to_string(local.socket.local.address));
}

std::string local_part(const Verdict& verdict, const Local& local) {
  const bool tcp = verdict.transport == host::Transport::tcp;
  switch (local.finding) {
    case Finding::unknown:
      return {};
    case Finding::nobody:
      if (verdict.state == PortState::open)
        return say("yet no socket of this machine waits there (redirected?)");
      return tcp ? say("nobody listens") : say("no socket is bound to it");
    case Finding::waits:
      if (tcp) return say("listening: {}", local.owner) + only_there(local);
      if (verdict.proof == Proof::silence)
        return say("bound by {}, silent", local.owner) + only_there(local);
      return say("bound by {}", local.owner) + only_there(local);
    case Finding::full:
      return say("listening, accept queue full ({}/{}): {}", local.socket.receive_queue,
                 local.socket.send_queue, local.owner);
    case Finding::bound:
      return say("bound, but does not listen: {}", local.owner);
    case Finding::elsewhere:
      if (local.socket.local.address.is_any())
        return say("bound for {} only: {}", local.socket.v6 ? "IPv6" : "IPv4", local.owner);
      return say("bound to {} only: {}", to_string(local.socket.local.address), local.owner);
  }
  return {};
}

}  // namespace

std::string_view name_of(PortState state) {
  constexpr std::string_view names[] = {"open", "closed", "filtered", "open|filtered"};
  return names[static_cast<u8>(state)];
}

std::string_view name_of(Proof proof) {
  constexpr std::string_view names[] = {"syn-ack", "rst",         "icmp",
                                        "answer",  "no-response", "not-sent"};
  return names[static_cast<u8>(proof)];
}

std::string_view meaning_of(const Icmp& icmp) {
  const auto* at = std::find_if(std::begin(meanings), std::end(meanings), [&](const Meaning& row) {
    return row.v6 == icmp.v6 && row.type == icmp.type && row.code == icmp.code;
  });
  return at == std::end(meanings) ? std::string_view{} : translated(at->text);
}

std::string reason_of(const Verdict& verdict, const Local& local, const Address& target) {
  std::string found = local_part(verdict, local);
  const bool silent_but_bound = verdict.proof == Proof::silence && verdict.state == PortState::open;
  if (silent_but_bound) return found;
  std::string reason = proof_of(verdict, target);
  const bool timed = verdict.proof != Proof::silence && verdict.proof != Proof::local_error;
  if (timed && local.finding == Finding::unknown)
    reason += fmt::format(" ({})", duration_text(verdict.took));
  if (!found.empty()) reason += ", " + found;
  return reason;
}

std::string short_reason_of(const Verdict& verdict) {
  if (verdict.proof == Proof::icmp) return icmp_text(verdict.icmp);
  if (verdict.proof == Proof::silence) return say("no answer");
  if (verdict.proof == Proof::local_error) return errno_text(verdict.error);
  return proof_of(verdict, {});
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 0.0995) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1e3);
  if (seconds >= 120) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} s", seconds);
}

}  // namespace trama::scan
