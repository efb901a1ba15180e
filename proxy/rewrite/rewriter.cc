#include "proxy/rewrite/rewriter.h"

#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/rewrite/bound_values.h"
#include "proxy/rewrite/edited_text.h"
#include "proxy/rewrite/passing_plans.h"
#include "proxy/rewrite/plan/plan_key.h"
#include "proxy/rewrite/plan_maker.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/screen/counts_of_before.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/guarded_text.h"
#include "proxy/rewrite/screen/high_names.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/rewrite/screen/set_var.h"
#include "proxy/rewrite/screen/several.h"
#include "proxy/rewrite/screen/tracking_statement.h"
#include "proxy/rewrite/screen/unasked.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/run.h"

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

// Some programs count the NUL behind a text of C's as a part of it (mysqlslap does).
// One alone, in a statement that has not ended yet, the servers take for its end.
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

bool IsLoad(const sql::TokenList& tokens) {
  return tokens.tokens[0].kind == sql::TokenKind::kWord &&
         sql::EqualsKeyword(tokens.Text(0), "LOAD");
}

// "(at character 8)" of a statement becomes that of the text it stands in.
void MovePosition(std::size_t by, std::string& message) {
  constexpr std::string_view kBefore = "(at character ";
  const std::size_t found = message.rfind(kBefore);
  if (found == std::string::npos) return;
  const std::size_t digits = found + kBefore.size();
  const std::size_t end = message.find_first_not_of("0123456789", digits);
  if (end == digits || end == std::string::npos || end - digits > 9) return;
  const std::size_t position = std::stoul(message.substr(digits, end - digits)) + by;
  message.replace(digits, end - digits, std::to_string(position));
}

std::shared_ptr<const Plan> ExactShapeOnly() {
  auto plan = std::make_shared<Plan>();
  plan->exact_shape_only = true;
  return plan;
}

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

struct Rewriter::State {
  State(crypto::RandomSource& random, metrics::Metrics& counters, RewriterLimits bounds)
      : metrics(counters),
        limits(bounds),
        sealer(random, counters),
        edited(sealer),
        values(sealer),
        cache(bounds.plan_cache_entries, bounds.plan_cache_bytes) {}

  metrics::Metrics& metrics;
  RewriterLimits limits;
  Sealer sealer;
  EditedText edited;
  BoundValues values;
  PlanMaker plans;
  PassingPlans passing;
  PlanCache cache;
  std::uint64_t newest = 0;  // snapshot's version
  // The list of names that names_version stands for.
  std::shared_ptr<const policy::ObjectNames> objects;
  std::uint64_t names_version = 0;
  bool keep = false;      // the key can be that of a cached plan
  bool by_shape = false;  // DecidedByShape() of the statement
  bool all_run = true;    // the executable comments that OpenComments() opened
  Screen screen;
  KnownNames names;
  std::string opened;  // the statement without executable comments
  Aftermath after;     // of the tokens, and
  TextPrepared text_prepared;
  sql::TokenList tokens;
  sql::TokenList check;        // of a text other than the statement's own
  std::vector<sql::Run> runs;  // of the tokens, as the plan in use has them
  const std::shared_ptr<const Plan> exact_shape_only = ExactShapeOnly();
  sql::KeyBuffer key;
  std::string text;     // of a statement that sets session tracking
  std::string several;  // text of several statements

  PlanCache::Kept* FindPlan(const policy::Snapshot& snapshot, const SessionFacts& facts);
  std::shared_ptr<const Plan> PlanFor(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                      const StatementTraits& traits);
  void Keep(const std::shared_ptr<const Plan>& plan);
  bool RunsModeSetter(const policy::Snapshot& snapshot, const SessionFacts& facts,
                      const sql::TokenList& list);
  bool NamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                  PlanCache::Kept& kept);
  Decision Apply(std::shared_ptr<const Plan> plan, const SessionFacts& facts, std::string_view sql,
                 bool prepare);
  bool MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts);
  bool OpenComments(const policy::Catalog& catalog, const SessionFacts& facts);
  bool AllNamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                     policy::UnknownNames& unknown);
  StatementTraits Traits(const policy::Catalog& catalog, const SessionFacts& facts);
  void LookAhead(const policy::Snapshot& snapshot, const SessionFacts& facts, std::string_view raw,
                 bool prepare);
  static Decision AsItCame(std::string_view sql, Decision decision);
  Decision Finished(std::string_view sql, Decision decision);
};

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
  if (facts.temporary_tables.empty()) kept.names_known = names_version;
  return true;
}

// A text with executable comments that may name a protected table becomes one
// without them: what is looked at is what the server gets.
bool Rewriter::State::OpenComments(const policy::Catalog& catalog, const SessionFacts& facts) {
  if (!tokens.has_executable_comment || !catalog.has_hot_names() || !facts.client ||
      (!RawTextNamesHot(catalog, tokens.text) &&
       !CommentsHideHotName(catalog, LexModeOf(facts), tokens))) {
    return false;
  }
  all_run = OpenExecutableComments(catalog, LexModeOf(facts), tokens.text, opened);
  sql::Lex(opened, LexModeOf(facts), tokens);
  return true;
}

bool Rewriter::State::AllNamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                    policy::UnknownNames& unknown) {
  if (!tokens.has_executable_comment) return names.HasAll(snapshot, facts, tokens, unknown);
  OpenExecutableComments(*snapshot.catalog, LexModeOf(facts), tokens.text, opened);
  sql::Lex(opened, LexModeOf(facts), check);
  return names.HasAll(snapshot, facts, check, unknown);
}

StatementTraits Rewriter::State::Traits(const policy::Catalog& catalog, const SessionFacts& facts) {
  if (!tokens.has_executable_comment) return TraitsOf(tokens);
  std::string open;
  OpenExecutableComments(catalog, LexModeOf(facts), tokens.text, open);
  sql::Lex(open, LexModeOf(facts), check);
  return TraitsOfBoth(tokens, check);
}

// What the statement does to the session.
void Rewriter::State::LookAhead(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view raw, bool prepare) {
  const policy::Catalog& catalog = *snapshot.catalog;
  std::string open;
  const sql::TokenList* list = &tokens;
  if (tokens.has_executable_comment) {
    OpenExecutableComments(catalog, LexModeOf(facts), tokens.text, open);
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
  after.temporary = TemporaryAfterOf(catalog, facts, raw, *list);
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
  auto text = edited.Make(facts, *plan, tokens, runs);
  if (!text) return {std::move(plan), tl::unexpected(std::move(text.error()))};
  if (plan->makes_view) {
    auto refusal = Planner::CheckMadeView(plan->snapshot, facts, *text);
    if (refusal) return {std::move(plan), tl::unexpected(std::move(*refusal))};
  }
  return {std::move(plan), ServerStatement(*text)};
}

Rewriter::Rewriter(crypto::RandomSource& random, metrics::Metrics& metrics, RewriterLimits limits)
    : state_(std::make_unique<State>(random, metrics, limits)) {}

Rewriter::~Rewriter() = default;

Decision Rewriter::Decide(const policy::Snapshot& snapshot, const SessionFacts& facts,
                          std::string_view sql, bool prepare, CatalogAge age) {
  State& state = *state_;
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  if (!facts.asked && !MayGoUnasked(state.tokens, SchemaIsKnown(*snapshot.catalog, facts))) {
    return NeedsModes(state.exact_shape_only);
  }
  const bool changed = state.OpenComments(*snapshot.catalog, facts);
  if (!changed && MayGoByShape(facts, state.tokens)) {
    PlanCache::Kept* const kept = state.FindPlan(snapshot, facts);
    const bool may_decide = kept != nullptr && kept->decides;
    if (may_decide && (age == CatalogAge::kMayBeOld ? state.NamesKnown(snapshot, facts, *kept)
                                                    : !snapshot.catalog->programs_set_modes)) {
      if (kept->plan->touches_protected) state.metrics.plan_hits.Add();
      state.after = kept->after;
      state.text_prepared = {};
      return state.Apply(kept->plan, facts, sql, prepare);
    }
  }
  state.LookAhead(snapshot, facts, sql, prepare);
  if (changed) sql = state.opened;
  state.by_shape = !changed && DecidedByShape(facts, state.tokens);
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
  if (!facts.asked &&
      (screening.verdict != Verdict::kCold || MayBeSchemaQuery(facts, state.tokens))) {
    return NeedsModes(state.exact_shape_only);
  }
  const bool unseen = screening.verdict == Verdict::kRefuse && !screening.source && !prepare;
  const auto guarded = unseen ? WithGuards(*snapshot.catalog, facts, state.tokens) : std::nullopt;
  policy::UnknownNames unknown;
  if (age == CatalogAge::kMayBeOld && (screening.verdict != Verdict::kRefuse || guarded) &&
      !state.AllNamesKnown(snapshot, facts, unknown)) {
    return {state.passing.Of(traits),
            tl::unexpected(UnknownNamesRefusal()),
            true,
            {},
            std::move(unknown)};
  }
  if (guarded) {
    state.text = *guarded;
    return {state.passing.Of(traits), ServerStatement(state.text)};
  }
  // What is left may be half a statement, whose values would show in an error. Of several,
  // it would be decided alone, and may be cold then.
  const bool half = !state.all_run && state.tokens.has_inner_semicolon;
  if (changed && (screening.verdict == Verdict::kCold || half)) {
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
    Decision refused{state.passing.Of(traits), tl::unexpected(std::move(*screening.refusal))};
    if (screening.source) refused.ask = AskForText(state.tokens, *screening.source, facts);
    return refused;
  }
  if (state.RunsModeSetter(snapshot, facts, state.tokens)) {
    return {state.passing.Of(traits), tl::unexpected(ModeSetterRefusal())};
  }
  return state.Apply(state.PlanFor(snapshot, facts, traits), facts, sql, prepare);
}

// Each statement is decided as if it had come alone; one that is refused refuses
// them all.
Decision Rewriter::DecideSeveral(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 CatalogAge age) {
  State& state = *state_;
  auto plan = std::make_shared<Plan>();
  plan->touches_protected = true;
  const auto statements = TakeApart(state.tokens);
  if (!statements) return {std::move(plan), tl::unexpected(statements.error())};
  const char* const whole = state.tokens.text.data();
  const Aftermath after = state.after;
  TextPrepared text_prepared = std::move(state.text_prepared);
  std::string text;
  for (const std::string_view sql : *statements) {
    const Decision one = Decide(snapshot, facts, sql, false, age);
    if (plan->statements.empty()) plan->statement_class = one.plan->statement_class;
    if (!one.statement) {
      Refusal refusal = one.statement.error();
      MovePosition(static_cast<std::size_t>(sql.data() - whole), refusal.message);
      refusal.message +=
          " (in statement " + std::to_string(plan->statements.size() + 1) + " of this text)";
      return {
          std::move(plan), tl::unexpected(std::move(refusal)), one.needs_catalog, {}, one.unknown};
    }
    if (sql.data() != statements->back().data() &&
        state.RunsModeSetter(snapshot, facts, state.tokens)) {
      return {std::move(plan), tl::unexpected(ModeSetterRefusal())};
    }
    if (!plan->statements.empty()) text += ';';
    text += one.statement->text();
    plan->writes = plan->writes || one.plan->writes;
    plan->changes_schema = plan->changes_schema || one.plan->changes_schema;
    plan->name_change.Add(one.plan->name_change);
    plan->targets.insert(plan->targets.end(), one.plan->targets.begin(), one.plan->targets.end());
    plan->statements.push_back(one.plan);
  }
  state.several = std::move(text);
  state.after = after;
  state.text_prepared = std::move(text_prepared);
  return {std::move(plan), ServerStatement(state.several)};
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
  if (alike == Alike::kButQuotes) {
    SessionFacts quoted = facts;
    quoted.lex.ansi_quotes = true;
    Decision as_name = Decide(snapshot, quoted, sql, false, age);
    if (!as_name.statement) return as_name;
  }
  Decision decision = Decide(snapshot, facts, sql, false, age);
  decision.temporary_after = state_->after.temporary;
  return decision;
}

Decision Rewriter::QueryDynamic(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view sql, const DynamicText& text, CatalogAge age) {
  State& state = *state_;
  sql = WithoutFinalNul(sql);
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  state.OpenComments(*snapshot.catalog, facts);  // as Decide() did
  if (IsLoad(state.tokens)) {
    SessionFacts known = facts;
    known.file_charset = std::string(text.text.value_or(""));
    Decision load = Decide(snapshot, known, sql, false, age);
    load.modes_after = state.after.modes;
    load.temporary_after = state.after.temporary;
    return load;
  }
  state.LookAhead(snapshot, facts, sql, false);
  auto plan = state.passing.Of(TraitsOf(state.tokens));
  Screening screening = state.screen.Look(*snapshot.catalog, facts, state.tokens);
  if (screening.verdict != Verdict::kRefuse || !screening.source) {
    return {plan, tl::unexpected(DynamicSql("dynamic SQL whose source cannot be asked for"))};
  }
  const DynamicSource source = *screening.source;
  if (!ReadsTheSame(text, source, facts)) return {plan, tl::unexpected(*screening.refusal)};
  if (text.text) {
    Screening inside =
        state.screen.LookInsideSource(*snapshot.catalog, facts, state.tokens, *text.text);
    if (inside.refusal) return {plan, tl::unexpected(std::move(*inside.refusal))};
    if (auto refusal = RefuseSchemaText(snapshot, facts, *text.text)) {
      return {plan, tl::unexpected(std::move(*refusal))};
    }
    sql::Lex(*text.text, LexModeOf(facts), state.check);
    policy::UnknownNames unknown;
    if (age == CatalogAge::kMayBeOld &&
        !state.names.HasAll(snapshot, facts, state.check, unknown)) {
      return {plan, tl::unexpected(*screening.refusal), true, {}, std::move(unknown)};
    }
  }
  if (text.text && IsWord(state.tokens, 0, "EXECUTE")) {
    plan = WithEffectOf(*plan, *state.passing.OfText(snapshot, facts, *text.text));
  }
  state.text = WithText(state.tokens, source, text, facts);
  Decision decision{plan, ServerStatement(state.text)};
  decision.modes_after = state.after.modes;
  decision.temporary_after = state.after.temporary;
  decision.text_prepared = std::move(state.text_prepared);
  if (text.text && MayExecute(*text.text)) decision.text_prepared.executes_any = true;
  if (IsWord(state.tokens, 0, "PREPARE") && text.text) {
    decision.text_prepared = {};
    decision.text_prepared.prepares = PreparedName(facts, state.tokens);
    decision.text_prepared.text = *text.text;
  }
  return decision;
}

Decision Rewriter::LookAgain(const policy::Snapshot& snapshot, const SessionFacts& facts,
                             std::string_view text, CatalogAge age) {
  State& state = *state_;
  std::string open(text);
  sql::Lex(text, LexModeOf(facts), state.check);
  const auto plan = state.passing.OfText(snapshot, facts, text);
  Screening inside = state.screen.LookInside(*snapshot.catalog, facts, text);
  if (inside.refusal) return {plan, tl::unexpected(std::move(*inside.refusal))};
  if (auto refusal = RefuseSchemaText(snapshot, facts, text)) {
    return {plan, tl::unexpected(std::move(*refusal))};
  }
  if (state.check.has_executable_comment) {
    OpenExecutableComments(*snapshot.catalog, LexModeOf(facts), text, open);
    sql::Lex(open, LexModeOf(facts), state.check);
  }
  policy::UnknownNames unknown;
  if (age == CatalogAge::kMayBeOld && !state.names.HasAll(snapshot, facts, state.check, unknown)) {
    return {plan, tl::unexpected(UnknownNamesRefusal()), true, {}, std::move(unknown)};
  }
  Decision decision{plan, ServerStatement(text)};
  const bool readable = facts.client || ascii::IsAscii(text);
  if (readable) {
    decision.modes_after =
        ModesAfterOf(*snapshot.catalog, state.RunsModeSetter(snapshot, facts, state.check),
                     facts.schema, state.check);
  }
  decision.temporary_after = TemporaryAfterOf(*snapshot.catalog, facts, text, state.check);
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
