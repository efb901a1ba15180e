// What becomes of a literal, a string above all, that is compared with a column: the
// servers convert the one or the other by rules of their own, and Sealgate seals what
// they would have compared, or refuses.
#include <algorithm>
#include <optional>

#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {

using Kind = ExprType::Kind;
using sql::ExprKind;

namespace {

enum class ValueKind : std::uint8_t { kString, kParameter, kOther };

ValueKind KindOf(const sql::Expr& item) {
  const sql::Expr* value = nullptr;
  IsValue(item, &value);
  if (value->kind == ExprKind::kParameter) return ValueKind::kParameter;
  const bool string =
      value->kind == ExprKind::kAdjacentStrings || value->kind == ExprKind::kIntroducer ||
      value->literal == sql::Literal::kString || value->literal == sql::Literal::kNational;
  return string ? ValueKind::kString : ValueKind::kOther;
}

}  // namespace

// Whether a string with this COLLATE is compared with the column as it is without.
bool Planner::ComparesAs(const sql::Expr& collate, const sql::Expr& value, std::uint32_t target) {
  const policy::LogicalType& type = plan_.targets[target].column->type;
  if (!policy::IsText(type.kind) || Folded(collate.span.last) != type.collation) return false;
  if (value.kind != ExprKind::kIntroducer) return facts_.connection == type.charset;
  return policy::CharsetFromName(Folded(value.span.first).substr(1)) == type.charset;
}

// MySQL compares a TIME that is no column (CASE, COALESCE, a subquery) with a
// string by its text, so that 12:34:56.000 is another one than 12:34:56.
bool Planner::RefuseTimeAsText(const ExprType& type, std::uint32_t token,
                               std::string_view construct) {
  const Target& to = plan_.targets[type.target];
  if (snapshot_.catalog->is_mariadb || to.column->type.kind != policy::TypeKind::kTime) return true;
  if (!type.computed) return true;
  return RefuseAt(token, to.protection->QualifiedName(),
                  std::string(construct) + " of a TIME that is not the column itself");
}

// Whether a float may stand for many of its values. Strings are compared with numbers
// as floats: with a column itself they are made its type before, but not in CASE, in
// rows, in a list of several kinds or of a DECIMAL, and with what is no column. (Not by
// every server and every plan.)
bool Planner::IsManyAFloat(std::uint32_t target) const {
  return IsDecimal(target) || plan_.targets[target].column->type.kind == policy::TypeKind::kBigint;
}

bool Planner::IsDecimal(std::uint32_t target) const {
  return plan_.targets[target].column->type.kind == policy::TypeKind::kDecimal;
}

// The same for a subquery that stands for one, and for a row in IN.
bool Planner::RefuseTimeQuery(const sql::Expr& operand, const std::vector<Position>& columns,
                              std::uint32_t token) {
  if (Inner(operand).kind == ExprKind::kColumn) return true;
  for (const Position& column : columns) {
    for (const Leaf& leaf : column) {
      if (leaf.type.kind != Kind::kProtected) continue;
      ExprType computed = leaf.type;
      computed.computed = true;
      if (!RefuseTimeAsText(computed, token, "a comparison")) return false;
    }
  }
  return true;
}

// Whether the server compares and mixes it with what comes out of a query as it
// does with a literal. That it converts for a column of another type or character
// set; for a query's it refuses, warns, or converts the column.
bool Planner::TakesLiteralOfQuery(std::uint32_t target) const {
  const policy::LogicalType& type = plan_.targets[target].column->type;
  const bool unicode =
      type.charset == policy::Charset::kUtf8mb4 || type.charset == policy::Charset::kUtf8mb3;
  return policy::IsBinary(type.kind) || (policy::IsText(type.kind) && unicode);
}

// Whether a list's values are all strings, all parameters, or neither of them.
bool Planner::IsOfOneKind(const sql::Expr& in) const {
  const ValueKind first = KindOf(*in.args[1]);
  return std::all_of(in.args.begin() + 2, in.args.end(),
                     [&](const sql::Expr* item) { return KindOf(*item) == first; });
}

// The same of what stands beside columns; of a parameter nobody knows what it will be.
bool Planner::AreOfOneKind(const Position& leaves) const {
  std::optional<ValueKind> first;
  for (const Leaf& leaf : leaves) {
    if (leaf.type.kind != Kind::kValue || leaf.expr == nullptr) continue;
    if (IsNullLiteral(Inner(*leaf.expr))) continue;
    const ValueKind kind = KindOf(*leaf.expr);
    if (kind == ValueKind::kParameter || kind != first.value_or(kind)) return false;
    first = kind;
  }
  return true;
}

}  // namespace sealgate::rewrite
