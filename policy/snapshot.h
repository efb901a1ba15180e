// Everything that a statement's rewriting depends on, as one immutable object.
// Sessions take a pointer per statement, so that a reload never changes a
// statement under way.
#ifndef SEALGATE_POLICY_SNAPSHOT_H_
#define SEALGATE_POLICY_SNAPSHOT_H_

#include <cstdint>
#include <memory>

#include "crypto/keychain.h"
#include "policy/catalog.h"
#include "policy/object_names.h"
#include "policy/policy.h"

namespace sealgate::policy {

struct Snapshot {
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<const crypto::Keychain> keys;
  /// Every object that there is, hot or not. Null: not known, so that nothing can
  /// be concluded from a name.
  std::shared_ptr<const ObjectNames> objects = nullptr;
  /// Of policy, catalog and keys; cached plans of another version are stale.
  std::uint64_t version = 0;
  /// The version that first had a hot name that the one before had not. Between two
  /// snapshots with the same one, no name has become hot.
  std::uint64_t hot_version = 0;
};

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SNAPSHOT_H_
