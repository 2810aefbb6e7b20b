// What came of a load, for people and for programs.
#pragma once
#include "base/out.h"
#include "base/terminal.h"
#include "load/plan.h"
#include "load/report.h"

namespace trama::load {

std::string_view name_of(Expect expect);  // "upper", as --expect takes it

// What is about to be done, in a line.
void announce(Out& out, const Plan& plan);
void tell(Out& out, const Terminal& terminal, const Plan& plan, const Report& report);
void tell_json(Out& out, const Plan& plan, const Report& report);

}  // namespace trama::load
