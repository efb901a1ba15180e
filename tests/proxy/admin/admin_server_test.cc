#include "proxy/admin/admin_server.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/admin/raw_http.h"

namespace sealgate::admin {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kToken = "Authorization: Bearer t0ken\r\n";

class AdminServerTest : public testing::Test {
 protected:
  void SetUp() override {
    options.token = "t0ken";
    options.tick = 10ms;
    options.limits.request_timeout = 300ms;
    options.limits.idle_timeout = 600ms;
    options.limits.connections = 8;
    server.emplace(options, gate, metrics, AdminHooks{nullptr, [this] { return Reload(); }});
    const auto started = server->Start();
    ASSERT_TRUE(started) << started.error().text;
  }

  HookAnswer Reload() {
    reload_started.set_value();
    reload_may_end.get_future().wait();
    return nlohmann::json::object();
  }

  std::string Ask(const std::string& head, const std::string& body = "", std::uint16_t port = 0) {
    RawHttp http(port != 0 ? port : server->admin_port());
    http.Send(head + "Host: x\r\nConnection: close\r\n" +
              (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
              "\r\n" + body);
    return http.ReadAll();
  }
  static void ExpectStatus(const std::string& response, int status) {
    EXPECT_EQ(response.substr(0, 12), "HTTP/1.1 " + std::to_string(status)) << response;
  }
  void ExpectAlive() { ExpectStatus(Ask("GET /healthz HTTP/1.1\r\n"), 200); }
  template <typename Condition>
  static bool Eventually(Condition condition) {
    for (const auto until = Clock::now() + 5s; Clock::now() < until;) {
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  AdminOptions options;
  policy::WriteGate gate{policy::GateLimits{}};
  metrics::Metrics metrics{{}};
  std::promise<void> reload_started, reload_may_end;
  std::optional<AdminServer> server;
};

TEST_F(AdminServerTest, HealthOnBothAddresses) {
  ExpectAlive();
  ExpectStatus(Ask("GET /healthz HTTP/1.1\r\n", "", server->metrics_port()), 200);
}

TEST_F(AdminServerTest, TokenOrNothing) {
  ExpectStatus(Ask("GET /v1/status HTTP/1.1\r\n"), 401);
  ExpectStatus(Ask("GET /v1/status HTTP/1.1\r\nAuthorization: Bearer wrong\r\n"), 401);
  ExpectStatus(Ask(std::string("GET /v1/status HTTP/1.1\r\n") + kToken), 200);
  EXPECT_NE(Ask("GET /x HTTP/1.1\r\n").find("WWW-Authenticate: Bearer"), std::string::npos);
}

TEST_F(AdminServerTest, BeginShowEndAndTheMetricsFollow) {
  const std::string begin = std::string("POST /v1/maintenance/begin HTTP/1.1\r\n") + kToken;
  ExpectStatus(Ask(begin, R"({"for":"10m","reason":"r"})"), 200);
  EXPECT_TRUE(Eventually([this] { return metrics.gate_state.load() == 2; }));
  const std::string page = Ask("GET /metrics HTTP/1.1\r\n", "", server->metrics_port());
  EXPECT_NE(page.find("sealgate_write_gate_state{state=\"quiesced\"} 1"), std::string::npos);
  ExpectStatus(Ask(std::string("POST /v1/maintenance/end HTTP/1.1\r\n") + kToken), 200);
  ExpectStatus(Ask(std::string("POST /v1/maintenance/end HTTP/1.1\r\n") + kToken), 409);
  EXPECT_TRUE(Eventually([this] { return metrics.gate_state.load() == 0; }));
}

TEST_F(AdminServerTest, TheGateOpensByItself) {
  const std::string begin = std::string("POST /v1/maintenance/begin HTTP/1.1\r\n") + kToken;
  ExpectStatus(Ask(begin, R"({"for_seconds":0.05})"), 200);
  EXPECT_TRUE(Eventually(
      [this] { return gate.Status(policy::Milliseconds(0)).state == policy::GateState::kOpen; }));
}

TEST_F(AdminServerTest, KeepsConnectionsAlive) {
  RawHttp http(server->admin_port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(http.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    ExpectStatus(http.ReadResponse(), 200);
    std::this_thread::sleep_for(350ms);  // longer than one request may take
  }
}

TEST_F(AdminServerTest, PipelinedRequestsAreAnsweredInOrder) {
  RawHttp http(server->admin_port());
  http.Send(
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string both = http.ReadAll();
  ExpectStatus(both, 200);
  EXPECT_NE(both.find("HTTP/1.1 401", 12), std::string::npos);
}

TEST_F(AdminServerTest, LimitsTheHeader) {
  ExpectStatus(Ask("GET /healthz HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n"), 431);
  ExpectStatus(Ask("GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n"), 431);
  ExpectAlive();
}

TEST_F(AdminServerTest, LimitsTheBody) {
  const std::string begin = std::string("POST /v1/maintenance/begin HTTP/1.1\r\n") + kToken;
  ExpectStatus(Ask(begin, std::string((64 << 10) + 1, ' ')), 413);
  ExpectStatus(Ask(begin, std::string(500'000, ' ')), 413);
  ExpectStatus(Ask(begin, std::string(64 << 10, ' ')), 400);
  RawHttp http(server->admin_port());
  http.Send(begin + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + std::string(0x20000, ' '));
  ExpectStatus(http.ReadAll(), 413);
  RawHttp liar(server->admin_port());
  liar.Send(begin + "Content-Length: 18446744073709551615\r\n\r\n");
  ExpectStatus(liar.ReadAll(), 413);
  ExpectAlive();
}

TEST_F(AdminServerTest, WhatIsNotHttpGetsAnAnswer) {
  for (const char* text :
       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls\r\n\r\n", "GET /healthz\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nbroken\r\n\r\n"}) {
    RawHttp http(server->admin_port());
    http.Send(text);
    ExpectStatus(http.ReadAll(), 400);
  }
  ExpectAlive();
}

TEST_F(AdminServerTest, ASlowClientIsCutOff) {
  RawHttp http(server->admin_port());
  const auto start = Clock::now();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: " + std::string(500, 'x');
  for (std::size_t i = 0; i < request.size() && http.Send(request.substr(i, 1)); ++i) {
    std::this_thread::sleep_for(20ms);
  }
  EXPECT_EQ(http.ReadAll(), "");
  EXPECT_GE(Clock::now() - start, 290ms);
  EXPECT_LT(Clock::now() - start, 5s);
}

TEST_F(AdminServerTest, SilentAndIdleClientsAreCutOff) {
  RawHttp silent(server->admin_port());
  RawHttp idle(server->admin_port());
  idle.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(silent.ReadAll(), "");
  ExpectStatus(idle.ReadAll(), 200);
}

TEST_F(AdminServerTest, TooManyConnectionsAreClosedAndTheAddressRecovers) {
  std::vector<std::unique_ptr<RawHttp>> crowd;
  for (int i = 0; i < 8; ++i) crowd.push_back(std::make_unique<RawHttp>(server->admin_port()));
  RawHttp extra(server->admin_port());
  EXPECT_EQ(extra.ReadAll(), "");
  ExpectStatus(Ask("GET /healthz HTTP/1.1\r\n", "", server->metrics_port()), 200);
  crowd.clear();
  EXPECT_TRUE(Eventually(
      [this] { return Ask("GET /healthz HTTP/1.1\r\n").rfind("HTTP/1.1 200", 0) == 0; }));
}

TEST_F(AdminServerTest, ASlowHookStopsNeitherTheGateNorHealthChecks) {
  const std::string reload = std::string("POST /v1/catalog/reload HTTP/1.1\r\n") + kToken;
  auto answer = std::async(std::launch::async, [&] { return Ask(reload); });
  reload_started.get_future().wait();
  ExpectStatus(Ask(reload), 409);
  ExpectAlive();
  ASSERT_TRUE(gate.Begin(
      policy::Milliseconds(1), "",
      std::chrono::duration_cast<policy::Milliseconds>(Clock::now().time_since_epoch())));
  EXPECT_TRUE(Eventually(
      [this] { return gate.Status(policy::Milliseconds(0)).state == policy::GateState::kOpen; }));
  std::this_thread::sleep_for(350ms);  // the hook may take longer than the peer
  reload_may_end.set_value();
  ExpectStatus(answer.get(), 200);
}

TEST_F(AdminServerTest, StopsWithConnectionsOpen) {
  RawHttp half(server->admin_port());
  half.Send("GET /healthz HTT");
  RawHttp idle(server->admin_port());
  idle.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  ExpectStatus(idle.ReadResponse(), 200);
  server.reset();
  EXPECT_EQ(half.ReadAll(), "");
}

TEST_F(AdminServerTest, TellsWhichAddressIsTaken) {
  AdminOptions same = options;
  same.admin.port = server->admin_port();
  AdminServer second(same, gate, metrics, {});
  const auto started = second.Start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().error, StartError::kAdminAddress);
  EXPECT_NE(started.error().text.find("127.0.0.1:" + std::to_string(same.admin.port)),
            std::string::npos);
  same.admin.port = 0;
  same.metrics.address = "not an address";
  AdminServer third(same, gate, metrics, {});
  EXPECT_EQ(third.Start().error().error, StartError::kMetricsAddress);
  same.token = "";
  EXPECT_EQ(AdminServer(same, gate, metrics, {}).Start().error().error, StartError::kNoToken);
}

}  // namespace
}  // namespace sealgate::admin
