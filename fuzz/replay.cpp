// Feeds files to a fuzz target without libFuzzer: each argument is a file or a folder of files.
#include <fmt/core.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void replay(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  const std::vector<char> bytes{std::istreambuf_iterator<char>{file}, {}};
  // Copied, so that a sanitizer sees the first byte read too far.
  const std::vector<std::uint8_t> exact{bytes.begin(), bytes.end()};
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

}  // namespace

int main(int argc, char** argv) {
  unsigned count = 0;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      replay(argv[i]);
      ++count;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
      replay(entry.path());
      ++count;
    }
  }
  fmt::print("{} inputs replayed\n", count);
  return count == 0 ? 1 : 0;  // an empty corpus tests nothing
}
