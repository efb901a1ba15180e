// Texts that have others in them: several statements, dynamic SQL whose text is known by
// now, and what was prepared by name.
#include <utility>
#include <vector>

#include "policy/ascii.h"
#include "proxy/rewrite/rewriter_state.h"
#include "proxy/rewrite/schema/query.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/several.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool IsLoad(const sql::TokenList& tokens) {
  return tokens.tokens[0].kind == sql::TokenKind::kWord &&
         sql::EqualsKeyword(tokens.Text(0), "LOAD");
}

}  // namespace

// Each statement is decided as if it had come alone; one that is refused refuses
// them all.
Decision Rewriter::DecideSeveral(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                 CatalogAge age) {
  State& state = *state_;
  auto plan = std::make_shared<Plan>();
  plan->touches_protected = true;
  auto several = TakeApart(state.tokens);
  if (!several) return {std::move(plan), tl::unexpected(std::move(several.error()))};
  const char* const whole = state.tokens.text.data();
  const Aftermath after = state.after;
  TextPrepared text_prepared = std::move(state.text_prepared);
  std::string text;
  for (const std::string_view sql : several->statements) {
    const Decision one = Decide(snapshot, facts, sql, false, age);
    if (plan->statements.empty()) plan->statement_class = one.plan->statement_class;
    if (!one.statement) {
      Refusal refusal = one.statement.error();
      const auto before = static_cast<std::size_t>(sql.data() - whole);
      MovePosition([before](std::size_t place) { return place + before; }, refusal.message);
      refusal.message +=
          " (in statement " + std::to_string(plan->statements.size() + 1) + " of this text)";
      return {
          std::move(plan), tl::unexpected(std::move(refusal)), one.needs_catalog, {}, one.unknown};
    }
    const bool cold = !one.plan->touches_protected && one.plan->schema_rows == SchemaRows::kNone;
    if (several->unlisted && !cold) {
      return {std::move(plan), tl::unexpected(std::move(*several->unlisted))};
    }
    if (sql.data() != several->statements.back().data() &&
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

Decision Rewriter::QueryDynamic(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                std::string_view sql, const DynamicText& text, CatalogAge age) {
  State& state = *state_;
  sql = WithoutFinalNul(sql);
  sql::Lex(sql, LexModeOf(facts), state.tokens);
  std::vector<RemovedText> removed;
  state.OpenComments(*snapshot.catalog, facts, removed);  // as Decide() did
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
  const bool is_mariadb = snapshot.catalog->is_mariadb;
  if (!ReadsTheSame(text, source, facts, is_mariadb)) {
    return {plan, tl::unexpected(text.is_lost ? *screening.refusal : RefuseReadOtherwise())};
  }
  if (text.text) {
    Screening inside =
        state.screen.LookInsideSource(*snapshot.catalog, facts, state.tokens, *text.text);
    if (inside.refusal) return {plan, tl::unexpected(std::move(*inside.refusal))};
    if (auto refusal = RefuseSchemaText(snapshot, facts, *text.text)) {
      return {plan, tl::unexpected(std::move(*refusal))};
    }
    sql::Lex(*text.text, LexModeOf(facts), state.check);
    if (state.ProgramsMayShow(snapshot, facts, state.check)) {
      return {plan, tl::unexpected(RefusePrograms())};
    }
    policy::UnknownNames unknown;
    if (age == CatalogAge::kMayBeOld &&
        !state.names.HasAll(snapshot, facts, state.check, unknown)) {
      return {plan, tl::unexpected(*screening.refusal), true, {}, std::move(unknown)};
    }
  }
  if (text.text && IsWord(state.tokens, 0, "EXECUTE")) {
    plan = WithEffectOf(*plan, *state.passing.OfText(snapshot, facts, *text.text));
  }
  state.text = WithText(state.tokens, source, text, facts, is_mariadb);
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
    OpenCommentsOf(*snapshot.catalog, facts, text, open);
    sql::Lex(open, LexModeOf(facts), state.check);
  }
  if (state.ProgramsMayShow(snapshot, facts, state.check)) {
    return {plan, tl::unexpected(RefusePrograms())};
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
  decision.temporary_after = TemporaryAfterOf(*snapshot.catalog, facts, text, state.check, false);
  return decision;
}

}  // namespace sealgate::rewrite
