// Which names may lead a statement to a protected table: the tables, and
// whatever reaches them inside the server.
#ifndef SEALGATE_POLICY_HOT_NAMES_H_
#define SEALGATE_POLICY_HOT_NAMES_H_

#include <vector>

#include "policy/catalog.h"
#include "policy/policy.h"
#include "policy/schema_rows.h"

namespace sealgate::policy {

/// Adds to `tables` the views, routines, triggered tables and tables that stand for
/// others whose text mentions a hot name, until there is no further one. On the safe side: a
/// text that cannot be read, is not SQL, has dynamic SQL, or uses what information_schema has
/// of sealed columns counts as one that does, and names are compared without their schema. Dynamic
/// SQL with a guard (see dynamic_guard.h) counts only if the guard does not stop each hot name.
///
/// Of what the server brings along in `sys` and `mysql`, dynamic SQL does not count, and
/// a hot name does only where its schema is mentioned, too: these texts are known to name
/// nothing of anybody's, but for what somebody made of them. (Those that run a text of the
/// caller's are refused by their names: rewrite/screen.)
std::vector<HotName> FindHotNames(std::vector<HotName> tables, const SchemaRows& rows);

/// The tables of the policy, and those of rows.columns with a comment of ours.
std::vector<HotName> HotTables(const Policy& policy, const SchemaRows& rows);

/// A row of `linked` is of a MERGE table.
bool IsMerge(const Row& linked);
/// Whether a MERGE table could have one of these behind it: one is a MyISAM table, or has an
/// engine that is not known. `rows` has tables and table_options.
bool MayBeMerged(const std::vector<HotName>& tables, const SchemaRows& rows);

/// Takes what the server brings along out of the rows, but for what is hot. Its routines
/// stay known by name.
void TakeOutServersOwn(const std::vector<HotName>& tables, SchemaRows& rows);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_HOT_NAMES_H_
