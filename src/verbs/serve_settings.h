// What `trama serve` was asked for: the options of its table as the engine's settings.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/options.h"
#include "serve/server.h"

namespace trama {

// Errors (Exit::bad_input): a value that is none, options that do not fit together.
Result<serve::Settings> serve_settings(const Parsed& parsed);

// Error (Exit::bad_input): datagrams, where the mode or an option is for streams.
Result<void> serve_place_fits(const Parsed& parsed, const serve::Mode& mode,
                              const serve::Place& place);

// `inherited`: there are sockets already, so that no words mean no places instead of the usual
// ones.
Result<std::vector<serve::Place>> serve_places(const Parsed& parsed, const serve::Mode& mode,
                                               bool inherited);

}  // namespace trama
