// Any bytes as policy.yaml: diagnostics, or a Policy whose parts fit together.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/policy.h"

namespace {

using sealgate::policy::Policy;

bool FitsTogether(const Policy& policy) {
  for (const auto& column : policy.columns) {
    if (column.domain >= policy.domains.size() ||
        !policy.Find(column.schema, column.table, column.column)) {
      return false;
    }
  }
  for (const auto& role : policy.roles) {
    if (role.columns.size() != policy.columns.size() || role.match.empty()) {
      return false;
    }
  }
  return policy.fallback.columns.size() == policy.columns.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  sealgate::policy::PolicySource source;
  const auto policy = sealgate::policy::ParsePolicy(text, "fuzz.yaml", &source);
  if (policy ? !FitsTogether(*policy) || source.columns.size() != policy->columns.size()
             : policy.error().empty()) {
    std::abort();
  }
  return 0;
}
