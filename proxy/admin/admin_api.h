// The admin API and the metrics page: one request in, one response out, without
// a socket. docs/maintenance.md lists the paths.
//
//   GET  /healthz               no token, on both addresses
//   GET  /metrics               no token, on the metrics address only
//   GET  /v1/status             version, uptime, connections, gate
//   GET  /v1/maintenance        the gate
//   POST /v1/maintenance/begin  {"for": "10m" | "for_seconds": 600, "reason": "..."}
//   POST /v1/maintenance/end
//   POST /v1/catalog/reload
//
// Bodies are JSON objects; an empty body is an empty object; an unknown key is
// an error. Errors are {"error": "...", "advice": "..."}. Whatever is not listed
// above needs the token even to learn that it does not exist.
//
// Thread rule: Handle from any thread. Hooks run in the calling thread, reloads
// one at a time.
#ifndef SEALGATE_PROXY_ADMIN_ADMIN_API_H_
#define SEALGATE_PROXY_ADMIN_ADMIN_API_H_

#include <cstddef>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "metrics/metrics.h"
#include "policy/write_gate.h"

namespace sealgate::admin {

struct Request {
  std::string_view method;         // "GET"
  std::string_view target;         // "/v1/status", a query part is ignored
  std::string_view authorization;  // the header's value, "" without one
  std::string_view body;
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // of 405: the method that would do
};

struct Problem {
  std::string error;   // what is wrong
  std::string advice;  // what to do about it
};
Response ErrorResponse(unsigned status, const Problem& problem);

using HookAnswer = tl::expected<nlohmann::json, Problem>;

/// What the rest of the proxy does for the API. A hook that is not set makes
/// its path answer 404; without `status` the standard members are shown alone.
struct AdminHooks {
  std::function<nlohmann::json()> status;  // an object, laid over /v1/status
  std::function<HookAnswer()> reload;      // reads policy and schema again
};

inline constexpr std::size_t kMaxReasonBytes = 200;
inline constexpr int kMaxJsonDepth = 16;

class AdminApi {
 public:
  /// `token`: an empty one lets nobody in. `started`: on the monotonic clock
  /// that Handle's `now` is of. Keeps references to `gate` and `metrics`.
  AdminApi(std::string token, policy::WriteGate& gate, const metrics::Metrics& metrics,
           AdminHooks hooks, policy::Milliseconds started);

  Response Handle(const Request& request, policy::Milliseconds now);
  /// The metrics address.
  Response HandleMetrics(const Request& request) const;

 private:
  using Milliseconds = policy::Milliseconds;
  struct Route;
  static const Route* FindRoute(std::string_view path);

  bool Authorized(std::string_view authorization) const;
  Response Status(const nlohmann::json& body, Milliseconds now);
  Response Maintenance(const nlohmann::json& body, Milliseconds now);
  Response Begin(const nlohmann::json& body, Milliseconds now);
  Response End(const nlohmann::json& body, Milliseconds now);
  Response Reload(const nlohmann::json& body, Milliseconds now);

  const std::string token_;
  policy::WriteGate& gate_;
  const metrics::Metrics& metrics_;
  const AdminHooks hooks_;
  const Milliseconds started_;
  std::mutex reloading_;
};

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_ADMIN_API_H_
