#include "proxy/admin/admin_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "crypto/secret.h"
#include "metrics/build_info.h"
#include "metrics/exposition.h"
#include "policy/ascii.h"
#include "proxy/admin/duration.h"

namespace sealgate::admin {
namespace {

using nlohmann::json;
using policy::GateStatus;
using policy::Milliseconds;

// Longer than any limit of the gate, short enough for any integer.
constexpr double kMostSeconds = 1e9;

double Seconds(Milliseconds duration) { return static_cast<double>(duration.count()) / 1e3; }

Response JsonResponse(unsigned status, const json& value) {
  Response response;
  response.status = status;
  response.body = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return response;
}

Response MethodNotAllowed(std::string_view allow) {
  Response response =
      ErrorResponse(405, {"this path does not have that method", fmt::format("use {}", allow)});
  response.allow = allow;
  return response;
}

Response HealthResponse(std::string_view method) {
  if (method != "GET") return MethodNotAllowed("GET");
  return JsonResponse(200, {{"status", "ok"}});
}

std::string_view PathOf(std::string_view target) { return target.substr(0, target.find('?')); }

json GateJson(const GateStatus& status) {
  json gate = {{"state", policy::GateStateName(status.state)},
               {"overdue", status.overdue},
               {"reason", status.reason},
               {"held", status.held},
               {"held_bytes", status.held_bytes},
               {"in_flight", status.in_flight},
               {"open_transactions", status.open_transactions},
               {"remaining_seconds", nullptr},
               {"oldest_held_seconds", nullptr}};
  if (status.remaining) gate["remaining_seconds"] = Seconds(*status.remaining);
  if (status.oldest_held) gate["oldest_held_seconds"] = Seconds(*status.oldest_held);
  return gate;
}

tl::expected<json, Problem> ParseBody(std::string_view body) {
  if (body.empty()) return json::object();
  bool too_deep = false;
  const auto watch_depth = [&too_deep](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > kMaxJsonDepth;
    return !too_deep;
  };
  json value = json::parse(body, watch_depth, false);
  if (too_deep) {
    return tl::unexpected(Problem{"the body is nested too deeply", "send a flat JSON object"});
  }
  if (!value.is_object()) {
    return tl::unexpected(Problem{"the body is not a JSON object",
                                  "send an object such as {\"for\": \"10m\"}, or nothing"});
  }
  return value;
}

struct BeginRequest {
  std::optional<Milliseconds> duration;
  std::string reason;
};

tl::expected<Milliseconds, Problem> ReadDuration(const std::string& key, const json& value) {
  if (key == "for" && value.is_string()) {
    if (const auto parsed = ParseDuration(value.get_ref<const std::string&>())) return *parsed;
  }
  if (key == "for_seconds" && value.is_number()) {
    const double seconds = value.get<double>();
    if (seconds >= 0.001 && seconds <= kMostSeconds) {
      return Milliseconds(std::llround(seconds * 1e3));
    }
  }
  return tl::unexpected(Problem{fmt::format("\"{}\" is not a duration", key),
                                "write \"for\": \"10m\" (90s, 1h30m) or \"for_seconds\": 600"});
}

// A reason ends up in terminals and logs, which obey the controls of ASCII and
// those of U+0080 to U+009F.
bool IsPrintable(std::string_view utf8) {
  unsigned char last = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (last == 0xc2 && byte < 0xa0)) return false;
    last = byte;
  }
  return true;
}

tl::expected<std::string, Problem> ReadReason(const json& value) {
  if (value.is_string()) {
    const std::string& reason = value.get_ref<const std::string&>();
    if (reason.size() <= kMaxReasonBytes && IsPrintable(reason)) return reason;
  }
  return tl::unexpected(
      Problem{"\"reason\" is not a short text",
              fmt::format("send at most {} bytes without control characters", kMaxReasonBytes)});
}

tl::expected<BeginRequest, Problem> ReadBegin(const json& body) {
  BeginRequest request;
  for (const auto& [key, value] : body.items()) {
    if (key == "reason") {
      auto reason = ReadReason(value);
      if (!reason) return tl::unexpected(reason.error());
      request.reason = *std::move(reason);
    } else if ((key == "for" || key == "for_seconds") && !request.duration) {
      const auto duration = ReadDuration(key, value);
      if (!duration) return tl::unexpected(duration.error());
      request.duration = *duration;
    } else {
      return tl::unexpected(Problem{"the body has a key that is unknown or given twice",
                                    "known keys: one of for, for_seconds; reason"});
    }
  }
  return request;
}

Response HookResponse(const HookAnswer& answer) {
  if (!answer) return ErrorResponse(409, answer.error());
  return JsonResponse(200, *answer);
}

Response NoHook() {
  return ErrorResponse(404, {"this proxy does not offer that", "see GET /v1/status"});
}

}  // namespace

struct AdminApi::Route {
  std::string_view path;
  std::string_view method;
  bool takes_body;
  Response (AdminApi::*handler)(const json&, Milliseconds);
};

Response ErrorResponse(unsigned status, const Problem& problem) {
  return JsonResponse(status, {{"error", problem.error}, {"advice", problem.advice}});
}

AdminApi::AdminApi(std::string token, policy::WriteGate& gate, const metrics::Metrics& metrics,
                   AdminHooks hooks, Milliseconds started)
    : token_(std::move(token)),
      gate_(gate),
      metrics_(metrics),
      hooks_(std::move(hooks)),
      started_(started) {}

const AdminApi::Route* AdminApi::FindRoute(std::string_view path) {
  static constexpr Route kRoutes[] = {
      {"/v1/status", "GET", false, &AdminApi::Status},
      {"/v1/maintenance", "GET", false, &AdminApi::Maintenance},
      {"/v1/maintenance/begin", "POST", true, &AdminApi::Begin},
      {"/v1/maintenance/end", "POST", false, &AdminApi::End},
      {"/v1/catalog/reload", "POST", false, &AdminApi::Reload},
  };
  const auto* const route = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                         [path](const Route& r) { return r.path == path; });
  return route == std::end(kRoutes) ? nullptr : route;
}

// RFC 6750, 2.1; RFC 9110, 11.1: the scheme is case-insensitive.
bool AdminApi::Authorized(std::string_view authorization) const {
  constexpr std::string_view kScheme = "bearer ";
  if (token_.empty()) return false;
  if (!ascii::EqualsAnyCase(authorization.substr(0, kScheme.size()), kScheme)) return false;
  return crypto::EqualInConstantTime(authorization.substr(kScheme.size()), token_);
}

Response AdminApi::Handle(const Request& request, Milliseconds now) {
  const std::string_view path = PathOf(request.target);
  if (path == "/healthz") return HealthResponse(request.method);
  if (!Authorized(request.authorization)) {
    return ErrorResponse(401, {"the admin token is missing or wrong",
                               "send \"Authorization: Bearer TOKEN\" with the token of "
                               "admin.token_file"});
  }
  const Route* route = FindRoute(path);
  if (route == nullptr) {
    return ErrorResponse(404, {"there is no such path", "docs/maintenance.md lists all paths"});
  }
  if (request.method != route->method) return MethodNotAllowed(route->method);
  const auto body = ParseBody(request.body);
  if (!body) return ErrorResponse(400, body.error());
  if (!route->takes_body && !body->empty()) {
    return ErrorResponse(400, {"this path takes no parameters", "send no body"});
  }
  return (this->*route->handler)(*body, now);
}

Response AdminApi::HandleMetrics(const Request& request) const {
  const std::string_view path = PathOf(request.target);
  if (path == "/healthz") return HealthResponse(request.method);
  if (path != "/metrics") {
    return ErrorResponse(404, {"there is no such path", "metrics are at /metrics"});
  }
  if (request.method != "GET") return MethodNotAllowed("GET");
  Response response;
  response.body = metrics::RenderText(metrics_);
  response.content_type = metrics::kTextContentType;
  return response;
}

Response AdminApi::Status(const json&, Milliseconds now) {
  json status = {{"version", metrics::kVersion},
                 {"uptime_seconds", Seconds(now - started_)},
                 {"connections", metrics_.connections.Value()},
                 {"gate", GateJson(gate_.Status(now))}};
  if (hooks_.status) {
    const json more = hooks_.status();
    if (more.is_object()) status.update(more);
  }
  return JsonResponse(200, status);
}

Response AdminApi::Maintenance(const json&, Milliseconds now) {
  return JsonResponse(200, GateJson(gate_.Status(now)));
}

Response AdminApi::Begin(const json& body, Milliseconds now) {
  auto request = ReadBegin(body);
  if (!request) return ErrorResponse(400, request.error());
  const Milliseconds longest = gate_.limits().max_duration;
  if (request->duration.value_or(longest) > longest) {
    return ErrorResponse(400, {"the duration is longer than this proxy allows",
                               fmt::format("ask for at most {}; begin again to prolong it",
                                           FormatDuration(longest))});
  }
  if (!gate_.Begin(request->duration, std::move(request->reason), now)) {
    return ErrorResponse(409, {"the proxy is shutting down", "start it again first"});
  }
  return JsonResponse(200, GateJson(gate_.Status(now)));
}

Response AdminApi::End(const json&, Milliseconds now) {
  if (!gate_.End(now)) {
    return ErrorResponse(409, {"the gate is open already", "nothing is to be done"});
  }
  return JsonResponse(200, GateJson(gate_.Status(now)));
}

Response AdminApi::Reload(const json&, Milliseconds) {
  if (!hooks_.reload) return NoHook();
  const std::unique_lock lock(reloading_, std::try_to_lock);
  if (!lock.owns_lock()) {
    return ErrorResponse(409, {"a reload is running", "wait until it has finished"});
  }
  return HookResponse(hooks_.reload());
}

}  // namespace sealgate::admin
