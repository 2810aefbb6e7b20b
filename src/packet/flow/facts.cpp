#include "packet/flow/facts.h"

#include <utility>

#include "packet/flow/marks.h"
#include "wire/protocols/udp.h"

namespace trama::flow {
namespace {

using wire::in;
using wire::tcp_found;
using wire::udp_found;

u64 stream(const Step& step) { return step.stream; }
u64 since_first(const Step& step) { return static_cast<u64>(step.since_first); }
u64 since_previous(const Step& step) { return static_cast<u64>(step.since_previous); }
u64 seq(const Step& step) { return step.seq; }
u64 ack(const Step& step) { return step.ack; }
u64 window(const Step& step) { return step.window; }
u64 completeness(const Step& step) { return step.analysis.completeness; }

constexpr std::pair<const wire::Field*, Fact> numbers[] = {
    {&in(tcp_found, "tcp.stream"),        {true, stream}         },
    {&in(tcp_found, "tcp.seq"),           {true, seq}            },
    {&in(tcp_found, "tcp.ack"),           {true, ack}            },
    {&in(tcp_found, "tcp.window_size"),   {true, window}         },
    {&in(tcp_found, "tcp.completeness"),  {true, completeness}   },
    {&in(tcp_found, "tcp.time_relative"), {true, since_first}    },
    {&in(tcp_found, "tcp.time_delta"),    {true, since_previous} },
    {&in(udp_found, "udp.stream"),        {false, stream}        },
    {&in(udp_found, "udp.time_relative"), {false, since_first}   },
    {&in(udp_found, "udp.time_delta"),    {false, since_previous}},
};

}  // namespace

std::optional<Fact> fact_of(const wire::Field& field) {
  for (const auto& [known, fact] : numbers)
    if (known == &field) return fact;
  if (&field == &in(tcp_found, "tcp.analysis.flags")) return Fact{.finding = ~u32{0}};
  for (const auto& [finding, known] : marks)
    if (known == &field && finding != found::duplicate_ack) return Fact{.finding = finding};
  return {};
}

}  // namespace trama::flow
