#include "verbs/ncat_chat.h"

#include <fmt/core.h>

namespace trama {
namespace {

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const u8*>(text.data()), text.size()};
}

// ncat counts by descriptor, whose first free one is 4.
u32 number_of(const serve::Member& member) { return member.who().number + 3; }

std::string host_of(const serve::Member& member) {
  const auto address = member.who().address();
  return address ? to_string(*address) : std::string{"a client on Unix domain socket"};
}

// Control characters become \\ooo, so that nobody plays with another's terminal.
std::string shown(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<u8>(c);
    if ((byte >= 0x20 && byte < 0x7f) || c == '\n' || c == '\r' || c == '\t')
      line += c;
    else
      line += fmt::format("\\{:03o}", byte);
  }
  return line;
}

class NcatChatTalk : public serve::Talk {
 public:
  using Talk::Talk;

  void begins() override {
    std::string others;
    hall_.company.each([&](const serve::Member& member) {
      if (&member != &me_)
        others += fmt::format("{}{} as <user{}>", others.empty() ? "" : ", ", host_of(member),
                              number_of(member));
    });
    tell(fmt::format("<announce> {} is connected as <user{}>.\n", host_of(me_), number_of(me_)));
    tell(fmt::format("<announce> already connected: {}.\n", others.empty() ? "nobody" : others));
  }
  void bytes(std::span<u8> text) override {
    const auto line = fmt::format("<user{}> {}", number_of(me_),
                                  shown({reinterpret_cast<const char*>(text.data()), text.size()}));
    hall_.company.send_to_others(me_, serve::SharedText{{bytes_of(line)}});
  }
  void ends() override {
    const auto line = fmt::format("<announce> <user{}> is disconnected.\n", number_of(me_));
    hall_.company.send_to_others(me_, serve::SharedText{{bytes_of(line)}});
  }

 private:
  void tell(const std::string& line) {
    hall_.company.send_to_all(serve::SharedText{{bytes_of(line)}});
  }
};

std::string person_says(std::string_view line) { return fmt::format("<user0> {}\n", shown(line)); }

}  // namespace

const serve::Mode ncat_chat_mode{.name = "ncat-chat",
                                 .help = {},
                                 .start = serve::start<NcatChatTalk>,
                                 .meets = true,
                                 .person_says = person_says};

}  // namespace trama
