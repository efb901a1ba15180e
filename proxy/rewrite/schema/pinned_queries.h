// Queries of information_schema within any statement that ask for tables which are known not
// to be protected: what they tell is as it is, whatever the statement does with it.
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCHEMA_PINNED_QUERIES_H_
#define SEALGATE_PROXY_REWRITE_SCHEMA_PINNED_QUERIES_H_

#include "policy/snapshot.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether each place that names COLUMNS or STATISTICS means a common table, or is the one
/// table of a SELECT that has TABLE_SCHEMA = 'name' of such a table among what its WHERE asks
/// for, by AND.
bool AllPinnedElsewhere(const policy::Snapshot& snapshot, const SessionFacts& facts,
                        const sql::TokenList& tokens);

/// Whether the statement makes a view, or one stored program, and nothing else. One that uses
/// what is stored is hot by that.
bool MakesReader(const SessionFacts& facts, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCHEMA_PINNED_QUERIES_H_
