// Limits: what is too much, too slow or too silent is ended, with a clear error
// where somebody listens.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>

#include "proxy/net/transport/stream.h"
#include "tests/proxy/net/fake_backend.h"
#include "tests/proxy/net/running_proxy.h"

namespace sealgate::net {
namespace {

using namespace std::chrono_literals;

constexpr int kOutOfResources = 1041;
constexpr int kUnknown = 1105;
constexpr int kShutdown = 1053;
constexpr int kTooManyUserConnections = 1203;
constexpr int kIdle = 4031;

TEST(Limits, ConnectionsPerUser) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(),
                     [](auto& config) { config.limits.max_connections_per_user = 2; });
  Peer first = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(first));
  {
    Peer second = Peer::Connect(proxy.port());
    ASSERT_TRUE(LogIn(second));
    Peer third = Peer::Connect(proxy.port());
    ASSERT_TRUE(third.Receive());
    ASSERT_TRUE(third.SendMessage(1, LoginPacket()));
    EXPECT_EQ(ErrorCodeOf(third.Receive()), kTooManyUserConnections);
    EXPECT_TRUE(third.AwaitEnd());
    EXPECT_TRUE(Execute(second, "DO 1"));
  }
  ASSERT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 1; }));
  Peer fourth = Peer::Connect(proxy.port());
  EXPECT_TRUE(LogIn(fourth));
  EXPECT_EQ(proxy.metrics().connections_refused.Value(), 1u);
}

TEST(Limits, UsersAreCountedApart) {
  relay::UserLimit users(1);
  EXPECT_TRUE(users.Enter("app"));
  EXPECT_FALSE(users.Enter("app"));
  EXPECT_TRUE(users.Enter("other"));
  users.Leave("app");
  EXPECT_TRUE(users.Enter("app"));
}

TEST(Limits, IdleSessionIsToldAndEnds) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.idle_timeout = 200ms; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO 1"));
  const auto farewell = client.Receive();
  EXPECT_EQ(ErrorCodeOf(farewell), kIdle);
  EXPECT_EQ(farewell->seq, 0);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(proxy.metrics().idle_timeouts.Value(), 1u);
}

TEST(Limits, AStatementThatTakesLongIsNotIdle) {
  FakeBackend backend([](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    std::this_thread::sleep_for(600ms);
    peer.SendMessage(1, OkPacketBytes());
    peer.AwaitEnd();
  });
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.idle_timeout = 100ms; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO SLEEP(1)"));
}

FakeBackend::Serve ServeRows(std::atomic<std::size_t>& sent, std::atomic<bool>& stopped) {
  return [&](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    peer.Send(Framed(1, "\x01"));
    peer.Send(Framed(2, std::string("\3def\0\0\0\1x\0\xc\x21\0\xff\0\0\0\xfd\0\0\0\0\0", 23)));
    std::uint8_t seq = 3;
    const std::string row = std::string("\xfd\x40\x42\x0f", 4) + std::string(1'000'000, 'r');
    for (int i = 0; i < 200 && peer.SendMessage(seq++, row); ++i) sent += row.size();
    stopped = true;
  };
}

TEST(Limits, ClientThatStopsReadingIsEnded) {
  std::atomic<std::size_t> sent{0};
  std::atomic<bool> stopped{false};
  FakeBackend backend(ServeRows(sent, stopped));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.write_timeout = 300ms; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT x FROM big")));
  EXPECT_TRUE(Eventually([&] { return stopped.load(); }));
  EXPECT_LT(sent.load(), 60'000'000u);
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 0; }));
  EXPECT_EQ(proxy.metrics().write_timeouts.Value(), 1u);
  EXPECT_EQ(proxy.kills().targets().size(), 1u);
}

TEST(Limits, ClientThatReadsSlowlyIsNot) {
  std::atomic<std::size_t> sent{0};
  std::atomic<bool> stopped{false};
  FakeBackend backend(ServeRows(sent, stopped));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.write_timeout = 1500ms; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT x FROM big")));
  for (int i = 0; i < 60; ++i) {
    ASSERT_FALSE(client.ReceiveSome(60'000).empty()) << i;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_FALSE(stopped.load());
  EXPECT_EQ(proxy.metrics().write_timeouts.Value(), 0u);
}

TEST(Limits, WhatAStalledResultHoldsIsBoundedAndCounted) {
  std::atomic<std::size_t> sent{0};
  std::atomic<bool> stopped{false};
  FakeBackend backend(ServeRows(sent, stopped));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT x FROM big")));
  std::size_t before = 1;
  while (sent != before) {
    before = sent;
    std::this_thread::sleep_for(300ms);
  }
  EXPECT_GT(proxy.metrics().buffer_bytes.Value(), 0);
  EXPECT_LT(proxy.metrics().buffer_bytes.Value(), 1'000'000);
  client.Close();
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().buffer_bytes.Value() == 0; }));
}

TEST(Limits, MemoryOfASession) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) {
    config.limits.max_packet = 64 << 20;
    config.limits.session_memory = 4 << 20;
  });
  Peer good = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(good));
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO '" + std::string(900'000, 'x') + "'"));
  client.SendMessage(0, QueryPacket("DO '" + std::string(12'000'000, 'x') + "'"));
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kOutOfResources);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_TRUE(Execute(good, "DO 1"));
  EXPECT_EQ(statements.size(), 2u);
  EXPECT_EQ(proxy.metrics().memory_exceeded.Value(), 1u);
}

TEST(Limits, MemoryOfAllSessions) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.memory = 6 << 20; });
  Peer good = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(good));
  Peer hoarder = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(hoarder));
  // It keeps most of a statement that does not end.
  const std::string whole = Framed(0, QueryPacket("DO '" + std::string(12'000'000, 'x') + "'"));
  hoarder.Send(std::string_view(whole).substr(0, 11'000'000));
  EXPECT_EQ(ErrorCodeOf(hoarder.Receive()), kOutOfResources);
  EXPECT_TRUE(hoarder.AwaitEnd());
  hoarder.Close();
  EXPECT_TRUE(Execute(good, "DO 1"));
  ASSERT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 1; }));
  Peer next = Peer::Connect(proxy.port());
  EXPECT_TRUE(LogIn(next));
}

TEST(Limits, NoMemoryNoNewConnections) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.memory = 20'000; });
  Peer first = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(first));
  Peer second = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(second));
  Peer third = Peer::Connect(proxy.port());
  EXPECT_EQ(ErrorCodeOf(third.Receive()), kOutOfResources);
  EXPECT_TRUE(third.AwaitEnd());
  EXPECT_TRUE(Execute(first, "DO 1"));
  EXPECT_EQ(proxy.metrics().connections_refused.Value(), 1u);
}

TEST(Limits, ALoginOfOneByteAtATimeEnds) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.login_timeout = 300ms; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(client.Receive());
  const std::string login = Framed(1, LoginPacket());
  std::size_t sent = 0;
  while (sent < login.size() && client.Send(std::string_view(login).substr(sent, 1))) {
    ++sent;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_LT(sent, login.size());
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(Limits, ABackendThatSaysNothingIsNamed) {
  FakeBackend backend([](Peer& peer) { peer.AwaitEnd(); });
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.login_timeout = 200ms; });
  Peer client = Peer::Connect(proxy.port());
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kUnknown);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(proxy.metrics().backend_connect_failures.Value(), 1u);
}

TEST(Limits, ANameThatCannotBeResolved) {
  RunningProxy proxy(3306, [](auto& config) {
    config.backend.socket.address = "no-such-host.invalid";
    config.limits.connect_timeout = 3s;
  });
  Peer client = Peer::Connect(proxy.port());
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kUnknown);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(proxy.metrics().backend_connect_failures.Value(), 1u);
}

TEST(Limits, NoPrimary) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.connect_timeout = 200ms; });
  proxy.backends().SetPrimary(std::nullopt);
  Peer refused = Peer::Connect(proxy.port());
  EXPECT_EQ(ErrorCodeOf(refused.Receive()), kUnknown);
  EXPECT_TRUE(refused.AwaitEnd());
  proxy.backends().SetPrimary(0);
  Peer client = Peer::Connect(proxy.port());
  EXPECT_TRUE(LogIn(client));
}

TEST(Limits, SessionsFollowThePrimary) {
  Statements old_statements;
  Statements new_statements;
  FakeBackend old_primary(ServeOk(old_statements));
  FakeBackend new_primary(ServeOk(new_statements));
  RunningProxy proxy(0, [&](auto& config) {
    config.backend.addresses = {{"127.0.0.1", old_primary.port()},
                                {"127.0.0.1", new_primary.port()}};
  });
  proxy.backends().SetPrimary(0);
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO 1"));
  proxy.backends().SetPrimary(1);
  proxy.server().FollowPrimary(1);
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kShutdown);
  EXPECT_TRUE(client.AwaitEnd());
  Peer next = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(next));
  EXPECT_TRUE(Execute(next, "DO 2"));
  proxy.server().FollowPrimary(1);
  EXPECT_TRUE(Execute(next, "DO 3"));
  EXPECT_FALSE(old_statements.Has("DO 2"));
  EXPECT_TRUE(new_statements.Has("DO 3"));
  EXPECT_EQ(proxy.metrics().moved.Value(), 1u);
}

int OptionOf(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  getsockopt(socket, level, name, &value, &size);
  return value;
}

TEST(Limits, PeersThatAreGoneAreAskedFor) {
  asio::io_context context;
  Socket socket(context);
  socket.open(Transport(AF_INET, IPPROTO_TCP));
  Stream stream(std::move(socket));
  stream.SetOptions(90s, 300s);
  const int descriptor = stream.socket().native_handle();
  EXPECT_EQ(OptionOf(descriptor, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(OptionOf(descriptor, IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(OptionOf(descriptor, IPPROTO_TCP, TCP_KEEPIDLE), 90);
  EXPECT_EQ(OptionOf(descriptor, IPPROTO_TCP, TCP_KEEPINTVL), 15);
  EXPECT_EQ(OptionOf(descriptor, IPPROTO_TCP, TCP_KEEPCNT), 6);
  EXPECT_EQ(OptionOf(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT), 300'000);
}

}  // namespace
}  // namespace sealgate::net
