// A plan for lists of any length, made from one for a sample.
//
// The planner plans a statement with three items in every run (sql/run.h). When
// it has done the same for the second and the third, it would do so for any
// further one: what belongs to the second is repeated, what belongs to the third
// is dropped. When it has not, the plan is for that one statement only.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_REPEAT_H_
#define SEALGATE_PROXY_REWRITE_PLAN_REPEAT_H_

#include <span>

#include "proxy/rewrite/plan/plan.h"
#include "proxy/sql/run.h"

namespace sealgate::rewrite {

/// `runs` of the sample; the plan's edits are sorted. False, and the plan is of
/// no use any more, when its items are not treated alike.
bool Generalise(std::span<const sql::Run> runs, Plan& plan);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_REPEAT_H_
