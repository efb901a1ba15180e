// What is known of a session's modes once a statement of its own was answered.
//
// The server reports a change of them in the OK packet of the statement that made it
// (relay/session_tracking.cc), but neither server reports all that matters:
// - An ERR packet carries no report, though a part of a SET, a procedure, a function or
//   a trigger may have changed something before the error.
// - MariaDB says nothing of SET @@x, wherever it stands, and of SET STATEMENT it
//   reports the value that it takes back afterwards.
// - The results of a CALL report what holds inside the procedure; what is given back
//   to the caller at its end is not reported. The same goes for hints SET_VAR.
// So a report is the truth only of a SET in the open. Any other says that something
// has changed, and after what may have changed something unseen, the modes are asked
// for again. Tried on MariaDB 10.11 and MySQL 9.7.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_MODES_AFTER_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_MODES_AFTER_H_

#include <string_view>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "proxy/rewrite/plan/aftermath.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Of all statements of the text, whose executable comments are opened. `runs_setter`: a
/// program that it uses may set modes. `in_schema` is the default one.
ModesAfter ModesAfterOf(const policy::Catalog& catalog, bool runs_setter,
                        std::string_view in_schema, const sql::TokenList& tokens);

/// Whether the program sets one: then what follows in the same statement, or text, is read
/// by other modes than those that it was planned by.
bool SetsModes(const policy::ProgramText& program);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_MODES_AFTER_H_
