#include "packet/stats/objects.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/json.h"
#include "base/say.h"
#include "base/terminal.h"
#include "packet/parse/protocols/http_fields.h"

namespace trama::stats {
namespace {

using wire::in;

constexpr std::size_t longest_name = 255;  // of a file, on every Linux file system
constexpr std::size_t most_known = 100'000;
constexpr std::size_t most_told = std::size_t{64} << 20;
constexpr u32 most_same = 100'000;  // files of one name

// The last part, slashes at the end left out; all slashes: one.
std::string_view base_name(std::string_view path) {
  if (path.empty()) return {};
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/") return path;
  return path.substr(path.rfind('/') + 1);
}

std::string_view text_of(const dissect::Row& row) {
  return {reinterpret_cast<const char*>(row.data), row.size};
}

}  // namespace

std::string object_name(std::string_view base, u32 number) {
  std::string name;
  for (const char c : base) {
    if (static_cast<u8>(c) < 0x20 || std::string_view{"<>:\"/\\|?*"}.find(c) != base.npos)
      name += fmt::format("%{:02x}", static_cast<u8>(c));
    else
      name += c;
  }
  if (name == "." || name == "..") name.replace(0, 1, "%2e");
  const auto dot = name.rfind('.');
  std::string tail = dot == name.npos ? std::string{} : name.substr(dot);
  name.resize(name.size() - tail.size());
  const std::string middle = number == 0 ? std::string{} : fmt::format("({})", number);
  tail.resize(std::min(tail.size(), longest_name / 2));
  name.resize(std::min(name.size(), longest_name - tail.size() - middle.size()));
  return name + middle + tail;
}

Result<std::unique_ptr<Objects>> Objects::open(std::string_view wanted) {
  const auto comma = wanted.find(',');
  std::string directory{wanted.substr(std::min(wanted.size(), comma + 1))};
  if (comma == wanted.npos || wanted.substr(0, comma) != "http" || directory.empty())
    return fail(Exit::bad_input,
                say("--export-objects takes http,DIRECTORY, not \"{}\"", harmless(wanted)));
  if (mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST)
    return fail(Exit::lost_output, say("{}: {}", harmless(directory), errno_text(errno)), errno);
  Fd fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.is_open())
    return fail(Exit::lost_output, say("{}: {}", harmless(directory), errno_text(errno)), errno);
  return std::unique_ptr<Objects>{
      new Objects{std::move(directory), std::move(fd)}
  };
}

void Objects::add(const output::Shown& shown) {
  if (!outcome_) return;
  const flow::Step* step = shown.step;
  const u64 key =
      step == nullptr || step->icmp ? 0 : u64{step->stream} * 4 + (step->conversation->tcp ? 2 : 1);
  std::string_view type;
  for (const dissect::Row& row : shown.tree.rows()) {
    if (row.field == &in(parse::http_fields, "http.chat")) type = {};
    if (row.field == &in(parse::http_fields, "http.content_type")) type = text_of(row);
    if (row.field == &in(parse::http_fields, "http.request.uri")) {
      if (uris_.size() >= most_known) uris_.clear();
      uris_[key].assign(text_of(row));
    }
    if (row.field != &in(parse::http_fields, "http.file_data") || row.size == 0) continue;
    const auto known = uris_.find(key);
    save(shown, known == uris_.end() ? std::string_view{} : known->second, type,
         {row.data, row.size});
  }
}

void Objects::save(const output::Shown& shown, std::string_view uri, std::string_view type,
                   Bytes body) {
  std::string made = fmt::format("object{}", shown.packet.number);
  if (const auto kind = type.substr(0, type.find_first_of("; \t")); !kind.empty())
    made.append(".").append(kind);
  const std::string_view asked = base_name(uri).empty() ? std::string_view{made} : base_name(uri);
  const std::string plain = object_name(asked, 0);
  if (next_.size() >= most_known) next_.clear();
  for (u32& number = next_[plain]; number < most_same; ++number) {
    const std::string name = object_name(asked, number);
    struct stat about {};
    if (fstatat(fd_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0) continue;
    write(name, body);
    ++number;
    if (!outcome_) return;
    ++written_;
    if (told_.size() < most_told)
      told_ += JsonLine{"packet.object"}
                   .number("packet", shown.packet.number)
                   .text("uri", uri)
                   .text("content_type", type)
                   .number("bytes", body.size())
                   .text("file", name)
                   .line();
    return;
  }
}

void Objects::write(const std::string& name, Bytes body) {
  const auto lost = [&] {
    outcome_ = fail(Exit::lost_output,
                    say("{}: {}", harmless(directory_ + '/' + name), errno_text(errno)), errno);
  };
  const Fd file{
      openat(fd_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666)};
  if (!file.is_open()) return lost();
  while (!body.empty()) {
    const ssize_t count = ::write(file.get(), body.data(), body.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return lost();
    body = body.subspan(static_cast<std::size_t>(count));
  }
}

void Objects::end(Out& out, bool json) {
  if (json) out.write(told_);
}

}  // namespace trama::stats
