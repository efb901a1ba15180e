// What an earlier rewriting left in a definition that the server keeps: the forms
// that compare.cc and group.cc write, with stored_ set. They are right as they
// stand if each literal is sealed under the column's own key.
//
//   email BETWEEN X'<prefix>' AND X'<prefix>FFFFFFFFFFFFFFFF'
//   a.email BETWEEN LEFT(b.email,22) AND CONCAT(LEFT(b.email,22),X'FFFFFFFFFFFFFFFF')
//   LEFT(email,22) compared, in IN, DISTINCT, GROUP BY, PARTITION BY
//   MIN(email) of a group
//   tax_id = X'<envelope>', COALESCE(email, X'<envelope>')
#include "crypto/column_cipher.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;
using sql::ExprKind;

constexpr std::string_view kUpperEnd = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

}  // namespace

// x of LEFT(x, 22), in a definition; else nullptr.
const sql::Expr* Planner::PrefixOf(const sql::Expr& expr) const {
  const sql::Expr& inner = Inner(expr);
  if (!stored_ || inner.kind != ExprKind::kFunction || !IsBuiltIn(inner) ||
      inner.args.size() != 2 || !sql::EqualsKeyword(tokens_.Text(inner.name.table), "LEFT")) {
    return nullptr;
  }
  const sql::Expr& length = *inner.args[1];
  const bool ours = length.kind == ExprKind::kLiteral && length.literal == sql::Literal::kInteger &&
                    tokens_.Text(length.span.first) == std::to_string(crypto::kEqualityPrefixBytes);
  return ours ? inner.args[0] : nullptr;
}

// Where nothing but equality counts.
bool Planner::TypeCompared(const sql::Expr& expr, Scope& scope, ExprType& type) {
  const sql::Expr* whole = PrefixOf(expr);
  if (whole == nullptr) {
    // What the row would have been.
    const sql::Expr& inner = Inner(expr);
    const bool of_row = inner.kind == ExprKind::kValues && inner.name.column != sql::kNoToken;
    if (of_row && written_ != nullptr) return TypeColumn(inner.name, *written_, type);
    return Type(expr, scope, type);
  }
  if (!Type(*whole, scope, type)) return false;
  if (type.kind != Kind::kProtected) {
    type = {};
    return true;
  }
  if (!IsSearchable(type)) {
    return RefuseAt(expr.span.first, plan_.targets[type.target].protection->QualifiedName(),
                    ConstructOf(Inner(expr)));
  }
  type.prefix = true;
  return true;
}

std::optional<std::string> Planner::HexBytes(const sql::Expr& expr) const {
  const sql::Expr& inner = Inner(expr);
  if (inner.kind != ExprKind::kLiteral || inner.literal != sql::Literal::kHex) return std::nullopt;
  std::string bytes;
  sql::DecodeHexOrBit(tokens_.Text(inner.span.first), bytes);
  return bytes;
}

// A value that is what sealing it for a comparison would give.
bool Planner::IsSealed(const sql::Expr& value, std::uint32_t target) const {
  const auto bytes = HexBytes(value);
  const crypto::ColumnCipher* cipher = plan_.targets[target].cipher;
  if (!bytes || cipher == nullptr) return false;
  std::string made;
  if (const auto* searchable = std::get_if<crypto::SearchableCipher>(cipher)) {
    searchable->AppendEqualityPrefix("", made);
    return bytes->size() == made.size() &&
           bytes->compare(0, crypto::kHeadBytes, made, 0, crypto::kHeadBytes) == 0;
  }
  return crypto::ModeOf(*cipher) == crypto::Mode::kDeterministic &&
         crypto::Open(*cipher, *bytes, made).has_value();
}

bool Planner::IsEnvelope(const sql::Expr& value, std::uint32_t target) const {
  const auto bytes = HexBytes(value);
  const crypto::ColumnCipher* cipher = plan_.targets[target].cipher;
  std::string opened;
  return stored_ && bytes && cipher != nullptr && crypto::Open(*cipher, *bytes, opened).has_value();
}

bool Planner::AreSealed(const Position& leaves, std::uint32_t target, std::uint32_t token,
                        std::string_view construct) {
  for (const Leaf& leaf : leaves) {
    if (leaf.type.kind != Kind::kValue) continue;
    const bool known =
        leaf.expr != nullptr && (IsNullLiteral(Inner(*leaf.expr)) || IsSealed(*leaf.expr, target));
    if (known) continue;
    return RefuseAt(token, plan_.targets[target].protection->QualifiedName(),
                    std::string(construct) + " with a value that is not sealed");
  }
  return true;
}

bool Planner::IsUpperEnd(const sql::Expr& expr) const { return HexBytes(expr) == kUpperEnd; }

// A column's BETWEEN: the range of a value, or of another column's.
bool Planner::TypeStoredRange(const sql::Expr& expr, Scope& scope) {
  const std::uint32_t at = expr.span.first;
  ExprType type;
  if (!Type(*expr.args[0], scope, type)) return false;
  if (type.kind != Kind::kProtected) {
    return TypePlain(*expr.args[1], scope, ConstructOf(expr)) &&
           TypePlain(*expr.args[2], scope, ConstructOf(expr));
  }
  const std::string name = plan_.targets[type.target].protection->QualifiedName();
  if (!IsSearchable(type)) return RefuseAt(at, name, ConstructOf(expr));
  if (!MayCompare(type.target, at, "a comparison")) return false;
  has_ranges_ = true;
  const sql::Expr& low = *expr.args[1];
  const sql::Expr& high = *expr.args[2];
  if (IsSealed(low, type.target) && HexBytes(high) == *HexBytes(low) + std::string(kUpperEnd)) {
    return true;
  }
  const sql::Expr& end = Inner(high);
  const bool concat = end.kind == ExprKind::kFunction && IsBuiltIn(end) && end.args.size() == 2 &&
                      sql::EqualsKeyword(tokens_.Text(end.name.table), "CONCAT") &&
                      IsUpperEnd(*end.args[1]);
  const sql::Expr* other = PrefixOf(low);
  const sql::Expr* again = concat ? PrefixOf(*end.args[0]) : nullptr;
  if (other == nullptr || again == nullptr || Inner(*other).kind != ExprKind::kColumn ||
      edits_.ColumnText(*other) != edits_.ColumnText(*again)) {
    return RefuseAt(at, name, ConstructOf(expr));
  }
  ExprType compared;
  if (!TypeCompared(low, scope, compared)) return false;
  if (!compared.prefix) return RefuseAt(at, name, ConstructOf(expr));
  return SameValues(type.target, compared.target, at, "a comparison") &&
         MayCompare(compared.target, at, "a comparison");
}

// A searchable column's values are told apart by their prefixes.
bool Planner::ComparesPrefix(const ExprType& type, std::uint32_t token,
                             std::string_view construct) {
  if (type.prefix || !IsSearchable(type)) return true;
  return RefuseAt(token, plan_.targets[type.target].protection->QualifiedName(),
                  std::string(construct) + " of its stored values as they are");
}

// MIN() of a column by which its block groups: one of the group's values.
bool Planner::IsOfGroup(const sql::Expr& arg, const Scope& scope) {
  const sql::Expr& inner = Inner(arg);
  if (!stored_ || inner.kind != ExprKind::kColumn) return false;
  const std::string column = Folded(inner.name.column);
  const Resolution found =
      Resolve(scope, Folded(inner.name.schema), Folded(inner.name.table), column);
  if (found.scope != &scope || found.source == nullptr) return false;
  const auto source = static_cast<std::size_t>(found.source - scope.sources.data());
  for (const Scope::GroupKey& key : scope.keys) {
    if (key.source == source && key.column == column) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
