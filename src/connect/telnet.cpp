#include "connect/telnet.h"

namespace trama::connect {
namespace {

enum : u8 { will = 251, wont = 252, ask_do = 253, dont = 254, iac = 255 };  // RFC 854

}  // namespace

std::vector<u8> telnet_refusals(Bytes bytes) {
  std::vector<u8> answers;
  for (std::size_t i = 0; i + 2 < bytes.size(); ++i) {
    if (bytes[i] != iac) continue;
    const u8 command = bytes[i + 1];
    if (command == ask_do || command == will)
      answers.insert(answers.end(),
                     {u8{iac}, command == ask_do ? u8{wont} : u8{dont}, bytes[i + 2]});
    i += command >= will && command <= dont ? 2 : 1;  // IAC IAC is a byte of data
  }
  return answers;
}

}  // namespace trama::connect
