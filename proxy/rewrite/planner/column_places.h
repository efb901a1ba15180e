// Parameters that are nothing but a column's value, or what one is compared with. Internal to
// planner.
#ifndef SEALGATE_PROXY_REWRITE_PLANNER_COLUMN_PLACES_H_
#define SEALGATE_PROXY_REWRITE_PLANNER_COLUMN_PLACES_H_

#include "proxy/rewrite/plan/plan.h"
#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// Sets PhysicalParameter::place of the plan's parameters that pass as they came. kNone is
/// always true.
void NoteColumnPlaces(const sql::Statement& statement, const sql::TokenList& tokens, Plan& plan);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLANNER_COLUMN_PLACES_H_
