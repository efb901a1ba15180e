#include "proxy/admin/admin_api.h"

#include <gtest/gtest.h>

#include <string>

namespace sealgate::admin {
namespace {

using nlohmann::json;
using policy::GateState;
using policy::Milliseconds;

constexpr Milliseconds kNow{5'000'000};

class AdminApiTest : public testing::Test {
 protected:
  Response Ask(std::string_view method, std::string_view target, std::string_view body = "",
               std::string_view authorization = "Bearer secret-token") {
    return api.Handle({method, target, authorization, body}, now);
  }
  json Body(const Response& response) { return json::parse(response.body, nullptr, false); }
  void ExpectProblem(const Response& response, unsigned status) {
    EXPECT_EQ(response.status, status) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_TRUE(Body(response)["error"].is_string()) << response.body;
    EXPECT_TRUE(Body(response)["advice"].is_string()) << response.body;
    EXPECT_EQ(response.body.find("secret-token"), std::string::npos);
  }
  GateState State() { return gate.Status(now).state; }

  Milliseconds now = kNow;
  policy::WriteGate gate{policy::GateLimits{}};
  metrics::Metrics metrics{{"d"}};
  HookAnswer reload_answer = json{{"tables", 3}};
  AdminApi api{"secret-token", gate, metrics,
               AdminHooks{[] {
                            return json{{"backend", "up"}};
                          },
                          [this] { return reload_answer; }},
               kNow - Milliseconds(1'500)};
};

TEST_F(AdminApiTest, HealthNeedsNoToken) {
  EXPECT_EQ(Ask("GET", "/healthz", "", "").status, 200u);
  ExpectProblem(Ask("POST", "/healthz", "", ""), 405);
}

TEST_F(AdminApiTest, EverythingElseNeedsTheToken) {
  for (const char* authorization :
       {"", "Bearer", "Bearer ", "Bearer secret-toke", "Bearer secret-token ",
        "Bearer  secret-token", "Basic secret-token", "secret-token", "Bearer SECRET-TOKEN"}) {
    for (const char* target : {"/v1/status", "/v1/maintenance/begin", "/nowhere", "", "/metrics"}) {
      ExpectProblem(Ask("GET", target, "", authorization), 401);
      ExpectProblem(Ask("POST", target, "", authorization), 401);
    }
  }
  EXPECT_EQ(Ask("GET", "/v1/status", "", "bEARER secret-token").status, 200u);
  EXPECT_EQ(State(), GateState::kOpen);
}

TEST_F(AdminApiTest, AnEmptyTokenLetsNobodyIn) {
  AdminApi closed("", gate, metrics, {}, now);
  EXPECT_EQ(closed.Handle({"GET", "/v1/status", "Bearer ", ""}, now).status, 401u);
  EXPECT_EQ(closed.Handle({"GET", "/v1/status", "", ""}, now).status, 401u);
}

TEST_F(AdminApiTest, Status) {
  metrics.connections.Add(4);
  const json status = Body(Ask("GET", "/v1/status"));
  EXPECT_EQ(status["connections"], 4);
  EXPECT_EQ(status["uptime_seconds"], 1.5);
  EXPECT_TRUE(status["version"].is_string());
  EXPECT_EQ(status["gate"]["state"], "open");
  EXPECT_EQ(status["backend"], "up");
}

TEST_F(AdminApiTest, BeginShowAndEnd) {
  const Response begun =
      Ask("POST", "/v1/maintenance/begin", R"({"for": "10m", "reason": "index on orders é"})");
  EXPECT_EQ(begun.status, 200u) << begun.body;
  EXPECT_EQ(State(), GateState::kQuiesced);
  now += Milliseconds(2'000);
  const json gate_json = Body(Ask("GET", "/v1/maintenance?x=y"));
  EXPECT_EQ(gate_json["state"], "quiesced");
  EXPECT_EQ(gate_json["remaining_seconds"], 598.0);
  EXPECT_EQ(gate_json["reason"], "index on orders é");
  EXPECT_EQ(gate_json["oldest_held_seconds"], nullptr);
  EXPECT_EQ(Body(Ask("POST", "/v1/maintenance/end"))["state"], "open");
  ExpectProblem(Ask("POST", "/v1/maintenance/end"), 409);
}

TEST_F(AdminApiTest, BeginWithoutABodyTakesTheDefault) {
  EXPECT_EQ(Ask("POST", "/v1/maintenance/begin").status, 200u);
  EXPECT_EQ(gate.Status(now).remaining, gate.limits().default_duration);
  EXPECT_EQ(Ask("POST", "/v1/maintenance/begin", R"({"for_seconds": 2.5})").status, 200u);
  EXPECT_EQ(gate.Status(now).remaining, Milliseconds(2'500));
}

TEST_F(AdminApiTest, BadBodiesChangeNothing) {
  for (const char* body : {"{",
                           "[]",
                           "null",
                           "1",
                           "\"x\"",
                           "{\"for\": 10}",
                           "{\"for\": \"10\"}",
                           "{\"for\": \"1000h1s\"}",
                           "{\"for\": \"5h\"}",
                           "{\"for_seconds\": \"10\"}",
                           "{\"for_seconds\": 0}",
                           "{\"for_seconds\": -1}",
                           "{\"for_seconds\": 1e300}",
                           "{\"for_seconds\": 1e999}",
                           "{\"for_seconds\": 14401}",
                           "{\"for\": \"1m\", \"for_seconds\": 60}",
                           "{\"reason\": 1}",
                           "{\"reason\": \"a\\nb\"}",
                           "{\"reason\": \"a\\u001b[2J\"}",
                           "{\"reason\": \"a\\u009b2J\"}",
                           "{\"reason\": \"\xff\"}",
                           "{\"fro\": \"1m\"}",
                           "{\"for\": \"1m\"} x",
                           "{\"a\":{\"b\":{}}}"}) {
    ExpectProblem(Ask("POST", "/v1/maintenance/begin", body), 400);
  }
  ExpectProblem(Ask("POST", "/v1/maintenance/begin",
                    "{\"reason\": \"" + std::string(kMaxReasonBytes + 1, 'x') + "\"}"),
                400);
  ExpectProblem(Ask("POST", "/v1/maintenance/end", R"({"a": 1})"), 400);
  EXPECT_EQ(State(), GateState::kOpen);
}

TEST_F(AdminApiTest, DeepNestingIsAnError) {
  for (const std::size_t depth : {17u, 1'000u, 60'000u}) {
    ExpectProblem(Ask("POST", "/v1/maintenance/begin", std::string(depth, '[')), 400);
    std::string nested;
    for (std::size_t i = 0; i < depth / 2; ++i) nested += "{\"a\":[";
    ExpectProblem(Ask("POST", "/v1/maintenance/begin", nested), 400);
    ExpectProblem(Ask("POST", "/v1/maintenance/begin",
                      "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"),
                  400);
  }
}

TEST_F(AdminApiTest, WrongMethodsAndPaths) {
  const Response response = Ask("GET", "/v1/maintenance/begin");
  ExpectProblem(response, 405);
  EXPECT_EQ(response.allow, "POST");
  ExpectProblem(Ask("DELETE", "/v1/maintenance"), 405);
  ExpectProblem(Ask("HEAD", "/v1/status"), 405);
  for (const char* target : {"/", "", "*", "/v1", "/v1/", "/v1/status/", "/v1/Status", "/metrics",
                             "//v1/status", "http://x/v1/status"}) {
    ExpectProblem(Ask("GET", target), 404);
  }
}

TEST_F(AdminApiTest, ReloadAsksTheHook) {
  EXPECT_EQ(Body(Ask("POST", "/v1/catalog/reload"))["tables"], 3);
  reload_answer = tl::unexpected(Problem{"the backend does not answer", "look at its log"});
  ExpectProblem(Ask("POST", "/v1/catalog/reload"), 409);
}

TEST_F(AdminApiTest, BeginAfterShutdownIsAConflict) {
  gate.Shutdown();
  ExpectProblem(Ask("POST", "/v1/maintenance/begin"), 409);
}

TEST_F(AdminApiTest, MetricsPage) {
  const Response page = api.HandleMetrics({"GET", "/metrics", "", ""});
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.content_type.rfind("text/plain; version=0.0.4", 0), 0u);
  EXPECT_NE(page.body.find("sealgate_values_sealed_total{domain=\"d\"} 0"), std::string::npos);
  EXPECT_EQ(api.HandleMetrics({"GET", "/healthz", "", ""}).status, 200u);
  ExpectProblem(api.HandleMetrics({"POST", "/metrics", "", ""}), 405);
  ExpectProblem(api.HandleMetrics({"GET", "/v1/status", "Bearer secret-token", ""}), 404);
}

}  // namespace
}  // namespace sealgate::admin
