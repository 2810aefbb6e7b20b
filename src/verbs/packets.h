// What the verbs that show packets share (read, capture): their options, and the run from a source
// to an output.
#pragma once
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packet/filter/colour_rules.h"
#include "packet/filter/filter.h"
#include "packet/output/pipeline.h"
#include "packet/output/share.h"
#include "packet/source/source.h"
#include "packet/source/writer.h"
#include "packet/stats/report.h"
#include "verbs/verb.h"

namespace trama {

// tshark's rows that read and capture have in common, as a macro so that each verb's table stays
// one constexpr array.
#define TRAMA_PACKET_OPTIONS                                                                       \
  {"", "Y", "FILTER", "", N_("show only packets that match, in Wireshark's filter language")},     \
      {"", "V", "", "", N_("every header, field by field, with its OSI layer")},                   \
      {"", "O", "PROTOCOLS", "", N_("as -V, but fields of these protocols only: ip,tcp")},         \
      {"", "x", "", "", N_("the bytes of each packet, too")},                                      \
      {"", "T", "FORM", "",                                                                        \
       N_("text: the list; tabs: its columns; fields: the values of -e words; json: tshark's "     \
          "JSON")},                                                                                \
      {"", "e", "FIELD", "", N_("a field for -T fields; may be repeated")},                        \
      {"", "E", "KEY=VALUE", "",                                                                   \
       N_("-T fields: header=y, separator=X, occurrence=f|l|a, aggregator=X, quote=d|s|n, "        \
          "bom=y")},                                                                               \
      {"", "j", "WORDS", "", N_("-T json: only these protocols, such as 'ip tcp'")},               \
      {"", "J", "WORDS", "", N_("-T json: these protocols with all that is inside them")},         \
      {"no-duplicate-keys", "", "", "", N_("-T json: repeated keys become arrays")},               \
      {"", "t", "FORM", "",                                                                        \
       N_("time: r relative, d delta, dd delta shown, e epoch, a, ad, adoy, u, ud, udoy of day")}, \
      {"", "z", "REPORT", "", N_("a report at the end, such as conv,tcp; -z help lists all")},     \
      {"", "d", "LAYER==PORT,PROTOCOL", "",                                                        \
       N_("read payloads of a port as a protocol: tcp.port==8888,http")},                          \
      {"", "o", "SETTING:VALUE", "",                                                               \
       N_("tls.keylog_file:FILE: read TLS and QUIC with the secrets in FILE")},                    \
      {"", "c", "COUNT", "", N_("stop after so many packets")},                                    \
      {"", "n", "", "",                                                                            \
       N_("no names for addresses and ports: always so, accepted for tshark's users")},            \
      {"", "N", "LETTERS", "", N_("names for addresses: accepted; trama looks no names up")},      \
      {"color", "", "", "", N_("colour the list by Wireshark's rules, even into a pipe")},         \
      {"", "P", "", "", N_("print the list although -w writes a file")},                           \
      {"", "S", "TEXT", "", N_("a line of this text behind every packet")},                        \
      {"", "q", "", "", N_("only the count at the end")},                                          \
      {"jobs", "", "N", "",                                                                        \
       N_("threads, where rows need nothing of other packets; usual: one a processor "             \
          "for files over 64 MB")},                                                                \
      {"flow-memory", "", "SIZE", "40M",                                                           \
       N_("memory for conversations under way; when it is full, those idle longest are "           \
          "forgotten")},                                                                           \
      {"", "l", "", "", N_("write every line at once")},                                           \
      {"", "w", "FILE", "", N_("write the packets to a file; - is standard output")}, {            \
    "", "F", "FORMAT", "pcapng", N_("the format for -w: pcapng, pcap or nsecpcap")                 \
  }

// A display filter as the pipeline takes it; without one all packets pass. What keep() gives refers
// to it.
struct DisplayFilter {
  std::optional<filter::Filter> filter;
  [[nodiscard]] std::function<u64(const Batch&, output::Trees&)> keep() const;
  [[nodiscard]] wire::Stage stage() const {
    return filter ? filter->stage() : wire::Stage::dissect;
  }
};
Result<DisplayFilter> filter_for(std::string_view text);

// What read and explain are given: files, then a filter. Operands that name existing files, up to
// the first that does not, are files; the rest is the filter, joined to -Y's.
struct Reading {
  std::vector<std::string> files;
  std::string filter;
};
// `files`: those of an option (-r); then all operands are the filter.
// Errors (Exit::bad_input): a word that is both a file here and a filter; a file that is missing.
Result<Reading> reading_of(const Parsed& given, std::vector<std::string> files = {});

// Becomes true at Ctrl-C or SIGTERM, once asked for: live sources are ended by it.
const std::atomic<bool>& interrupted();

// Shows a source's packets as the options say, or writes them (-w). Everything that can be wrong
// with options, filter or output file is found by prepare(), before a source is opened.
class PacketShow {
 public:
  // `reading` are the files read, which -w must not overwrite.
  static Result<PacketShow> prepare(const Parsed& options, std::string_view filter, const Io& io,
                                    const std::vector<std::string>& reading = {});

  // One more report beside those of -z.
  void add(std::unique_ptr<stats::Report> report) { reports_.push_back(std::move(report)); }

  Result<Exit> run(source::Source& source, Io& io, const std::atomic<bool>* stop);
  // Opens a file and shows it, on several threads where its size and the rows allow.
  Result<Exit> read(const std::string& path, Io& io);
  [[nodiscard]] const output::Counts& counts() const { return counts_; }

 private:
  [[nodiscard]] bool may_be_shared() const;
  Result<Exit> share(source::Pieces& pieces, Io& io);

  output::Settings settings_;
  std::unique_ptr<output::Output> form_;
  DisplayFilter filter_;
  parse::Settings parse_;
  std::unique_ptr<source::Writer> writer_;
  std::vector<std::unique_ptr<stats::Report>> reports_;  // -z
  bool verdicts_ = false;                                // a report asks for verdicts
  std::optional<filter::ColourRules> colours_;           // where lines are coloured
  std::string separator_;                                // -S
  bool print_ = false;                                   // -P: lines although -w writes
  u64 most_ = std::numeric_limits<u64>::max();
  bool quiet_ = false, bytes_ = false, lines_ = true, line_by_line_ = false;
  unsigned threads_ = 1;
  std::size_t flow_memory_ = flow::Table::usual_bytes;
  u64 share_from_ = 0;       // bytes of a file that is worth several threads
  std::string filter_text_;  // each thread has a filter of its own
  output::Counts counts_;
};

}  // namespace trama
