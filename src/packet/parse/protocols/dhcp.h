// What the two files of the DHCP parser share.
#pragma once
#include <string_view>

#include "packet/parse/message.h"

namespace trama::parse {

struct DhcpContext {
  bool outer;               // not the options in the fields of server and file
  std::string_view vendor;  // vendor class identifier of the message
};

// The value of an option, `size` bytes at `at`, all at hand. Lengths that do not fit the option
// put nothing. False where its parts run beyond it.
bool read_dhcp_option(Message& message, u8 code, u32 at, u32 size, const DhcpContext& context);

}  // namespace trama::parse
