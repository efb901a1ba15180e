#include "proxy/rewrite/passing_plans.h"

#include <string>
#include <utility>

#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

std::shared_ptr<const Plan> PassingPlans::Of(const StatementTraits& traits) {
  const std::uint32_t index = static_cast<std::uint32_t>(traits.statement_class) * 8 +
                              (traits.loads_file ? 4 : 0) + (traits.writes ? 2 : 0) +
                              (traits.changes_schema ? 1 : 0);
  std::shared_ptr<const Plan>& known = kinds_[index];
  if (known == nullptr) {
    auto plan = std::make_shared<Plan>();
    plan->statement_class = traits.statement_class;
    plan->writes = traits.writes;
    plan->changes_schema = traits.changes_schema;
    plan->loads_file = traits.loads_file;
    known = std::move(plan);
  }
  return known;
}

std::shared_ptr<const Plan> PassingPlans::Of(const policy::Snapshot& snapshot,
                                             const SessionFacts& facts, StatementTraits traits,
                                             const sql::TokenList& tokens, bool prepare) {
  if (!traits.changes_schema) return Of(traits);
  SchemaEffect effect;
  if (tokens.has_executable_comment) {
    std::string text;
    OpenExecutableComments(*snapshot.catalog, LexModeOf(facts), tokens.text, text);
    sql::Lex(text, LexModeOf(facts), opened_);
    effect = EffectOfOpened(*snapshot.catalog, facts, tokens.text, opened_);
  } else {
    effect = EffectOf(*snapshot.catalog, facts, tokens);
  }
  traits.changes_schema = effect.whole;
  // When it is executed, another schema may be the default.
  if (prepare) effect.change.made.reset();
  if (effect.whole || effect.change.empty()) return Of(traits);
  auto plan = std::make_shared<Plan>(*Of(traits));
  plan->name_change = std::move(effect.change);
  return plan;
}

}  // namespace sealgate::rewrite
