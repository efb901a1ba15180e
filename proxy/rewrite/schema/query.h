// Queries of information_schema.COLUMNS and STATISTICS, as drivers and tools ask
// them: plain columns of one of the two. Their rows can be made logical when it
// is known of each of them which column it tells of. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_

#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// Whether the tokens name one of the two at all; cheap.
bool MayBeSchemaQuery(const SessionFacts& facts, const sql::TokenList& tokens);
/// Fills schema_rows, rows_schema and rows_table of a plan. False, and nothing
/// done, when the rows cannot be made logical: they pass as the server has them.
bool PlanSchemaQuery(const sql::Statement& statement, const SessionFacts& facts,
                     const sql::TokenList& tokens, Plan& plan);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_
