// Compares a policy with the live schema and the key ring: what `sealgate check`
// prints, and what the proxy looks at before it starts. Pure.
#ifndef SEALGATE_POLICY_CHECK_H_
#define SEALGATE_POLICY_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/key_ring.h"
#include "policy/catalog.h"
#include "policy/diagnostic.h"
#include "policy/policy.h"

namespace sealgate::policy {

/// kError: the proxy does not start. kWarning: something is refused until it
/// is mended. kInfo: worth knowing.
enum class Severity : std::uint8_t { kError, kWarning, kInfo };
std::string_view SeverityName(Severity severity);

struct Finding {
  Severity severity{};
  Diagnostic diagnostic;

  bool operator==(const Finding&) const = default;
};

struct CheckResult {
  std::vector<Finding> findings;  // errors first, else in the policy's order

  bool has_errors() const;
  /// 1 with errors, else 0.
  int exit_code() const { return has_errors() ? 1 : 0; }
};

/// `source` is ParsePolicy's for the same policy.
CheckResult Check(const Policy& policy, const PolicySource& source, const Catalog& catalog,
                  const crypto::KeyRing& ring);

/// One line per finding, "error: policy.yaml:3:5: …", and a last line that
/// counts them.
std::string ToText(const CheckResult& result);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CHECK_H_
