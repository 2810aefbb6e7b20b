#include "verbs/verb.h"

namespace trama {

extern const Verb read_verb;
const Verb read_verb{
    "read", "", "", {}, {}, "", [](const Parsed&, Io&) -> Result<Exit> { return Exit::yes; }};

}  // namespace trama
