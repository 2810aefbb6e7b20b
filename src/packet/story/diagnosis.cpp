#include "packet/story/diagnosis.h"

#include <algorithm>

#include "base/say.h"

namespace trama::story {
namespace {

using wire::TcpState;

std::string who(bool client) { return client ? say("Client") : say("Server"); }

bool is_group(const Address& address) {  // multicast and broadcast: nobody in particular answers
  const u8* bytes = address.bytes.data();
  if (address.v6) return bytes[0] == 0xff;
  return bytes[0] >= 224 || bytes[3] == 255;
}

u64 all_segments(const Facts& facts) {
  return facts.sending[0].segments + facts.sending[1].segments;
}

// ICMP's words for "too big for the next link".
bool too_big(const Facts& facts) {
  return facts.icmp != 0 &&
         (facts.icmp_v6 ? facts.icmp_type == 2 : facts.icmp_type == 3 && facts.icmp_code == 4);
}

bool no_port(const Facts& facts) {
  return facts.icmp != 0 && (facts.icmp_v6 ? facts.icmp_type == 1 && facts.icmp_code == 4
                                           : facts.icmp_type == 3 && facts.icmp_code == 3);
}

// A segment of usual size that was sent twice again and never arrived, while smaller ones did.
const Sending* stuck(const Facts& facts) {
  constexpr u32 smallest = 536;  // what every link passes (RFC 9293 section 3.7.1)
  for (const Sending& sending : facts.sending)
    if (sending.stuck_times >= 2 && sending.stuck_length > smallest &&
        sending.longest_passed < sending.stuck_length)
      return &sending;
  return nullptr;
}

bool closes(TcpState state) {
  return state == TcpState::fin_wait_1 || state == TcpState::fin_wait_2 ||
         state == TcpState::closing || state == TcpState::time_wait ||
         state == TcpState::close_wait || state == TcpState::last_ack;
}

// The states of the end that sent the RST, and of the other one, before it.
TcpState resetter(const Facts& f) { return f.reset_by_client ? f.reset_client : f.reset_server; }
TcpState resetted(const Facts& f) { return f.reset_by_client ? f.reset_server : f.reset_client; }

struct Row {
  std::string_view rule;
  std::string_view kind;  // of rows of one kind the first that holds speaks; "": a kind of its own
  Weight weight;
  bool (*holds)(const Story&);
  std::string (*says)(const Story&);
  std::string_view advice;  // a key of the catalogue
  std::vector<u64> (*frames)(const Story&);
};

using S = const Story&;
using Frames = std::vector<u64>;

// The most important first.
// clang-format off
const Row rows[] = {
    {"refused", "", Weight::fatal, [](S s) { return s.tcp && s.outcome == Outcome::refused; },
     [](S s) {
       return say("Server refused: nothing listens on port {} (#{}).", s.server.port,
                  s.facts.reset);
     },
     N_("Start the server, or check the port."), [](S s) { return Frames{s.facts.reset}; }},
    {"too_big", "icmp", Weight::fatal, [](S s) { return too_big(s.facts); },
     [](S s) {
       return say("Too big for a link on the way, says {} (#{}).", s.facts.icmp_reporter,
                  s.facts.icmp);
     },
     N_("Let ICMP through to the sender, or lower its MTU."),
     [](S s) { return Frames{s.facts.icmp}; }},
    {"udp_refused", "icmp", Weight::fatal,
     [](S s) { return !s.tcp && no_port(s.facts) && s.packets[1] == 0; },
     [](S s) {
       return say("No program has UDP port {}: {} answers through ICMP (#{}).", s.server.port,
                  s.facts.icmp_reporter, s.facts.icmp);
     },
     N_("Start the server, or check the port."), [](S s) { return Frames{s.facts.icmp}; }},
    {"unreachable", "icmp", Weight::fatal,
     [](S s) { return s.facts.icmp != 0 && s.outcome == Outcome::unreachable; },
     [](S s) {
       return say("{} reports by ICMP that this cannot be delivered (#{}).", s.facts.icmp_reporter,
                  s.facts.icmp);
     },
     N_("Read that packet's sentence; check route, address and firewall."),
     [](S s) { return Frames{s.facts.icmp}; }},
    {"filtered", "", Weight::fatal,
     [](S s) { return s.tcp && s.outcome == Outcome::unanswered && s.packets[1] == 0; },
     [](S s) {
       return say_n("{} request and no answer at all: filtered, or the host is down (#{}).",
                    "{} requests and no answer at all: filtered, or the host is down (#{}).",
                    s.facts.asked.count, s.facts.asked.count, s.facts.asked.frame);
     },
     N_("Check that the host is up and that no firewall drops this port; capture at the server, "
        "too."),
     [](S s) { return Frames{s.facts.asked.frame}; }},
    {"half_open", "", Weight::fatal, [](S s) { return s.tcp && s.outcome == Outcome::half_open; },
     [](S s) {
       return say("The server accepted (#{}), but the third step did not reach it.",
                  s.facts.syn_ack);
     },
     N_("Look for what drops packets from client to server: a filter, a one-way route, a forged "
        "sender."),
     [](S s) { return Frames{s.facts.syn_ack}; }},
    {"third_step", "", Weight::fatal,
     [](S s) { return s.outcome != Outcome::half_open && s.facts.third_step.count >= 2; },
     [](S s) {
       return say("The server repeats its SYN ACK (#{}): the third step (#{}) does not reach it.",
                  s.facts.third_step.frame, s.facts.third_step.proof);
     },
     N_("Look for what drops packets from client to server: a filter, a one-way route, a forged "
        "sender."),
     [](S s) { return Frames{s.facts.third_step.frame, s.facts.third_step.proof}; }},
    {"alert", "", Weight::fatal, [](S s) { return s.facts.alert.frame != 0; },
     [](S s) {
       return say("TLS failed: {} sent the alert \"{}\" (#{}).", who(s.facts.alert.by_client),
                  s.facts.alert.text, s.facts.alert.frame);
     },
     N_("Compare versions, cipher suites and certificates of both ends."),
     [](S s) { return Frames{s.facts.alert.frame}; }},
    {"black_hole", "stuck", Weight::fatal, [](S s) { return s.tcp && stuck(s.facts) != nullptr; },
     [](S s) {
       const Sending& sending = *stuck(s.facts);
       return say(
           "Segments of {} bytes never arrive, smaller ones do: an MTU black hole (#{}, #{}).",
           sending.stuck_length, sending.stuck, sending.stuck_last);
     },
     N_("Lower the MTU or clamp the MSS; let ICMP \"fragmentation needed\" through."),
     [](S s) { return Frames{stuck(s.facts)->stuck, stuck(s.facts)->stuck_last}; }},
    {"name_error", "dns", Weight::fatal, [](S s) { return s.facts.dns_failure.code == 3; },
     [](S s) {
       return say("DNS: the name {} does not exist (NXDOMAIN, #{}).", s.facts.dns_failure.text,
                  s.facts.dns_failure.frame);
     },
     N_("Check the name's spelling, and the search domain."),
     [](S s) { return Frames{s.facts.dns_failure.frame}; }},
    {"dns_failure", "dns", Weight::fatal, [](S s) { return s.facts.dns_failure.frame != 0; },
     [](S s) {
       return say("DNS failed for {}: the server answered with code {} (#{}).",
                  s.facts.dns_failure.text,
                  s.facts.dns_failure.code == 2   ? std::string{"2 (SERVFAIL)"}
                  : s.facts.dns_failure.code == 5 ? std::string{"5 (REFUSED)"}
                                                  : fmt::format("{}", s.facts.dns_failure.code),
                  s.facts.dns_failure.frame);
     },
     N_("Ask another resolver: the zone's servers, or this one, are out of order."),
     [](S s) { return Frames{s.facts.dns_failure.frame}; }},
    {"dns_silent", "silence", Weight::fatal,
     [](S s) {
       return s.facts.dns_question.frame != 0 && s.outcome == Outcome::unanswered &&
              !is_group(s.server.address);
     },
     [](S s) {
       return say("DNS: {} does not answer about {} (#{}).", to_string(s.server.address),
                  s.facts.dns_question.text, s.facts.dns_question.frame);
     },
     N_("Check the resolver's address, and that port 53 is not filtered."),
     [](S s) { return Frames{s.facts.dns_question.frame}; }},
    {"http_server_error", "http", Weight::fatal,
     [](S s) { return s.facts.http_failure.code >= 500; },
     [](S s) {
       return say("HTTP {} {}: the server failed (#{}).", s.facts.http_failure.code,
                  s.facts.http_failure.text, s.facts.http_failure.frame);
     },
     N_("Read the server's log: the network delivered the request."),
     [](S s) { return Frames{s.facts.http_failure.frame}; }},
    {"http_error", "http", Weight::fatal, [](S s) { return s.facts.http_failure.frame != 0; },
     [](S s) {
       return say("HTTP {} {}: the server refuses this request (#{}).", s.facts.http_failure.code,
                  s.facts.http_failure.text, s.facts.http_failure.frame);
     },
     N_("Check path, method and credentials of the request."),
     [](S s) { return Frames{s.facts.http_failure.frame}; }},
    {"peer_gone", "", Weight::fatal,
     [](S s) { return s.facts.keep_alives.count >= 3 && s.facts.keep_alive_answers.count == 0; },
     [](S s) {
       return say("{} keep-alives and no answer (from #{} on): the peer is gone.",
                  s.facts.keep_alives.count, s.facts.keep_alives.frame);
     },
     N_("Check the peer's host and the path to it."),
     [](S s) { return Frames{s.facts.keep_alives.frame}; }},
    {"unacknowledged", "stuck", Weight::fatal,
     [](S s) { return s.facts.sending[0].stuck_times >= 3 || s.facts.sending[1].stuck_times >= 3; },
     [](S s) {
       const Sending& sending = s.facts.sending[s.facts.sending[0].stuck_times >= 3 ? 0 : 1];
       return say("The same bytes were sent {} times again and never acknowledged (#{} to #{}).",
                  sending.stuck_times, sending.stuck, sending.stuck_last);
     },
     N_("The path or the peer is gone: check the host, its link and what filters on the way."),
     [](S s) {
       const Sending& sending = s.facts.sending[s.facts.sending[0].stuck_times >= 3 ? 0 : 1];
       return Frames{sending.stuck, sending.stuck_last};
     }},
    {"reset_in_handshake", "reset", Weight::fatal,
     [](S s) {
       return s.facts.reset != 0 && s.outcome == Outcome::reset &&
              (resetter(s.facts) == TcpState::syn_received ||
               resetter(s.facts) == TcpState::syn_sent ||
               resetted(s.facts) == TcpState::syn_received);
     },
     [](S s) {
       return say("{} took the connection back during the handshake (RST, #{}).",
                  who(s.facts.reset_by_client), s.facts.reset);
     },
     N_("A port scan does this; else a program gave up, or a filter answered."),
     [](S s) { return Frames{s.facts.reset}; }},
    {"reset_unknown", "reset", Weight::fatal,
     [](S s) {
       return s.facts.reset != 0 && s.outcome == Outcome::reset &&
              (resetter(s.facts) == TcpState::closed || resetter(s.facts) == TcpState::none);
     },
     [](S s) {
       return say("{} knows no such connection (any more) and answered with RST (#{}).",
                  who(s.facts.reset_by_client), s.facts.reset);
     },
     N_("It was restarted, or a timeout on the way forgot the connection."),
     [](S s) { return Frames{s.facts.reset}; }},
    {"reset_closing", "reset", Weight::trouble,
     [](S s) {
       return s.facts.reset != 0 && s.outcome == Outcome::reset &&
              (closes(resetter(s.facts)) || closes(resetted(s.facts)));
     },
     [](S s) {
       return say("{} reset the connection in {} instead of closing in order (RST, #{}).",
                  who(s.facts.reset_by_client), wire::name_of(resetter(s.facts)), s.facts.reset);
     },
     N_("It had closed while data still came: let programs read to the end before close()."),
     [](S s) { return Frames{s.facts.reset}; }},
    {"reset", "reset", Weight::fatal,
     [](S s) { return s.facts.reset != 0 && s.outcome == Outcome::reset; },
     [](S s) {
       return say("{} aborted the open connection (RST in {}, #{}).", who(s.facts.reset_by_client),
                  wire::name_of(resetter(s.facts)), s.facts.reset);
     },
     N_("The program crashed, or closed with data unread; a device on the way may forge RST, too."),
     [](S s) { return Frames{s.facts.reset}; }},
    {"udp_silent", "silence", Weight::trouble,
     [](S s) {
       return !s.tcp && s.packets[1] == 0 && s.outcome == Outcome::unanswered &&
              !is_group(s.server.address);
     },
     [](S s) {
       return say_n("{} datagram and no answer (#{}); UDP does not tell whether it arrived.",
                    "{} datagrams and no answer (from #{} on); UDP does not tell whether they "
                    "arrived.",
                    s.facts.asked.count, s.facts.asked.count, s.facts.asked.frame);
     },
     N_("If an answer is due: check that a program has the port, and capture at its host."),
     [](S s) { return Frames{s.facts.asked.frame}; }},
    {"zero_window", "", Weight::trouble, [](S s) { return s.facts.full.count > 0; },
     [](S s) {
       if (s.facts.full_for > 0)
         return say("A buffer was full for {} (window 0, #{}): the receiving program reads too "
                    "slowly.",
                    time_text(s.facts.full_for), s.facts.full.frame);
       return say("A buffer is full (window 0, #{}): the receiving program does not read.",
                  s.facts.full.frame);
     },
     N_("Look at the receiving program: it is busy, blocked, or waits for something else."),
     [](S s) { return Frames{s.facts.full.frame, s.facts.probes.frame}; }},
    {"loss", "", Weight::trouble,
     [](S s) { return s.facts.again.count > 0 && s.outcome != Outcome::unanswered; },
     [](S s) {
       const Facts& f = s.facts;
       const auto lost = count_text(f.again.count);
       const auto all = count_text(std::max(all_segments(f), f.again.count));
       if (f.slowest_original != 0)
         return say("{} of {} segments lost and sent again, slowest after {} (#{} of #{}).", lost,
                    all, time_text(f.slowest), f.slowest_frame, f.slowest_original);
       return say("{} of {} segments lost and sent again (first #{}).", lost, all, f.again.frame);
     },
     N_("A few lost segments are usual on radio and full links; many mean a bad link or a queue "
        "that is too short."),
     [](S s) { return Frames{s.facts.again.frame, s.facts.again.proof, s.facts.slowest_frame}; }},
    {"in_vain", "", Weight::trouble, [](S s) { return s.facts.in_vain.count > 0; },
     [](S s) {
       return say_n("{} segment was sent again in vain: the peer had it (#{}).",
                    "{} segments were sent again in vain: the peer had them (first #{}).",
                    s.facts.in_vain.count, s.facts.in_vain.count, s.facts.in_vain.frame);
     },
     N_("ACKs were lost or late: look at the way back, at reordering, at sudden delay."),
     [](S s) { return Frames{s.facts.in_vain.frame, s.facts.in_vain.proof}; }},
    {"reordering", "", Weight::trouble, [](S s) { return s.facts.reordered.count > 0; },
     [](S s) {
       return say_n("{} segment was overtaken on the way, not lost (#{} by #{}).",
                    "{} segments were overtaken on the way, not lost (first #{} by #{}).",
                    s.facts.reordered.count, s.facts.reordered.count, s.facts.reordered.frame,
                    s.facts.reordered.proof);
     },
     N_("Several paths or queues serve this connection; TCP copes, at some cost."),
     [](S s) { return Frames{s.facts.reordered.frame, s.facts.reordered.proof}; }},
    {"window_full", "", Weight::remark,
     [](S s) { return s.facts.window_full.count > 3 && s.facts.full.count == 0; },
     [](S s) {
       return say("The receiver's window held the sender back {} times (first #{}).",
                  count_text(s.facts.window_full.count), s.facts.window_full.frame);
     },
     N_("A larger receive buffer would be faster (SO_RCVBUF, tcp_rmem)."),
     [](S s) { return Frames{s.facts.window_full.frame, s.facts.window_full.proof}; }},
    {"copies", "", Weight::remark, [](S s) { return s.facts.copies.count > 0; },
     [](S s) {
       return say_n("{} packet is here twice (#{} of #{}): a copy, not a retransmission.",
                    "{} packets are here twice (first #{} of #{}): copies, no retransmissions.",
                    s.facts.copies.count, s.facts.copies.count, s.facts.copies.frame,
                    s.facts.copies.proof);
     },
     N_("Capture on one interface or one mirror direction only."),
     [](S s) { return Frames{s.facts.copies.frame, s.facts.copies.proof}; }},
    {"offload", "", Weight::remark, [](S s) { return s.facts.offload.count > 0; },
     [](S s) {
       return say_n("{} segment is larger than the MSS (#{}): a network card merges or cuts them.",
                    "{} segments are larger than the MSS (first #{}): a network card merges or "
                    "cuts them.",
                    s.facts.offload.count, count_text(s.facts.offload.count),
                    s.facts.offload.frame);
     },
     N_("The wire carries smaller ones; to see them: ethtool -K IF tso off gso off gro off."),
     [](S s) { return Frames{s.facts.offload.frame, s.facts.offload.proof}; }},
    {"not_captured", "", Weight::remark, [](S s) { return s.facts.unseen.count > 0; },
     [](S s) {
       return say("The capture misses packets: bytes were acknowledged that it never shows (#{}).",
                  s.facts.unseen.frame);
     },
     N_("The network lost nothing here; capture with a larger buffer, a filter, or on both paths."),
     [](S s) { return Frames{s.facts.unseen.frame, s.facts.unseen.proof}; }},
    {"fragmented", "", Weight::remark, [](S s) { return s.facts.fragmented.count > 0; },
     [](S s) {
       return say_n("{} datagram came in IP fragments (#{}): if one is lost, all is.",
                    "{} datagrams came in IP fragments (first #{}): if one is lost, all of its "
                    "datagram is.",
                    s.facts.fragmented.count, s.facts.fragmented.count, s.facts.fragmented.frame);
     },
     N_("Keep datagrams below the path's MTU (about 1,200 bytes are safe)."),
     [](S s) { return Frames{s.facts.fragmented.frame}; }},
};
// clang-format on

}  // namespace

std::vector<Finding> diagnose(const Story& story) {
  std::vector<Finding> findings;
  for (unsigned i = 0; i < std::size(rows); ++i) {
    const Row& row = rows[i];
    if (!row.holds(story)) continue;
    const bool told = !row.kind.empty() &&
                      std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
                        return rows[finding.rank].kind == row.kind;
                      });
    if (told) continue;
    Finding finding{
        row.rule,         row.weight, i, row.says(story), std::string{translated(row.advice)},
        row.frames(story)};
    auto& frames = finding.frames;
    frames.erase(std::remove(frames.begin(), frames.end(), u64{0}), frames.end());
    std::sort(frames.begin(), frames.end());
    frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace trama::story
