// Plans of statements that pass as they are, because they name nothing protected:
// what class they are of, and what they do to the schema. Internal to rewrite.
//
// Thread rule: one per thread (it keeps what it made).
#ifndef SEALGATE_PROXY_REWRITE_PASSING_PLANS_H_
#define SEALGATE_PROXY_REWRITE_PASSING_PLANS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "policy/snapshot.h"
#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

class PassingPlans {
 public:
  /// What the leading keywords say and nothing else; one per kind. Never null.
  std::shared_ptr<const Plan> Of(const StatementTraits& traits);
  /// With what the statement does to the schema.
  std::shared_ptr<const Plan> Of(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 StatementTraits traits, const sql::TokenList& tokens,
                                 bool prepare);
  /// The same of a text that is executed.
  std::shared_ptr<const Plan> OfText(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                     std::string_view text);

 private:
  SchemaEffect EffectOfOthers(const policy::Snapshot& snapshot, const SessionFacts& facts,
                              const sql::TokenList& tokens);
  std::shared_ptr<const Plan> With(SchemaEffect effect, StatementTraits traits);

  std::map<std::uint32_t, std::shared_ptr<const Plan>> kinds_;
  sql::TokenList opened_;  // of a statement with executable comments
  KnownNames names_;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PASSING_PLANS_H_
