// Queries of information_schema.COLUMNS and STATISTICS, as drivers and tools ask
// them: plain columns of one of the two. Their rows can be made logical when it
// is known of each of them which column it tells of. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/snapshot.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// Whether the tokens name one of the two at all, or run a text that may; cheap.
bool MayBeSchemaQuery(const SessionFacts& facts, const sql::TokenList& tokens);

/// What a query asks for.
struct SchemaQuery {
  /// kNone when the rows cannot be made logical.
  SchemaRows rows = SchemaRows::kNone;
  /// Of rows: Plan::rows_items. The metadata does not say what a column with an alias is
  /// when MySQL sorts or buffers.
  std::vector<std::string> items;
  /// What each row has as schema and table, as it is written; "" if unknown.
  std::string schema;
  std::string table;
  bool alone = false;        // no other query is within it
  bool rows_differ = false;  // the select list has which column each row is of
};
SchemaQuery ReadSchemaQuery(const sql::Statement& statement, const SessionFacts& facts,
                            const sql::TokenList& tokens);

/// Whether no row that it asks for is of a table that the role sees otherwise than it is stored.
/// Queries within it are not looked at.
bool TellsOfNone(const policy::Snapshot& snapshot, const SessionFacts& facts, SchemaQuery query);

/// Why the statement may not be sent: it would go by what the server knows of sealed columns,
/// or show a default as it is stored. `statement` is null if it cannot be read; `logical`: its
/// rows are made so. nullopt: it may.
std::optional<Refusal> RefuseSchemaQuery(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const sql::TokenList& tokens,
                                         const sql::Statement* statement, const SchemaQuery& query,
                                         bool logical);
/// The same of a text that is prepared or executed.
std::optional<Refusal> RefuseSchemaText(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                        std::string_view text);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_QUERY_H_
