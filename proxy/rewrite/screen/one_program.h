// Whether a text is one CREATE PROCEDURE or CREATE FUNCTION and nothing behind it. Then it
// runs nothing of what stands in the body: what the program does counts when it is used,
// and is read in the catalog by then.
//
// Proven on tokens: each BEGIN that is a block's and each CASE is one more level, each END
// that is no other statement's one less, and the last token is the END that leaves none.
// A level that is not closed would hide a statement behind the body, so only what is a
// block's for sure opens one: BEGIN stands where a statement begins, with a statement
// behind it. CASE is reserved. What closes one too much makes it no proof, and nothing
// worse.
// Sources: MySQL manual, "Compound Statement Syntax"; MariaDB, "Programmatic and Compound
// Statements". Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_ONE_PROGRAM_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_ONE_PROGRAM_H_

#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// False where it is not proven, and in sql_mode ORACLE, whose bodies begin otherwise.
bool MakesOneProgram(const SessionFacts& facts, const sql::TokenList& tokens);
/// The same of MariaDB's BEGIN NOT ATOMIC … END, which runs, but is read as a whole before.
bool IsOneCompound(const SessionFacts& facts, const sql::TokenList& tokens);
/// Whether nothing of the text is read after a statement of it has run: it is one of these,
/// or a trigger or an event with such a body, behind PREPAREs, which run nothing.
bool IsReadAtOnce(const SessionFacts& facts, const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_ONE_PROGRAM_H_
