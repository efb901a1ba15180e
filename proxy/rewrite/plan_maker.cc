#include "proxy/rewrite/plan_maker.h"

#include <algorithm>
#include <string>

#include "policy/name_folding.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/rewrite/plan/repeat.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/schema/pinned_queries.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/schema/stored_elsewhere.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

Refusal RefuseParse(const sql::ParseError& error, const sql::TokenList& tokens) {
  const std::uint32_t at =
      error.token < tokens.tokens.size() ? tokens.tokens[error.token].begin + 1 : 0;
  const char* what = "the statement names a protected table and could not be understood";
  switch (error.code) {
    case sql::ParseErrorCode::kUnexpectedToken:
      break;
    case sql::ParseErrorCode::kBeyond:
      what = "this construct is not supported in a statement on a protected table";
      break;
    case sql::ParseErrorCode::kTooDeep:
      what = "the statement names a protected table and is nested too deeply";
      break;
    case sql::ParseErrorCode::kIllegalToken:
      what = "the statement names a protected table and has an unterminated or unreadable token";
      break;
    case sql::ParseErrorCode::kExecutableComment:
      what = "an executable comment (/*! … */) in a statement on a protected table is refused";
      break;
    case sql::ParseErrorCode::kSecondStatement:
      what = "a second statement in one packet with one on a protected table is refused";
      break;
  }
  return SyntaxRefusal(std::string(what) + " (at character " + std::to_string(at) + ")");
}

// Before a token, instead of it, behind it.
int PlaceAtToken(const PlannedEdit& edit) { return edit.insert ? 0 : (edit.after ? 2 : 1); }

bool ByPlace(const PlannedEdit& a, const PlannedEdit& b) {
  if (a.first != b.first) return a.first < b.first;
  return PlaceAtToken(a) < PlaceAtToken(b);
}

// The statement passes as it is, and its rows are changed.
std::shared_ptr<Plan> Showing(SchemaRows rows, const policy::Snapshot& snapshot,
                              const StatementTraits& traits) {
  auto plan = std::make_shared<Plan>();
  plan->schema_rows = rows;
  plan->snapshot = snapshot;
  plan->statement_class = traits.statement_class;
  plan->writes = traits.writes;
  return plan;
}

}  // namespace

std::shared_ptr<Plan> PlanMaker::Planned(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const StatementTraits& traits,
                                         const sql::TokenList& tokens) {
  auto plan = std::make_shared<Plan>();
  plan->snapshot = snapshot;
  plan->statement_class = traits.statement_class;
  plan->writes = traits.writes;
  plan->changes_schema = traits.changes_schema;
  arena_.Clear();
  if (const auto tree = sql::Parse(tokens, facts.lex, arena_)) {
    if (DefinitionPlanner::Plans((*tree)->kind)) {
      DefinitionPlanner(snapshot, facts, tokens, *plan).PlanStatement(**tree);
    } else {
      Planner(snapshot, facts, tokens, *plan).PlanStatement(**tree);
    }
  } else {
    plan->refusal = RefuseParse(tree.error(), tokens);
  }
  std::stable_sort(plan->edits.begin(), plan->edits.end(), ByPlace);
  return plan;
}

std::shared_ptr<const Plan> PlanMaker::Make(const policy::Snapshot& snapshot,
                                            const SessionFacts& facts,
                                            const StatementTraits& traits,
                                            const sql::TokenList& tokens) {
  return Planned(snapshot, facts, traits, tokens);
}

std::shared_ptr<const Plan> PlanMaker::MakeGeneral(const policy::Snapshot& snapshot,
                                                   const SessionFacts& facts,
                                                   const StatementTraits& traits,
                                                   const sql::TokenList& tokens,
                                                   const std::vector<sql::Run>& runs) {
  sql::MakeSample(tokens, runs, sample_, sample_runs_);
  std::shared_ptr<Plan> plan = Planned(snapshot, facts, traits, sample_);
  if (plan->refusal || !plan->cacheable || !Generalise(sample_runs_, *plan)) return nullptr;
  return plan;
}

std::optional<SchemaDecision> PlanMaker::MakeOfSchema(const policy::Snapshot& snapshot,
                                                      const SessionFacts& facts,
                                                      const StatementTraits& traits,
                                                      const sql::TokenList& tokens, bool logical) {
  if (!snapshot.catalog->has_hot_names()) return std::nullopt;
  if (auto refusal = RefuseStoredElsewhere(snapshot, facts, tokens)) {
    return SchemaDecision{std::move(refusal), {}};
  }
  if (ShowsMessages(tokens)) {
    if (!HidesInMessages(*snapshot.catalog, *facts.role)) return std::nullopt;
    if (!facts.results_have_ascii_bytes) return SchemaDecision{RefuseUnreadResults(), {}};
    // Rows of another statement's would be taken for theirs.
    if (tokens.has_inner_semicolon) return SchemaDecision{RefuseMessages(), {}};
    return SchemaDecision{{}, Showing(SchemaRows::kWarnings, snapshot, traits)};
  }
  if (!MayBeSchemaQuery(facts, tokens)) return std::nullopt;
  if (!tokens.has_executable_comment) {
    return OfSchemaQuery(snapshot, facts, traits, tokens, logical);
  }
  std::string open;
  sql::TokenList opened;
  std::vector<RemovedText> removed;
  OpenCommentsOf(*snapshot.catalog, facts, tokens.text, open, &removed);
  sql::Lex(open, LexModeOf(facts), opened);
  auto decision = OfSchemaQuery(snapshot, facts, traits, opened, false);
  if (decision && decision->refusal) {
    MovePosition([&removed](std::size_t place) { return PlaceInText(removed, place); },
                 decision->refusal->message);
  }
  return decision;
}

// Those that its rows may tell of.
void PlanMaker::AddViews(const SessionFacts& facts, Plan& plan) {
  for (const auto& [name, view] : plan.snapshot.catalog->views()) {
    const bool told =
        (plan.rows_schema.empty() || name.first == policy::FoldName(plan.rows_schema)) &&
        (plan.rows_table.empty() || name.second == policy::FoldName(plan.rows_table));
    if (told) plan.views_as_tables.push_back(Planner::TableOf(plan.snapshot, facts, view));
  }
}

std::optional<SchemaDecision> PlanMaker::OfSchemaQuery(const policy::Snapshot& snapshot,
                                                       const SessionFacts& facts,
                                                       const StatementTraits& traits,
                                                       const sql::TokenList& tokens, bool logical) {
  arena_.Clear();
  if (MakesReader(facts, tokens)) return std::nullopt;
  SchemaQuery query;
  const auto tree = sql::Parse(tokens, facts.lex, arena_);
  if (tree) query = ReadSchemaQuery(**tree, facts, tokens);
  SchemaDecision decision;
  decision.refusal =
      RefuseSchemaQuery(snapshot, facts, tokens, tree ? *tree : nullptr, query, logical);
  if (decision.refusal) {
    if (AllPinnedElsewhere(snapshot, facts, tokens)) return std::nullopt;
    return decision;
  }
  if (!logical || query.rows == SchemaRows::kNone) return std::nullopt;
  if (!facts.results_have_ascii_bytes) {
    decision.refusal = RefuseUnreadResults();
    return decision;
  }
  auto plan = Showing(query.rows, snapshot, traits);
  plan->rows_schema = std::move(query.schema);
  plan->rows_table = std::move(query.table);
  plan->rows_items = std::move(query.items);
  if (query.rows == SchemaRows::kInformationColumns) AddViews(facts, *plan);
  decision.plan = std::move(plan);
  return decision;
}

}  // namespace sealgate::rewrite
