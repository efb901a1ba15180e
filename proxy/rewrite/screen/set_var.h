// MySQL's hints of a whole statement. SET_VAR changes a session variable for it.
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_SET_VAR_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_SET_VAR_H_

#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Whether a hint of the statement may change sql_mode or time_zone, by which values
/// of protected columns are read and shown. Hints are no part of a shape.
bool SetsSessionFact(const sql::TokenList& tokens);
/// Whether a hint may be of the whole statement, which MySQL takes behind its first word only:
/// MAX_EXECUTION_TIME, RESOURCE_GROUP, SET_VAR.
bool HintsStatement(const sql::TokenList& tokens);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_SET_VAR_H_
