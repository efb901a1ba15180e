#include "proxy/rewrite/context/syntax.h"

namespace sealgate::rewrite {

using sql::ExprKind;

std::string_view ConstructOf(const sql::Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kUnary:
      return "an operator";
    case ExprKind::kBinary:
      return "arithmetic, concatenation or another operator";
    case ExprKind::kQuantified:
      return "a comparison with ANY or ALL";
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return "use as a truth value";
    case ExprKind::kBetween:
      return "BETWEEN";
    case ExprKind::kLike:
      return "LIKE";
    case ExprKind::kIs:
      return "IS TRUE or IS FALSE";
    case ExprKind::kCase:
      return "CASE";
    case ExprKind::kFunction:
      return "a function";
    case ExprKind::kCast:
      return "CAST or CONVERT";
    case ExprKind::kCollate:
      return "COLLATE";
    case ExprKind::kRow:
      return "a row of several columns";
    case ExprKind::kSubquery:
      return "a subquery that yields the column";
    case ExprKind::kInterval:
      return "INTERVAL";
    case ExprKind::kAssign:
      return "assignment to a user variable";
    case ExprKind::kDefault:
      return "DEFAULT()";
    case ExprKind::kValues:
      return "VALUES() other than stored or compared";
    case ExprKind::kMatch:
      return "MATCH … AGAINST";
    case ExprKind::kWindowFunction:
      return "a window function";
    default:
      return "this expression";
  }
}

const sql::Expr& Inner(const sql::Expr& expr) {
  const sql::Expr* at = &expr;
  while (at->kind == ExprKind::kParenthesis) at = at->args[0];
  return *at;
}

bool IsTruth(const sql::Expr& expr) {
  switch (Inner(expr).kind) {
    case ExprKind::kComparison:
    case ExprKind::kQuantified:
    case ExprKind::kAnd:
    case ExprKind::kOr:
    case ExprKind::kIn:
    case ExprKind::kBetween:
    case ExprKind::kLike:
    case ExprKind::kIs:
    case ExprKind::kExists:
      return true;
    default:
      return false;
  }
}

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

bool IsOuter(sql::JoinKind join) {
  return join != sql::JoinKind::kInner && join != sql::JoinKind::kNaturalInner;
}

bool HasOuterJoin(const sql::TableRef& table) {
  if (table.kind == sql::TableKind::kDerived) return true;
  if (table.kind != sql::TableKind::kJoin) return false;
  return IsOuter(table.join) || HasOuterJoin(*table.left) || HasOuterJoin(*table.right);
}

}  // namespace sealgate::rewrite
