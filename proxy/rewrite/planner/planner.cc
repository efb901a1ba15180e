#include "proxy/rewrite/planner/planner.h"

#include <array>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using sql::EqualsKeyword;
using sql::TokenKind;

// Statements over protected tables that carry no value and show none.
constexpr std::array<std::string_view, 8> kHarmlessVerbs{
    "DROP", "TRUNCATE", "LOCK", "ANALYZE", "OPTIMIZE", "CHECK", "REPAIR", "CHECKSUM"};

// DROP TABLE a, b; TRUNCATE TABLE a; LOCK TABLES a READ: words and commas only,
// so nothing can be hidden in them.
bool HasOnlyNames(const sql::TokenList& tokens) {
  for (std::size_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    const sql::Token& token = tokens.tokens[i];
    const bool name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier;
    const bool mark = token.kind == TokenKind::kSemicolon ||
                      (token.kind == TokenKind::kOperator &&
                       (token.op == sql::Operator::kComma || token.op == sql::Operator::kDot));
    if (!name && !mark) return false;
  }
  return true;
}

// Definitions whose text the server keeps and runs by itself.
constexpr std::array<std::string_view, 5> kPrograms{"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION",
                                                    "EVENT"};

// Of the words before the first parenthesis or AS; kNoToken if it is not there.
std::uint32_t FirstWord(const sql::TokenList& tokens, std::string_view upper) {
  for (std::uint32_t i = 0; i + 1 < tokens.tokens.size(); ++i) {
    if (tokens.tokens[i].op == sql::Operator::kOpen) break;
    if (tokens.tokens[i].kind != TokenKind::kWord) continue;
    if (EqualsKeyword(tokens.Text(i), upper)) return i;
    if (EqualsKeyword(tokens.Text(i), "AS")) break;
  }
  return sql::kNoToken;
}

}  // namespace

void Planner::PlanStatement(const sql::Statement& statement) {
  if (!Begin() || !Dispatch(statement)) return;
  if (statement.explain) {
    // Whatever the server says of a plan, it says of stored values.
    plan_.knows_result = true;
    plan_.result = {{std::nullopt, true}};
    plan_.names_no_table = false;
  }
  KeepSubqueriesApart();
  edits_.Finish();
}

bool Planner::Dispatch(const sql::Statement& statement) {
  switch (statement.kind) {
    case sql::StatementKind::kSelect: {
      std::vector<OutputColumn> outputs;
      shows_result_ = !statement.explain;
      if (!PlanQuery(*statement.query, nullptr, {}, outputs)) return false;
      FinishResult(outputs);
      plan_.names_no_table = ShowsGroups(*statement.query, last_grouped_);
      return !plan_.refusal;
    }
    case sql::StatementKind::kInsert:
    case sql::StatementKind::kReplace:
      return PlanInsert(*statement.insert);
    case sql::StatementKind::kUpdate:
      return PlanUpdate(*statement.update);
    case sql::StatementKind::kDelete:
      return PlanDelete(*statement.del);
    case sql::StatementKind::kView:
      return PlanViewStatement(*statement.view);
    case sql::StatementKind::kLoad:
      return PlanLoad(*statement.load);
    case sql::StatementKind::kOther:
      return PlanOther(statement);
    case sql::StatementKind::kCreateTable:
    case sql::StatementKind::kAlterTable:
    case sql::StatementKind::kCreateIndex:
    case sql::StatementKind::kRenameTable:
      break;  // DefinitionPlanner's
  }
  return Refuse(Unsupported("this kind of statement is not supported on a protected table"));
}

bool Planner::PlanOther(const sql::Statement& statement) {
  const std::string_view verb = tokens_.Text(statement.verb);
  for (const std::string_view harmless : kHarmlessVerbs) {
    if (EqualsKeyword(verb, harmless) && HasOnlyNames(tokens_)) return true;
  }
  if (PlanShow()) return true;
  for (const std::string_view program : kPrograms) {
    if (!EqualsKeyword(verb, "CREATE") && !EqualsKeyword(verb, "ALTER")) break;
    const std::uint32_t at = FirstWord(tokens_, program);
    if (at == sql::kNoToken) continue;
    return Refuse(Unsupported("CREATE or ALTER " + std::string(program) +
                              " over a protected table is not supported" + At(at)));
  }
  return Refuse(
      Unsupported("this statement names a protected table, and of its kind Sealgate "
                  "does not support that yet" +
                  At(statement.verb)));
}

void Planner::FinishResult(const std::vector<OutputColumn>& outputs) {
  plan_.knows_result = true;
  int gaps = 0;
  bool after_gap = false;
  for (const OutputColumn& output : outputs) {
    if (output.gap) {
      if (!after_gap) {
        plan_.result.push_back({std::nullopt, true});
        ++gaps;
      }
      after_gap = true;
      continue;
    }
    after_gap = false;
    PlannedColumn column;
    if (output.type.kind == ExprType::Kind::kProtected) column.target = output.type.target;
    plan_.result.push_back(column);
  }
  if (gaps > 1) {
    Refuse(
        Unsupported("a select list with * of more than one table outside the policy, apart "
                    "from each other, cannot be followed; name the columns"));
  }
}

}  // namespace sealgate::rewrite
