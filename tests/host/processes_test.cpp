#include "host/processes.h"

#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace trama::host {
namespace {

u64 inode_of(const Fd& fd) {
  struct stat status {};
  fstat(fd.get(), &status);
  return status.st_ino;
}

TEST(Processes, FindsItsOwnSocketWithProgramAndDescriptor) {
  const Fd socket{::socket(AF_INET, SOCK_DGRAM, 0)};
  const Owners owners = Owners::read();
  const auto held = owners.of(inode_of(socket));
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].pid, getpid());
  EXPECT_EQ(held[0].program, "host_tests");
  EXPECT_EQ(held[0].fd, socket.get());
  EXPECT_EQ(held[0].uid, getuid());
}

TEST(Processes, TellsEveryOwnerOfASharedSocket) {
  const Fd socket{::socket(AF_INET, SOCK_DGRAM, 0)};
  const Fd same{dup(socket.get())};
  const Owners owners = Owners::read();
  const auto held = owners.of(inode_of(socket));
  ASSERT_EQ(held.size(), 2U);
  EXPECT_LT(held[0].fd, held[1].fd);
}

TEST(Processes, KnowsNobodyForNoInode) {
  const Owners owners = Owners::read();
  EXPECT_TRUE(owners.of(0).empty());
  EXPECT_TRUE(owners.of(~u64{0}).empty());
}

TEST(Processes, NamesUsersOrTheirNumber) {
  EXPECT_EQ(name_of_user(0), getpwuid(0)->pw_name);
  EXPECT_EQ(name_of_user(3999999999U), "3999999999");
}

}  // namespace
}  // namespace trama::host
