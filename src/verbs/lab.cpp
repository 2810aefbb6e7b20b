#include "lab/lab.h"

#include "verbs/verb.h"

namespace trama {
namespace {

Result<Exit> run(const Parsed& parsed, Io& io) {
  lab::Options options;
  const auto delay = parsed.duration("delay", std::chrono::milliseconds{1});
  if (!delay) return fail(delay);
  options.wire.delay = *delay;
  options.once = parsed.has("once");
  options.wire.step = parsed.has("step");
  options.server_command = parsed.text("server");
  options.client_command = parsed.text("client");
  struct W : lab::Watcher {
    Io& io;
    explicit W(Io& o) : io(o) {}
    void on_frame_fate(const lab::Frame& f, const std::optional<lab::Segment>& s) override {
      std::string flags;
      if (s) {
        if (s->syn) flags += "S";
        if (s->ack) flags += "A";
        if (s->psh) flags += "P";
        if (s->fin) flags += "F";
        if (s->rst) flags += "R";
      }
      io.out.print("{} {} {} {} len={} [{}] -> [{}]\n", f.id, lab::name_of(f.from),
                   lab::name_of(f.fate), flags, s ? s->payload : 0, lab::name_of(f.sender),
                   lab::name_of(f.receiver));
      io.out.flush();
    }
    void on_program_output(lab::Host h, std::string_view, bool, std::string_view t) override {
      io.out.print("{}| {}\n", lab::name_of(h), harmless(t));
      io.out.flush();
    }
    void on_program_ended(lab::Host h, std::string_view n, int s) override {
      io.out.print("{} {} ended {}\n", lab::name_of(h), n, s);
      io.out.flush();
    }
  } w{io};
  const auto done = run_lab(options, w);
  if (!done) return fail(done);
  return done->interrupted ? Exit::interrupted : done->client_status != 0 ? Exit::no : Exit::yes;
}

constexpr Option options[] = {
    {"delay",  "", "TIME",    "300ms", "x"},
    {"once",   "", "",        "",      "x"},
    {"step",   "", "",        "",      "x"},
    {"server", "", "COMMAND", "",      "x"},
    {"client", "", "COMMAND", "",      "x"},
};
}  // namespace
extern const Verb lab_verb;
const Verb lab_verb{"lab", "x", "", {}, options, "", run};
}  // namespace trama
