// Typing of expressions. A protected column may stand where it is compared with
// a value, tested for NULL, counted, or returned; anywhere else the statement is
// refused. Every other node types its children as plain, so a column that hides
// at any depth is found.
#include <algorithm>
#include <utility>

#include "crypto/envelope.h"
#include "proxy/rewrite/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
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
      return "VALUES() outside of its own column's assignment";
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

// Whether the expression can only be true, false or NULL.
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

}  // namespace

bool Planner::Type(const sql::Expr& expr, Scope& scope, ExprType& type) {
  type = {};
  switch (expr.kind) {
    case ExprKind::kLiteral:
      type.kind = expr.literal == sql::Literal::kTemporal ? Kind::kPlain : Kind::kValue;
      return true;
    case ExprKind::kParameter:
      type.kind = Kind::kValue;
      return true;
    case ExprKind::kColumn:
      return TypeColumn(expr.name, scope, type);
    case ExprKind::kParenthesis:
      return Type(*expr.args[0], scope, type);
    case ExprKind::kComparison:
      return TypeComparison(expr, scope);
    case ExprKind::kIn:
      return TypeIn(expr, scope);
    case ExprKind::kIs:
      // The physical column is NULL exactly when the logical one is.
      if (expr.literal == sql::Literal::kNull) {
        ExprType ignored;
        return Type(*expr.args[0], scope, ignored);
      }
      return TypeChildren(expr, scope);
    case ExprKind::kSubquery:
    case ExprKind::kExists:
    case ExprKind::kQuantified:
      return TypeChildren(expr, scope) && TypeSubquery(expr, scope, ConstructOf(expr));
    case ExprKind::kFunction:
      return TypeFunction(expr, scope);
    case ExprKind::kValues:
    case ExprKind::kDefault:
      if (expr.name.column == sql::kNoToken) return TypeChildren(expr, scope);
      if (!TypeColumn(expr.name, scope, type)) return false;
      if (type.kind != Kind::kProtected) return true;
      return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                      ConstructOf(expr));
    default:
      return TypeChildren(expr, scope);
  }
}

bool Planner::TypePlain(const sql::Expr& expr, Scope& scope, std::string_view construct) {
  ExprType type;
  if (!Type(expr, scope, type)) return false;
  if (type.kind != Kind::kProtected) return true;
  return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                  construct);
}

bool Planner::IsXor(const sql::Expr& expr) const {
  return expr.op_token != sql::kNoToken && sql::EqualsKeyword(tokens_.Text(expr.op_token), "XOR");
}

// 'x' || '' = email: an OR, where a concatenation was meant. The string would
// go to the server as it is.
bool Planner::RefuseStringAsTruth(const sql::Expr& arg) {
  const sql::Expr& inner = Inner(arg);
  const bool string = inner.kind == ExprKind::kAdjacentStrings ||
                      inner.kind == ExprKind::kIntroducer ||
                      (inner.kind == ExprKind::kLiteral && inner.literal == sql::Literal::kString);
  if (!string) return true;
  return Refuse(
      Unsupported("a string as a truth value is not supported in a statement on a "
                  "protected table" +
                  At(inner.span.first)));
}

bool Planner::TypeChildren(const sql::Expr& expr, Scope& scope) {
  const bool truth = expr.kind == ExprKind::kAnd || expr.kind == ExprKind::kOr ||
                     (expr.kind == ExprKind::kUnary && expr.op == sql::Op::kNot) ||
                     (expr.kind == ExprKind::kBinary && IsXor(expr));
  for (const sql::Expr* arg : expr.args) {
    if (arg->kind == ExprKind::kStar) continue;
    if (truth && !RefuseStringAsTruth(*arg)) return false;
    if (!TypePlain(*arg, scope, ConstructOf(expr))) return false;
  }
  const bool own_query = expr.kind == ExprKind::kSubquery || expr.kind == ExprKind::kExists ||
                         expr.kind == ExprKind::kQuantified || expr.kind == ExprKind::kIn;
  if (expr.query != nullptr && !own_query) return TypeSubquery(expr, scope, ConstructOf(expr));
  return true;
}

bool Planner::TypeSubquery(const sql::Expr& expr, Scope& scope, std::string_view construct) {
  std::vector<OutputColumn> outputs;
  static const CommonTables kNone;
  if (!PlanQuery(*expr.query, &scope, common_tables_ ? *common_tables_ : kNone, outputs)) {
    return false;
  }
  if (expr.kind == ExprKind::kExists) return true;
  return AllPlain(outputs, expr.span.first, construct);
}

bool Planner::TypeFunction(const sql::Expr& expr, Scope& scope) {
  const std::string name = Folded(expr.name.table);
  // The servers find routines by a collation that knows no accents.
  const bool accents =
      std::any_of(name.begin(), name.end(), [](char c) { return (c & 0x80) != 0; });
  if (accents && snapshot_.catalog->has_hot_routines()) {
    return Refuse(
        Unsupported("a function whose name has a character beyond ASCII is not "
                    "supported beside routines over protected tables" +
                    At(expr.span.first)));
  }
  if (const auto* entries = snapshot_.catalog->FindHot(name)) {
    for (const policy::HotName& hot : *entries) {
      if (hot.kind != policy::NameKind::kRoutine) continue;
      return Refuse(
          Unsupported("a stored function that reads or writes a protected table, or "
                      "runs dynamic SQL, is not supported" +
                      At(expr.span.first)));
    }
  }
  // COUNT(column) counts what is not NULL, which sealing keeps.
  const bool counts = name == "count" && !expr.distinct && expr.args.size() == 1 &&
                      expr.args[0]->kind == ExprKind::kColumn;
  if (counts) {
    ExprType ignored;
    return Type(*expr.args[0], scope, ignored);
  }
  return TypeChildren(expr, scope);
}

bool Planner::TypeComparison(const sql::Expr& expr, Scope& scope) {
  ExprType left;
  ExprType right;
  if (!Type(*expr.args[0], scope, left) || !Type(*expr.args[1], scope, right)) return false;
  const bool left_protected = left.kind == Kind::kProtected;
  const bool right_protected = right.kind == Kind::kProtected;
  if (!left_protected && !right_protected) {
    // email = 'x' < 'y' compares a truth value with 'y'.
    if (IsTruth(*expr.args[0]) && !RefuseStringAsTruth(*expr.args[1])) return false;
    return !IsTruth(*expr.args[1]) || RefuseStringAsTruth(*expr.args[0]);
  }
  if (left_protected && right_protected) {
    return CompareColumns(expr, *expr.args[0], left.target, *expr.args[1], right.target);
  }
  const sql::Expr& column = left_protected ? *expr.args[0] : *expr.args[1];
  const sql::Expr& other = left_protected ? *expr.args[1] : *expr.args[0];
  const std::uint32_t target = left_protected ? left.target : right.target;
  const sql::Expr* value = nullptr;
  if (!IsValue(other, &value)) {
    return RefuseAt(other.span.first, plan_.targets[target].protection->QualifiedName(),
                    "a comparison with anything but a literal or a parameter");
  }
  return CompareWithValue(expr, column, target, *value);
}

bool Planner::MayCompare(std::uint32_t target, std::uint32_t token, std::string_view construct) {
  const Target& to = plan_.targets[target];
  const std::string name = to.protection->QualifiedName();
  if (!to.rule->search) {
    return Refuse(ColumnDenied("this role may not search by column " + name + At(token)));
  }
  if (crypto::ModeOf(*to.cipher) == crypto::Mode::kRandom) {
    std::string in_mode(construct);
    return RefuseAt(token, name, in_mode + " in mode 'random'");
  }
  const bool text = policy::IsText(to.column->type.kind);
  const bool searchable = crypto::ModeOf(*to.cipher) == crypto::Mode::kSearchable;
  if (searchable && text && to.column->weights == nullptr) {
    return RefuseAt(token, name, "a comparison under this collation");
  }
  return true;
}

bool Planner::CompareWithValue(const sql::Expr& comparison, const sql::Expr& column,
                               std::uint32_t target, const sql::Expr& value) {
  const std::uint32_t at = comparison.op_token;
  switch (comparison.op) {
    case sql::Op::kEqual:
    case sql::Op::kNotEqual:
    case sql::Op::kNullSafeEqual:
      break;
    default:
      return RefuseAt(at, plan_.targets[target].protection->QualifiedName(),
                      "a comparison of order (<, <=, >, >=)");
  }
  if (IsNullLiteral(value)) return true;
  if (!MayCompare(target, at, "a comparison")) return false;
  if (crypto::ModeOf(*plan_.targets[target].cipher) == crypto::Mode::kDeterministic) {
    return SealInPlace(value, target, SealAs::kEqual);
  }
  const sql::Expr& reference = Inner(column);
  if (reference.kind != ExprKind::kColumn) {
    return RefuseAt(at, plan_.targets[target].protection->QualifiedName(),
                    "a comparison of anything but the column itself");
  }
  const std::string name = ColumnText(reference);
  PlannedEdit edit;
  edit.first = comparison.span.first;
  edit.last = comparison.span.last;
  std::string text = "(";
  if (comparison.op == sql::Op::kNullSafeEqual) {
    // A parameter may be NULL, and then <=> asks for NULL.
    if (value.kind == ExprKind::kParameter) {
      return RefuseAt(at, plan_.targets[target].protection->QualifiedName(),
                      "<=> with a parameter");
    }
    text += name + " IS NOT NULL AND ";
  }
  if (comparison.op == sql::Op::kNotEqual) text += "NOT ";
  AppendRange(edit, text, name, value, target);
  edit.pieces.push_back({text + ")", SealAs::kPlain, 0, 0, 0});
  plan_.edits.push_back(std::move(edit));
  return true;
}

// `text` is what stands before and becomes what stands after the last value.
void Planner::AppendRange(PlannedEdit& edit, std::string& text, const std::string& column,
                          const sql::Expr& value, std::uint32_t target) {
  text += column + " BETWEEN ";
  if (value.kind == ExprKind::kParameter) {
    text += "? AND ?";
    parameter_uses_[value.span.first] = {SealAs::kLow, target, true};
    return;
  }
  edit.pieces.push_back({std::move(text), SealAs::kLow, value.span.first, value.span.last, target});
  edit.pieces.push_back({" AND ", SealAs::kHigh, value.span.first, value.span.last, target});
  text.clear();
}

bool Planner::SealInPlace(const sql::Expr& value, std::uint32_t target, SealAs seal) {
  if (value.kind == ExprKind::kParameter) {
    parameter_uses_[value.span.first] = {seal, target, false};
    return true;
  }
  PlannedEdit edit;
  edit.first = value.span.first;
  edit.last = value.span.last;
  edit.pieces.push_back({"", seal, value.span.first, value.span.last, target});
  plan_.edits.push_back(std::move(edit));
  return true;
}

std::string Planner::ColumnText(const sql::Expr& column) const {
  std::string text;
  for (std::uint32_t i = column.span.first; i <= column.span.last; ++i) text += tokens_.Text(i);
  return text;
}

bool Planner::CompareColumns(const sql::Expr& comparison, const sql::Expr& left,
                             std::uint32_t left_target, const sql::Expr& right,
                             std::uint32_t right_target) {
  const std::uint32_t at = comparison.op_token;
  const Target& a = plan_.targets[left_target];
  const Target& b = plan_.targets[right_target];
  const std::string name = a.protection->QualifiedName();
  if (a.domain != b.domain) {
    return RefuseAt(
        at, name,
        "a comparison with " + b.protection->QualifiedName() + ", which is of another domain,");
  }
  if (comparison.op != sql::Op::kEqual && comparison.op != sql::Op::kNotEqual) {
    return RefuseAt(at, name, "a comparison between columns other than = and <>");
  }
  if (!(a.column->type == b.column->type)) {
    return RefuseAt(at, name, "a comparison between columns of different types");
  }
  if (!MayCompare(left_target, at, "a comparison")) return false;
  if (!MayCompare(right_target, at, "a comparison")) return false;
  if (crypto::ModeOf(*a.cipher) == crypto::Mode::kDeterministic) return true;
  const sql::Expr& first = Inner(left);
  const sql::Expr& second = Inner(right);
  if (first.kind != ExprKind::kColumn || second.kind != ExprKind::kColumn) {
    return RefuseAt(at, name, "a comparison of anything but the columns themselves");
  }
  const std::string length = std::to_string(crypto::kEqualityPrefixBytes);
  const std::string prefix = "LEFT(" + ColumnText(second) + "," + length + ")";
  std::string text = comparison.op == sql::Op::kNotEqual ? "(NOT " : "(";
  text +=
      ColumnText(first) + " BETWEEN " + prefix + " AND CONCAT(" + prefix + ",X'FFFFFFFFFFFFFFFF'))";
  PlannedEdit edit;
  edit.first = comparison.span.first;
  edit.last = comparison.span.last;
  edit.pieces.push_back({std::move(text), SealAs::kPlain, 0, 0, 0});
  plan_.edits.push_back(std::move(edit));
  return true;
}

bool Planner::TypeIn(const sql::Expr& expr, Scope& scope) {
  ExprType left;
  if (!Type(*expr.args[0], scope, left)) return false;
  const bool is_protected = left.kind == Kind::kProtected;
  if (!is_protected) {
    for (std::size_t i = 1; i < expr.args.size(); ++i) {
      if (!TypePlain(*expr.args[i], scope, "IN with the column in its list")) return false;
    }
    return expr.query == nullptr || TypeSubquery(expr, scope, "IN with a subquery");
  }
  const std::string name = plan_.targets[left.target].protection->QualifiedName();
  if (expr.query != nullptr) return RefuseAt(expr.op_token, name, "IN with a subquery");
  if (!MayCompare(left.target, expr.op_token, "IN")) return false;
  const sql::Expr& reference = Inner(*expr.args[0]);
  if (reference.kind != ExprKind::kColumn) {
    return RefuseAt(expr.op_token, name, "IN of anything but the column itself");
  }
  const Target& target = plan_.targets[left.target];
  const bool ranges = crypto::ModeOf(*target.cipher) == crypto::Mode::kSearchable;
  PlannedEdit edit;
  edit.first = expr.span.first;
  edit.last = expr.span.last;
  std::string text = expr.negated ? "(NOT (" : "((";
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const sql::Expr* value = nullptr;
    if (!IsValue(*expr.args[i], &value)) {
      return RefuseAt(expr.args[i]->span.first, name,
                      "IN with anything but literals and parameters");
    }
    if (!ranges) {
      if (!IsNullLiteral(*value) && !SealInPlace(*value, left.target, SealAs::kEqual)) return false;
      continue;
    }
    if (i > 1) text += " OR ";
    if (IsNullLiteral(*value)) {
      text += "NULL";
    } else {
      AppendRange(edit, text, ColumnText(reference), *value, left.target);
    }
  }
  if (!ranges) return true;
  edit.pieces.push_back({text + "))", SealAs::kPlain, 0, 0, 0});
  plan_.edits.push_back(std::move(edit));
  return true;
}

}  // namespace sealgate::rewrite
