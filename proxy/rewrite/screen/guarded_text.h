// Dynamic SQL whose text nobody knows before it runs: in a compound statement, in
// the body of a routine, or made of literals. On MariaDB the server looks at the
// text itself, through a guard that is written into the statement
// (policy/dynamic_guard.h):
//
//   EXECUTE IMMEDIATE CONCAT('DO ', @a)
//   EXECUTE IMMEDIATE <guard>((CONCAT('DO ', @a)))
//
//   CREATE PROCEDURE p() BEGIN …; PREPARE s FROM @a; … END
//   CREATE PROCEDURE p() BEGIN …; BEGIN NOT ATOMIC SET @sealgate_text = (@a);
//                        PREPARE s FROM <guard>(@sealgate_text); END; … END
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_GUARDED_TEXT_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_GUARDED_TEXT_H_

#include <optional>
#include <string>

#include "policy/catalog.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// The statement with a guard around each dynamic SQL of it. nullopt when it has
/// none, is of no kind in which one can stand, cannot be read with certainty, or
/// already names something hot, be it in pieces.
std::optional<std::string> WithGuards(const policy::Catalog& catalog, const SessionFacts& facts,
                                      const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_GUARDED_TEXT_H_
