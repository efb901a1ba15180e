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

bool IsNullLiteral(const sql::Expr& expr) {
  return expr.kind == sql::ExprKind::kLiteral && expr.literal == sql::Literal::kNull;
}

bool IsCollated(const sql::Expr& expr, const sql::Expr** value) {
  const sql::Expr& inner = Inner(expr);
  if (inner.kind != sql::ExprKind::kCollate || !IsValue(*inner.args[0], value)) return false;
  const sql::Expr& literal = **value;
  if (literal.kind == sql::ExprKind::kLiteral) return literal.literal == sql::Literal::kString;
  return literal.kind == sql::ExprKind::kAdjacentStrings ||
         literal.kind == sql::ExprKind::kIntroducer;
}

bool IsValue(const sql::Expr& expr, const sql::Expr** core) {
  const sql::Expr* at = &expr;
  while (at->kind == sql::ExprKind::kParenthesis) at = at->args[0];
  *core = at;
  const bool strings =
      at->kind == sql::ExprKind::kAdjacentStrings || at->kind == sql::ExprKind::kIntroducer;
  if (strings || at->kind == sql::ExprKind::kParameter) return true;
  const bool signed_number = at->kind == sql::ExprKind::kUnary &&
                             (at->op == sql::Op::kNegate || at->op == sql::Op::kPlus) &&
                             at->args[0]->kind == sql::ExprKind::kLiteral;
  const sql::Expr* literal = signed_number ? at->args[0] : at;
  if (literal->kind != sql::ExprKind::kLiteral) return false;
  switch (literal->literal) {
    case sql::Literal::kInteger:
    case sql::Literal::kDecimal:
    case sql::Literal::kFloat:
      return true;
    case sql::Literal::kNull:
    case sql::Literal::kTrue:
    case sql::Literal::kFalse:
    case sql::Literal::kString:
    case sql::Literal::kNational:
    case sql::Literal::kHex:
    case sql::Literal::kBit:
    case sql::Literal::kTemporal:
      return !signed_number;
    default:
      return false;
  }
}

Planner::Planner(const policy::Snapshot& snapshot, const SessionFacts& facts,
                 const sql::TokenList& tokens, Plan& plan)
    : snapshot_(snapshot), facts_(facts), tokens_(tokens), plan_(plan), edits_(tokens, plan) {}

void Planner::PlanStatement(const sql::Statement& statement) {
  plan_.touches_protected = true;
  if (!facts_.client || !facts_.connection) {
    Refuse(SessionRefusal(
        "protected tables cannot be used while the session's character set is one that Sealgate "
        "cannot read; use SET NAMES utf8mb4"));
    return;
  }
  if (facts_.unsupported_mode) {
    Refuse(
        SessionRefusal("protected tables cannot be used while sql_mode has EMPTY_STRING_IS_NULL, "
                       "HIGH_NOT_PRECEDENCE, MSSQL, ORACLE or PAD_CHAR_TO_FULL_LENGTH"));
    return;
  }
  if (!Dispatch(statement)) return;
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
    case sql::StatementKind::kCreateTable:
      return PlanCreateTable(*statement.create_table);
    case sql::StatementKind::kAlterTable:
      return PlanAlterTable(*statement.alter_table);
    case sql::StatementKind::kCreateIndex:
      return PlanCreateIndex(*statement.create_index);
    case sql::StatementKind::kRenameTable:
      return PlanRenameTable(*statement.rename_table);
    case sql::StatementKind::kView:
      return PlanViewStatement(*statement.view);
    case sql::StatementKind::kLoad:
      return PlanLoad(*statement.load);
    case sql::StatementKind::kOther:
      return PlanOther(statement);
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

bool Planner::Refuse(Refusal refusal) {
  if (!plan_.refusal) plan_.refusal = std::move(refusal);
  return false;
}

bool Planner::RefuseAt(std::uint32_t token, std::string_view column, std::string_view construct) {
  std::string message = "column ";
  message.append(column).append(" is protected, and ").append(construct);
  message += " is not supported on it" + At(token);
  return Refuse(Unsupported(std::move(message)));
}

std::string Planner::At(std::uint32_t token) const {
  if (token >= tokens_.tokens.size()) return "";
  return " (at character " + std::to_string(tokens_.tokens[token].begin + 1) + ")";
}

std::string Planner::Folded(std::uint32_t token) {
  std::string folded;
  if (token == sql::kNoToken) return folded;
  const std::string_view text = tokens_.Text(token);
  const TokenKind kind = tokens_.tokens[token].kind;
  if (kind == TokenKind::kQuotedIdentifier) {
    std::string name;
    sql::UnquoteIdentifier(text, name);
    policy::FoldName(name, folded);
  } else if (kind == TokenKind::kString) {
    // SELECT email AS 'a' … HAVING a = …: the name is a literal.
    plan_.cacheable = false;
    std::string name;
    sql::UnescapeString(text, facts_.lex, name);
    policy::FoldName(name, folded);
  } else {
    policy::FoldName(text, folded);
  }
  return folded;
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
