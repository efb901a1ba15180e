// sealgate keys init | list | add
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <utility>

#include "crypto/envelope.h"
#include "crypto/key_ring.h"
#include "crypto/random_source.h"
#include "proxy/commands.h"
#include "proxy/net/backend/protection.h"

namespace sealgate {
namespace {

using DomainModes = std::vector<std::pair<std::string, crypto::Mode>>;

std::int64_t UnixNow() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool Exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

void PrintTable(const std::vector<crypto::KeyInfo>& keys) {
  std::size_t width = 6;
  for (const crypto::KeyInfo& key : keys) width = std::max(width, key.domain.size());
  fmt::print("{:>10}  {:<{}}  {:<8}  {:>7}  {:<8}  {}\n", "id", "domain", width, "kind", "version",
             "state", "created");
  for (const crypto::KeyInfo& key : keys) {
    fmt::print("{:>10}  {:<{}}  {:<8}  {:>7}  {:<8}  {:%Y-%m-%d %H:%M:%S} UTC\n", key.id,
               key.domain, width, crypto::KeyKindName(key.kind), key.version,
               crypto::KeyStateName(key.state),
               fmt::gmtime(static_cast<std::time_t>(key.created_unix_seconds)));
  }
}

int Explain(const std::string& message) {
  PrintMistakes({message});
  return kFailed;
}

int AddKeys(const policy::Config& config, const DomainModes& domains, bool existing_is_failure) {
  auto ring = net::LoadKeyRing(config.keys);
  if (!ring) return Explain(ring.error());
  crypto::SystemRandom random;
  std::vector<crypto::KeyInfo> added;
  for (const auto& [domain, mode] : domains) {
    auto keys = ring->AddDomain(domain, mode, random, UnixNow());
    if (keys) {
      added.insert(added.end(), keys->begin(), keys->end());
    } else if (keys.error().code != crypto::KeyError::kDomainExists || existing_is_failure) {
      return Explain(keys.error().message);
    }
  }
  if (added.empty()) {
    fmt::print("every domain of the policy has its keys already\n");
    return kDone;
  }
  if (auto saved = ring->Save(config.keys.ring); !saved) return Explain(saved.error().message);
  PrintTable(added);
  fmt::print("{} keys added to {}\n", added.size(), config.keys.ring);
  return kDone;
}

}  // namespace

int InitKeys(const std::string& config_file) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  const policy::KeysConfig& keys = config->keys;
  if (Exists(keys.ring)) {
    return Explain(fmt::format(
        "{}: there is a key ring already, and a new one could not open what it has sealed. To "
        "begin anew, move it away first; keep it for as long as any data is sealed with it.",
        keys.ring));
  }
  crypto::SystemRandom random;
  if (Exists(keys.master_key_file)) {
    fmt::print("using the master key that is there, {}\n", keys.master_key_file);
  } else {
    if (auto made = crypto::CreateMasterKey(keys.master_key_file, random); !made) {
      return Explain(made.error().message);
    }
    fmt::print("made the master key {} (mode 0600)\n", keys.master_key_file);
  }
  auto master = crypto::ReadMasterKey(keys.master_key_file);
  if (!master) return Explain(master.error().message);
  const crypto::KeyRing ring(std::move(*master));
  if (auto saved = ring.Save(keys.ring); !saved) return Explain(saved.error().message);
  fmt::print(
      "made the key ring {}\n"
      "Back both up, in different places: without them nothing can be read again.\n"
      "Next: sealgate keys add --from-policy --config {}\n",
      keys.ring, config_file);
  return kDone;
}

int ListKeys(const std::string& config_file) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  const auto ring = net::LoadKeyRing(config->keys);
  if (!ring) return Explain(ring.error());
  PrintTable(ring->List());
  return kDone;
}

int AddPolicyKeys(const std::string& config_file) {
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  const auto policy = policy::LoadPolicy(config->policy_file);
  if (!policy) {
    PrintMistakes(net::ToLines(policy.error()));
    return kFailed;
  }
  DomainModes domains;
  for (const policy::Domain& domain : policy->domains)
    domains.emplace_back(domain.name, domain.mode);
  return AddKeys(*config, domains, false);
}

int AddDomainKeys(const std::string& config_file, const std::string& domain,
                  const std::string& mode) {
  const auto named = crypto::ModeFromName(mode);
  if (!named) {
    PrintMistakes({"--mode must be random, searchable or deterministic"});
    return kUsage;
  }
  const auto config = LoadConfigOrExplain(config_file);
  if (!config) return kFailed;
  return AddKeys(*config, {{domain, *named}}, true);
}

}  // namespace sealgate
