// listen.tls and backend.tls of sealgate.yaml: how they are read, and where they
// promise less than a reader may think. docs/policy.md describes the keys.
// Pure; any thread.
#ifndef SEALGATE_POLICY_TLS_CONFIG_H_
#define SEALGATE_POLICY_TLS_CONFIG_H_

#include <filesystem>
#include <string>

#include "policy/config.h"
#include "policy/diagnostic.h"
#include "policy/yaml_reader.h"

namespace sealgate::policy {

/// `fields` are those of 'listen.tls'; paths are relative to `directory`.
void ReadListenTls(Fields& fields, Report& report, const std::filesystem::path& directory,
                   ListenConfig& listen);
/// Those of 'backend.tls'. `required` and `preferred` with a CA verify the
/// identity, as `verify_identity` does; `preferred` still lets a server without
/// TLS pass.
void ReadBackendTls(Fields& fields, Report& report, const std::filesystem::path& directory,
                    BackendConfig& backend);

/// What can be listened to or interfered with from the network, one per leg at
/// most. A leg that ends at a loopback address is not mentioned.
Diagnostics TlsWarnings(const Config& config, const std::string& file);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_TLS_CONFIG_H_
