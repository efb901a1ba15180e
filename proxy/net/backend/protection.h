// What the files say about protection: the policy and its keys, loaded together.
#ifndef SEALGATE_PROXY_NET_BACKEND_PROTECTION_H_
#define SEALGATE_PROXY_NET_BACKEND_PROTECTION_H_

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "crypto/key_ring.h"
#include "crypto/keychain.h"
#include "policy/config.h"
#include "policy/policy.h"

namespace sealgate::net {

struct Protection {
  std::shared_ptr<const policy::Policy> policy;
  policy::PolicySource source;
  std::shared_ptr<const crypto::KeyRing> ring;
  std::shared_ptr<const crypto::Keychain> keys;
};

/// One line per mistake, with place and advice.
using Mistakes = std::vector<std::string>;

/// Opens the ring with the master key.
tl::expected<crypto::KeyRing, std::string> LoadKeyRing(const policy::KeysConfig& keys);
/// Everything. Fails when a domain of the policy has no keys.
tl::expected<Protection, Mistakes> LoadProtection(const policy::Config& config);

Mistakes ToLines(const policy::Diagnostics& diagnostics);

}  // namespace sealgate::net

#endif  // SEALGATE_PROXY_NET_BACKEND_PROTECTION_H_
