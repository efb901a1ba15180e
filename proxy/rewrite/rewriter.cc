#include "proxy/rewrite/rewriter.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/rewrite/rewriter_state.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/screen/counts_of_before.h"
#include "proxy/rewrite/screen/guarded_text.h"
#include "proxy/rewrite/screen/linked_table.h"
#include "proxy/rewrite/screen/tracking_statement.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// What DecidedByShape() asks beyond the key of a plan.
bool MayGoByShape(const SessionFacts& facts, const sql::TokenList& tokens) {
  // In double quotes, a string may be meant as a name.
  return facts.client && !tokens.has_executable_comment && !tokens.has_double_quoted;
}

constexpr std::string_view kSchemaName = "information_schema";

// By its size. A letter that the server takes for another one may have two bytes.
bool MayBeSchemaName(std::string_view name) {
  return name.size() == kSchemaName.size() ||
         (name.size() > kSchemaName.size() && !ascii::IsAscii(name));
}

// Whether statements of this one's shape are all of its kind: what they hold in
// strings and numbers decides nothing.
bool DecidedByShape(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (!MayGoByShape(facts, tokens) || tokens.has_illegal || tokens.has_inner_semicolon ||
      tokens.tokens.front().kind != sql::TokenKind::kWord) {
    return false;
  }
  const auto is_first = [first = tokens.Text(0)](std::string_view verb) {
    return sql::EqualsKeyword(first, verb);
  };
  constexpr std::string_view kVerbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE"};
  if (std::none_of(std::begin(kVerbs), std::end(kVerbs), is_first)) return false;
  // Of a query of information_schema, the literals matter.
  if (MayBeSchemaName(facts.schema)) return false;
  for (const sql::Token& token : tokens.tokens) {
    const std::string_view text = tokens.text.substr(token.begin, token.end - token.begin);
    switch (token.kind) {
      case sql::TokenKind::kUserVariable:
        return false;
      case sql::TokenKind::kWord:
        if (MayBeSchemaName(text)) return false;
        break;
      case sql::TokenKind::kQuotedIdentifier:
        if (text.size() >= kSchemaName.size()) return false;
        break;
      default:
        break;
    }
  }
  return true;
}

bool SchemaIsKnown(const policy::Catalog& catalog, const SessionFacts& facts) {
  return facts.schema_known == SchemaKnown::kYes ||
         (facts.schema_known == SchemaKnown::kByLogin && !catalog.logins_run_sql);
}

Decision NeedsModes(std::shared_ptr<const Plan> plan) {
  Decision decision{std::move(plan), tl::unexpected(SessionRefusal("the session is not known"))};
  decision.needs_modes = true;
  return decision;
}

}  // namespace

Rewriter::Rewriter(crypto::RandomSource& random, metrics::Metrics& metrics, RewriterLimits limits)
    : state_(std::make_unique<State>(random, metrics, limits)) {}

Rewriter::~Rewriter() = default;

Decision Rewriter::Decide(const policy::Snapshot& snapshot, const SessionFacts& facts,
                          std::string_view sql, bool prepare, CatalogAge age) {
  State& state = *state_;
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  const bool password = facts.must_change_password && PreparesPassword(state.tokens);
  if (!facts.asked && !password &&
      !MayGoUnasked(state.tokens, SchemaIsKnown(*snapshot.catalog, facts))) {
    return NeedsModes(state.exact_shape_only);
  }
  std::vector<RemovedText> removed;
  const bool changed = state.OpenComments(*snapshot.catalog, facts, removed);
  if (!changed && MayGoByShape(facts, state.tokens)) {
    PlanCache::Kept* const kept = state.FindPlan(snapshot, facts);
    const bool may_decide =
        kept != nullptr && kept->decides && (facts.asked || !state.DependsOnRole(snapshot, facts));
    if (may_decide && (age == CatalogAge::kMayBeOld ? state.NamesKnown(snapshot, facts, *kept)
                                                    : state.ProgramsAreHarmless(snapshot, facts))) {
      if (kept->plan->touches_protected) state.metrics.plan_hits.Add();
      state.after = kept->after;
      state.text_prepared = {};
      return state.Apply(kept->plan, facts, sql, prepare);
    }
  }
  state.LookAhead(snapshot, facts, sql, prepare);
  state.by_shape = !changed && DecidedByShape(facts, state.tokens);
  if (!changed) return DecideAnew(snapshot, facts, sql, {prepare, false, password}, age);
  Decision decision = DecideAnew(snapshot, facts, state.opened, {prepare, true, password}, age);
  if (!decision.statement) {
    MovePosition([&removed](std::size_t place) { return PlaceInText(removed, place); },
                 decision.statement.error().message);
  }
  return decision;
}

// What no kept plan decides. `state_` has its tokens.
Decision Rewriter::DecideAnew(const policy::Snapshot& snapshot, const SessionFacts& facts,
                              std::string_view sql, Asked asked, CatalogAge age) {
  State& state = *state_;
  const bool prepare = asked.prepare;
  StatementTraits traits = state.Traits(*snapshot.catalog, facts);
  // Where strings end is known only in a character set that is read.
  const bool readable = facts.client.has_value();
  const auto kept = readable ? KeepTracking(state.tokens, state.text) : std::nullopt;
  if (kept) {
    Decision tracking{state.passing.Of(traits), ServerStatement(*kept)};
    tracking.sets_tracked = kept->data() == state.text.data();
    return tracking;
  }
  Screening screening = state.screen.Look(*snapshot.catalog, facts, state.tokens);
  if (!facts.asked && (screening.verdict != Verdict::kCold ||
                       (!asked.password && state.DependsOnRole(snapshot, facts)))) {
    return NeedsModes(state.exact_shape_only);
  }
  if (MakesLinkedTable(*snapshot.catalog, facts, state.tokens)) {
    return {state.passing.Of(traits), tl::unexpected(RefuseLinkedTable())};
  }
  const bool unseen = screening.verdict == Verdict::kRefuse && !screening.source && !prepare;
  // A guard knows names of tables, and not what else the role is not to see.
  const bool offered = unseen && !HidesInMessages(*snapshot.catalog, *facts.role);
  const auto guarded = offered ? WithGuards(*snapshot.catalog, facts, state.tokens) : std::nullopt;
  policy::UnknownNames unknown;
  if (age == CatalogAge::kMayBeOld && (screening.verdict != Verdict::kRefuse || guarded) &&
      !state.AllNamesKnown(snapshot, facts, unknown)) {
    return {state.passing.Of(traits),
            tl::unexpected(UnknownNamesRefusal()),
            true,
            {},
            std::move(unknown)};
  }
  if (state.ProgramsMayShow(snapshot, facts, state.tokens)) {
    return {state.passing.Of(traits), tl::unexpected(RefusePrograms())};
  }
  if (guarded) {
    state.text = *guarded;
    // What runs may be any definition.
    traits.changes_schema = traits.changes_schema || !sql::IsWord(state.tokens, 0, "CREATE");
    return {state.passing.Of(traits), ServerStatement(state.text)};
  }
  // What is left may be half a statement, whose values would show in an error. Of several,
  // it would be decided alone, and may be cold then.
  const bool half = asked.opened && !state.all_run;
  if (half && (screening.verdict == Verdict::kCold || state.tokens.has_inner_semicolon)) {
    return {state.passing.Of(traits),
            tl::unexpected(Unsupported(
                "an executable comment (/*! … */) that this server does not run may name a "
                "protected table; send the statement without it"))};
  }
  // What is hot may name a protected table in it.
  const bool logical = screening.verdict == Verdict::kCold && !prepare;
  if (auto schema = state.plans.MakeOfSchema(snapshot, facts, traits, state.tokens, logical)) {
    if (schema->refusal) {
      return {state.passing.Of(traits), tl::unexpected(std::move(*schema->refusal))};
    }
    if (screening.verdict == Verdict::kCold) return {std::move(schema->plan), ServerStatement(sql)};
  }
  if (screening.verdict == Verdict::kCold) {
    auto passing = state.passing.Of(snapshot, facts, traits, state.tokens, prepare);
    if (state.by_shape) state.Keep(passing);
    return {std::move(passing), ServerStatement(sql)};
  }
  const bool several = readable && state.tokens.has_inner_semicolon && !state.tokens.has_illegal &&
                       !state.tokens.has_executable_comment;
  if (several && !prepare) return DecideSeveral(snapshot, facts, age);
  if (screening.verdict == Verdict::kRefuse) {
    if (screening.source && IsUnknownColumn(state.tokens, *screening.source)) {
      return {state.passing.Of(traits), ServerStatement(sql)};
    }
    Decision refused{state.passing.Of(traits), tl::unexpected(std::move(*screening.refusal))};
    if (screening.source) {
      refused.ask =
          AskForText(state.tokens, *screening.source, facts, snapshot.catalog->is_mariadb);
    }
    return refused;
  }
  if (state.RunsModeSetter(snapshot, facts, state.tokens)) {
    return {state.passing.Of(traits), tl::unexpected(ModeSetterRefusal())};
  }
  auto plan = state.PlanFor(snapshot, facts, traits);
  if (age == CatalogAge::kMayBeOld && !plan->refusal && !plan->unknown_collations.empty()) {
    for (const std::string& name : plan->unknown_collations) unknown.AddCollation(name);
    return {std::move(plan), tl::unexpected(UnknownNamesRefusal()), true, {}, std::move(unknown)};
  }
  return state.Apply(std::move(plan), facts, sql, prepare);
}

Decision Rewriter::Query(const policy::Snapshot& snapshot, const SessionFacts& facts,
                         std::string_view sql, CatalogAge age) {
  const std::string_view text = WithoutFinalNul(sql);
  if (!facts.asked) return State::AsItCame(sql, DecideUnasked(snapshot, facts, text, age));
  return state_->Finished(sql, Decide(snapshot, facts, text, false, age));
}

Decision Rewriter::DecideUnasked(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 std::string_view sql, CatalogAge age) {
  const Alike alike = ReadsAlike(sql);
  // A routine could read what asking disturbs, so that nothing may go out before.
  if (alike == Alike::kNo || snapshot.catalog->programs_read_counts) {
    return NeedsModes(state_->exact_shape_only);
  }
  sql::Lex(sql, {}, state_->tokens);
  // Nothing is prepared from a name: a password is set, or the server says what is wrong.
  const bool password = facts.must_change_password && PreparesPassword(state_->tokens);
  if (alike == Alike::kButQuotes && !password) {
    SessionFacts quoted = facts;
    quoted.lex.ansi_quotes = true;
    Decision as_name = Decide(snapshot, quoted, sql, false, age);
    if (!as_name.statement) return as_name;
  }
  Decision decision = Decide(snapshot, facts, sql, false, age);
  decision.temporary_after = state_->after.temporary;
  return decision;
}

Decision Rewriter::Prepare(const policy::Snapshot& snapshot, const SessionFacts& facts,
                           std::string_view sql, CatalogAge age) {
  return state_->Finished(sql, Decide(snapshot, facts, WithoutFinalNul(sql), true, age));
}

bool Rewriter::AsksForDisturbed(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view text, const Disturbed& disturbed) {
  return AsksFor(text, disturbed) ||
         ProgramsReadCounts(state_->names, snapshot, facts, text, disturbed);
}

std::string Rewriter::TemporaryTable(const policy::Snapshot& snapshot,
                                     const SessionFacts& facts) const {
  return TemporaryTableOf(facts, state_->tokens,
                          snapshot.objects != nullptr && snapshot.objects->exact_case());
}

tl::expected<void, Refusal> Rewriter::Bind(const policy::Snapshot&, const SessionFacts& facts,
                                           const Plan& plan,
                                           const std::vector<wire::ParamValue>& logical,
                                           std::vector<wire::ParamValue>& physical) {
  return state_->values.Bind(facts, plan, logical, physical);
}

tl::expected<void, Refusal> Rewriter::SealFile(FileSealer& file, std::string_view bytes, bool last,
                                               std::string& out) {
  return file.Write(bytes, last, state_->sealer, out);
}

}  // namespace sealgate::rewrite
