// sealgate check: every mistake in configuration, policy and keys, and where the
// policy and the live schema disagree.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/catalog_reader.h"
#include "policy/check.h"
#include "policy/file_text.h"
#include "policy/tls_config.h"
#include "proxy/commands.h"
#include "proxy/net/backend/backend_monitor.h"
#include "proxy/net/backend/protection.h"
#include "proxy/net/transport/tls.h"

namespace sealgate {
namespace {

// After the errors, before what is only worth knowing.
void AddWarnings(const policy::Diagnostics& warnings, policy::CheckResult& result) {
  const auto at = std::find_if(
      result.findings.begin(), result.findings.end(),
      [](const policy::Finding& each) { return each.severity != policy::Severity::kError; });
  std::vector<policy::Finding> findings;
  for (const policy::Diagnostic& each : warnings) {
    findings.push_back({policy::Severity::kWarning, each});
  }
  result.findings.insert(at, findings.begin(), findings.end());
}

int CheckOffline(const policy::Config& config, const policy::Diagnostics& warnings) {
  for (const policy::Diagnostic& each : warnings) {
    fmt::print("{}: {}\n", policy::SeverityName(policy::Severity::kWarning), policy::ToText(each));
  }
  const auto protection = net::LoadProtection(config);
  if (!protection) {
    PrintMistakes(protection.error());
    return kFailed;
  }
  fmt::print("configuration, policy and keys are good ({} columns in {} domains)\n",
             protection->policy->columns.size(), protection->policy->domains.size());
  return kDone;
}

/// With several servers: says what each one is, and goes to the primary.
bool UsePrimary(const policy::Config& config, policy::ServerAccess& access) {
  if (config.backend.addresses.empty()) return true;
  const auto servers = policy::ServersOf(config.backend);
  metrics::Metrics metrics({}, std::vector<std::string>(servers.size()));
  net::BackendMonitor monitor(access, servers, config.backend.check_interval, metrics);
  const auto primary = monitor.FindFirst();
  if (!primary) {
    PrintMistakes({primary.error()});
    return false;
  }
  fmt::print("{}", net::ToText(monitor.Describe()));
  access.backend.socket = servers[*primary];
  return true;
}

int CheckSchema(const policy::Config& config, std::string password,
                const policy::Diagnostics& warnings) {
  policy::PolicySource source;
  const auto policy = policy::LoadPolicy(config.policy_file, &source);
  const auto ring = net::LoadKeyRing(config.keys);
  if (!policy) PrintMistakes(net::ToLines(policy.error()));
  if (!ring) PrintMistakes({ring.error()});
  if (!policy || !ring) return kFailed;
  policy::ServerAccess access{config.backend, config.catalog.user, std::move(password),
                              config.limits.connect_timeout};
  if (!UsePrimary(config, access)) return kFailed;
  policy::CatalogReader reader(std::move(access), config.catalog.cache);
  const auto reading = reader.Read(*policy);
  if (!reading) {
    PrintMistakes({reading.error()});
    return kFailed;
  }
  policy::CheckResult result = policy::Check(*policy, source, *reading->catalog, *ring);
  AddWarnings(warnings, result);
  fmt::print("{}", policy::ToText(result));
  return result.exit_code();
}

}  // namespace

int CheckConfiguration(const std::string& config_file, bool offline) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  std::vector<std::string> mistakes;
  auto password = policy::ReadSecretLine(config->catalog.password_file);
  if (!password) mistakes.push_back(policy::ToText(password.error()));
  if (auto token = policy::ReadSecretLine(config->admin.token_file); !token) {
    mistakes.push_back(policy::ToText(token.error()));
  }
  if (auto tls = net::LoadTls(config->listen, config->backend); !tls) {
    mistakes.push_back(tls.error());
  }
  PrintMistakes(mistakes);
  const policy::Diagnostics warnings = policy::TlsWarnings(*config, config_file);
  const int status = offline || !password ? CheckOffline(*config, warnings)
                                          : CheckSchema(*config, std::move(*password), warnings);
  return mistakes.empty() ? status : kFailed;
}

}  // namespace sealgate
