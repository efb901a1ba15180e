#include "proxy/rewrite/rewriter_state.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/schema/stored_elsewhere.h"
#include "proxy/rewrite/schema/stored_in_message.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/high_names.h"
#include "proxy/rewrite/screen/one_program.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/set_var.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// One row of two columns, as AskForText() has them.
constexpr const char* kAskForFileCharset =
    "SELECT @@character_set_database, CHARSET(@@character_set_database)";

// The servers count them in 16 bits.
constexpr std::size_t kMostParameters = 0xFFFF;

Refusal RefuseParameters() {
  return Unsupported(
      "a prepared statement with so many parameters is not supported: those that a searchable "
      "column is compared with count twice, and 65,535 are the most that a server takes");
}

Refusal RefusePreparedLoad() {
  return TypeRefusal(1295, "HY000",
                     "LOAD DATA into a protected table is not supported as a prepared statement");
}

std::shared_ptr<const Plan> ExactShapeOnly() {
  auto plan = std::make_shared<Plan>();
  plan->exact_shape_only = true;
  return plan;
}

}  // namespace

std::string_view WithoutFinalNul(std::string_view sql) {
  if (!sql.ends_with('\0')) return sql;
  const std::string_view rest = sql.substr(0, sql.size() - 1);
  const bool ended =
      !rest.empty() && (static_cast<unsigned char>(rest.back()) <= ' ' || rest.back() == ';');
  return ended ? sql : rest;
}

Refusal ModeSetterRefusal() {
  return Unsupported(
      "a program that sets sql_mode, time_zone or a character set in front of, or within, a "
      "statement on protected columns is not supported, because it would be read by other modes");
}

Refusal UnknownNamesRefusal() {
  return Unsupported(
      "the statement names a table or routine that is not known here, and the schema cannot be "
      "read "
      "now");
}

Rewriter::State::State(crypto::RandomSource& random, metrics::Metrics& counters,
                       RewriterLimits bounds)
    : metrics(counters),
      limits(bounds),
      sealer(random, counters),
      edited(sealer),
      values(sealer),
      cache(bounds.plan_cache_entries, bounds.plan_cache_bytes),
      exact_shape_only(ExactShapeOnly()) {}

bool Rewriter::State::MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts) {
  return MakePlanKey(snapshot.version, facts, tokens, runs, limits.max_shape, key);
}

// What is kept for the statement's shape; runs and key are then those of the entry,
// or of one that may be made.
PlanCache::Kept* Rewriter::State::FindPlan(const policy::Snapshot& snapshot,
                                           const SessionFacts& facts) {
  // Plans keep the snapshot that they were made from, and nobody will ask for
  // those of an older one again.
  if (snapshot.version > newest) {
    cache.Clear();
    newest = snapshot.version;
  }
  sql::FindRuns(tokens, runs);
  keep = MakeKey(snapshot, facts);
  PlanCache::Kept* kept = keep ? cache.Find(key.bytes()) : nullptr;
  if (kept != nullptr && kept->plan->exact_shape_only) {
    runs.clear();
    keep = MakeKey(snapshot, facts);
    kept = keep ? cache.Find(key.bytes()) : nullptr;
  }
  return kept;
}

std::shared_ptr<const Plan> Rewriter::State::PlanFor(const policy::Snapshot& snapshot,
                                                     const SessionFacts& facts,
                                                     const StatementTraits& traits) {
  PlanCache::Kept* kept = FindPlan(snapshot, facts);
  if (kept == nullptr && !runs.empty()) {
    if (auto general = plans.MakeGeneral(snapshot, facts, traits, tokens, runs)) {
      metrics.plan_misses.Add();
      Keep(general);
      return general;
    }
    if (keep) cache.Insert(key.bytes(), {exact_shape_only});
    runs.clear();
    keep = MakeKey(snapshot, facts);
    kept = keep ? cache.Find(key.bytes()) : nullptr;
  }
  if (kept != nullptr) {
    metrics.plan_hits.Add();
    if (by_shape) {
      kept->decides = true;
      kept->after = after;
    }
    return kept->plan;
  }
  metrics.plan_misses.Add();
  std::shared_ptr<const Plan> plan = plans.Make(snapshot, facts, traits, tokens);
  // A refusal tells the place, and the same shape may have it elsewhere.
  if (plan->cacheable && !plan->refusal) Keep(plan);
  return plan;
}

// Under the key of the statement. `after` is the same for all that go by its shape: none of
// them prepares anything by name.
void Rewriter::State::Keep(const std::shared_ptr<const Plan>& plan) {
  if (keep) cache.Insert(key.bytes(), {plan, 0, by_shape, after});
}

bool Rewriter::State::RunsModeSetter(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                     const sql::TokenList& list) {
  if (!snapshot.catalog->programs_set_modes) return false;
  names.ProgramsOf(snapshot, facts, list);
  return names.UsesModeSetter();
}

// Whose it is, is not known before the session was asked: the server may have taken the login
// for another account's.
bool Rewriter::State::DependsOnRole(const policy::Snapshot& snapshot, const SessionFacts& facts) {
  if (!snapshot.catalog->has_hot_names()) return false;
  if (MayBeSchemaQuery(facts, tokens)) return true;
  if (!AnyRoleHides(*snapshot.catalog, *snapshot.policy)) return false;
  if (MayShowMessages(tokens)) return true;
  if (NamesStoredElsewhere(facts, tokens)) return true;
  names.ProgramsOf(snapshot, facts, tokens);
  return snapshot.objects != nullptr && SomeProgramMayShow(*snapshot.catalog);
}

bool Rewriter::State::ProgramsMayShow(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                      const sql::TokenList& list) {
  if (!HidesInMessages(*snapshot.catalog, *facts.role)) return false;
  if (list.has_executable_comment) {
    std::string open;
    sql::TokenList opened_list;
    OpenCommentsOf(*snapshot.catalog, facts, list.text, open);
    sql::Lex(open, LexModeOf(facts), opened_list);
    opened_list.has_illegal = opened_list.has_illegal || list.has_illegal;
    return opened_list.has_executable_comment || ProgramsMayShow(snapshot, facts, opened_list);
  }
  const bool runs_text = sql::IsWord(list, 0, "PREPARE") || sql::IsWord(list, 0, "EXECUTE");
  for (std::size_t i = 0; runs_text && i + 1 < list.tokens.size(); ++i) {
    if (list.tokens[i].kind != sql::TokenKind::kString) continue;
    std::string text;
    sql::UnescapeString(list.Text(i), facts.lex, text);
    sql::TokenList inside;
    sql::Lex(text, LexModeOf(facts), inside);
    if (ProgramsMayShow(snapshot, facts, inside)) return true;
  }
  names.ProgramsOf(snapshot, facts, list);
  return snapshot.objects != nullptr && SomeProgramMayShow(*snapshot.catalog);
}

// Of those that `names` has found.
bool Rewriter::State::SomeProgramMayShow(const policy::Catalog& catalog) const {
  const auto& programs = names.programs();
  return !names.KnowsPrograms() ||
         std::any_of(programs.begin(), programs.end(), [&catalog](const policy::ProgramText* each) {
           return MayShowStored(*each, catalog.is_mariadb);
         });
}

bool Rewriter::State::ProgramsAreHarmless(const policy::Snapshot& snapshot,
                                          const SessionFacts& facts) {
  return !snapshot.catalog->programs_set_modes && !HidesInMessages(*snapshot.catalog, *facts.role);
}

// Once per shape and list of names. Temporary tables are one session's.
bool Rewriter::State::NamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 PlanCache::Kept& kept) {
  if (snapshot.objects != objects || names_version == 0) {
    objects = snapshot.objects;
    ++names_version;
  }
  if (kept.names_known == names_version) return true;
  policy::UnknownNames unknown;
  if (!names.HasAll(snapshot, facts, tokens, unknown)) return false;
  if (snapshot.catalog->programs_set_modes && names.UsesModeSetter()) return false;
  if (HidesInMessages(*snapshot.catalog, *facts.role) && SomeProgramMayShow(*snapshot.catalog))
    return false;
  if (facts.temporary_tables.empty()) kept.names_known = names_version;
  return true;
}

// A text with executable comments that may name a protected table becomes one
// without them: what is looked at is what the server gets.
bool Rewriter::State::OpenComments(const policy::Catalog& catalog, const SessionFacts& facts,
                                   std::vector<RemovedText>& removed) {
  if (!tokens.has_executable_comment || !catalog.has_hot_names() || !facts.client ||
      (!RawTextNamesHot(catalog, tokens.text) &&
       !CommentsHideHotName(catalog, LexModeOf(facts), tokens))) {
    return false;
  }
  all_run = OpenCommentsOf(catalog, facts, tokens.text, opened, &removed);
  sql::Lex(opened, LexModeOf(facts), tokens);
  return true;
}

bool Rewriter::State::AllNamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                    policy::UnknownNames& unknown) {
  if (!tokens.has_executable_comment) return names.HasAll(snapshot, facts, tokens, unknown);
  std::string open;
  OpenCommentsOf(*snapshot.catalog, facts, tokens.text, open);
  sql::Lex(open, LexModeOf(facts), check);
  check.has_illegal = check.has_illegal || tokens.has_illegal;  // see LookAhead()
  return names.HasAll(snapshot, facts, check, unknown);
}

StatementTraits Rewriter::State::Traits(const policy::Catalog& catalog, const SessionFacts& facts) {
  if (!tokens.has_executable_comment) return TraitsOf(tokens);
  std::string open;
  OpenCommentsOf(catalog, facts, tokens.text, open);
  sql::Lex(open, LexModeOf(facts), check);
  return TraitsOfBoth(tokens, check);
}

// What the statement does to the session.
void Rewriter::State::LookAhead(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view raw, bool prepare) {
  const policy::Catalog& catalog = *snapshot.catalog;
  std::string open;
  const sql::TokenList* list = &tokens;
  const bool as_it_came = raw.data() == tokens.text.data();
  bool as_read = as_it_came || all_run;
  if (tokens.has_executable_comment) {
    as_read = OpenCommentsOf(catalog, facts, tokens.text, open) && as_it_came;
    sql::Lex(open, LexModeOf(facts), check);
    list = &check;
  }
  // Another character set may have other tokens.
  const bool readable = facts.client || ascii::IsAscii(tokens.text);
  // What is prepared may use another program by the time that it is executed.
  const bool runs_setter =
      catalog.programs_set_modes && (prepare || RunsModeSetter(snapshot, facts, *list));
  after.modes =
      readable ? ModesAfterOf(catalog, runs_setter, facts.schema, *list) : ModesAfter::kUnknown;
  // Then the later statements are read by other modes, and nobody knows where they begin.
  const bool by_others = list->has_inner_semicolon && after.modes != ModesAfter::kKept &&
                         ReadsAlike(raw) != Alike::kYes && !IsReadAtOnce(facts, *list);
  if (by_others) tokens.has_illegal = check.has_illegal = true;
  after.temporary = TemporaryAfterOf(catalog, facts, raw, *list, as_read);
  text_prepared = TextPreparedOf(catalog, facts, *list);
}

// What names nothing protected and leaves as it came keeps its NUL: the server's log
// shows what the client sent.
Decision Rewriter::State::AsItCame(std::string_view sql, Decision decision) {
  if (!decision.statement || decision.plan->touches_protected) return decision;
  const std::string_view text = decision.statement->text();
  if (text.data() == sql.data() && text.size() + 1 == sql.size()) {
    decision.statement = ServerStatement(sql);
  }
  return decision;
}

Decision Rewriter::State::Finished(std::string_view sql, Decision decision) {
  decision.names = edited.TakeNames();
  decision.modes_after = after.modes;
  decision.temporary_after = after.temporary;
  decision.text_prepared = std::move(text_prepared);
  return AsItCame(sql, std::move(decision));
}

// The statement as its plan has it leave.
Decision Rewriter::State::Apply(std::shared_ptr<const Plan> plan, const SessionFacts& facts,
                                std::string_view sql, bool prepare) {
  if (prepare && (plan->loads_file || plan->needs_file_charset)) {
    return {plan, tl::unexpected(RefusePreparedLoad())};
  }
  if (plan->refusal) {
    return {plan, tl::unexpected(*plan->refusal), false,
            plan->needs_file_charset ? kAskForFileCharset : ""};
  }
  if (plan->maps_parameters && !prepare) {
    return {plan, tl::unexpected(SyntaxRefusal("a parameter marker (?) in a text statement"))};
  }
  if (plan->parameters.size() > kMostParameters) return {plan, tl::unexpected(RefuseParameters())};
  if (!plan->targets.empty() && SetsSessionFact(tokens)) {
    return {plan, tl::unexpected(Unsupported("a hint SET_VAR of sql_mode or time_zone is not "
                                             "supported in a statement on protected columns"))};
  }
  if (plan->edits.empty()) return {std::move(plan), ServerStatement(sql)};
  if (plan->names_no_table && !plan->snapshot.catalog->is_mariadb && HintsStatement(tokens)) {
    return {plan, tl::unexpected(Unsupported("a hint of the whole statement (MAX_EXECUTION_TIME, "
                                             "RESOURCE_GROUP, SET_VAR) is not supported in a set "
                                             "operation of searchable columns"))};
  }
  auto text = edited.Make(facts, *plan, tokens, runs);
  if (!text) return {std::move(plan), tl::unexpected(std::move(text.error()))};
  if (plan->makes_view) {
    auto refusal = Planner::CheckMadeView(plan->snapshot, facts, *text);
    if (refusal) return {std::move(plan), tl::unexpected(std::move(*refusal))};
  }
  return {std::move(plan), ServerStatement(*text)};
}

}  // namespace sealgate::rewrite
