#include "serve/http_root.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "kit/program.h"

namespace trama::serve {
namespace {

using tests::Folder;

// outside/secret beside root/a, root/sub/b, and links of all kinds.
struct Tree {
  Tree() {
    namespace fs = std::filesystem;
    fs::create_directories(folder.path("root/sub"));
    for (const auto* name : {"secret", "root/a", "root/sub/b"})
      std::ofstream{folder.path(name)} << name;
    fs::create_symlink("../secret", folder.path("root/out"));
    fs::create_symlink(folder.path("secret"), folder.path("root/absolute"));
    fs::create_symlink("..", folder.path("root/up"));
    fs::create_symlink("/proc/self/root", folder.path("root/magic"));
    fs::create_symlink("sub", folder.path("root/in"));
    fs::create_symlink("loop", folder.path("root/loop"));
    root = Fd{open(folder.path("root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  }
  Folder folder;
  Fd root;
};

TEST(HttpRoot, NothingOutsideIsOpened) {
  const Tree tree;
  for (const auto* path : {"out", "absolute", "up/secret", "magic/etc/passwd", "../secret",
                           "/etc/passwd", "sub/../../secret", "loop", "in/../../secret"}) {
    EXPECT_FALSE(open_beneath(tree.root.get(), path).is_open()) << path;
    // An absolute path starts at the folder there, where no such name is.
    EXPECT_FALSE(open_step_by_step(tree.root.get(), path).is_open()) << path;
  }
}

TEST(HttpRoot, WhatIsInsideIsOpened) {
  const Tree tree;
  for (const auto* path : {"a", "sub/b", "sub", "sub/", "."}) {
    EXPECT_TRUE(open_beneath(tree.root.get(), path).is_open()) << path;
    EXPECT_TRUE(open_step_by_step(tree.root.get(), path).is_open()) << path;
  }
  EXPECT_TRUE(open_beneath(tree.root.get(), "in/b").is_open());
  EXPECT_FALSE(open_step_by_step(tree.root.get(), "in/b").is_open());  // no link at all
}

TEST(HttpRoot, APageListsFoldersFirstAndEscapesNames) {
  const Folder folder;
  std::filesystem::create_directory(folder.path("zoo"));
  for (const auto* name : {"b", "a&<b>\"", "\xff", ".hidden", "x y#?%"})
    std::ofstream{folder.path(name)} << "123";
  const Fd root{open(folder.path("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const auto page = listing_page(root.get(), "<i>");
  EXPECT_NE(page.find("Index of /&lt;i&gt;"), std::string::npos) << page;
  EXPECT_EQ(page.find("hidden"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"./zoo/\">zoo/</a></td><td></td>"), std::string::npos) << page;
  EXPECT_LT(page.find("zoo"), page.find(">b<"));
  EXPECT_NE(page.find("<a href=\"./a%26%3Cb%3E%22\">a&amp;&lt;b&gt;&quot;</a></td><td>3</td>"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("./x%20y%23%3F%25"), std::string::npos) << page;
  EXPECT_NE(page.find("./%FF"), std::string::npos) << page;
}

TEST(HttpRoot, TypesGoByTheEnding) {
  EXPECT_EQ(content_type_of("a/b.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(content_type_of("a.tar.gz"), "application/gzip");
  EXPECT_EQ(content_type_of("README"), "application/octet-stream");
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace trama::serve
