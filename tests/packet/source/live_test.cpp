// Live capture on the loopback interface of a network namespace of our own: the test runs itself
// once more inside `unshare -Urn`, which needs no rights where user namespaces are allowed.
#include "packet/source/live.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/fd.h"
#include "packet/source/capture_bytes.h"
#include "packet/source/writer.h"

namespace trama::tests {
namespace {

using Clock = std::chrono::steady_clock;

// True inside the namespace, where the case goes on; outside it has been run by then.
bool is_inside() {
  if (std::getenv("TRAMA_INSIDE") != nullptr) return true;
  if (run({"unshare", "-Urn", "true"}).status != 0) return false;
  const auto* about = testing::UnitTest::GetInstance()->current_test_info();
  const Ended ended =
      run({"unshare", "-Urn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
           std::filesystem::read_symlink("/proc/self/exe").string(),
           fmt::format("--gtest_filter={}.{}", about->test_suite_name(), about->name())},
          {}, {"TRAMA_INSIDE=1"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  return false;
}

void send_to(u16 port, std::string_view text) {
  const Fd socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const auto target = to_sockaddr({*parse_address("127.0.0.1"), port});
  ASSERT_EQ(sendto(socket.get(), text.data(), text.size(), 0,
                   reinterpret_cast<const sockaddr*>(&target), size_of(target)),
            static_cast<ssize_t>(text.size()));
}

// Packets until `count` came; their bytes are copied.
std::vector<std::string> caught(source::Source& source, std::size_t count) {
  std::vector<std::string> packets;
  Batch batch;
  const auto deadline = Clock::now() + 10s;
  while (packets.size() < count && Clock::now() < deadline) {
    EXPECT_TRUE(source.next(batch));
    EXPECT_EQ(batch.kept, Batch::mask(batch.count));
    for (unsigned i = 0; i < batch.count; ++i) {
      const Packet& packet = batch.packets[i];
      EXPECT_EQ(packet.number, packets.size() + 1);
      u8 sum = 0;
      for (unsigned at = 0; at < padding; ++at) sum ^= packet.data[packet.captured + at];
      EXPECT_EQ(sum, sum);
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      EXPECT_LT(std::chrono::abs(now - std::chrono::nanoseconds{packet.time}), 10s);
      packets.emplace_back(packet.data, packet.data + packet.captured);
    }
  }
  return packets;
}

TEST(Live, CatchesEachLoopbackPacketOnce) {
  if (!is_inside()) return;
  auto opened = source::open_live({"lo", "udp dst port 65431"});
  ASSERT_TRUE(opened) << opened.error().sentence;
  EXPECT_EQ((*opened)->interfaces().at(0).link_type, 1);
  EXPECT_EQ((*opened)->interfaces().at(0).name, "lo");
  for (int i = 0; i < 200; ++i) {
    send_to(65430, "not this one");
    send_to(65431, fmt::format("message {}", i));
  }
  const auto packets = caught(**opened, 200);
  ASSERT_EQ(packets.size(), 200U);
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(packets[static_cast<std::size_t>(i)].substr(42), fmt::format("message {}", i));
  const auto counters = (*opened)->counters();
  EXPECT_GE(counters.received, 200U);
  EXPECT_EQ(counters.dropped_by_kernel, 0U);
  EXPECT_EQ((*opened)->counters().received, counters.received);  // added up, not cleared
}

TEST(Live, ReturnsSoonWithoutPackets) {
  if (!is_inside()) return;
  auto opened = source::open_live({"lo"});
  ASSERT_TRUE(opened) << opened.error().sentence;
  Batch batch;
  const auto start = Clock::now();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE((*opened)->next(batch));
    EXPECT_EQ(batch.count, 0U);
  }
  EXPECT_GT(Clock::now() - start, 20ms);  // it waits and does not spin
}

TEST(Live, KeepsSoManyBytesOfAPacket) {
  if (!is_inside()) return;
  source::LiveOptions options{"lo"};
  options.snap_length = 60;
  auto opened = source::open_live(options);
  ASSERT_TRUE(opened) << opened.error().sentence;
  send_to(65431, std::string(1000, 'x'));
  Batch batch;
  const auto deadline = Clock::now() + 10s;
  while ((*opened)->next(batch) && batch.count == 0 && Clock::now() < deadline) {
  }
  ASSERT_GT(batch.count, 0U);
  EXPECT_EQ(batch.packets[0].captured, 60U);
  EXPECT_EQ(batch.packets[0].wire, 1042U);
}

TEST(Live, AnyListensEverywhere) {
  if (!is_inside()) return;
  auto opened = source::open_live({"any", "udp"});
  ASSERT_TRUE(opened) << opened.error().sentence;
  EXPECT_EQ((*opened)->interfaces().at(0).link_type, 113);  // Linux cooked
  send_to(65431, "x");
  EXPECT_EQ(caught(**opened, 1).size(), 1U);
}

TEST(Live, WhatIsCaughtCanBeWrittenAndRead) {
  if (!is_inside()) return;
  auto opened = source::open_live({"lo", "udp port 65431"});
  ASSERT_TRUE(opened) << opened.error().sentence;
  const Folder folder;
  auto writer = source::Writer::open(folder.path("live.pcapng"));
  ASSERT_TRUE(writer) << writer.error().sentence;
  send_to(65431, "kept");
  Batch batch;
  const auto deadline = Clock::now() + 10s;
  while ((*opened)->next(batch) && (*writer)->packets() == 0 && Clock::now() < deadline)
    for (unsigned i = 0; i < batch.count; ++i)
      ASSERT_TRUE((*writer)->write(batch.packets[i], (*opened)->interfaces()));
  ASSERT_TRUE((*writer)->flush());
  const Read read = read_bytes(read_file(folder.path("live.pcapng")));
  ASSERT_EQ(read.packets.size(), 1U);
  EXPECT_TRUE(read.packets[0].data.ends_with("kept"));
  EXPECT_EQ(read.interfaces.at(0).name, "lo");
  EXPECT_EQ(read.interfaces.at(0).filter, "udp port 65431");
}

TEST(Live, AnInterfaceThatDisappearsIsTold) {
  if (!is_inside()) return;
  const auto ip = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"ip", "link"});
    const Ended ended = run(words);
    EXPECT_EQ(ended.status, 0) << ended.err;
  };
  ip({"add", "near0", "type", "veth", "peer", "name", "far0"});
  ip({"set", "near0", "up"});
  auto opened = source::open_live({"near0"});
  ASSERT_TRUE(opened) << opened.error().sentence;
  ip({"del", "near0"});
  Batch batch;
  const auto deadline = Clock::now() + 10s;
  while ((*opened)->next(batch) && Clock::now() < deadline) {
  }
  ASSERT_TRUE((*opened)->trouble());
  expect_says((*opened)->trouble()->sentence, "capture on near0 ended");
}

TEST(Live, AWrongFilterIsExplained) {
  if (!is_inside()) return;
  const auto display = source::open_live({"lo", "tcp.port == 65432"});
  ASSERT_FALSE(display);
  EXPECT_EQ(display.error().exit, Exit::bad_input);
  expect_says(display.error().sentence, "-f takes BPF: try -f 'tcp port 65432'");
  const auto wrong = source::open_live({"lo", "tcp prot 80"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().exit, Exit::bad_input);
  expect_says(wrong.error().sentence, "man pcap-filter");
}

TEST(Live, AMissingInterfaceIsToldWithThoseThereAre) {
  if (!is_inside()) return;
  const auto opened = source::open_live({"l0"});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().exit, Exit::bad_input);
  expect_says(opened.error().sentence, "did you mean lo?");
}

TEST(Live, ListsTheLoopbackInterface) {
  const auto devices = source::list_devices();
  ASSERT_TRUE(devices) << devices.error().sentence;
  const auto lo = std::find_if(devices->begin(), devices->end(),
                               [](const auto& device) { return device.name == "lo"; });
  ASSERT_NE(lo, devices->end());
  EXPECT_TRUE(lo->loopback);
}

TEST(Live, WithoutRightsItSaysHowToGetThem) {
  if (geteuid() == 0) GTEST_SKIP() << "root has the right";
  const auto opened = source::open_live({"lo"});
  if (opened) GTEST_SKIP() << "this user has the right";
  EXPECT_EQ(opened.error().exit, Exit::no_right);
  expect_says(opened.error().sentence, "setcap cap_net_raw=ep");
  EXPECT_EQ(source::open_live({"none0"}).error().exit, Exit::bad_input);
}

}  // namespace
}  // namespace trama::tests
