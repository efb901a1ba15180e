#include "proxy/rewrite/passing_plans.h"

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/servers_programs.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

// KILL [HARD | SOFT] [CONNECTION] number; 0 for anything else.
std::uint32_t KilledThread(const sql::TokenList& tokens) {
  if (!sql::IsWord(tokens, 0, "KILL") || tokens.has_executable_comment) return 0;
  std::size_t at = 1;
  if (sql::IsWord(tokens, at, "HARD") || sql::IsWord(tokens, at, "SOFT")) ++at;
  if (sql::IsWord(tokens, at, "CONNECTION")) ++at;
  if (tokens.tokens[at].kind != sql::TokenKind::kInteger ||
      tokens.tokens[at + 1].kind != sql::TokenKind::kEnd) {
    return 0;
  }
  const std::string_view digits = tokens.Text(at);
  std::uint32_t thread = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), thread);
  return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? thread : 0;
}

bool RunsOthers(const sql::TokenList& tokens) {
  if (tokens.has_inner_semicolon || tokens.has_illegal || tokens.has_executable_comment)
    return false;
  return sql::IsWord(tokens, 0, "CALL") ||
         (sql::IsWord(tokens, 0, "EXECUTE") && sql::IsWord(tokens, 1, "IMMEDIATE"));
}

// EXECUTE IMMEDIATE 'LOAD DATA LOCAL …'
bool LoadsWithin(const SessionFacts& facts, const sql::TokenList& tokens) {
  if (!sql::IsWord(tokens, 0, "EXECUTE") || tokens.tokens[2].kind != sql::TokenKind::kString) {
    return false;
  }
  std::string text;
  sql::UnescapeString(tokens.Text(2), facts.lex, text);
  sql::TokenList inner;
  sql::Lex(text, LexModeOf(facts), inner);
  return TraitsOf(inner).loads_file;
}

}  // namespace

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
  if (const std::uint32_t thread = KilledThread(tokens); thread != 0 && !prepare) {
    auto plan = std::make_shared<Plan>(*Of(traits));
    plan->kills = thread;
    return plan;
  }
  const sql::TokenList* list = &tokens;
  std::string text;  // of the opened ones
  if (tokens.has_executable_comment) {
    OpenCommentsOf(*snapshot.catalog, facts, tokens.text, text);
    sql::Lex(text, LexModeOf(facts), opened_);
    list = &opened_;
  }
  if (RunsOthers(*list)) {
    traits.changes_schema = false;
    traits.loads_file = traits.loads_file || LoadsWithin(facts, *list);
    return With(EffectOfOthers(snapshot, facts, *list), traits);
  }
  if (!traits.changes_schema) return Of(traits);
  SchemaEffect effect = tokens.has_executable_comment
                            ? EffectOfOpened(*snapshot.catalog, facts, tokens.text, opened_)
                            : EffectOf(*snapshot.catalog, facts, tokens);
  // When it is executed, another schema may be the default.
  if (prepare) effect.change.made.reset();
  traits.changes_schema = false;
  return With(std::move(effect), traits);
}

std::shared_ptr<const Plan> PassingPlans::With(SchemaEffect effect, StatementTraits traits) {
  traits.changes_schema = traits.changes_schema || effect.whole;
  if (traits.changes_schema || effect.change.empty()) return Of(traits);
  auto plan = std::make_shared<Plan>(*Of(traits));
  plan->name_change = std::move(effect.change);
  return plan;
}

// What a CALL's programs do, or the text of an EXECUTE IMMEDIATE.
SchemaEffect PassingPlans::EffectOfOthers(const policy::Snapshot& snapshot,
                                          const SessionFacts& facts, const sql::TokenList& tokens) {
  if (sql::IsWord(tokens, 0, "CALL")) {
    return CallsServersProgram(facts.schema, tokens, 0)
               ? SchemaEffect{true, {}}
               : EffectOfPrograms(names_.ProgramsOf(snapshot, facts, tokens));
  }
  if (tokens.tokens[2].kind != sql::TokenKind::kString) return {true, {}};
  std::string text;
  sql::UnescapeString(tokens.Text(2), facts.lex, text);
  const std::shared_ptr<const Plan> inner = OfText(snapshot, facts, text);
  return {inner->changes_schema, inner->name_change};
}

std::shared_ptr<const Plan> PassingPlans::OfText(const policy::Snapshot& snapshot,
                                                 const SessionFacts& facts, std::string_view text) {
  sql::TokenList tokens;
  sql::Lex(text, LexModeOf(facts), tokens);
  if (tokens.has_executable_comment) return Of({StatementClass::kOther, true, true});
  return Of(snapshot, facts, TraitsOf(tokens), tokens, false);
}

}  // namespace sealgate::rewrite
