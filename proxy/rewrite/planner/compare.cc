// Comparisons for equality: =, <>, <=>, IN, ANY and ALL, of values, columns,
// subqueries, and rows of these.
//
// Deterministic values are compared as they are stored. A searchable column
// equals a value where it lies in the range of the value's stored prefix, for
// which its index serves; everything else of searchable mode is compared by its
// prefix, LEFT(x, 22).
#include <algorithm>
#include <utility>

#include "crypto/envelope.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::ExprKind;

bool IsEquality(sql::Op op) {
  return op == sql::Op::kEqual || op == sql::Op::kNotEqual || op == sql::Op::kNullSafeEqual;
}

bool IsOneValue(const sql::Expr& expr) {
  const ExprKind kind = Inner(expr).kind;
  return kind != ExprKind::kRow && kind != ExprKind::kSubquery;
}

}  // namespace

bool Planner::TypeComparison(const sql::Expr& expr, Scope& scope) {
  const sql::Expr& left = *expr.args[0];
  const sql::Expr& right = *expr.args[1];
  if (!IsOneValue(left) || !IsOneValue(right)) {
    std::vector<std::vector<Position>> operands(2);
    if (!TypeOperand(left, scope, operands[0]) || !TypeOperand(right, scope, operands[1])) {
      return false;
    }
    if (IsTruth(left) && !RefuseStringAsTruth(right)) return false;
    if (IsTruth(right) && !RefuseStringAsTruth(left)) return false;
    for (int side = 0; side < 2; ++side) {
      const sql::Expr& operand = side == 0 ? left : right;
      if (Inner(operand).kind == ExprKind::kRow) continue;
      if (!RefuseTimeQuery(operand, operands[side], expr.op_token)) return false;
    }
    // Beside a subquery's row MariaDB does not convert texts, either.
    const bool of_query =
        Inner(left).kind == ExprKind::kSubquery || Inner(right).kind == ExprKind::kSubquery;
    in_rows_ = of_query && operands[0].size() > 1 && snapshot_.catalog->is_mariadb;
    const bool compared =
        CompareOperands(operands, expr.op_token, IsEquality(expr.op) ? "a comparison" : kOrder);
    in_rows_ = false;
    return compared;
  }
  ExprType a;
  ExprType b;
  if (!TypeCompared(left, scope, a) || !TypeCompared(right, scope, b)) return false;
  const bool left_protected = a.kind == Kind::kProtected;
  const bool right_protected = b.kind == Kind::kProtected;
  if (!left_protected && !right_protected) {
    // email = 'x' < 'y' compares a truth value with 'y'.
    if (IsTruth(left) && !RefuseStringAsTruth(right)) return false;
    return !IsTruth(right) || RefuseStringAsTruth(left);
  }
  if (stored_) {
    if (!IsEquality(expr.op)) {
      const std::uint32_t target = left_protected ? a.target : b.target;
      return RefuseAt(expr.op_token, plan_.targets[target].protection->QualifiedName(), kOrder);
    }
    if (IsNullLiteral(Inner(left)) || IsNullLiteral(Inner(right))) return true;
    return UnifyEquality({{&left, a}, {&right, b}}, expr.op_token, "a comparison");
  }
  if (left_protected && right_protected) {
    return CompareColumns(expr, {&left, a}, {&right, b});
  }
  const sql::Expr& column = left_protected ? left : right;
  const sql::Expr& other = left_protected ? right : left;
  const ExprType& type = left_protected ? b : a;
  const ExprType& protected_type = left_protected ? a : b;
  const std::uint32_t target = protected_type.target;
  const std::string name = plan_.targets[target].protection->QualifiedName();
  const sql::Expr* value = nullptr;
  const bool searchable = IsSearchable({Kind::kProtected, target});
  const bool named_once =
      expr.op == sql::Op::kNullSafeEqual && (protected_type.computed || MayJoinOuter());
  const bool ranges = searchable && Inner(column).kind == ExprKind::kColumn && !named_once;
  if (IsEquality(expr.op) && ranges && IsCollated(other, &value) &&
      ComparesAs(Inner(other), *value, target)) {
    return CompareWithValue(expr, column, protected_type, *value);
  }
  if (!IsValue(other, &value) && type.kind != Kind::kValue) {
    return RefuseAt(other.span.first, name,
                    "a comparison with anything but a literal or a parameter");
  }
  if (!IsEquality(expr.op)) return RefuseAt(expr.op_token, name, kOrder);
  if (!IsValue(other, &value)) {
    return UnifyEquality({{&column, protected_type}, {&other, type}}, expr.op_token,
                         "a comparison");
  }
  return CompareWithValue(expr, column, protected_type, *value);
}

bool Planner::TypeOperand(const sql::Expr& expr, Scope& scope, std::vector<Position>& positions) {
  const sql::Expr& inner = Inner(expr);
  if (inner.kind == ExprKind::kSubquery) {
    return TypeQueryOperand(*inner.query, inner.span.first, scope, positions);
  }
  const auto add = [&](const sql::Expr& part) {
    Leaf leaf{&part, {}};
    if (!TypeCompared(part, scope, leaf.type)) return false;
    positions.push_back({leaf});
    return true;
  };
  if (inner.kind != ExprKind::kRow) return add(expr);
  for (const sql::Expr* part : inner.args) {
    if (!add(*part)) return false;
  }
  return true;
}

bool Planner::TypeQueryOperand(const sql::Query& query, std::uint32_t token, Scope& scope,
                               std::vector<Position>& positions) {
  NoteSubquery(query);
  std::vector<OutputColumn> outputs;
  static const CommonTables kNone;
  const Semijoins before = BeginSubquery();
  if (!PlanQuery(query, &scope, common_tables_ ? *common_tables_ : kNone, outputs,
                 QueryUse::kEquality)) {
    return false;
  }
  for (const OutputColumn& output : outputs) NoteCompared(output.type, outputs.size() > 1);
  if (!RefuseSemijoinWithin(token)) return false;
  EndSubquery(before);
  for (OutputColumn& output : outputs) {
    if (output.gap) return AllPlain(outputs, token, "a subquery with * of another table");
    if (output.leaves.empty()) output.leaves.push_back({nullptr, output.type});
    const bool compared = output.fixed || WereCompared(output);
    for (Leaf& leaf : output.leaves) {
      if (compared && leaf.type.kind == Kind::kValue) leaf.type = {};
      leaf.from_query = true;
    }
    positions.push_back(std::move(output.leaves));
  }
  return true;
}

// The query of an IN, ANY or ALL with `left` before it.
bool Planner::TypeQueryBeside(const sql::Expr& left, const sql::Expr& expr, Scope& scope,
                              std::vector<Position>& positions) {
  const sql::Expr& inner = Inner(left);
  bool query = inner.kind == ExprKind::kSubquery;
  if (inner.kind == ExprKind::kRow) {
    query = std::any_of(inner.args.begin(), inner.args.end(), [](const sql::Expr* part) {
      return Inner(*part).kind == ExprKind::kSubquery;
    });
  }
  const bool before = std::exchange(beside_query_, query && snapshot_.catalog->is_mariadb);
  if (!TypeQueryOperand(*expr.query, expr.op_token, scope, positions)) return false;
  beside_query_ = before;
  return true;
}

bool Planner::CompareWithValue(const sql::Expr& comparison, const sql::Expr& column,
                               const ExprType& type, const sql::Expr& value) {
  const std::uint32_t at = comparison.op_token;
  std::uint32_t target = type.target;
  if (IsNullLiteral(value)) return true;
  if (!MayCompare(target, at, "a comparison")) return false;
  if (!RefuseWithLiterals(type, at, "a comparison")) return false;
  if (!RefuseTimeAsText(type, at, "a comparison")) return false;
  if (type.computed && IsManyAFloat(target)) target = Taking(Literals::kExactAsFloat, target);
  if (crypto::ModeOf(*plan_.targets[target].cipher) == crypto::Mode::kDeterministic) {
    edits_.Seal(value, target, SealAs::kEqual);
    return true;
  }
  const sql::Expr& reference = Inner(column);
  // A parameter may be NULL, and then <=> asks for NULL. What is computed is named once: it
  // may be evaluated wherever it is named.
  const bool null_safe = comparison.op == sql::Op::kNullSafeEqual;
  const bool once = value.kind == ExprKind::kParameter || type.computed || MayJoinOuter();
  if (reference.kind != ExprKind::kColumn || (null_safe && once)) {
    return UnifyEquality({{&column, type}, {&value, {Kind::kValue, 0}}}, at, "a comparison");
  }
  const std::string name = edits_.TakeColumnText(reference);
  std::vector<Piece> pieces;
  std::string text = "(";
  if (null_safe) text += name + " IS NOT NULL AND ";
  if (comparison.op == sql::Op::kNotEqual) text += "NOT ";
  AppendRange(pieces, text, name, value, target);
  pieces.push_back({text + ")", SealAs::kPlain, 0, 0, 0});
  edits_.Replace(comparison.span, std::move(pieces));
  return true;
}

// Whether MariaDB may conclude from a condition that an outer join is an inner one: from ours
// for <=>, too, and not from <=>.
bool Planner::MayJoinOuter() const {
  if (!snapshot_.catalog->is_mariadb) return false;
  constexpr std::string_view kOuter[] = {"LEFT", "RIGHT", "OUTER"};
  bool outer = has_views_;
  for (std::size_t i = 1; i + 1 < tokens_.tokens.size(); ++i) {
    outer = outer || (sql::IsWord(tokens_, i, "JOIN") && sql::IsAnyWord(tokens_, i - 1, kOuter));
  }
  return outer;
}

// `text` is what stands before and becomes what stands after the last value.
void Planner::AppendRange(std::vector<Piece>& pieces, std::string& text, const std::string& column,
                          const sql::Expr& value, std::uint32_t target) {
  text += column + " BETWEEN ";
  if (value.kind == ExprKind::kParameter) {
    text += "? AND ?";
    edits_.SealRange(value, target);
    return;
  }
  pieces.push_back({std::move(text), SealAs::kLow, value.span.first, value.span.last, target});
  pieces.push_back({" AND ", SealAs::kHigh, value.span.first, value.span.last, target});
  text.clear();
}

bool Planner::CompareColumns(const sql::Expr& comparison, const Leaf& left, const Leaf& right) {
  const std::uint32_t at = comparison.op_token;
  const Target& a = plan_.targets[left.type.target];
  if (!SameValues(left.type.target, right.type.target, at, "a comparison")) return false;
  for (const ExprType& type : {left.type, right.type}) {
    if (!RefuseWithLiterals(type, at, "a comparison")) return false;
  }
  if (!IsEquality(comparison.op)) {
    return RefuseAt(at, a.protection->QualifiedName(), kOrder);
  }
  const sql::Expr& first = Inner(*left.expr);
  const sql::Expr& second = Inner(*right.expr);
  const bool columns = first.kind == ExprKind::kColumn && second.kind == ExprKind::kColumn;
  const bool ranges = columns && comparison.op != sql::Op::kNullSafeEqual && !right.type.varies &&
                      crypto::ModeOf(*a.cipher) == crypto::Mode::kSearchable;
  if (!ranges) return UnifyEquality({left, right}, at, "a comparison");
  if (!MayCompare(left.type.target, at, "a comparison")) return false;
  if (!MayCompare(right.type.target, at, "a comparison")) return false;
  const std::string prefix = "LEFT(" + edits_.TakeColumnText(second) + Edits::EqualityEnd();
  std::string text = comparison.op == sql::Op::kNotEqual ? "(NOT " : "(";
  text += edits_.TakeColumnText(first) + " BETWEEN " + prefix + " AND CONCAT(" + prefix +
          ",X'FFFFFFFFFFFFFFFF'))";
  edits_.Replace(comparison.span, std::move(text));
  return true;
}

bool Planner::TypeQuantified(const sql::Expr& expr, Scope& scope) {
  std::vector<std::vector<Position>> operands(2);
  if (!TypeOperand(*expr.args[0], scope, operands[0])) return false;
  if (!TypeQueryBeside(*expr.args[0], expr, scope, operands[1])) return false;
  const std::string_view construct =
      IsEquality(expr.op) ? std::string_view("a comparison with ANY or ALL") : kOrder;
  NoteSemijoin(operands);
  return RefuseValuesBesideValues(operands, construct) &&
         CompareOperands(operands, expr.op_token, construct);
}

bool Planner::TypeIn(const sql::Expr& expr, Scope& scope) {
  const sql::Expr* core = nullptr;
  bool values = !stored_ && expr.query == nullptr && Inner(*expr.args[0]).kind == ExprKind::kColumn;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    values = values && IsValue(*expr.args[i], &core);
  }
  if (values) {
    ExprType left;
    if (!Type(*expr.args[0], scope, left)) return false;
    if (left.kind != Kind::kProtected) return true;
    if (!RefuseWithLiterals(left, expr.op_token, "IN")) return false;
    if (left.computed && IsSearchable(left)) return InPrefixes(expr, left);
    const bool by_column = !left.computed && IsOfOneKind(expr) && !IsDecimal(left.target);
    const bool as_floats = !by_column && IsManyAFloat(left.target);
    return InRanges(expr, as_floats ? Taking(Literals::kExactAsFloat, left.target) : left.target);
  }
  std::vector<std::vector<Position>> operands(expr.args.size());
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    if (!TypeOperand(*expr.args[i], scope, operands[i])) return false;
  }
  const bool row = expr.query == nullptr && operands[0].size() > 1;
  if (row && !RefuseTimeQuery(*expr.args[0], operands[0], expr.op_token)) return false;
  if (expr.query != nullptr) {
    operands.emplace_back();
    if (!TypeQueryBeside(*expr.args[0], expr, scope, operands.back())) return false;
    NoteSemijoin(operands);
  }
  const bool rows = row && operands.size() > 2;
  if (rows && !RefuseValueBesideRows(operands)) return false;
  if (!RefuseValuesBesideValues(operands, "IN")) return false;
  in_rows_ = rows && snapshot_.catalog->is_mariadb;
  const bool compared = CompareOperands(operands, expr.op_token, "IN");
  in_rows_ = false;
  return compared;
}

// What is computed is named once: it may be evaluated wherever it is named.
bool Planner::InPrefixes(const sql::Expr& expr, const ExprType& type) {
  Position leaves{{expr.args[0], type}};
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    leaves.push_back({expr.args[i], {Kind::kValue, 0}});
  }
  return UnifyEquality(leaves, expr.op_token, "IN", Strings::kAsFloats);
}

// column IN (values): a range each, so that the column's index serves.
bool Planner::InRanges(const sql::Expr& expr, std::uint32_t target) {
  if (!MayCompare(target, expr.op_token, "IN")) return false;
  const bool ranges = crypto::ModeOf(*plan_.targets[target].cipher) == crypto::Mode::kSearchable;
  std::vector<Piece> pieces;
  std::string column;
  if (ranges) column = edits_.TakeColumnText(Inner(*expr.args[0]));
  std::string text = expr.negated ? "(NOT (" : "((";
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const sql::Expr* value = nullptr;
    IsValue(*expr.args[i], &value);
    if (!ranges) {
      if (!IsNullLiteral(*value)) edits_.Seal(*value, target, SealAs::kEqual);
      continue;
    }
    if (i > 1) text += " OR ";
    if (IsNullLiteral(*value)) {
      // Alone, it has to be a truth value still.
      text += expr.args.size() == 2 ? "NULL = NULL" : "NULL";
    } else {
      AppendRange(pieces, text, column, *value, target);
    }
  }
  if (!ranges) return true;
  pieces.push_back({text + "))", SealAs::kPlain, 0, 0, 0});
  edits_.Replace(expr.span, std::move(pieces));
  return true;
}

}  // namespace sealgate::rewrite
