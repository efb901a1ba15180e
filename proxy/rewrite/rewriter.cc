#include "proxy/rewrite/rewriter.h"

#include <algorithm>
#include <map>
#include <utility>

#include "proxy/rewrite/edited_text.h"
#include "proxy/rewrite/plan/plan_key.h"
#include "proxy/rewrite/plan/repeat.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/guarded_text.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/schema_change.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/rewrite/screen/set_var.h"
#include "proxy/rewrite/screen/several.h"
#include "proxy/rewrite/screen/tracking_statement.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/run.h"

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

// One row of two columns, as AskForText() has them.
constexpr const char* kAskForFileCharset =
    "SELECT @@character_set_database, CHARSET(@@character_set_database)";

Refusal RefusePreparedLoad() {
  return TypeRefusal(1295, "HY000",
                     "LOAD DATA into a protected table is not supported as a prepared statement");
}

bool IsLoad(const sql::TokenList& tokens) {
  return tokens.tokens[0].kind == sql::TokenKind::kWord &&
         sql::EqualsKeyword(tokens.Text(0), "LOAD");
}

// Before a token, instead of it, behind it.
int PlaceAtToken(const PlannedEdit& edit) { return edit.insert ? 0 : (edit.after ? 2 : 1); }
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

bool ByPlace(const PlannedEdit& a, const PlannedEdit& b) {
  if (a.first != b.first) return a.first < b.first;
  return PlaceAtToken(a) < PlaceAtToken(b);
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
  constexpr std::size_t kSchemaName = std::string_view("information_schema").size();
  if (facts.schema.size() == kSchemaName) return false;
  for (const sql::Token& token : tokens.tokens) {
    const std::size_t size = token.end - token.begin;
    switch (token.kind) {
      case sql::TokenKind::kUserVariable:
        return false;
      case sql::TokenKind::kWord:
        if (size == kSchemaName) return false;
        break;
      case sql::TokenKind::kQuotedIdentifier:
        if (size >= kSchemaName) return false;
        break;
      default:
        break;
    }
  }
  return true;
}

// Of the range whose lower end is the parameter before.
bool IsUpperEnd(const std::vector<PhysicalParameter>& parameters, std::size_t index) {
  if (index == 0 || parameters[index].seal != SealAs::kHigh) return false;
  const PhysicalParameter& before = parameters[index - 1];
  return before.seal == SealAs::kLow && before.logical == parameters[index].logical &&
         before.target == parameters[index].target;
}

}  // namespace

// A value's place in a buffer that still grows.
struct Slice {
  std::size_t begin = 0;
  std::size_t size = 0;
};

struct Rewriter::State {
  State(crypto::RandomSource& random, metrics::Metrics& counters, RewriterLimits bounds)
      : metrics(counters),
        limits(bounds),
        sealer(random, counters),
        edited(sealer),
        cache(bounds.plan_cache_entries, bounds.plan_cache_bytes) {}

  metrics::Metrics& metrics;
  RewriterLimits limits;
  Sealer sealer;
  EditedText edited;
  PlanCache cache;
  std::uint64_t newest = 0;  // snapshot's version
  // The list of names that names_version stands for.
  std::shared_ptr<const policy::ObjectNames> objects;
  std::uint64_t names_version = 0;
  bool keep = false;      // the key can be that of a cached plan
  bool by_shape = false;  // DecidedByShape() of the statement
  Screen screen;
  KnownNames names;
  std::string opened;  // the statement without executable comments
  sql::TokenList tokens;
  sql::TokenList check;        // of a text other than the statement's own
  std::vector<sql::Run> runs;  // of the tokens, as the plan in use has them
  sql::TokenList sample;
  std::vector<sql::Run> sample_runs;
  const std::shared_ptr<const Plan> exact_shape_only = ExactShapeOnly();
  sql::Arena arena;
  sql::KeyBuffer key;
  std::string text;  // of a statement that sets session tracking
  std::string scratch;
  std::string bound;  // values of the last Bind
  std::vector<Slice> places;
  std::string several;  // text of several statements
  std::map<std::uint32_t, std::shared_ptr<const Plan>> cold;

  std::shared_ptr<const Plan> ColdPlan(const StatementTraits& traits);
  PlanCache::Kept* FindPlan(const policy::Snapshot& snapshot, const SessionFacts& facts);
  std::shared_ptr<const Plan> PlanFor(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                      const StatementTraits& traits);
  bool NamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                  PlanCache::Kept& kept);
  Decision Apply(std::shared_ptr<const Plan> plan, const SessionFacts& facts, std::string_view sql,
                 bool prepare);
  std::shared_ptr<const Plan> SchemaPlan(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const StatementTraits& traits);
  bool MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts);
  std::shared_ptr<Plan> MakePlan(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 const StatementTraits& traits, const sql::TokenList& list);
  std::shared_ptr<const Plan> PlanOfSample(const policy::Snapshot& snapshot,
                                           const SessionFacts& facts,
                                           const StatementTraits& traits);
  bool OpenComments(const policy::Catalog& catalog, const SessionFacts& facts);
  bool AllNamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                     policy::UnknownNames& unknown);
  std::shared_ptr<const Plan> PassingPlan(const policy::Snapshot& snapshot,
                                          const SessionFacts& facts, StatementTraits traits,
                                          bool prepare);
};

std::shared_ptr<const Plan> Rewriter::State::ColdPlan(const StatementTraits& traits) {
  const std::uint32_t index = static_cast<std::uint32_t>(traits.statement_class) * 8 +
                              (traits.loads_file ? 4 : 0) + (traits.writes ? 2 : 0) +
                              (traits.changes_schema ? 1 : 0);
  std::shared_ptr<const Plan>& known = cold[index];
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

// A query of information_schema whose rows can be made logical; else nullptr. The
// statement itself passes as it is.
std::shared_ptr<const Plan> Rewriter::State::SchemaPlan(const policy::Snapshot& snapshot,
                                                        const SessionFacts& facts,
                                                        const StatementTraits& traits) {
  if (!snapshot.catalog->has_hot_names() || !MayBeSchemaQuery(facts, tokens)) return nullptr;
  arena.Clear();
  const auto tree = sql::Parse(tokens, facts.lex, arena);
  auto plan = std::make_shared<Plan>();
  if (!tree || !PlanSchemaQuery(**tree, facts, tokens, *plan)) return nullptr;
  plan->snapshot = snapshot;
  plan->statement_class = traits.statement_class;
  plan->writes = traits.writes;
  return plan;
}

bool Rewriter::State::MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts) {
  return MakePlanKey(snapshot.version, facts, tokens, runs, limits.max_shape, key);
}

std::shared_ptr<Plan> Rewriter::State::MakePlan(const policy::Snapshot& snapshot,
                                                const SessionFacts& facts,
                                                const StatementTraits& traits,
                                                const sql::TokenList& list) {
  auto plan = std::make_shared<Plan>();
  plan->snapshot = snapshot;
  plan->statement_class = traits.statement_class;
  plan->writes = traits.writes;
  plan->changes_schema = traits.changes_schema;
  arena.Clear();
  if (const auto tree = sql::Parse(list, facts.lex, arena)) {
    Planner planner(snapshot, facts, list, *plan);
    planner.PlanStatement(**tree);
  } else {
    plan->refusal = RefuseParse(tree.error(), list);
  }
  std::stable_sort(plan->edits.begin(), plan->edits.end(), ByPlace);
  return plan;
}

// A plan for runs of any length; null when there is none. Also for a refusal: it
// tells the place, which is another one in the statement itself.
std::shared_ptr<const Plan> Rewriter::State::PlanOfSample(const policy::Snapshot& snapshot,
                                                          const SessionFacts& facts,
                                                          const StatementTraits& traits) {
  sql::MakeSample(tokens, runs, sample, sample_runs);
  std::shared_ptr<Plan> plan = MakePlan(snapshot, facts, traits, sample);
  if (plan->refusal || !plan->cacheable || !Generalise(sample_runs, *plan)) return nullptr;
  return plan;
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
    if (auto general = PlanOfSample(snapshot, facts, traits)) {
      metrics.plan_misses.Add();
      if (keep) cache.Insert(key.bytes(), general, by_shape);
      return general;
    }
    if (keep) cache.Insert(key.bytes(), exact_shape_only);
    runs.clear();
    keep = MakeKey(snapshot, facts);
    kept = keep ? cache.Find(key.bytes()) : nullptr;
  }
  if (kept != nullptr) {
    metrics.plan_hits.Add();
    kept->decides = kept->decides || by_shape;
    return kept->plan;
  }
  metrics.plan_misses.Add();
  std::shared_ptr<const Plan> plan = MakePlan(snapshot, facts, traits, tokens);
  // A refusal tells the place, and the same shape may have it elsewhere.
  if (keep && plan->cacheable && !plan->refusal) cache.Insert(key.bytes(), plan, by_shape);
  return plan;
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
  if (facts.temporary_tables.empty()) kept.names_known = names_version;
  return true;
}

// A text with executable comments that may name a protected table becomes one
// without them: what is looked at is what the server gets.
bool Rewriter::State::OpenComments(const policy::Catalog& catalog, const SessionFacts& facts) {
  if (!tokens.has_executable_comment || !catalog.has_hot_names() || !facts.client ||
      !RawTextNamesHot(catalog, tokens.text)) {
    return false;
  }
  OpenExecutableComments(catalog, LexModeOf(facts), tokens.text, opened);
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

// Of a statement that names nothing protected.
std::shared_ptr<const Plan> Rewriter::State::PassingPlan(const policy::Snapshot& snapshot,
                                                         const SessionFacts& facts,
                                                         StatementTraits traits, bool prepare) {
  if (!traits.changes_schema) return ColdPlan(traits);
  SchemaEffect effect;
  if (tokens.has_executable_comment) {
    std::string text;
    OpenExecutableComments(*snapshot.catalog, LexModeOf(facts), tokens.text, text);
    sql::Lex(text, LexModeOf(facts), check);
    effect = EffectOfOpened(*snapshot.catalog, facts, tokens.text, check);
  } else {
    effect = EffectOf(*snapshot.catalog, facts, tokens);
  }
  traits.changes_schema = effect.whole;
  // When it is executed, another schema may be the default.
  if (prepare) effect.change.made.reset();
  if (effect.whole || effect.change.empty()) return ColdPlan(traits);
  auto plan = std::make_shared<Plan>(*ColdPlan(traits));
  plan->name_change = std::move(effect.change);
  return plan;
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
  if (!plan->targets.empty() && SetsSessionFact(tokens)) {
    return {plan, tl::unexpected(Unsupported("a hint SET_VAR of sql_mode or time_zone is not "
                                             "supported in a statement on protected columns"))};
  }
  if (plan->edits.empty()) return {std::move(plan), ServerStatement(sql)};
  auto text = edited.Make(facts, *plan, tokens, runs);
  if (!text) return {std::move(plan), tl::unexpected(std::move(text.error()))};
  return {std::move(plan), ServerStatement(*text)};
}

Rewriter::Rewriter(crypto::RandomSource& random, metrics::Metrics& metrics, RewriterLimits limits)
    : state_(std::make_unique<State>(random, metrics, limits)) {}

Rewriter::~Rewriter() = default;

Decision Rewriter::Decide(const policy::Snapshot& snapshot, const SessionFacts& facts,
                          std::string_view sql, bool prepare, CatalogAge age) {
  State& state = *state_;
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  const bool changed = state.OpenComments(*snapshot.catalog, facts);
  if (changed) sql = state.opened;
  if (!changed && MayGoByShape(facts, state.tokens)) {
    PlanCache::Kept* const kept = state.FindPlan(snapshot, facts);
    if (kept != nullptr && kept->decides &&
        (age != CatalogAge::kMayBeOld || state.NamesKnown(snapshot, facts, *kept))) {
      if (kept->plan->touches_protected) state.metrics.plan_hits.Add();
      return state.Apply(kept->plan, facts, sql, prepare);
    }
  }
  state.by_shape = !changed && DecidedByShape(facts, state.tokens);
  StatementTraits traits = TraitsOf(state.tokens);
  // Where strings end is known only in a character set that is read.
  const bool readable = facts.client.has_value();
  const auto kept = readable ? KeepTracking(state.tokens, state.text) : std::nullopt;
  if (kept) return {state.ColdPlan(traits), ServerStatement(*kept)};
  Screening screening = state.screen.Look(*snapshot.catalog, facts, state.tokens);
  const bool unseen = screening.verdict == Verdict::kRefuse && !screening.source && !prepare;
  const auto guarded = unseen ? WithGuards(*snapshot.catalog, facts, state.tokens) : std::nullopt;
  policy::UnknownNames unknown;
  if (age == CatalogAge::kMayBeOld && (screening.verdict != Verdict::kRefuse || guarded) &&
      !state.AllNamesKnown(snapshot, facts, unknown)) {
    return {state.ColdPlan(traits),
            tl::unexpected(Unsupported("the statement names a table or routine that is not known "
                                       "here, and the schema cannot be read now")),
            true,
            {},
            std::move(unknown)};
  }
  if (guarded) {
    state.text = *guarded;
    return {state.ColdPlan(traits), ServerStatement(state.text)};
  }
  if (changed && screening.verdict == Verdict::kCold) {
    // What is left may be half a statement, whose values would show in an error.
    return {state.ColdPlan(traits),
            tl::unexpected(Unsupported(
                "an executable comment (/*! … */) that this server does not run may name a "
                "protected table; send the statement without it"))};
  }
  if (screening.verdict == Verdict::kCold && !prepare) {
    if (auto schema = state.SchemaPlan(snapshot, facts, traits)) {
      return {std::move(schema), ServerStatement(sql)};
    }
  }
  if (screening.verdict == Verdict::kCold) {
    auto passing = state.PassingPlan(snapshot, facts, traits, prepare);
    if (state.by_shape && state.keep) state.cache.Insert(state.key.bytes(), passing, true);
    return {std::move(passing), ServerStatement(sql)};
  }
  const bool several = readable && state.tokens.has_inner_semicolon && !state.tokens.has_illegal &&
                       !state.tokens.has_executable_comment;
  if (several && !prepare) return DecideSeveral(snapshot, facts, age);
  if (screening.verdict == Verdict::kRefuse) {
    Decision refused{state.ColdPlan(traits), tl::unexpected(std::move(*screening.refusal))};
    if (screening.source) refused.ask = AskForText(state.tokens, *screening.source, facts);
    return refused;
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
    if (!plan->statements.empty()) text += ';';
    text += one.statement->text();
    plan->writes = plan->writes || one.plan->writes;
    plan->changes_schema = plan->changes_schema || one.plan->changes_schema;
    plan->name_change.Add(one.plan->name_change);
    plan->targets.insert(plan->targets.end(), one.plan->targets.begin(), one.plan->targets.end());
    plan->statements.push_back(one.plan);
  }
  state.several = std::move(text);
  return {std::move(plan), ServerStatement(state.several)};
}

Decision Rewriter::Query(const policy::Snapshot& snapshot, const SessionFacts& facts,
                         std::string_view sql, CatalogAge age) {
  return Decide(snapshot, facts, sql, false, age);
}

Decision Rewriter::QueryDynamic(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view sql, const DynamicText& text, CatalogAge age) {
  State& state = *state_;
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  state.OpenComments(*snapshot.catalog, facts);  // as Decide() did
  if (IsLoad(state.tokens)) {
    SessionFacts known = facts;
    known.file_charset = std::string(text.text.value_or(""));
    return Decide(snapshot, known, sql, false, age);
  }
  const auto plan = state.ColdPlan(TraitsOf(state.tokens));
  Screening screening = state.screen.Look(*snapshot.catalog, facts, state.tokens);
  if (screening.verdict != Verdict::kRefuse || !screening.source) {
    return {plan, tl::unexpected(DynamicSql("dynamic SQL whose source cannot be asked for"))};
  }
  const DynamicSource source = *screening.source;
  if (!ReadsTheSame(text, source, facts)) return {plan, tl::unexpected(*screening.refusal)};
  if (text.text) {
    Screening inside = state.screen.LookInside(*snapshot.catalog, facts, *text.text);
    if (inside.refusal) return {plan, tl::unexpected(std::move(*inside.refusal))};
    sql::Lex(*text.text, LexModeOf(facts), state.check);
    policy::UnknownNames unknown;
    if (age == CatalogAge::kMayBeOld &&
        !state.names.HasAll(snapshot, facts, state.check, unknown)) {
      return {plan, tl::unexpected(*screening.refusal), true, {}, std::move(unknown)};
    }
  }
  state.text = WithText(state.tokens, source, text, facts);
  return {plan, ServerStatement(state.text)};
}

Decision Rewriter::Prepare(const policy::Snapshot& snapshot, const SessionFacts& facts,
                           std::string_view sql, CatalogAge age) {
  return Decide(snapshot, facts, sql, true, age);
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
  State& state = *state_;
  if (logical.size() != plan.logical_parameters) {
    return tl::unexpected(TypeRefusal(1210, "HY000", "wrong number of parameters"));
  }
  state.bound.clear();
  const std::size_t first = physical.size();
  state.places.clear();
  for (const PhysicalParameter& parameter : plan.parameters) {
    const wire::ParamValue& value = logical[parameter.logical];
    state.places.emplace_back();
    physical.push_back(value);
    if (parameter.seal == SealAs::kPlain) continue;
    const Target& target = plan.targets[parameter.target];
    if (value.long_data) {
      return tl::unexpected(Unsupported("column " + target.protection->QualifiedName() +
                                        ": a value sent in pieces (COM_STMT_SEND_LONG_DATA) is "
                                        "not supported for a protected column"));
    }
    wire::ParamValue& bound = physical.back();
    bound.type = wire::FieldType::kBlob;  // the one type that no character set touches
    bound.is_unsigned = false;
    if (value.is_null) {
      const bool stored = parameter.seal == SealAs::kEnvelope;
      if (stored && !target.column->nullable) return tl::unexpected(NullRefusal(target));
      continue;
    }
    const std::size_t begin = state.bound.size();
    if (IsUpperEnd(plan.parameters, state.places.size() - 1)) {
      const Slice& lower = state.places[state.places.size() - 2];
      state.bound.append(state.bound, lower.begin, lower.size);
      MakeUpperEnd(state.bound);
    } else {
      state.scratch.clear();
      const auto source = FromParameter(value, state.scratch);
      if (!source) return tl::unexpected(RefuseValue(target, source.error()));
      const auto done = state.sealer.Seal(facts, target, parameter.seal, *source, state.bound);
      if (!done) return done;
    }
    state.places.back() = {begin, state.bound.size() - begin};
  }
  for (std::size_t i = 0; i < state.places.size(); ++i) {
    const Slice& place = state.places[i];
    if (place.size == 0) continue;
    physical[first + i].bytes = std::string_view(state.bound).substr(place.begin, place.size);
  }
  return {};
}

tl::expected<void, Refusal> Rewriter::SealFile(FileSealer& file, std::string_view bytes, bool last,
                                               std::string& out) {
  return file.Write(bytes, last, state_->sealer, out);
}

}  // namespace sealgate::rewrite
