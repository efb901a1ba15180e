// Views in which MariaDB may find a semijoin.
#ifndef SEALGATE_POLICY_SEMIJOIN_VIEWS_H_
#define SEALGATE_POLICY_SEMIJOIN_VIEWS_H_

#include <set>
#include <string>
#include <utility>

#include "policy/schema_rows.h"

namespace sealgate::policy {

/// Schema and name, folded, of the views that compare with a subquery by IN, ANY or EXISTS, or
/// mention a view that does. On the safe side: by the words of their texts, names without their
/// schema; one whose text cannot be read does. `views`: as SchemaRows has them.
std::set<std::pair<std::string, std::string>> FindSemijoinViews(const Rows& views);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_SEMIJOIN_VIEWS_H_
