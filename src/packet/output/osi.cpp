#include "packet/output/osi.h"

#include "base/say.h"

namespace trama::output {

std::string osi_layer(unsigned layer) {
  switch (layer) {
    case 1:
      return say("layer 1, physical");
    case 2:
      return say("layer 2, data link");
    case 3:
      return say("layer 3, network");
    case 4:
      return say("layer 4, transport");
    case 5:
      return say("layer 5, session");
    case 6:
      return say("layer 6, presentation");
    case 7:
      return say("layer 7, application");
    default:
      return {};
  }
}

}  // namespace trama::output
