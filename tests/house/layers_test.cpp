// The house as it is drawn in src/CMakeLists.txt: every #include "..." must follow a USES there.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include "kit/program.h"

namespace trama::tests {
namespace {

struct House {
  std::map<std::string, std::string> path_of;  // room's name -> its folder
  std::map<std::string, std::set<std::string>>
      uses;  // folder -> folders, itself and indirect ones too
};

House drawn() {
  std::istringstream picture{read_file(source("src/CMakeLists.txt"))};
  House house;
  for (std::string line; std::getline(picture, line);) {
    if (!line.starts_with("room(")) continue;
    std::istringstream words{line.substr(5, line.find(')') - 5)};
    std::string folder;
    words >> folder;
    house.path_of[folder.substr(folder.rfind('/') + 1)] = folder;
    auto& uses = house.uses[folder];
    uses.insert(folder);
    bool rooms = false;
    for (std::string word; words >> word;) {
      if (word == "USES" || word == "WITH") {
        rooms = word == "USES";
      } else if (rooms) {  // a room is drawn before its users
        const auto& used = house.uses.at(house.path_of.at(word));
        uses.insert(used.begin(), used.end());
      }
    }
  }
  return house;
}

// "net/loop.h" -> "net"; "" where the line includes no file of a room.
std::string included_room(std::string_view line) {
  constexpr std::string_view start = "#include \"";
  const auto slash = line.rfind('/');
  if (!line.starts_with(start) || slash == line.npos) return {};
  return std::string{line.substr(start.size(), slash - start.size())};
}

TEST(House, EveryIncludeFollowsThePicture) {
  const House house = drawn();
  ASSERT_GT(house.uses.size(), 3U);
  const std::filesystem::path src = source("src");
  unsigned checked = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{src}) {
    if (entry.path().extension() != ".h" && entry.path().extension() != ".cpp") continue;
    auto folder = entry.path().parent_path().lexically_relative(src);
    if (folder == ".") continue;  // main.cpp
    if (folder.filename() == "protocols" || folder.filename() == "modes")
      folder = folder.parent_path();  // a part of its room
    const std::string room = folder.string();
    ASSERT_TRUE(house.uses.contains(room)) << room << " has no room() line";
    std::istringstream text{read_file(entry.path().string())};
    for (std::string line; std::getline(text, line);) {
      const std::string used = included_room(line);
      if (used.empty()) continue;
      ++checked;
      const bool part =
          used.ends_with("/protocols") || used == "wire";  // wire/headers_list.h is made
      EXPECT_TRUE(house.uses.at(room).contains(part ? "wire" : used))
          << entry.path() << ": " << line << ", but " << room << " does not use " << used;
    }
  }
  EXPECT_GT(checked, 20U);
}

}  // namespace
}  // namespace trama::tests
