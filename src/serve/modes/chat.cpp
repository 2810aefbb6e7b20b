// Lines of people: each goes to all others as "NAME: line". A name is the client's address until it
// chooses one. Lines are made harmless for the terminals that show them.
#include <fmt/core.h>

#include "base/say.h"
#include "base/terminal.h"
#include "serve/modes.h"

namespace trama::serve {
namespace {

constexpr std::size_t longest_name = 32;  // bytes

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

// Nobody may look like another's address, or like the server, whose own lines start with "*".
bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_name && harmless(name) == name &&
         name.find_first_of(": \\*/") == name.npos;
}

// Like the server's own lines it starts with "*", which no client can.
std::string person_says(std::string_view line) {
  std::string text = "* server: ";
  append_harmless(text, line);
  return text + '\n';
}

class ChatTalk : public Talk {
 public:
  using Talk::Talk;

  void begins() override {
    me_.name = peer_text(me_.who());
    const auto others = hall_.company.size() - 1;
    tell_me(say_n("* you are {}; \"/name X\" changes that; {} other is here",
                  "* you are {}; \"/name X\" changes that; {} others are here", others, me_.name,
                  others));
    tell_others(say("* {} joined", me_.name));
  }

  void bytes(std::span<u8> text) override {
    std::string_view rest{reinterpret_cast<const char*>(text.data()), text.size()};
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      keep(rest.substr(0, end));
      if (end == rest.npos) return;
      line_ends();
      rest.remove_prefix(end + 1);
    }
  }

  void datagram(std::span<u8> text) override {
    bytes(text);
    if (!line_.empty() || too_long_) line_ends();
  }

  void ends() override {
    if (!line_.empty()) line_ends();  // the last one had no newline
    if (!hall_.closes) tell_others(say("* {} left", me_.name));
  }

 private:
  void keep(std::string_view part) {
    if (line_.size() + part.size() > hall_.max_line + 1) too_long_ = true;  // one for a \r
    if (too_long_)
      line_.clear();
    else
      line_ += part;
  }

  void line_ends() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (too_long_ || line_.size() > hall_.max_line)
      tell_me(say("* your line was left out: it is longer than {} bytes", hall_.max_line));
    else if (line_.starts_with("/name "))
      rename(std::string_view{line_}.substr(6));
    else if (line_.starts_with('/'))
      tell_me(say("* unknown command; \"/name X\" sets your name"));
    else if (!line_.empty() && hall_.company.size() > 1)
      say_line();
    line_.clear();
    too_long_ = false;
  }

  void say_line() {
    shown_.clear();
    append_harmless(shown_, line_);
    hall_.company.send_to_others(
        me_, SharedText{
                 {bytes_of(me_.name), bytes_of(": "), bytes_of(shown_), bytes_of("\n")}
    });
  }

  void rename(std::string_view name) {
    if (!is_name(name)) {
      tell_me(say("* a name has 1 to {} bytes, without spaces and : / * \\", longest_name));
      return;
    }
    if (hall_.company.has_name(name)) {
      tell_me(say("* {} is taken: choose another name", name));
      return;
    }
    tell_others(say("* {} is now {}", me_.name, name));
    me_.name = name;
    tell_me(say("* you are {}", me_.name));
  }

  void tell_me(std::string_view line) {
    me_.send(SharedText{
        {bytes_of(line), bytes_of("\n")}
    });
  }
  void tell_others(std::string_view line) {
    hall_.company.send_to_others(me_, SharedText{
                                          {bytes_of(line), bytes_of("\n")}
    });
  }

  std::string line_;       // what came of the line so far
  std::string shown_;      // the same, harmless; kept for its memory
  bool too_long_ = false;  // the rest of this line is thrown away
};

}  // namespace

const Mode chat_mode{.name = "chat",
                     .help = N_("sends each line to all other clients as \"NAME: line\""),
                     .start = start<ChatTalk>,
                     .meets = true,
                     .person_says = person_says};

}  // namespace trama::serve
