#include "verbs/serve_settings.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/say.h"
#include "base/terminal.h"
#include "serve/programs.h"

namespace trama {
namespace {

// What each of them serves is a mode of its own.
Result<void> one_mode_only(const Parsed& parsed) {
  constexpr std::array<std::string_view, 5> options{"file", "root", "proxy-to", "exec", "sh-exec"};
  std::vector<std::string_view> given;
  std::copy_if(options.begin(), options.end(), std::back_inserter(given),
               [&](std::string_view option) { return parsed.has(option); });
  if (given.size() < 2 || given.front() == "exec") return {};  // program_of() has both commands
  return fail(Exit::bad_input,
              say("--{} and --{} exclude each other: a server has one mode", given[0], given[1]));
}

Result<const serve::Mode*> mode_of(const Parsed& parsed) {
  if (const auto one = one_mode_only(parsed); !one) return fail(one);
  const bool named = parsed.has("mode");
  const bool runs = parsed.has("exec") || parsed.has("sh-exec");
  const auto word = named                    ? parsed.text("mode")
                    : parsed.has("file")     ? "file"
                    : parsed.has("root")     ? "http"
                    : parsed.has("proxy-to") ? "proxy"
                    : runs                   ? "exec"
                                             : parsed.text("mode");
  const serve::Mode* mode = serve::mode_of(word);
  if (mode == nullptr) {
    std::string all;
    for (const auto* one : serve::modes()) {
      if (!all.empty()) all += ", ";
      all += one->name;
    }
    return fail(Exit::bad_input, say("\"{}\" is no mode; there are {}", word, all));
  }
  if ((mode == &serve::file_mode) != parsed.has("file"))
    return fail(Exit::bad_input, say("--mode file and --file FILE belong together"));
  if ((mode == &serve::http_mode) != parsed.has("root"))
    return fail(Exit::bad_input, say("--mode http and --root DIR belong together"));
  if ((mode == &serve::proxy_mode) != parsed.has("proxy-to"))
    return fail(
        Exit::bad_input,
        say("--mode proxy needs to know where clients may go: --proxy-to 10.0.0.0/8:80,443"));
  if (parsed.has("proxy-auth") && mode != &serve::proxy_mode)
    return fail(Exit::bad_input, say("--proxy-auth is for --mode proxy"));
  if ((mode == &serve::exec_mode) != runs)
    return fail(Exit::bad_input,
                say("--mode exec and --exec COMMAND or --sh-exec COMMAND belong together"));
  return mode;
}

Result<Fd> file_of(const Parsed& parsed) {
  const auto path = parsed.last("file");
  if (!path) return Fd{};
  Fd file{open(std::string{*path}.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about {};
  if (!file.is_open() || fstat(file.get(), &about) != 0)
    return fail(Exit::bad_input, say("cannot read {}: {}", *path, errno_text(errno)), errno);
  if (!S_ISREG(about.st_mode))
    return fail(Exit::bad_input, say("{} is no plain file: --file sends those only", *path));
  return file;
}

// The words of --exec or --sh-exec, the program's path first; none without them.
Result<std::vector<std::string>> program_of(const Parsed& parsed) {
  const auto given = parsed.in_order({"exec", "sh-exec"});
  if (given.empty()) return std::vector<std::string>{};
  if (given.size() > 1)
    return fail(Exit::bad_input, say("--exec and --sh-exec: one command is enough"));
  const auto [option, command] = given.front();
  if (option == "sh-exec") return std::vector<std::string>{"/bin/sh", "-c", std::string{command}};
  auto words = serve::split_words(command);
  if (!words) return words;
  const auto path = serve::find_program(words->front());
  if (!path) return fail(path);
  words->front() = *path;
  return words;
}

Result<void> set_proxy(const Parsed& parsed, serve::Settings& settings) {
  for (const auto rule : parsed.all("proxy-to"))
    if (auto added = settings.destinations.add(rule); !added) return added;
  const auto login = parsed.last("proxy-auth");
  if (!login) return {};
  const auto colon = login->find(':');
  constexpr std::size_t longest = 255;  // RFC 1929
  if (colon == login->npos || colon == 0 || colon > longest || login->size() - colon - 1 > longest)
    return fail(Exit::bad_input, say("--proxy-auth takes USER:PASS, of 255 bytes each at most"));
  settings.login = {std::string{login->substr(0, colon)}, std::string{login->substr(colon + 1)}};
  return {};
}

Result<serve::Limits> limits_of(const Parsed& parsed) {
  serve::Limits limits;
  for (const auto& [option, value] : parsed.in_order({"allow", "deny"})) {
    const auto block = parse_cidr(value);
    if (!block)
      return fail(Exit::bad_input, say("--{} takes addresses (10.0.0.0/8, ::1), not \"{}\"", option,
                                       harmless(value)));
    limits.rules.push_back({option == "allow", *block});
  }
  constexpr long long most = 1'000'000;
  for (const auto& [option, limit] : {
           std::pair{"max-clients",  &limits.clients },
           std::pair{"max-per-peer", &limits.per_peer}
  }) {
    if (!parsed.has(option)) continue;
    const auto number = parsed.number(option, 1, most);
    if (!number) return fail(number);
    *limit = static_cast<u64>(*number);
  }
  if (parsed.has("rate")) {
    const auto rate = parsed.size("rate");
    if (!rate) return fail(rate);
    limits.rate = *rate;
  }
  return limits;
}

// Who may send PROXY headers; nothing where nobody is to.
Result<std::optional<std::vector<Cidr>>> proxies_of(const Parsed& parsed) {
  std::optional<std::vector<Cidr>> blocks;
  if (!parsed.has("proxy-protocol")) {
    if (!parsed.has("proxy-from")) return blocks;
    return fail(Exit::bad_input, say("--proxy-from is for --proxy-protocol: write that too"));
  }
  blocks.emplace();
  for (const auto value : parsed.all("proxy-from")) {
    const auto block = parse_cidr(value);
    if (!block)
      return fail(Exit::bad_input, say("--{} takes addresses (10.0.0.0/8, ::1), not \"{}\"",
                                       "proxy-from", harmless(value)));
    blocks->push_back(*block);
  }
  if (blocks->empty()) blocks = {*parse_cidr("127.0.0.0/8"), *parse_cidr("::1")};
  return blocks;
}

// "h2,http/1.1": names of 1 to 255 bytes (RFC 7301).
Result<std::vector<std::string>> protocols_of(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const auto name = list.substr(0, list.find(','));
    if (name.empty() || name.size() > 255)
      return fail(Exit::bad_input, say("--alpn takes names like h2,http/1.1"));
    names.emplace_back(name);
    list.remove_prefix(std::min(list.size(), name.size() + 1));
  }
  return names;
}

Result<std::unique_ptr<serve::TlsContext>> tls_of(const Parsed& parsed) {
  if (!parsed.has("tls")) {
    for (const auto* option : {"cert", "key", "client-ca", "alpn"})
      if (parsed.has(option))
        return fail(Exit::bad_input, say("--{} is for --tls: write --tls too", option));
    return nullptr;
  }
  if (parsed.has("cert") != parsed.has("key"))
    return fail(Exit::bad_input, say("--cert FILE and --key FILE belong together"));
  auto protocols = protocols_of(parsed.text("alpn"));
  if (!protocols) return fail(protocols);
  return serve::TlsContext::make({.certificate = std::string{parsed.text("cert")},
                                  .key = std::string{parsed.text("key")},
                                  .client_ca = std::string{parsed.text("client-ca")},
                                  .alpn = std::move(*protocols)});
}

bool takes_streams_only(const Parsed& parsed, const serve::Mode& mode) {
  return !mode.datagrams || parsed.has("tls") || parsed.has("proxy-protocol");
}

}  // namespace

Result<serve::Settings> serve_settings(const Parsed& parsed) {
  serve::Settings settings;
  const auto mode = mode_of(parsed);
  if (!mode) return fail(mode);
  settings.mode = *mode;
  auto file = file_of(parsed);
  if (!file) return fail(file);
  settings.file = std::move(*file);
  if (const auto root = parsed.last("root")) {
    auto folder = serve::HttpRoot::open(std::string{*root});
    if (!folder) return fail(folder);
    settings.root = std::move(*folder);
    settings.idle = std::chrono::minutes{1};  // browsers keep connections that they never use
  }
  if (auto proxy = set_proxy(parsed, settings); !proxy) return fail(proxy);
  auto tls = tls_of(parsed);
  if (!tls) return fail(tls);
  settings.tls = std::move(*tls);
  auto proxies = proxies_of(parsed);
  if (!proxies) return fail(proxies);
  settings.proxies = std::move(*proxies);
  auto limits = limits_of(parsed);
  if (!limits) return fail(limits);
  settings.limits = std::move(*limits);
  auto program = program_of(parsed);
  if (!program) return fail(program);
  settings.program = std::move(*program);
  // A program costs more than a connection: ncat's bound, where nobody chose one.
  constexpr u64 programs_at_once = 100;
  if (!settings.program.empty() && settings.limits.clients == 0)
    settings.limits.clients = programs_at_once;
  if (parsed.has("idle")) {
    const auto idle = parsed.duration("idle");
    if (!idle) return fail(idle);
    settings.idle = *idle;
  }
  const auto drain = parsed.duration("drain");
  if (!drain) return fail(drain);
  settings.drain = *drain;
  const auto close_after = parsed.duration("close-after");
  const auto stays = parsed.duration("udp-stays");
  const auto queue = parsed.size("queue");
  const auto line = parsed.size("max-message");
  if (!close_after) return fail(close_after);
  if (!stays) return fail(stays);
  if (!queue) return fail(queue);
  if (!line) return fail(line);
  settings.close_after = *close_after;
  settings.peer_stays = *stays;
  settings.queueing.limit = *queue;
  settings.max_line = *line;
  const auto slow = parsed.text("slow");
  if (slow != "drop" && slow != "disconnect")
    return fail(Exit::bad_input, say("--slow takes drop or disconnect, not \"{}\"", slow));
  settings.queueing.slow = slow == "drop" ? serve::Slow::drop : serve::Slow::disconnect;
  return settings;
}

Result<void> serve_place_fits(const Parsed& parsed, const serve::Mode& mode,
                              const serve::Place& place) {
  if (net::is_stream(place.transport) || !takes_streams_only(parsed, mode)) return {};
  return fail(Exit::bad_input, say("{} is for streams: leave {} {} out",
                                   !mode.datagrams     ? fmt::format("--mode {}", mode.name)
                                   : parsed.has("tls") ? "--tls"
                                                       : "--proxy-protocol",
                                   net::name_of(place.transport), to_string(place)));
}

Result<std::vector<serve::Place>> serve_places(const Parsed& parsed, const serve::Mode& mode,
                                               bool inherited) {
  if (parsed.operands.empty() && inherited) return std::vector<serve::Place>{};
  auto places = serve::parse_places(parsed.operands);
  if (!places) return places;
  const bool streams_only = takes_streams_only(parsed, mode);
  if (parsed.operands.empty() && streams_only) places->pop_back();  // the usual TCP port only
  bool dual = false;
  for (auto& place : *places) {
    if (const auto fits = serve_place_fits(parsed, mode, place); !fits) return fail(fits);
    place.dual = parsed.has("dual") && place.at.address.v6 && place.at.address.is_any();
    dual = dual || place.dual;
  }
  if (parsed.has("dual") && !dual)
    return fail(Exit::bad_input, say("--dual is for [::]: write --dual tcp [::]:PORT"));
  return places;
}

}  // namespace trama
