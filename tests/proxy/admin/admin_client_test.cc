#include "proxy/admin/admin_client.h"

#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <thread>

#include "proxy/admin/admin_server.h"

namespace sealgate::admin {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::Test;

class AdminClientTest : public Test {
 protected:
  void SetUp() override {
    AdminOptions options;
    options.token = "t0ken";
    options.tick = 10ms;
    AdminHooks hooks;
    hooks.reload = [] { return HookAnswer(json{{"tables", 2}}); };
    server.emplace(options, gate, metrics, hooks);
    ASSERT_TRUE(server->Start());
    client.endpoint.port = server->admin_port();
    client.token = "t0ken";
  }
  void ExpectOut(const std::string& part) {
    EXPECT_NE(out.str().find(part), std::string::npos) << out.str();
  }
  void ExpectError(const std::string& part) {
    EXPECT_NE(errors.str().find(part), std::string::npos) << errors.str();
    EXPECT_EQ(out.str(), "");
  }

  policy::WriteGate gate{policy::GateLimits{}};
  metrics::Metrics metrics{{}};
  std::optional<AdminServer> server;
  ClientOptions client;
  std::ostringstream out, errors;
};

TEST_F(AdminClientTest, BeginStatusEnd) {
  EXPECT_EQ(MaintenanceBegin(client, {"10m", "new index", false}, out, errors), kDone);
  ExpectOut("Writes are held. Gate: quiesced; opens by itself at ");
  ExpectOut("(in 10m 0s).");
  ExpectOut("Reason: new index");
  EXPECT_EQ(MaintenanceStatus(client, out, errors), kDone);
  EXPECT_EQ(MaintenanceEnd(client, out, errors), kDone);
  ExpectOut("Writes go on. Gate: open.\n");
  EXPECT_EQ(errors.str(), "");
}

TEST_F(AdminClientTest, JsonOutput) {
  client.json = true;
  EXPECT_EQ(MaintenanceBegin(client, {"90s", "", false}, out, errors), kDone);
  const json gate_json = json::parse(out.str(), nullptr, false);
  EXPECT_EQ(gate_json["state"], "quiesced");
  EXPECT_NEAR(gate_json["remaining_seconds"].get<double>(), 90, 1);
}

TEST_F(AdminClientTest, WaitsUntilTheLastWriteIsDone) {
  gate.Enter(
      0, false, 1, policy::Milliseconds(0), [](policy::Release) {}, nullptr);
  std::thread server_answers([this] {
    std::this_thread::sleep_for(300ms);
    gate.Leave(0);
  });
  EXPECT_EQ(MaintenanceBegin(client, {"1m", "", true}, out, errors), kDone);
  server_answers.join();
  ExpectOut("Gate: quiesced;");
}

TEST_F(AdminClientTest, ShowsADrainingGate) {
  gate.Enter(
      0, false, 1, policy::Milliseconds(0), [](policy::Release) {}, nullptr);
  EXPECT_EQ(MaintenanceBegin(client, {"1m", "", false}, out, errors), kDone);
  ExpectOut("Gate: draining, 1 write in flight; opens by itself at ");
}

TEST_F(AdminClientTest, WaitFailsWhenTheGateOpensFirst) {
  gate.Enter(
      0, false, 1, policy::Milliseconds(0), [](policy::Release) {}, nullptr);
  EXPECT_EQ(MaintenanceBegin(client, {"1s", "", true}, out, errors), kFailed);
  ExpectError("the gate opened before the last write was done");
}

TEST_F(AdminClientTest, BadDurationsAreUsage) {
  EXPECT_EQ(MaintenanceBegin(client, {"ten", "", false}, out, errors), kUsage);
  ExpectError("--for takes a duration");
}

TEST_F(AdminClientTest, TooLongIsTheProxysAnswer) {
  EXPECT_EQ(MaintenanceBegin(client, {"5h", "", false}, out, errors), kFailed);
  ExpectError("ask for at most 4h 0m");
}

TEST_F(AdminClientTest, EndOfAnOpenGateFails) {
  EXPECT_EQ(MaintenanceEnd(client, out, errors), kFailed);
  ExpectError("the gate is open already");
}

TEST_F(AdminClientTest, AWrongTokenIsNamed) {
  client.token = "wrong";
  EXPECT_EQ(MaintenanceStatus(client, out, errors), kFailed);
  ExpectError("the admin token is missing or wrong");
  EXPECT_EQ(errors.str().find("t0ken"), std::string::npos);
}

TEST_F(AdminClientTest, NoProxyIsNamed) {
  server.reset();
  EXPECT_EQ(MaintenanceStatus(client, out, errors), kFailed);
  ExpectError("no proxy answers on 127.0.0.1:" + std::to_string(client.endpoint.port));
  client.endpoint.address = "localhost";
  errors.str("");
  EXPECT_EQ(MaintenanceStatus(client, out, errors), kFailed);
  ExpectError("not an IP address");
}

TEST_F(AdminClientTest, ATokenWithALineBreakDoesNoHarm) {
  client.token = "a\r\nX: y";
  EXPECT_EQ(MaintenanceStatus(client, out, errors), kFailed);
}

TEST_F(AdminClientTest, StatusAndReload) {
  metrics.connections.Add(1);
  EXPECT_EQ(ProxyStatus(client, out, errors), kDone);
  ExpectOut(", 1 client connection.\nGate: open.\n");
  EXPECT_EQ(CatalogReload(client, out, errors), kDone);
  ExpectOut("The catalog was read again.\n");
}

TEST(DescribeGate, SaysWhatIsHeldAndOverdue) {
  const json gate = {{"state", "draining"},    {"overdue", true},
                     {"in_flight", 3},         {"held", 12},
                     {"open_transactions", 1}, {"remaining_seconds", 598.0},
                     {"reason", "r"},          {"oldest_held_seconds", 3.2}};
  const std::string text = DescribeGate(gate, std::chrono::system_clock::now());
  EXPECT_NE(text.find("Gate: draining, 3 writes in flight, 1 transaction open that wrote; opens"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("(in 9m 58s).\nThe drain deadline has passed"), std::string::npos) << text;
  EXPECT_NE(text.find("Held: 12 writes, the oldest for 4s.\n"), std::string::npos) << text;
}

TEST(DescribeGate, TakesAnyJson) {
  const auto now = std::chrono::system_clock::now();
  for (const char* text : {"null", "[]", "{}", "{\"state\":1,\"held\":\"x\",\"in_flight\":-1}",
                           "{\"remaining_seconds\":1e300}", "{\"reason\":{},\"overdue\":3}"}) {
    EXPECT_EQ(DescribeGate(json::parse(text), now).rfind("Gate: ", 0), 0u) << text;
  }
}

}  // namespace
}  // namespace sealgate::admin
