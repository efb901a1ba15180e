// The commands that talk to a running proxy: `sealgate maintenance begin`,
// `status`, `end`, `sealgate status`, `sealgate catalog reload`.
//
// Each prints for people, or the API's JSON with `json`, to `out`, and what went
// wrong to `errors`. Each returns the exit status: 0 done, 1 failed, 2 usage.
#ifndef SEALGATE_PROXY_ADMIN_ADMIN_CLIENT_H_
#define SEALGATE_PROXY_ADMIN_ADMIN_CLIENT_H_

#include <chrono>
#include <iosfwd>
#include <nlohmann/json.hpp>
#include <string>

#include "proxy/admin/http_exchange.h"

namespace sealgate::admin {

enum ExitStatus : int { kDone = 0, kFailed = 1, kUsage = 2 };

struct ClientOptions {
  Endpoint endpoint;
  std::string token;
  bool json = false;
  std::chrono::milliseconds timeout{10'000};  // of one request
};

struct BeginArguments {
  std::string duration;  // "10m"; "": the proxy's default
  std::string reason;
  bool wait = false;  // until no write is in flight
};

int MaintenanceBegin(const ClientOptions& options, const BeginArguments& arguments,
                     std::ostream& out, std::ostream& errors);
int MaintenanceStatus(const ClientOptions& options, std::ostream& out, std::ostream& errors);
int MaintenanceEnd(const ClientOptions& options, std::ostream& out, std::ostream& errors);
int ProxyStatus(const ClientOptions& options, std::ostream& out, std::ostream& errors);
int CatalogReload(const ClientOptions& options, std::ostream& out, std::ostream& errors);

/// The gate as /v1/maintenance shows it, for people. `now` is printed in the
/// local time zone. What `gate` lacks is left out.
std::string DescribeGate(const nlohmann::json& gate, std::chrono::system_clock::time_point now);

}  // namespace sealgate::admin

#endif  // SEALGATE_PROXY_ADMIN_ADMIN_CLIENT_H_
