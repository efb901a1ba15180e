// Plans made: a statement parsed and planned, or refused. Internal to rewrite.
//
// Thread rule: one per thread (it keeps buffers). Errors: a plan's refusal.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_MAKER_H_
#define SEALGATE_PROXY_REWRITE_PLAN_MAKER_H_

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "policy/snapshot.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/sql/parser.h"
#include "proxy/sql/run.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// One of the two.
struct SchemaDecision {
  std::optional<Refusal> refusal;
  std::shared_ptr<const Plan> plan;
};

class PlanMaker {
 public:
  /// Of this very statement. Never null.
  std::shared_ptr<const Plan> Make(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                   const StatementTraits& traits, const sql::TokenList& tokens);
  /// For `runs` of any length; null when there is none. Also for a refusal: it
  /// tells the place, which is another one in the statement itself.
  std::shared_ptr<const Plan> MakeGeneral(const policy::Snapshot& snapshot,
                                          const SessionFacts& facts, const StatementTraits& traits,
                                          const sql::TokenList& tokens,
                                          const std::vector<sql::Run>& runs);
  /// Of SHOW WARNINGS and SHOW ERRORS, for a role that may not see what is stored; and of
  /// what asks information_schema and is refused, or, with `logical`, whose rows
  /// can be made so; else nullopt. The statement itself passes as it is.
  std::optional<SchemaDecision> MakeOfSchema(const policy::Snapshot& snapshot,
                                             const SessionFacts& facts,
                                             const StatementTraits& traits,
                                             const sql::TokenList& tokens, bool logical);

 private:
  std::optional<SchemaDecision> OfSchemaQuery(const policy::Snapshot& snapshot,
                                              const SessionFacts& facts,
                                              const StatementTraits& traits,
                                              const sql::TokenList& tokens, bool logical);
  static void AddViews(const SessionFacts& facts, Plan& plan);
  std::shared_ptr<Plan> Planned(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                const StatementTraits& traits, const sql::TokenList& tokens);

  sql::Arena arena_;
  sql::TokenList sample_;
  std::vector<sql::Run> sample_runs_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_MAKER_H_
