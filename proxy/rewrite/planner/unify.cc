// Expressions whose value is one of several, and values on their way into a
// protected column.
//
// CASE, IF, IFNULL and COALESCE pass on what they choose, so stored values may
// stand in them if they are of one domain, and a literal beside them is sealed
// like them. Only where the server's own result type would be the column's.
#include <utility>

#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using policy::TypeKind;
using sql::ExprKind;

// Types that CASE and its like give back as they are. (CHAR becomes VARCHAR,
// blobs become other blobs, TIMESTAMP becomes DATETIME.)
bool KeepsType(TypeKind kind) {
  switch (kind) {
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kDatetime:
    case TypeKind::kTime:
      return true;
    default:
      return false;
  }
}

bool SameReveal(const policy::ColumnRule& a, const policy::ColumnRule& b) {
  return a.reveal == b.reveal && (a.reveal != policy::Reveal::kMask || a.mask == b.mask);
}

// A string in the session's character set.
bool IsString(const sql::Expr& value) {
  const sql::Expr& head = value.kind == ExprKind::kAdjacentStrings ? *value.args[0] : value;
  return head.kind == ExprKind::kLiteral && head.literal == sql::Literal::kString;
}

}  // namespace

// The expressions of which a CASE, IF, IFNULL or COALESCE yields one; false when
// it is none of them.
bool Planner::ChoiceResults(const sql::Expr& expr, std::vector<const sql::Expr*>& results) const {
  results.clear();
  if (expr.kind == ExprKind::kCase) {
    const std::size_t first = expr.has_operand ? 2 : 1;
    const std::size_t end = expr.args.size() - (expr.has_else ? 1 : 0);
    for (std::size_t i = first; i < end; i += 2) results.push_back(expr.args[i]);
    if (expr.has_else) results.push_back(expr.args.back());
    return true;
  }
  if (expr.kind != ExprKind::kFunction || !IsBuiltIn(expr)) return false;
  const std::string_view name = tokens_.Text(expr.name.table);
  const bool is_if = sql::EqualsKeyword(name, "IF") && expr.args.size() == 3;
  const bool all = sql::EqualsKeyword(name, "COALESCE") ||
                   (sql::EqualsKeyword(name, "IFNULL") && expr.args.size() == 2);
  if (!is_if && !all) return false;
  for (std::size_t i = is_if ? 1 : 0; i < expr.args.size(); ++i) results.push_back(expr.args[i]);
  return true;
}

bool Planner::TypeChoiceConditions(const sql::Expr& expr, Scope& scope) {
  if (expr.kind == ExprKind::kFunction) {
    if (!sql::EqualsKeyword(tokens_.Text(expr.name.table), "IF")) return true;
    return RefuseStringAsTruth(*expr.args[0]) &&
           TypePlain(*expr.args[0], scope, "use as a condition");
  }
  const std::size_t end = expr.args.size() - (expr.has_else ? 1 : 0);
  Position compared;
  for (std::size_t i = 0; i < end; ++i) {
    const bool condition = expr.has_operand ? (i == 0 || i % 2 == 1) : i % 2 == 0;
    if (!condition) continue;
    Leaf leaf{expr.args[i], {}};
    if (!expr.has_operand && !RefuseStringAsTruth(*expr.args[i])) return false;
    const bool typed = expr.has_operand ? TypeCompared(*expr.args[i], scope, leaf.type)
                                        : Type(*expr.args[i], scope, leaf.type);
    if (!typed) return false;
    if (!expr.has_operand && leaf.type.kind == Kind::kProtected) {
      return RefuseAt(expr.args[i]->span.first,
                      plan_.targets[leaf.type.target].protection->QualifiedName(),
                      "use as a condition");
    }
    compared.push_back(leaf);
  }
  if (!expr.has_operand) return true;
  return RefuseValueBesideValue({compared[0]}, {compared.begin() + 1, compared.end()}, "CASE") &&
         RefuseValueBesideMoments(compared) &&
         UnifyEquality(compared, expr.span.first, "CASE", Strings::kAsFloats);
}

// CASE '2024-1-1' WHEN d THEN …: MySQL compares it as text there.
bool Planner::RefuseValueBesideMoments(const Position& compared) {
  if (snapshot_.catalog->is_mariadb || compared[0].type.kind != Kind::kValue) return true;
  for (const Leaf& leaf : compared) {
    if (leaf.type.kind != Kind::kProtected) continue;
    const Target& target = plan_.targets[leaf.type.target];
    if (!policy::IsTemporal(target.column->type.kind)) continue;
    return RefuseAt(compared[0].expr->span.first, target.protection->QualifiedName(),
                    "CASE of a value with a date or time");
  }
  return true;
}

bool Planner::TypeChoice(const sql::Expr& expr, Scope& scope, ExprType& type) {
  std::vector<const sql::Expr*> results;
  if (!ChoiceResults(expr, results) || !TypeChoiceConditions(expr, scope)) return false;
  Position leaves;
  for (const sql::Expr* result : results) {
    Leaf leaf{result, {}};
    if (!Type(*result, scope, leaf.type)) return false;
    leaves.push_back(leaf);
  }
  if (!Unify(leaves, expr.span.first, ConstructOf(expr), type)) return false;
  if (type.kind != Kind::kProtected) return true;
  const Target& target = plan_.targets[type.target];
  if (KeepsType(target.column->type.kind)) return true;
  std::string construct(ConstructOf(expr));
  construct += " of a column of this type";
  return RefuseAt(expr.span.first, target.protection->QualifiedName(), construct);
}

// Stored values of one domain, literals to be sealed like them, NULL.
bool Planner::Unify(Position& leaves, std::uint32_t token, std::string_view construct,
                    ExprType& type) {
  const Leaf* first = nullptr;
  bool values = true;
  for (const Leaf& leaf : leaves) {
    if (first == nullptr && leaf.type.kind == Kind::kProtected) first = &leaf;
    values = values && leaf.type.kind == Kind::kValue;
  }
  type = {};
  if (first == nullptr) {
    if (values && !leaves.empty()) type.kind = Kind::kValue;
    return true;
  }
  const std::uint32_t target = first->type.target;
  const std::string name = plan_.targets[target].protection->QualifiedName();
  for (Leaf& leaf : leaves) {
    const std::uint32_t at = leaf.expr != nullptr ? leaf.expr->span.first : token;
    std::string where(construct);
    if (leaf.type.kind == Kind::kPlain) {
      return RefuseAt(at, name, where + " with something that is not protected");
    }
    if (leaf.type.kind == Kind::kValue) {
      const std::uint32_t uncut = Taking(Literals::kUncut, target);
      if (!SealMixed(*leaf.expr, uncut, SealAs::kEnvelope, where)) return false;
      leaf.type = first->type;
      continue;
    }
    const Target& a = plan_.targets[target];
    const Target& b = plan_.targets[leaf.type.target];
    if (a.domain != b.domain) {
      return RefuseAt(
          at, name,
          where + " with " + b.protection->QualifiedName() + ", which is of another domain,");
    }
    if (!(a.column->type == b.column->type)) {
      return RefuseAt(at, name, where + " with a column of another type");
    }
    if (!SameRights(target, leaf.type.target)) {
      return RefuseAt(at, name, where + " with a column that this role sees or searches otherwise");
    }
  }
  type = first->type;
  for (const Leaf& leaf : leaves)
    type.with_literals = type.with_literals || leaf.type.with_literals;
  return true;
}

// A literal beside stored values: the server would give the result the column's
// type for a VARCHAR and strings only. (A parameter makes it a longer text; in a
// comparison that is no matter.)
bool Planner::SealMixed(const sql::Expr& value, std::uint32_t target, SealAs seal,
                        std::string_view construct) {
  std::vector<const sql::Expr*> results;
  const sql::Expr& inner = Inner(value);
  if (ChoiceResults(inner, results)) {
    for (const sql::Expr* result : results) {
      if (!SealMixed(*result, target, seal, construct)) return false;
    }
    return true;
  }
  if (IsNullLiteral(inner) || IsEnvelope(inner, target)) return true;
  const bool compared = seal != SealAs::kEnvelope;
  const bool exact = IsString(inner) || (compared && inner.kind == ExprKind::kParameter);
  const Target& to = plan_.targets[target];
  if (!exact || to.column->type.kind != TypeKind::kVarchar) {
    return RefuseAt(inner.span.first, to.protection->QualifiedName(),
                    std::string(construct) + " with a literal that would change the type");
  }
  edits_.Seal(inner, target, seal);
  return true;
}

// Literals only, perhaps chosen by CASE and its like.
bool Planner::SealValue(const sql::Expr& value, std::uint32_t target, SealAs seal) {
  const sql::Expr* core = nullptr;
  if (!IsValue(value, &core)) return SealMixed(value, target, seal, ConstructOf(*core));
  if (!IsNullLiteral(*core)) edits_.Seal(*core, target, seal);
  return true;
}

// NULLIF(a, b): a, or NULL where they are equal.
bool Planner::TypeNullIf(const sql::Expr& expr, Scope& scope, ExprType& type) {
  Position pair{{expr.args[0], {}}, {expr.args[1], {}}};
  for (Leaf& leaf : pair) {
    if (!Type(*leaf.expr, scope, leaf.type)) return false;
  }
  if (pair[0].type.kind != Kind::kProtected) {
    if (pair[1].type.kind != Kind::kProtected) return true;
    return RefuseAt(expr.span.first, plan_.targets[pair[1].type.target].protection->QualifiedName(),
                    "NULLIF with the column behind a value");
  }
  type = pair[0].type;
  const Target& target = plan_.targets[type.target];
  const std::string name = target.protection->QualifiedName();
  if (!KeepsType(target.column->type.kind)) {
    return RefuseAt(expr.span.first, name, "NULLIF of a column of this type");
  }
  if (!IsSearchable(type)) return UnifyEquality(pair, expr.span.first, "NULLIF");
  const sql::Expr& column = Inner(*expr.args[0]);
  if (column.kind != ExprKind::kColumn || type.varies) {
    return RefuseAt(expr.span.first, name, "NULLIF of anything but the column itself");
  }
  const std::string text = edits_.ColumnText(column);
  if (!UnifyEquality(pair, expr.span.first, "NULLIF")) return false;
  edits_.Replace({expr.span.first, expr.span.first + 1}, "(CASE WHEN ");
  const std::uint32_t comma = expr.args[0]->span.last + 1;
  edits_.Replace({comma, comma}, " =");
  edits_.Replace({expr.span.last, expr.span.last}, " THEN NULL ELSE " + text + " END)");
  return true;
}

// Whether a value of either may go on under the other's rule.
bool Planner::SameRights(std::uint32_t left, std::uint32_t right) const {
  const policy::ColumnRule& a = *plan_.targets[left].rule;
  const policy::ColumnRule& b = *plan_.targets[right].rule;
  return SameReveal(a, b) && a.search == b.search;
}

// A stored value that moves to another column is seen and searched under that
// one's rule.
bool Planner::MayMove(std::uint32_t from, std::uint32_t to, std::uint32_t token) {
  const policy::ColumnRule& a = *plan_.targets[from].rule;
  const policy::ColumnRule& b = *plan_.targets[to].rule;
  const bool seen = a.reveal == policy::Reveal::kClear || SameReveal(a, b);
  const bool searched = a.search || !b.search;
  if (seen && searched) return true;
  return Refuse(ColumnDenied(std::string("this role does not ") + (seen ? "search" : "see") +
                             " column " + plan_.targets[from].protection->QualifiedName() +
                             (seen ? "" : " in the clear") + ", and may not move its values to " +
                             plan_.targets[to].protection->QualifiedName() + At(token)));
}

}  // namespace sealgate::rewrite
