// How packets are shown: -T, -e, -E, -V, -O, -t and --json become an output.
#pragma once
#include <memory>

#include "packet/output/output.h"
#include "verbs/verb.h"

namespace trama {

// Fills the settings from the options, too. Error (Exit::bad_input): what is wrong with which.
Result<std::unique_ptr<output::Output>> packet_form(const Parsed& options, const Io& io,
                                                    output::Settings& settings);

}  // namespace trama
