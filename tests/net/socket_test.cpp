#include "net/socket.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/resolve.h"

namespace trama::net {
namespace {

const Endpoint any_loopback_port{.address = *parse_address("127.0.0.1")};

TEST(Socket, ListensAtAPortOfTheKernelsChoice) {
  for (const auto transport : {Transport::tcp, Transport::udp}) {
    const auto socket = listen_at(transport, any_loopback_port);
    ASSERT_TRUE(socket) << socket.error().sentence;
    const Endpoint local = local_of(socket->get());
    EXPECT_NE(local.port, 0);
    EXPECT_EQ(to_string(local.address), "127.0.0.1");
    const auto second = listen_at(transport, local);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().number, EADDRINUSE);
    EXPECT_EQ(second.error().exit, Exit::no);
  }
}

TEST(Socket, AnAddressOfAnotherMachineIsBadInput) {
  const auto socket = listen_at(Transport::tcp, {.address = *parse_address("192.0.2.1")});
  ASSERT_FALSE(socket);
  EXPECT_EQ(socket.error().exit, Exit::bad_input);
}

TEST(Socket, ConnectsFromAChosenSource) {
  const auto listener = listen_at(Transport::tcp, any_loopback_port);
  ASSERT_TRUE(listener);
  const Endpoint source{.address = *parse_address("127.0.0.7")};
  const auto socket = outgoing(Transport::tcp, false, source);
  ASSERT_TRUE(socket) << socket.error().sentence;
  EXPECT_EQ(start_connect(socket->get(), local_of(listener->get())), EINPROGRESS);
  EXPECT_EQ(pending_error(socket->get()), 0);
  EXPECT_EQ(to_string(local_of(socket->get()).address), "127.0.0.7");
  EXPECT_EQ(peer_of(socket->get()), local_of(listener->get()));
}

TEST(Socket, TheSoftLimitOfDescriptorsIsRaised) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
}

TEST(Resolve, AddressesNeedNoResolver) {
  EXPECT_EQ(to_string(resolve("127.0.0.1", 80, Family::any, false)->front()), "127.0.0.1:80");
  EXPECT_EQ(to_string(resolve("[::1]", 80)->front()), "[::1]:80");
  EXPECT_EQ(resolve("::1", 80, Family::v4).error().exit, Exit::bad_input);
  EXPECT_EQ(resolve("127.0.0.1", 80, Family::v6).error().exit, Exit::bad_input);
}

TEST(Resolve, RefusesWhatOnlyTheResolverTakesForAnAddress) {
  for (const auto* text : {"7810", "127.1", "0x7f000001", "1.2.3", "0x7f.0.0.1", "1.2.3.256",
                           "1.2.3.4.5", "017700000001"})
    EXPECT_EQ(resolve(text, 80).error().exit, Exit::bad_input) << text;
  for (const auto* text : {"localhost", "7.example", "0xyz", "beef", "1.2.3.4", "::1"})
    EXPECT_TRUE(check_host(text)) << text;
}

TEST(Resolve, ALinkLocalAddressNeedsItsInterface) {
  const auto found = resolve("fe80::1", 80);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().sentence, "a link-local address needs its interface: fe80::1%eth0");
  EXPECT_EQ(found.error().exit, Exit::bad_input);
  EXPECT_TRUE(resolve("fe80::1%lo", 80));
}

TEST(Resolve, WithoutLookupsANameIsBadInput) {
  const auto found = resolve("localhost", 80, Family::any, false);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().exit, Exit::bad_input);
}

TEST(Resolve, LocalhostIsFoundInTheFamilyAskedFor) {
  const auto found = resolve("localhost", 80, Family::v4);
  ASSERT_TRUE(found) << found.error().sentence;
  for (const Endpoint& endpoint : *found) EXPECT_TRUE(endpoint.address.is_loopback());
}

TEST(Resolve, PortsAreNumbersOrServices) {
  EXPECT_EQ(port_of("65535", Transport::tcp).value(), 65535);
  EXPECT_EQ(port_of("0", Transport::udp).value(), 0);
  for (const auto* text : {"", "65536", "-1", "+1", "1x", "no-such-service"})
    EXPECT_EQ(port_of(text, Transport::tcp).error().exit, Exit::bad_input) << text;
}

}  // namespace
}  // namespace trama::net
