#include "packet/flow/verdict.h"

#include "wire/protocols/tcp.h"

namespace trama::flow {

std::string_view word_of(Cause cause) {
  constexpr std::string_view words[] = {"",
                                        "duplicate capture",
                                        "duplicated on the way",
                                        "fast retransmission",
                                        "timeout retransmission",
                                        "tail loss probe",
                                        "spurious retransmission",
                                        "reordering",
                                        "loss",
                                        "not captured",
                                        "missing bytes",
                                        "waits for bytes",
                                        "nothing missing",
                                        "simultaneous open",
                                        "Fast Open refused",
                                        "keep-alive",
                                        "keep-alive answer",
                                        "zero window probe",
                                        "probe answer",
                                        "receiver full",
                                        "receiver reads",
                                        "window full",
                                        "window update",
                                        "port reuse",
                                        "offload",
                                        "partial checksum"};
  static_assert(std::size(words) == static_cast<std::size_t>(Cause::partial_checksum) + 1);
  return words[static_cast<u8>(cause)];
}

void annotate(dissect::Tree& tree, const Verdicts& verdicts) {
  const auto layers = tree.layers();
  u16 layer = 0;
  for (std::size_t i = layers.size(); i-- > 0 && layer == 0;)
    if (layers[i].header == &wire::tcp) layer = static_cast<u16>(i);
  for (const Verdict& verdict : verdicts) {
    tree.add_text(wire::in(wire::tcp_found, "trama.verdict"), layer, word_of(verdict.cause));
    for (u8 i = 0; i < verdict.count; ++i)
      tree.add(wire::in(wire::tcp_found, "trama.verdict.frame"), layer, verdict.frames[i]);
  }
}

}  // namespace trama::flow
