#include "proxy/net/backend/protection.h"

#include <fmt/format.h>

#include <utility>

namespace sealgate::net {
namespace {

policy::Position PlaceOf(const policy::Policy& policy, const policy::PolicySource& source,
                         std::size_t domain) {
  for (std::size_t i = 0; i < policy.columns.size() && i < source.columns.size(); ++i) {
    if (policy.columns[i].domain == domain) return source.columns[i];
  }
  return {};
}

Mistakes FindMissingKeys(const policy::Policy& policy, const policy::PolicySource& source,
                         const crypto::KeyRing& ring) {
  Mistakes missing;
  for (std::size_t i = 0; i < policy.domains.size(); ++i) {
    const policy::Domain& domain = policy.domains[i];
    const auto keys = ring.KeysOf(domain.name, domain.mode);
    if (keys) continue;
    const policy::Position at = PlaceOf(policy, source, i);
    missing.push_back(policy::ToText(policy::Diagnostic{
        source.file, at.line, at.column,
        fmt::format("domain '{}' has no usable keys of mode {} in the key ring", domain.name,
                    crypto::ModeName(domain.mode)),
        "'sealgate keys add --from-policy' makes every key that the policy needs"}));
  }
  return missing;
}

std::string Explain(const crypto::KeyFailure& failure) {
  if (failure.code != crypto::KeyError::kFileMissing) return failure.message;
  return failure.message + ". 'sealgate keys init' makes master key and key ring";
}

}  // namespace

Mistakes ToLines(const policy::Diagnostics& diagnostics) {
  Mistakes lines;
  for (const policy::Diagnostic& diagnostic : diagnostics) {
    lines.push_back(policy::ToText(diagnostic));
  }
  return lines;
}

tl::expected<crypto::KeyRing, std::string> LoadKeyRing(const policy::KeysConfig& keys) {
  auto master = crypto::ReadMasterKey(keys.master_key_file);
  if (!master) return tl::unexpected(Explain(master.error()));
  auto ring = crypto::KeyRing::Load(keys.ring, std::move(*master));
  if (!ring) return tl::unexpected(Explain(ring.error()));
  return std::move(*ring);
}

tl::expected<Protection, Mistakes> LoadProtection(const policy::Config& config) {
  Protection loaded;
  Mistakes mistakes;
  auto policy = policy::LoadPolicy(config.policy_file, &loaded.source);
  if (!policy) mistakes = ToLines(policy.error());
  auto ring = LoadKeyRing(config.keys);
  if (!ring) mistakes.push_back(ring.error());
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));

  mistakes = FindMissingKeys(*policy, loaded.source, *ring);
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  std::vector<std::pair<std::string, crypto::Mode>> domains;
  for (const policy::Domain& domain : policy->domains)
    domains.emplace_back(domain.name, domain.mode);
  auto keys = crypto::Keychain::Build(*ring, domains);
  if (!keys) return tl::unexpected(Mistakes{keys.error().message});

  loaded.policy = std::make_shared<const policy::Policy>(std::move(*policy));
  loaded.ring = std::make_shared<const crypto::KeyRing>(std::move(*ring));
  loaded.keys = std::make_shared<const crypto::Keychain>(std::move(*keys));
  return loaded;
}

}  // namespace sealgate::net
