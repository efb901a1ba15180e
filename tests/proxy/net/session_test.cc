// What goes wrong with one session, and that it takes nobody else down.
#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/net/fake_backend.h"
#include "tests/proxy/net/running_proxy.h"

namespace sealgate::net {
namespace {

using namespace std::chrono_literals;

constexpr int kTooManyConnections = 1040;
constexpr int kShutdown = 1053;
constexpr int kUnknown = 1105;
constexpr int kPacketTooLarge = 1153;
constexpr int kOutOfOrder = 1156;

TEST(Session, Passes) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO 1"));
  EXPECT_TRUE(Execute(client, "DO 2"));
  EXPECT_TRUE(statements.Has("DO 2"));
  EXPECT_EQ(proxy.metrics().connections.Value(), 1);
  EXPECT_EQ(proxy.metrics().proxy_seconds.Read().count, 2u);
  EXPECT_EQ(proxy.metrics().backend_seconds.Read().count, 2u);
}

TEST(Session, StatementsThatComeTogetherAreAnsweredInOrder) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  std::string together;
  for (int i = 0; i < 1000; ++i) together += Framed(0, QueryPacket("DO 12345678901234567890"));
  ASSERT_TRUE(client.Send(together));
  for (int i = 0; i < 1000; ++i) {
    const auto answer = client.Receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->payload[0], '\0');
  }
  EXPECT_EQ(statements.size(), 1000u);
}

TEST(Session, BigStatementsPassWhole) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  const std::string big = "DO '" + std::string(3'000'000, 'x') + "'";
  EXPECT_TRUE(Execute(client, big));
  EXPECT_TRUE(statements.Has(big));
}

TEST(Session, BrokenPacketEndsThisSessionAlone) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer good = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(good));
  Peer bad = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(bad));
  ASSERT_TRUE(bad.SendMessage(9, QueryPacket("DO 666")));
  EXPECT_EQ(ErrorCodeOf(bad.Receive()), kOutOfOrder);
  EXPECT_TRUE(bad.AwaitEnd());
  EXPECT_FALSE(statements.Has("DO 666"));
  EXPECT_TRUE(Execute(good, "DO 1"));
  EXPECT_EQ(proxy.metrics().protocol_errors.Value(), 1u);
}

TEST(Session, RubbishInsteadOfALogin) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(client.Receive());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: database\r\n\r\n"));
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 0; }));
}

TEST(Session, OversizedPacketIsRefusedWithAnError) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.max_packet = 100'000; });
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  EXPECT_TRUE(Execute(client, "DO '" + std::string(90'000, 'x') + "'"));
  // The client may be cut off while it still sends.
  client.SendMessage(0, QueryPacket("DO '" + std::string(1'000'000, 'x') + "'"));
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kPacketTooLarge);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(statements.size(), 1u);
}

TEST(Session, LoginThatNeverFinishesEnds) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.login_timeout = 200ms; });
  Peer silent = Peer::Connect(proxy.port());
  ASSERT_TRUE(silent.Receive());
  Peer half = Peer::Connect(proxy.port());
  ASSERT_TRUE(half.Receive());
  ASSERT_TRUE(half.Send(Framed(1, LoginPacket()).substr(0, 20)));
  EXPECT_TRUE(silent.AwaitEnd());
  EXPECT_TRUE(half.AwaitEnd());
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 0; }));
  EXPECT_EQ(proxy.metrics().logins_failed.Value(), 2u);
}

TEST(Session, BackendThatNeverGreetsEndsTheSession) {
  FakeBackend backend([](Peer& peer) { peer.AwaitEnd(); });
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.login_timeout = 200ms; });
  Peer client = Peer::Connect(proxy.port());
  EXPECT_TRUE(client.AwaitEnd());
}

TEST(Session, BackendThatCannotBeReached) {
  std::uint16_t free_port = 0;
  {
    free_port = FakeBackend([](Peer&) {}).port();
  }
  RunningProxy proxy(free_port);
  Peer client = Peer::Connect(proxy.port());
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kUnknown);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(proxy.metrics().backend_connect_failures.Value(), 1u);
}

TEST(Session, BackendDiesInMidResult) {
  FakeBackend backend([](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    // One column is announced; its definition stops in the middle.
    peer.Send(Framed(1, "\x01") + Framed(2, std::string(40, 'x')).substr(0, 10));
  });
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT 1")));
  int error = 0;
  while (const auto message = client.Receive()) error = ErrorCodeOf(message);
  EXPECT_EQ(error, kShutdown);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(proxy.metrics().backend_lost.Value(), 1u);
}

TEST(Session, ClientLeavesInMidQuery) {
  std::atomic<bool> asked{false};
  std::atomic<bool> ended{false};
  FakeBackend backend([&](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    asked = true;
    ended = peer.AwaitEnd();
  });
  RunningProxy proxy(backend.port());
  {
    Peer client = Peer::Connect(proxy.port());
    ASSERT_TRUE(LogIn(client));
    ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT SLEEP(1000)")));
    ASSERT_TRUE(Eventually([&] { return asked.load(); }));
  }
  EXPECT_TRUE(Eventually([&] { return ended.load(); }));
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 0; }));
  const auto kills = proxy.kills().targets();
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].server.port, backend.port());
  EXPECT_EQ(kills[0].ip, "127.0.0.1");
  EXPECT_EQ(kills[0].thread, 7u);
}

TEST(Session, ClientThatDoesNotReadStopsTheBackend) {
  std::atomic<std::size_t> sent{0};
  std::atomic<bool> stopped{false};
  FakeBackend backend([&](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    peer.Send(Framed(1, "\x01"));
    const std::string column("\3def\0\0\0\1x\0\xc\x21\0\xff\0\0\0\xfd\0\0\0\0\0", 23);
    peer.Send(Framed(2, column));
    std::uint8_t seq = 3;
    const std::string row = std::string("\xfd\x40\x42\x0f", 4) + std::string(1'000'000, 'r');
    for (int i = 0; i < 200 && peer.SendMessage(seq++, row); ++i) sent += row.size();
    stopped = true;
  });
  RunningProxy proxy(backend.port());
  {
    Peer client = Peer::Connect(proxy.port());
    ASSERT_TRUE(LogIn(client));
    ASSERT_TRUE(client.SendMessage(0, QueryPacket("SELECT x FROM big")));
    // Until nothing moves any more: both sockets' buffers are full.
    std::size_t before = 1;
    while (sent != before) {
      before = sent;
      std::this_thread::sleep_for(300ms);
    }
    EXPECT_GT(before, 0u);
    EXPECT_LT(before, 60'000'000u);
  }
  EXPECT_TRUE(Eventually([&] { return stopped.load(); }));
}

TEST(Session, TooManyConnections) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port(), [](auto& config) { config.limits.max_connections = 2; });
  Peer first = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(first));
  {
    Peer second = Peer::Connect(proxy.port());
    ASSERT_TRUE(LogIn(second));
    Peer third = Peer::Connect(proxy.port());
    EXPECT_EQ(ErrorCodeOf(third.Receive()), kTooManyConnections);
    EXPECT_TRUE(third.AwaitEnd());
  }
  ASSERT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 1; }));
  Peer fourth = Peer::Connect(proxy.port());
  EXPECT_TRUE(LogIn(fourth));
  EXPECT_EQ(backend.connections(), 3);
}

TEST(Session, HeldWriteGoesWhenTheGateOpens) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(proxy.gate().Begin(60s, "test", RunningProxy::Now()));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("DELETE FROM t")));
  const auto held = [&] { return proxy.gate().Status(RunningProxy::Now()).held; };
  ASSERT_TRUE(Eventually([&] { return held() == 1; }));
  EXPECT_EQ(statements.size(), 0u);
  ASSERT_TRUE(proxy.gate().End(RunningProxy::Now()));
  const auto answer = client.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->payload[0], '\0');
  EXPECT_TRUE(statements.Has("DELETE FROM t"));
  EXPECT_TRUE(Eventually([&] { return proxy.gate().Status(RunningProxy::Now()).in_flight == 0; }));
  EXPECT_EQ(proxy.metrics().writes_held.Value(), 1u);
}

TEST(Session, ClientLeavesWhileItsWriteIsHeld) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  ASSERT_TRUE(proxy.gate().Begin(60s, "test", RunningProxy::Now()));
  const auto status = [&] { return proxy.gate().Status(RunningProxy::Now()); };
  {
    Peer client = Peer::Connect(proxy.port());
    ASSERT_TRUE(LogIn(client));
    ASSERT_TRUE(client.SendMessage(0, QueryPacket("DELETE FROM t")));
    ASSERT_TRUE(Eventually([&] { return status().held == 1; }));
  }
  EXPECT_TRUE(Eventually([&] { return status().held == 0; }));
  EXPECT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 0; }));
  ASSERT_TRUE(proxy.gate().End(RunningProxy::Now()));
  EXPECT_EQ(status().in_flight, 0u);
  EXPECT_EQ(statements.size(), 0u);
}

TEST(Session, BackendDiesWhileAWriteIsInFlight) {
  FakeBackend backend([](Peer& peer) {
    if (ServeLogin(peer)) peer.Receive();
  });
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("DELETE FROM t")));
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kShutdown);
  EXPECT_TRUE(Eventually([&] { return proxy.gate().Status(RunningProxy::Now()).in_flight == 0; }));
}

TEST(Session, DrainEndsIdleSessionsAndLetsOthersFinish) {
  std::atomic<bool> answer_now{false};
  FakeBackend backend([&](Peer& peer) {
    if (!ServeLogin(peer) || !peer.Receive()) return;
    Eventually([&] { return answer_now.load(); });
    peer.SendMessage(1, OkPacketBytes());
    peer.AwaitEnd();
  });
  RunningProxy proxy(backend.port());
  Peer idle = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(idle));
  Peer busy = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(busy));
  ASSERT_TRUE(busy.SendMessage(0, QueryPacket("DO 1")));
  ASSERT_TRUE(Eventually([&] { return proxy.metrics().connections.Value() == 2; }));
  std::this_thread::sleep_for(50ms);

  proxy.server().Drain();
  EXPECT_TRUE(idle.AwaitEnd());
  EXPECT_FALSE(proxy.server().drained());
  answer_now = true;
  const auto answer = busy.Receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->payload[0], '\0');
  EXPECT_TRUE(busy.AwaitEnd());
  busy.Close();
  idle.Close();
  EXPECT_TRUE(Eventually([&] { return proxy.server().drained(); }));
  EXPECT_THROW(Peer::Connect(proxy.port()), std::runtime_error);
}

TEST(Session, DrainRefusesHeldWrites) {
  Statements statements;
  FakeBackend backend(ServeOk(statements));
  RunningProxy proxy(backend.port());
  Peer client = Peer::Connect(proxy.port());
  ASSERT_TRUE(LogIn(client));
  ASSERT_TRUE(proxy.gate().Begin(60s, "test", RunningProxy::Now()));
  ASSERT_TRUE(client.SendMessage(0, QueryPacket("DELETE FROM t")));
  ASSERT_TRUE(Eventually([&] { return proxy.gate().Status(RunningProxy::Now()).held == 1; }));
  proxy.server().Drain();
  EXPECT_EQ(ErrorCodeOf(client.Receive()), kShutdown);
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_EQ(statements.size(), 0u);
}

TEST(Session, TheSameAddressTwiceIsNoticed) {
  FakeBackend backend([](Peer&) {});
  RunningProxy proxy(backend.port());
  EXPECT_THROW(
      RunningProxy(backend.port(), [&](auto& config) { config.listen.socket.port = proxy.port(); }),
      std::runtime_error);
}

}  // namespace
}  // namespace sealgate::net
