// Plays the stories of tests/scenarios/*.txt into the tracker and the teller. One line a packet:
//
//   c SYN            | SYN_SENT SYN_RCVD | Client asks to connect
//
// who sends (c, s), what, both states after it, and words that the sentence must hold. Sequence
// numbers are counted as a kernel would. Words: SYN ACK FIN RST PSH, "text" (payload), seq=N ack=N
// (relative, instead of the right ones), win=N, again (the sender's last segment with data, SYN or
// FIN), lost (the other end never gets it), after N (milliseconds), udp "text", icmp T/C (about the
// other's last packet). Also: len=N (so many bytes), hex=00ff (these bytes), id=N (IP id), clock=N
// and echo=N (timestamps), sack=L-R,L-R (relative), mss=N, to=N (the server's port, from here on),
// copy (the sender's last packet, byte for byte). Beside comments, a line of its own may say
//
//   #! fast retransmission 5 12     the verdict on the packet before, and the packets that prove it
//   #= nothing listens              what the diagnosis of the whole must hold; "#= fine": none
#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <sstream>

#include "kit/frames.h"
#include "kit/program.h"
#include "packet/dissect/dissect.h"
#include "packet/flow/judge.h"
#include "packet/parse/engine.h"
#include "packet/story/diagnosis.h"

namespace trama::tests {
namespace {

using flow::TcpFlag;

constexpr u32 base[2] = {0xffffff00, 1000};  // the client's numbers wrap

struct Line {
  unsigned from = 0;
  std::vector<std::string> words;
  std::string states[2];
  std::string says, text;
  std::string verdict, diagnosis;  // of "#!" and "#=" behind it
};

std::vector<Line> lines_of(const std::string& path) {
  std::vector<Line> lines;
  std::istringstream file{read_file(path)};
  for (std::string text; std::getline(file, text);) {
    if (text.starts_with("#! ")) lines.back().verdict = text.substr(3);
    if (text.starts_with("#= ")) lines.back().diagnosis = text.substr(3);
    if (text.empty() || text[0] == '#') continue;
    Line line;
    line.text = text;
    std::string packet;
    std::string states;
    std::istringstream parts{text};
    std::getline(parts, packet, '|');
    std::getline(parts, states, '|');
    std::getline(parts, line.says);
    line.says.erase(0, line.says.find_first_not_of(' '));
    std::istringstream{states} >> line.states[0] >> line.states[1];
    line.from = packet[0] == 's' ? 1 : 0;
    for (std::size_t at = 1; at < packet.size();) {
      if (packet[at] == ' ') {
        ++at;
        continue;
      }
      const std::size_t end =
          packet[at] == '"' ? packet.find('"', at + 1) + 1 : packet.find(' ', at);
      line.words.push_back(packet.substr(at, end - at));
      at = std::min(end, packet.size());
    }
    lines.push_back(line);
  }
  return lines;
}

u32 number_behind(const std::string& word) {
  u32 value = 0;
  const auto start = word.find('=') + 1;
  std::from_chars(word.data() + start, word.data() + word.size(), value);
  return value;
}

// Both kernels, as far as numbers go.
class Player {
 public:
  void play(const Line& line) {
    SCOPED_TRACE(line.text);
    const std::vector<u8> frame = make(line);
    Kept kept{frame, ++number_, time_};
    dissect::mark(kept.packet(), 1);
    dissect::Tree tree;
    tree.dissect(kept.packet(), {});
    table_.forget_ended();
    const auto step = table_.follow(kept.packet(), &tree);
    ASSERT_TRUE(step);
    const auto verdicts = judge_.follow(*step, kept.packet(), &tree);
    const auto rung = story::tell(*step, number_, time_, memory_, &verdicts);
    parse::Told told;
    if (step->speaks()) messages_.read(kept.packet(), &*step, &tree, told);
    story::Story* story = book_.add(*step, number_, time_, &verdicts);
    ASSERT_NE(story, nullptr);
    story::note_messages(story->facts, tree, number_, line.from == 0);
    if (!line.verdict.empty()) {
      EXPECT_EQ(text_of(verdicts), line.verdict);
    }
    if (!line.diagnosis.empty()) expect_diagnosis(*story, line.diagnosis);
    const auto shown = [](const story::State& state) {
      return state.name.substr(0, state.name.find(' '));
    };
    EXPECT_EQ(shown(rung.client), line.states[0]);
    EXPECT_EQ(shown(rung.server), line.states[1]);
    EXPECT_NE(rung.sentence.find(line.says), std::string::npos) << rung.sentence;
    EXPECT_EQ(rung.by_client, line.from == 0);
  }

 private:
  static std::string text_of(const flow::Verdicts& verdicts) {
    std::string text;
    for (const auto& verdict : verdicts) {
      text += fmt::format("{}{}", text.empty() ? "" : ", ", word_of(verdict.cause));
      for (u8 i = 0; i < verdict.count; ++i) text += fmt::format(" {}", verdict.frames[i]);
    }
    return text;
  }

  static void expect_diagnosis(const story::Story& story, const std::string& words) {
    const auto findings = story::diagnose(story);
    const std::string first = findings.empty() ? "fine" : findings.front().says;
    EXPECT_NE(first.find(words), std::string::npos) << first;
  }

  static void append_number(std::vector<u8>& bytes, u32 value) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<u8>(value >> shift));
  }

  // clock=, echo=, sack=, mss=
  static std::vector<u8> options_of(const Line& line) {
    std::vector<u8> options;
    u32 clock = 0;
    u32 echo = 0;
    for (const std::string& word : line.words) {
      if (word.starts_with("clock=")) clock = number_behind(word);
      if (word.starts_with("echo=")) echo = number_behind(word);
      if (word.starts_with("mss=")) options = {2, 4};
      if (word.starts_with("mss="))
        for (const int shift : {8, 0})
          options.push_back(static_cast<u8>(number_behind(word) >> shift));
      if (!word.starts_with("sack=")) continue;
      const auto blocks = static_cast<u8>(std::count(word.begin(), word.end(), '-'));
      options = {1, 1, 5, static_cast<u8>(2 + 8 * blocks)};
      std::istringstream numbers{word.substr(5)};
      char mark = 0;
      for (u32 value = 0; numbers >> value; numbers >> mark)
        append_number(options, base[1 - line.from] + value);
    }
    if (clock == 0) return options;
    options.insert(options.end(), {1, 1, 8, 10});
    append_number(options, clock);
    append_number(options, echo);
    return options;
  }

  // The frame, with id= in its IP header.
  static std::vector<u8> numbered(std::vector<u8> frame, const Line& line) {
    for (const std::string& word : line.words) {
      if (!word.starts_with("id=")) continue;
      frame[18] = static_cast<u8>(number_behind(word) >> 8);
      frame[19] = static_cast<u8>(number_behind(word));
    }
    return frame;
  }

  std::vector<u8> make(const Line& line) {
    const auto to = std::find_if(line.words.begin(), line.words.end(),
                                 [](const auto& word) { return word.starts_with("to="); });
    if (to != line.words.end()) ports_[1] = static_cast<u16>(number_behind(*to));
    const auto frame = make_plain(line);
    return last_packet_[line.from] = numbered(frame, line);
  }

  std::vector<u8> make_plain(const Line& line) {
    const unsigned from = line.from;
    const bool back = from == 1;
    TcpParts parts{
        .from = ports_[from], .to = ports_[1 - from], .seq = next_[from], .ack = got_[from]};
    bool lost = false;
    i64 wait = 1'000'000;
    for (std::size_t i = 0; i < line.words.size(); ++i) {
      const std::string& word = line.words[i];
      constexpr std::pair<std::string_view, u16> flags[] = {
          {"SYN", TcpFlag::syn},
          {"ACK", TcpFlag::ack},
          {"FIN", TcpFlag::fin},
          {"RST", TcpFlag::rst},
          {"PSH", TcpFlag::psh}
      };
      for (const auto& [name, flag] : flags)
        if (word == name) parts.flags |= flag;
      if (word[0] == '"') parts.payload = word.substr(1, word.size() - 2);
      if (word.starts_with("seq=")) parts.seq = base[from] + number_behind(word);
      if (word.starts_with("ack=")) parts.ack = base[1 - from] + number_behind(word);
      if (word.starts_with("win=")) parts.window = static_cast<u16>(number_behind(word));
      if (word.starts_with("len=")) parts.payload.assign(number_behind(word), 'x');
      if (word.starts_with("hex="))
        for (std::size_t at = 4; at + 1 < word.size(); at += 2)
          parts.payload += static_cast<char>(std::stoi(word.substr(at, 2), nullptr, 16));
      if (word == "lost") lost = true;
      if (word == "after") wait = std::stoll(line.words[i + 1]) * 1'000'000;
      if (word == "again") parts = last_[from];
      if (word == "copy") return last_packet_[from];
      if (word == "udp") {
        time_ += wait;
        const auto text = parts.payload.empty()
                              ? line.words[i + 1].substr(1, line.words[i + 1].size() - 2)
                              : parts.payload;
        return ethernet(0x0800, ipv4(17, udp(ports_[from], ports_[1 - from], text), back), back);
      }
      if (word == "icmp") {
        time_ += wait;
        const auto& about = last_packet_[1 - from];
        const auto slash = line.words[i + 1].find('/');
        const auto quoted = std::vector<u8>{about.begin() + 14, about.end()};
        return ethernet(
            0x0800,
            ipv4(
                1,
                icmp_error(static_cast<u8>(std::stoi(line.words[i + 1])),
                           static_cast<u8>(std::stoi(line.words[i + 1].substr(slash + 1))), quoted),
                back),
            back);
      }
    }
    time_ += wait;
    for (const u8 byte : options_of(line)) parts.options.push_back(byte);
    const u32 space = static_cast<u32>(parts.payload.size()) +
                      ((parts.flags & TcpFlag::syn) != 0 ? 1 : 0) +
                      ((parts.flags & TcpFlag::fin) != 0 ? 1 : 0);
    if (space > 0) last_[from] = parts;
    if (parts.seq == next_[from]) next_[from] += space;
    if (!lost && space > 0 && ((parts.flags & TcpFlag::syn) != 0 || parts.seq == got_[1 - from]))
      got_[1 - from] = parts.seq + space;
    if ((parts.flags & TcpFlag::ack) == 0) parts.ack = 0;
    return ethernet(0x0800, ipv4(6, tcp(parts), back), back);
  }

  u16 ports_[2] = {40000, 65432};
  u32 next_[2] = {base[0], base[1]};  // the next number of each end
  u32 got_[2] = {base[1], base[0]};   // what each end has of the other
  TcpParts last_[2];
  std::vector<u8> last_packet_[2];
  u64 number_ = 0;
  i64 time_ = 1'000'000'000;
  flow::Judge judge_;
  flow::Table table_;
  story::Memory memory_;
  story::Book book_;
  parse::Engine messages_{{}};
};

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, StatesAndSentencesFollow) {
  Player player;
  const auto lines = lines_of(source("tests/scenarios/" + GetParam() + ".txt"));
  ASSERT_FALSE(lines.empty());
  for (const Line& line : lines) player.play(line);
}

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator{source("tests/scenarios")})
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Story, Scenario, testing::ValuesIn(scenarios()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace trama::tests
