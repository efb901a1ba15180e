#include "proxy/rewrite/rewriter.h"

#include <algorithm>
#include <map>
#include <utility>

#include "proxy/rewrite/executable_comment.h"
#include "proxy/rewrite/known_names.h"
#include "proxy/rewrite/planner.h"
#include "proxy/rewrite/schema_query.h"
#include "proxy/rewrite/screen.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/rewrite/several.h"
#include "proxy/rewrite/tracking_statement.h"
#include "proxy/sql/edit.h"
#include "proxy/sql/lexer.h"
#include "proxy/sql/shape.h"

namespace sealgate::rewrite {
namespace {

Refusal RefuseParse(const sql::ParseError& error, const sql::TokenList& tokens) {
  const std::uint32_t at =
      error.token < tokens.tokens.size() ? tokens.tokens[error.token].begin + 1 : 0;
  const char* what = "the statement names a protected table and could not be understood";
  switch (error.code) {
    case sql::ParseErrorCode::kUnexpectedToken:
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
  return a.insert && !b.insert;
}

void AppendNumber(std::uint64_t number, std::string& out) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
}

void AppendCharset(const std::optional<policy::Charset>& charset, std::string& out) {
  out += charset ? static_cast<char>(*charset) : '\x7F';
}

}  // namespace

struct Rewriter::State {
  State(crypto::RandomSource& random, metrics::Metrics& counters, RewriterLimits bounds)
      : metrics(counters),
        limits(bounds),
        sealer(random, counters),
        cache(bounds.plan_cache_entries) {}

  metrics::Metrics& metrics;
  RewriterLimits limits;
  Sealer sealer;
  PlanCache cache;
  std::uint64_t newest = 0;  // snapshot's version
  Screen screen;
  KnownNames names;
  std::string opened;  // the statement without executable comments
  sql::TokenList tokens;
  sql::TokenList check;
  sql::Arena arena;
  std::string key;
  std::string text;  // of the statement for the server
  std::string sealed;
  std::string scratch;
  std::vector<sql::Edit> edits;
  std::string replacements;
  std::string bound;    // values of the last Bind
  std::string several;  // text of several statements
  std::map<std::uint32_t, std::shared_ptr<const Plan>> cold;

  std::shared_ptr<const Plan> ColdPlan(const StatementTraits& traits);
  std::shared_ptr<const Plan> PlanFor(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                      const StatementTraits& traits);
  std::shared_ptr<const Plan> SchemaPlan(const policy::Snapshot& snapshot,
                                         const SessionFacts& facts, const StatementTraits& traits);
  void MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts);
  tl::expected<void, Refusal> Apply(const SessionFacts& facts, const Plan& plan);
  tl::expected<void, Refusal> AppendPiece(const SessionFacts& facts, const Plan& plan,
                                          const Piece& piece, std::string& out);
  bool StillOneStatement(const SessionFacts& facts);
  bool OpenComments(const policy::Catalog& catalog, const SessionFacts& facts);
  bool AllNamesKnown(const policy::Catalog& catalog, const SessionFacts& facts);
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

// Everything that a plan depends on. The shape comes last, so that no other
// part can run into it; the parts before it have a fixed or a stated length.
void Rewriter::State::MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts) {
  key.clear();
  AppendNumber(snapshot.version, key);
  AppendNumber(reinterpret_cast<std::uintptr_t>(facts.role), key);
  key +=
      static_cast<char>((facts.lex.ansi_quotes ? 1 : 0) | (facts.lex.no_backslash_escapes ? 2 : 0) |
                        (facts.lex.pipes_as_concat ? 4 : 0) | (facts.unsupported_mode ? 8 : 0));
  AppendCharset(facts.client, key);
  AppendCharset(facts.connection, key);
  AppendCharset(facts.results, key);
  AppendNumber(facts.schema.size(), key);
  key += facts.schema;
  sql::AppendShape(tokens, key);
}

std::shared_ptr<const Plan> Rewriter::State::PlanFor(const policy::Snapshot& snapshot,
                                                     const SessionFacts& facts,
                                                     const StatementTraits& traits) {
  const bool cacheable = tokens.text.size() <= limits.max_planned_text;
  // Plans keep the snapshot that they were made from, and nobody will ask for
  // those of an older one again.
  if (snapshot.version > newest) {
    cache.Clear();
    newest = snapshot.version;
  }
  if (cacheable) {
    MakeKey(snapshot, facts);
    if (auto known = cache.Find(key)) {
      metrics.plan_hits.Add();
      return known;
    }
    metrics.plan_misses.Add();
  }
  auto plan = std::make_shared<Plan>();
  plan->snapshot = snapshot;
  plan->statement_class = traits.statement_class;
  plan->writes = traits.writes;
  plan->changes_schema = traits.changes_schema;
  arena.Clear();
  if (const auto tree = sql::Parse(tokens, facts.lex, arena)) {
    Planner planner(snapshot, facts, tokens, *plan);
    planner.PlanStatement(**tree);
  } else {
    plan->refusal = RefuseParse(tree.error(), tokens);
  }
  std::stable_sort(plan->edits.begin(), plan->edits.end(), ByPlace);
  // A refusal tells the place, and the same shape may have it elsewhere.
  if (cacheable && plan->cacheable && !plan->refusal) cache.Insert(key, plan);
  return plan;
}

tl::expected<void, Refusal> Rewriter::State::AppendPiece(const SessionFacts& facts,
                                                         const Plan& plan, const Piece& piece,
                                                         std::string& out) {
  out += piece.text;
  if (piece.seal == SealAs::kPlain) return {};
  const Target& target = plan.targets[piece.target];
  scratch.clear();
  const auto source = FromLiteral(tokens, piece.value_first, piece.value_last, facts.lex, scratch);
  if (!source) return tl::unexpected(RefuseValue(target, source.error()));
  sealed.clear();
  if (const auto done = sealer.Seal(facts, target, piece.seal, *source, sealed); !done) {
    return done;
  }
  sql::AppendHexLiteral(sealed, out);
  return {};
}

tl::expected<void, Refusal> Rewriter::State::Apply(const SessionFacts& facts, const Plan& plan) {
  replacements.clear();
  std::vector<std::size_t> ends;
  ends.reserve(plan.edits.size());
  for (const PlannedEdit& edit : plan.edits) {
    for (const Piece& piece : edit.pieces) {
      const auto done = AppendPiece(facts, plan, piece, replacements);
      if (!done) return done;
    }
    ends.push_back(replacements.size());
  }
  edits.clear();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < plan.edits.size(); ++i) {
    const PlannedEdit& edit = plan.edits[i];
    const std::string_view with = std::string_view(replacements).substr(begin, ends[i] - begin);
    const std::uint32_t from = tokens.tokens[edit.first].begin;
    edits.push_back({from, edit.insert ? from : tokens.tokens[edit.last].end, with});
    begin = ends[i];
  }
  text.clear();
  if (!sql::ApplyEdits(tokens.text, edits, text) || !StillOneStatement(facts)) {
    return tl::unexpected(SyntaxRefusal("the rewritten statement did not pass its own check"));
  }
  return {};
}

// The last look before the text leaves: it must still read as one statement.
bool Rewriter::State::StillOneStatement(const SessionFacts& facts) {
  sql::Lex(text, LexModeOf(facts), check);
  return !check.has_illegal && !check.has_executable_comment && !check.has_inner_semicolon;
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

bool Rewriter::State::AllNamesKnown(const policy::Catalog& catalog, const SessionFacts& facts) {
  if (!tokens.has_executable_comment) return names.HasAll(catalog, facts, tokens);
  OpenExecutableComments(catalog, LexModeOf(facts), tokens.text, opened);
  sql::Lex(opened, LexModeOf(facts), check);
  return names.HasAll(catalog, facts, check);
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
  const StatementTraits traits = TraitsOf(state.tokens);
  if (const auto kept = KeepTracking(state.tokens, state.text)) {
    return {state.ColdPlan(traits), ServerStatement(*kept)};
  }
  Screening screening = state.screen.Look(*snapshot.catalog, facts, state.tokens);
  if (age == CatalogAge::kMayBeOld && screening.verdict != Verdict::kRefuse &&
      !state.AllNamesKnown(*snapshot.catalog, facts)) {
    return {state.ColdPlan(traits),
            tl::unexpected(Unsupported("the statement names a table or routine that is not known "
                                       "here, and the schema cannot be read now")),
            true};
  }
  if (screening.verdict == Verdict::kCold && !prepare) {
    if (auto schema = state.SchemaPlan(snapshot, facts, traits)) {
      return {std::move(schema), ServerStatement(sql)};
    }
  }
  if (screening.verdict == Verdict::kCold) {
    return {state.ColdPlan(traits), ServerStatement(sql)};
  }
  const bool several = state.tokens.has_inner_semicolon && !state.tokens.has_illegal &&
                       !state.tokens.has_executable_comment;
  if (several && !prepare) return DecideSeveral(snapshot, facts, age);
  if (screening.verdict == Verdict::kRefuse) {
    return {state.ColdPlan(traits), tl::unexpected(std::move(*screening.refusal))};
  }
  std::shared_ptr<const Plan> plan = state.PlanFor(snapshot, facts, traits);
  if (plan->refusal) return {plan, tl::unexpected(*plan->refusal)};
  if (plan->maps_parameters && !prepare) {
    return {plan, tl::unexpected(SyntaxRefusal("a parameter marker (?) in a text statement"))};
  }
  if (plan->edits.empty()) return {plan, ServerStatement(sql)};
  if (auto done = state.Apply(facts, *plan); !done) {
    return {std::move(plan), tl::unexpected(std::move(done.error()))};
  }
  return {std::move(plan), ServerStatement(state.text)};
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
      return {std::move(plan), tl::unexpected(std::move(refusal)), one.needs_catalog};
    }
    if (!plan->statements.empty()) text += ';';
    text += one.statement->text();
    plan->writes = plan->writes || one.plan->writes;
    plan->changes_schema = plan->changes_schema || one.plan->changes_schema;
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

Decision Rewriter::Prepare(const policy::Snapshot& snapshot, const SessionFacts& facts,
                           std::string_view sql, CatalogAge age) {
  return Decide(snapshot, facts, sql, true, age);
}

std::string Rewriter::TemporaryTable(const SessionFacts& facts) const {
  return TemporaryTableOf(facts, state_->tokens);
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
  std::vector<std::pair<std::size_t, std::size_t>> places;  // views come when `bound` is still
  for (const PhysicalParameter& parameter : plan.parameters) {
    const wire::ParamValue& value = logical[parameter.logical];
    places.emplace_back(0, 0);
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
    state.scratch.clear();
    const auto source = FromParameter(value, state.scratch);
    if (!source) return tl::unexpected(RefuseValue(target, source.error()));
    const std::size_t begin = state.bound.size();
    const auto done = state.sealer.Seal(facts, target, parameter.seal, *source, state.bound);
    if (!done) return done;
    places.back() = {begin, state.bound.size() - begin};
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].second == 0) continue;
    physical[first + i].bytes =
        std::string_view(state.bound).substr(places[i].first, places[i].second);
  }
  return {};
}

}  // namespace sealgate::rewrite
