#include "packet/report/answers.h"

#include <algorithm>

#include "base/say.h"
#include "packet/output/osi.h"

namespace trama::report {
namespace {

using story::Outcome;

const Conversation* find(const Facts& facts, bool (*wanted)(const Conversation&)) {
  for (const Conversation* conversation : facts.conversations())
    if (wanted(*conversation)) return conversation;
  return nullptr;
}

bool is_opened(const Conversation& c) { return c.syn != 0 && c.syn_ack != 0 && c.third != 0; }
bool has_data(const Conversation& c) { return c.first_data != 0; }
bool is_tcp(const Conversation& c) { return c.story->tcp; }
bool is_udp(const Conversation& c) { return !c.story->tcp; }

void answer_opening(const Facts& facts, std::vector<Answer>& answers) {
  const Conversation* c = find(facts, is_opened);
  if (c == nullptr) return;
  Answer answer{say("How does a TCP connection open? (the three-way handshake)"), {}, {}};
  answer.paragraphs = {
      say("#{}, SYN: the client {} asks to connect and tells its initial sequence number, {}. "
          "Reports show it as 0 and count from there: relative numbers.",
          c->syn, facts.name(c->story->client), c->client_isn),
      say("#{}, SYN ACK: the server {} agrees, tells its own initial number, {}, and acknowledges "
          "{}: the client's number plus 1, because a SYN counts as one byte.",
          c->syn_ack, facts.name(c->story->server), c->server_isn, c->client_isn + 1),
      say("#{}, ACK: the client acknowledges {}. Now both ends are ESTABLISHED: each knows that "
          "the other hears it, and where its numbers start.",
          c->third, c->server_isn + 1)};
  answers.push_back(std::move(answer));
}

void answer_states(const Facts& facts, std::vector<Answer>& answers) {
  const Conversation* c = find(facts, is_opened);
  if (c == nullptr) return;
  const auto& story = *c->story;
  Answer answer{say("Which calls lead to which states?"), {}, {}};
  const auto row = [&](std::string call, std::string who, std::string state, std::string seen) {
    answer.table.push_back({std::move(call), std::move(who), std::move(state), std::move(seen)});
  };
  row(say("call"), say("who"), say("state after it"), say("seen here"));
  row("socket()", say("both"), "CLOSED",
      say("no packet: the socket exists in its own kernel only"));
  row("bind()", say("server"), "CLOSED", say("no packet: port {} is reserved", story.server.port));
  row("listen()", say("server"), "LISTEN", say("no packet: from now on the kernel answers SYN"));
  row("connect()", say("client"), "SYN_SENT", fmt::format("#{}", c->syn));
  row("", say("server's kernel"), "SYN_RCVD", fmt::format("#{}", c->syn_ack));
  row("connect()", say("client"), "ESTABLISHED", say("#{} arrived: connect() returns", c->syn_ack));
  row("accept()", say("server"), "ESTABLISHED",
      say("#{} arrived: accept() returns a new socket; the old one stays in LISTEN", c->third));
  const bool client_first = c->fin[0] != 0 && (c->fin[1] == 0 || c->fin[0] < c->fin[1]);
  if (c->fin[0] + c->fin[1] != 0) {
    const u64 first = client_first ? c->fin[0] : c->fin[1];
    const u64 second = client_first ? c->fin[1] : c->fin[0];
    const auto who = [&](bool client) { return client ? say("client") : say("server"); };
    row("close()", who(client_first), "FIN_WAIT_1, FIN_WAIT_2",
        say("#{}: FIN; after its ACK FIN_WAIT_2", first));
    row("", who(!client_first), "CLOSE_WAIT", say("#{} arrived: read() returns 0", first));
    if (second != 0) {
      row("close()", who(!client_first), "LAST_ACK", say("#{}: FIN; after its ACK CLOSED", second));
      row("", who(client_first), "TIME_WAIT",
          say("#{} arrived: waits, in case its last ACK is lost", second));
    }
  }
  answers.push_back(std::move(answer));
}

void answer_data(const Facts& facts, std::vector<Answer>& answers) {
  const Conversation* c = find(facts, [](const Conversation& one) {
    return one.story->tcp && has_data(one) && one.pushes.count > 0;
  });
  if (c == nullptr) return;
  Answer answer{say("How does data travel, and what does PSH say?"), {}, {}};
  answer.paragraphs = {
      say("Every byte has a number. A segment says where its bytes start (seq); the other end "
          "answers with the number that it waits for next (ack): all before it arrived."),
      say("PSH asks the receiving kernel to hand the bytes to the program at once; senders set it "
          "on the last segment of what a program wrote: {}. It is no border between messages: TCP "
          "carries a stream of bytes.",
          list_of(c->pushes))};
  if (c->bare_acks.count > 0)
    answer.paragraphs.push_back(
        say("Segments without data only confirm: {}.", list_of(c->bare_acks)));
  answers.push_back(std::move(answer));
}

void answer_closing(const Facts& facts, std::vector<Answer>& answers) {
  Answer answer{say("How does a TCP connection end?"), {}, {}};
  const auto add = [&](const Conversation& c) {
    const auto name = facts.name(c.story->client);
    if (c.fin[0] != 0 && c.fin[1] != 0) {
      answer.paragraphs.push_back(say(
          "In order: each direction is closed by a FIN of its own, which counts as one byte and is "
          "acknowledged. Of the connection of {}: the client's FIN is #{}, the server's #{}. Who "
          "closes first waits in TIME_WAIT at the end.",
          name, c.fin[0], c.fin[1]));
    } else if (c.story->outcome == Outcome::refused) {
      answer.paragraphs.push_back(
          say("Not opened at all: nobody listened on the port, so the kernel answered the SYN of "
              "{} with RST ({}): \"connection refused\".",
              name, list_of(c.resets)));
    } else if (c.story->outcome == Outcome::reset) {
      answer.paragraphs.push_back(
          say("At once, with RST ({}): the connection of {} was aborted; what was under way is "
              "lost.",
              list_of(c.resets), name));
    } else if (c.fin[0] + c.fin[1] != 0) {
      answer.paragraphs.push_back(
          say("Half: only one direction of the connection of {} was closed (#{}); the other may "
              "still send.",
              name, c.fin[0] + c.fin[1]));
    }
  };
  constexpr Outcome kinds[] = {Outcome::closed, Outcome::half_closed, Outcome::reset,
                               Outcome::refused};
  for (const Outcome kind : kinds)
    for (const Conversation* c : facts.conversations()) {
      if (!c->story->tcp || c->story->outcome != kind) continue;
      add(*c);
      break;  // one of each kind
    }
  if (!answer.paragraphs.empty()) answers.push_back(std::move(answer));
}

void answer_ports(const Facts& facts, std::vector<Answer>& answers) {
  const auto all = facts.conversations();
  const Conversation* most = nullptr;
  std::size_t clients = 0;
  const auto same_server = [](const Conversation& a, const Conversation& b) {
    return a.story->tcp == b.story->tcp && a.story->server == b.story->server;
  };
  const std::size_t looked_at = std::min<std::size_t>(all.size(), 500);
  for (std::size_t i = 0; i < looked_at; ++i) {
    std::size_t count = 0;
    for (std::size_t k = 0; k < looked_at; ++k) count += same_server(*all[i], *all[k]) ? 1 : 0;
    if (count > clients) {
      clients = count;
      most = all[i];
    }
  }
  if (most == nullptr) return;
  Answer answer{say("Why does each client's port differ, and the server's does not?"), {}, {}};
  answer.paragraphs.push_back(
      say("The server asked for its port with bind(): {} is where clients must find it. A client "
          "does not care: its kernel gives each new socket a free port (from "
          "net.ipv4.ip_local_port_range).",
          most->story->server.port));
  answer.paragraphs.push_back(
      say("A conversation is named by four things together: client address, client port, server "
          "address, server port. So one server port serves many clients at once, and the kernel "
          "tells them apart by the client's port."));
  answer.table.push_back({say("client"), say("server"), say("first packet")});
  for (const Conversation* c : all) {
    if (answer.table.size() > 10) break;
    if (same_server(*c, *most))
      answer.table.push_back({facts.name(c->story->client), facts.name(c->story->server),
                              fmt::format("#{}", c->story->first_number)});
  }
  answers.push_back(std::move(answer));
}

void answer_transports(const Facts& facts, std::vector<Answer>& answers) {
  const Conversation* t =
      find(facts, [](const Conversation& c) { return is_tcp(c) && has_data(c); });
  const Conversation* u =
      find(facts, [](const Conversation& c) { return is_udp(c) && has_data(c); });
  if (t == nullptr || u == nullptr) return;
  Answer answer{say("What is the difference between TCP and UDP, as seen here?"), {}, {}};
  const auto payload = [](const Conversation& c) { return c.story->bytes[0] + c.story->bytes[1]; };
  const auto packets = [](const Conversation& c) {
    return c.story->packets[0] + c.story->packets[1];
  };
  const auto row = [&](std::string what, auto&& tell) {
    answer.table.push_back({std::move(what), tell(*t), tell(*u)});
  };
  answer.table.push_back({"", fmt::format("TCP {}", facts.name(t->story->client)),
                          fmt::format("UDP {}", facts.name(u->story->client))});
  row(say("packets before the first byte of data"), [](const Conversation& c) {
    return c.packets_before == 0 ? say("none") : fmt::format("{}", c.packets_before);
  });
  row(say("first packet with data"),
      [](const Conversation& c) { return fmt::format("#{}", c.first_data); });
  row(say("bytes of its transport header"),
      [](const Conversation& c) { return fmt::format("{}", c.transport_header); });
  row(say("packets in all"), [&](const Conversation& c) { return fmt::format("{}", packets(c)); });
  row(say("of them only to confirm"), [](const Conversation& c) {
    return c.bare_acks.count == 0 ? say("none") : fmt::format("{}", c.bare_acks.count);
  });
  row(say("bytes of data"), [&](const Conversation& c) { return fmt::format("{}", payload(c)); });
  row(say("bytes on the wire, all headers counted"),
      [](const Conversation& c) { return fmt::format("{}", c.wire_bytes); });
  row(say("states of both ends"), [](const Conversation& c) {
    return c.story->tcp ? say("LISTEN, SYN_SENT ... TIME_WAIT")
                        : say("none: a socket has a port, that is all");
  });
  row(say("a lost packet"), [](const Conversation& c) {
    return c.story->tcp ? say("is noticed and sent again by the kernel")
                        : say("is gone; the program may notice, or not");
  });
  answers.push_back(std::move(answer));
}

void answer_layers(const Facts& facts, std::vector<Answer>& answers) {
  for (const bool tcp : {true, false}) {
    const Anatomy* anatomy = facts.sample(tcp);
    if (anatomy == nullptr) continue;
    Answer answer{tcp ? say("Which layers does a TCP packet have? (#{})", anatomy->number)
                      : say("Which layers does a UDP packet have? (#{})", anatomy->number),
                  {},
                  {}};
    answer.table.push_back({say("OSI layer"), say("protocol"), say("bytes"), say("what it does")});
    for (const Layer& layer : anatomy->layers)
      answer.table.push_back({output::osi_layer(layer.osi), layer.name,
                              fmt::format("{}", layer.header != 0 ? layer.header : layer.size),
                              std::string{output::header_role(layer.word)}});
    answers.push_back(std::move(answer));
  }
}

void answer_trouble(const Facts& facts, std::vector<Answer>& answers) {
  Answer answer{say("What went wrong on the way?"), {}, {}};
  constexpr std::size_t most = 20;
  for (const Conversation* c : facts.conversations()) {
    if (answer.paragraphs.size() >= most) break;
    for (const auto& finding : c->findings)
      if (finding.weight != story::Weight::remark)
        answer.paragraphs.push_back(
            fmt::format("{}: {} {}", facts.name(c->story->client), finding.says, finding.advice));
  }
  if (answer.paragraphs.empty() && facts.packets > 0)
    answer.paragraphs.push_back(say("Nothing that these packets show."));
  answers.push_back(std::move(answer));
}

}  // namespace

std::string overview_of(const Facts& facts) {
  const i64 span = facts.first == no_time ? 0 : facts.last - facts.first;
  const auto conversations = facts.conversations().size();
  return say_n("{} packet", "{} packets", facts.packets, facts.packets) + ", " +
         say_n("{} byte", "{} bytes", facts.bytes, facts.bytes) + ", " +
         fmt::format("{:.3f} s, ", static_cast<double>(span) / 1e9) +
         say_n("{} conversation", "{} conversations", conversations, conversations);
}

std::string list_of(const Numbers& numbers) {
  std::string text;
  for (const u64 number : numbers.first)
    text += fmt::format("{}#{}", text.empty() ? "" : ", ", number);
  if (numbers.count > numbers.first.size())
    text += say_n(" and {} more", " and {} more", numbers.count - numbers.first.size(),
                  numbers.count - numbers.first.size());
  return text;
}

std::vector<Answer> answers_of(const Facts& facts) {
  std::vector<Answer> answers;
  answer_opening(facts, answers);
  answer_states(facts, answers);
  answer_data(facts, answers);
  answer_closing(facts, answers);
  answer_ports(facts, answers);
  answer_transports(facts, answers);
  answer_layers(facts, answers);
  answer_trouble(facts, answers);
  return answers;
}

}  // namespace trama::report
