// The verbs. Adding one: a file in verbs/ that defines `const Verb NAME_verb`, and a row here.
#include "verbs/verb.h"

// clang-format off: one row a verb
#define TRAMA_VERBS(verb)                                                                    \
  verb(lab) verb(explain) verb(serve) verb(connect) verb(load) verb(sockets) verb(scan)      \
      verb(capture) verb(read) verb(follow) verb(graph) verb(fields) verb(filter) verb(make) \
          verb(report) verb(nc) verb(ncat)
// clang-format on

namespace trama {
#define DECLARE(name) extern const Verb name##_verb;
TRAMA_VERBS(DECLARE)
#undef DECLARE
}  // namespace trama

int main(int argc, char** argv) {
#define ROW(name) &trama::name##_verb,
  constexpr const trama::Verb* verbs[] = {TRAMA_VERBS(ROW)};
#undef ROW
  return trama::run_program(verbs, argc, argv);
}
