// What a live capture can listen on (open_live is in source.h), and the words for a wrong filter.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace trama::source {

struct Device {
  std::string name, description;  // the description is libpcap's, "" where it has none
  std::vector<Address> addresses;
  bool up = false, running = false, loopback = false, wireless = false;
};

// As libpcap lists them: those in use first, then the special ones ("any", "nflog"). Needs no
// rights. Fails with Exit::no.
Result<std::vector<Device>> list_devices();

// The BPF expression that a display filter most likely meant ("tcp.port == 80" is "tcp port 80");
// "" where the text does not look like a display filter, "tcp port 80" where it does but has no
// obvious counterpart.
std::string bpf_for(std::string_view display_filter);

}  // namespace trama::source
