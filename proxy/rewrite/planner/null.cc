// NULL and NOT NULL of protected columns. Where a value for one is missing or NULL, and
// sql_mode is not strict or the statement says IGNORE, the server stores its own
// implicit default instead: the empty string, which is no sealed value. So such
// a statement gets the error of a strict server, whatever the mode. In an UPDATE of one table
// a strict server gives it itself, and only if a row is given NULL.
#include <algorithm>
#include <utility>

#include "policy/ascii.h"
#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {
namespace {

bool NeedsValue(const policy::CatalogColumn& column) {
  return column.protection && column.state != policy::ColumnState::kPlaintext && !column.nullable;
}

// Of which `IS NULL` in a condition also finds 0000-00-00, on both servers.
bool FindsZeros(const policy::CatalogColumn& column) {
  const policy::TypeKind kind = column.type.kind;
  return NeedsValue(column) &&
         (kind == policy::TypeKind::kDate || kind == policy::TypeKind::kDatetime);
}

// The literal that is at the head of a value.
const sql::Expr& Head(const sql::Expr& value) {
  const bool within =
      value.kind == sql::ExprKind::kUnary || value.kind == sql::ExprKind::kAdjacentStrings;
  return within ? Head(*value.args[0]) : value;
}

bool IsFloat(const sql::Expr& value) {
  return value.kind == sql::ExprKind::kLiteral && value.literal == sql::Literal::kFloat;
}

// 1e999 is an error of the servers'; drivers write 1.5e0.
bool HasLongExponent(std::string_view number) {
  constexpr std::size_t kMostDigits = 2;
  const std::size_t e = number.find_first_of("eE");
  if (e == std::string_view::npos) return false;
  const std::string_view exponent = number.substr(e + 1);
  const bool sign = exponent.starts_with('-') || exponent.starts_with('+');
  return exponent.size() - (sign ? 1 : 0) > kMostDigits;
}

// Whether the string is ASCII, and such a character one byte.
bool IsAsciiIn(const sql::TokenList& tokens, const sql::Expr& introducer) {
  const std::string_view charset = tokens.Text(introducer.span.first).substr(1);
  const std::string_view text = tokens.Text(introducer.args[0]->span.first);
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return is_ascii && policy::CharsetFromName(ascii::ToLower(charset)).has_value();
}

// What hides it would hide the server's error, or its warning, too.
bool MayBeWrong(const sql::TokenList& tokens, const sql::Expr& value) {
  if (value.kind == sql::ExprKind::kIntroducer) {
    return value.args[0]->literal != sql::Literal::kString || !IsAsciiIn(tokens, value);
  }
  if (IsFloat(value)) return HasLongExponent(tokens.Text(value.span.first));
  return value.kind == sql::ExprKind::kLiteral && value.literal == sql::Literal::kTemporal;
}

}  // namespace

bool Planner::TypeCondition(const sql::Expr& expr, Scope& scope, std::string_view construct) {
  const NullTests enclosing = std::exchange(null_tests_, NullTests::kCondition);
  const bool typed = TypePlain(expr, scope, construct);
  null_tests_ = enclosing;
  return typed;
}

bool Planner::TypeNot(const sql::Expr& expr, Scope& scope) {
  const NullTests enclosing = null_tests_;
  if (enclosing == NullTests::kCondition) null_tests_ = NullTests::kNegated;
  const bool typed = TypeChildren(expr, scope);
  null_tests_ = enclosing;
  return typed;
}

// The physical column is NULL exactly when the logical one is.
bool Planner::TypeNullTest(const sql::Expr& expr, Scope& scope) {
  const sql::Expr* asked = &Inner(*expr.args[0]);
  while (asked->kind == sql::ExprKind::kCollate) asked = &Inner(*asked->args[0]);
  const sql::Expr* value = nullptr;
  if (!stored_ && IsValue(*asked, &value) && !IsNullLiteral(*value)) {
    const sql::Expr& head = Head(*value);
    if (MayBeWrong(tokens_, head)) {
      return Refuse(
          Unsupported("IS NULL of a literal that may be wrong by itself (a date, a long exponent, "
                      "bytes of a character set) is not supported beside a protected "
                      "column" +
                      At(expr.span.first)));
    }
    if (IsFloat(head) || head.kind == sql::ExprKind::kIntroducer) plan_.cacheable = false;
    // Of a select list it is a part of a name, which is kept if it is edited at once.
    edits_.AskForNull(*value, in_item_ || null_tests_ == NullTests::kPlain);
  }
  ExprType tested;
  if (!Type(*expr.args[0], scope, tested)) return false;
  const bool finds_null =
      null_tests_ == NullTests::kNegated || (null_tests_ == NullTests::kCondition && !expr.negated);
  if (!finds_null || tested.kind != ExprType::Kind::kProtected) return true;
  const Target& target = plan_.targets[tested.target];
  if (!FindsZeros(*target.column)) return true;
  return RefuseAt(expr.span.first, target.protection->QualifiedName(),
                  "IS NULL, which also finds 0000-00-00 in a DATE or DATETIME that is NOT NULL,");
}

bool Planner::MayBeGivenNull(std::uint32_t target) {
  const policy::CatalogColumn& column = *plan_.targets[target].column;
  if (!NeedsValue(column)) return true;
  // A TIMESTAMP may become the current time.
  if (!updates_strictly_ || column.type.kind == policy::TypeKind::kTimestamp) return false;
  plan_.needs_strict = true;
  return true;
}

bool Planner::RefuseNoDefault(const policy::CatalogColumn& column) {
  const policy::ProtectedColumn& protection = snapshot_.policy->columns[*column.protection];
  return Refuse(TypeRefusal(1364, "HY000",
                            "column " + protection.QualifiedName() +
                                " is NOT NULL, has no default, and is not given a value"));
}

// A literal NULL, or DEFAULT, for a column.
bool Planner::CheckNotNull(const sql::Expr& value, std::uint32_t target) {
  const policy::CatalogColumn& column = *plan_.targets[target].column;
  const bool is_default =
      value.kind == sql::ExprKind::kDefault && value.name.column == sql::kNoToken;
  // MySQL stores NULL for a default that is an expression, as sealed ones are.
  if (is_default && column.has_default && updates_join_ && !snapshot_.catalog->is_mariadb) {
    return RefuseAt(value.span.first, plan_.targets[target].protection->QualifiedName(),
                    "DEFAULT in an UPDATE of several tables or with a subquery");
  }
  if (IsNullLiteral(value)) {
    return MayBeGivenNull(target) || Refuse(NullRefusal(plan_.targets[target]));
  }
  if (!NeedsValue(column) || !is_default || column.has_default) return true;
  return RefuseNoDefault(column);
}

// Another column's value: NULL is possible if that column has it, or if its row
// may be one that is `made`, by an outer join and the like.
bool Planner::CheckNeverNull(std::uint32_t from, std::uint32_t target, std::uint32_t token,
                             bool made) {
  if (!plan_.targets[from].column->nullable && !made) return true;
  if (MayBeGivenNull(target)) return true;
  return RefuseAt(token, plan_.targets[target].protection->QualifiedName(),
                  "storing a column that may be NULL in one that is NOT NULL");
}

// `columns` and those of `set` are given a value.
bool Planner::CheckOmitted(std::span<const sql::Assignment> set, const Source& target,
                           const std::vector<const policy::CatalogColumn*>& columns) {
  if (target.table == nullptr) return true;
  std::vector<std::string> names;
  for (const sql::Assignment& assignment : set) names.push_back(Folded(assignment.target.column));
  for (const policy::CatalogColumn& column : target.table->columns) {
    if (!NeedsValue(column) || column.has_default || column.generated) continue;
    bool given = std::find(columns.begin(), columns.end(), &column) != columns.end();
    for (const std::string& name : names) given = given || target.table->Find(name) == &column;
    if (!given) return RefuseNoDefault(column);
  }
  if (target.base == nullptr) return true;
  for (const policy::CatalogColumn& column : target.base->columns) {
    if (!NeedsValue(column) || column.has_default || column.generated) continue;
    const auto& shown = target.table->columns;
    const bool is_shown = std::any_of(shown.begin(), shown.end(), [&](const auto& each) {
      return each.protection == column.protection;
    });
    if (!is_shown) return RefuseNoDefault(column);
  }
  return true;
}

}  // namespace sealgate::rewrite
