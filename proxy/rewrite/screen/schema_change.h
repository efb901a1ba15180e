// What a statement that names nothing protected does to what is known of the
// schema: which names may mean another thing after it, and when that cannot be
// said, so that the schema has to be read. Works on tokens alone. Internal to
// rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SCHEMA_CHANGE_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SCHEMA_CHANGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

struct SchemaEffect {
  bool whole = false;         // else:
  policy::NameChange change;  // empty: nothing of what is known
};

/// Of a statement whose traits have changes_schema. What it makes is a table for
/// certain only when the server has said so.
SchemaEffect EffectOf(const policy::Catalog& catalog, const SessionFacts& facts,
                      const sql::TokenList& tokens);
/// The same of a text with executable comments, each of which the server may run
/// or not: `opened` are the tokens without those that it does not run.
SchemaEffect EffectOfOpened(const policy::Catalog& catalog, const SessionFacts& facts,
                            std::string_view text, const sql::TokenList& opened);

/// Of the programs that a CALL runs, itself or in turn.
SchemaEffect EffectOfPrograms(const std::vector<const policy::ProgramText*>& programs);

/// CREATE TEMPORARY TABLE: the key (policy::ObjectNames) of the table to be; ""
/// for any other statement.
std::string TemporaryTableOf(const SessionFacts& facts, const sql::TokenList& tokens,
                             bool exact_case);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SCHEMA_CHANGE_H_
