// Which of several tables the policy means whose names differ by case only, as they
// can at servers with lower_case_table_names = 0.
#ifndef SEALGATE_POLICY_TABLE_SPELLING_H_
#define SEALGATE_POLICY_TABLE_SPELLING_H_

#include <vector>

#include "policy/object_names.h"
#include "policy/policy.h"
#include "policy/schema_rows.h"

namespace sealgate::policy {

/// Of rows.tables those that the policy protects, and those of `commented` (schema,
/// name: they have a column with a comment of ours), each folded name once: spelled as
/// in the policy, or else as in the server if there is one such table. Of several of
/// which none is spelled so, none is protected, and statements that name them are
/// refused like those on a protected table that does not exist.
std::vector<TableName> TablesToRead(const Policy& policy, const SchemaRows& rows,
                                    const Rows& commented);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_TABLE_SPELLING_H_
