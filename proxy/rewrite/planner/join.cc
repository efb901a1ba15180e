// JOIN … ON, USING and NATURAL.
//
// USING and NATURAL compare the columns as they are stored, so a protected one
// has to be deterministic, and of one domain on both sides.
#include <algorithm>
#include <utility>

#include "crypto/column_cipher.h"
#include "policy/name_folding.h"
#include "proxy/rewrite/planner/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using Kind = ExprType::Kind;

bool IsNatural(sql::JoinKind kind) {
  return kind == sql::JoinKind::kNaturalInner || kind == sql::JoinKind::kNaturalLeft ||
         kind == sql::JoinKind::kNaturalRight;
}

bool IsRight(sql::JoinKind kind) {
  return kind == sql::JoinKind::kRight || kind == sql::JoinKind::kNaturalRight;
}

bool HasGap(const Source& source) {
  if (source.unknown()) return true;
  for (const OutputColumn& output : source.outputs) {
    if (output.gap) return true;
  }
  return false;
}

bool HasUnnamed(const Source& source) {
  return std::any_of(source.outputs.begin(), source.outputs.end(),
                     [](const OutputColumn& output) { return output.unnamed(); });
}

// The folded names of what `*` shows of a source.
std::vector<std::string> ColumnNames(const Source& source) {
  std::vector<std::string> names;
  for (const OutputColumn& output : source.outputs) names.push_back(output.name);
  if (source.table == nullptr) return names;
  for (const policy::CatalogColumn& column : source.table->columns) {
    if (column.invisible) continue;
    names.emplace_back();
    policy::FoldName(column.name, names.back());
  }
  return names;
}

}  // namespace

bool Planner::AddJoin(const sql::TableRef& join, Scope& scope) {
  const InOuterJoin inside(*this, IsOuter(join.join));
  const std::size_t left = scope.sources.size();
  if (!AddTable(*join.left, scope)) return false;
  const std::size_t right = scope.sources.size();
  if (!AddTable(*join.right, scope)) return false;
  const bool natural = IsNatural(join.join);
  if (natural || !join.using_columns.empty()) scope.has_using = true;
  if (natural && !AddNaturalJoin(join, left, right, scope)) return false;
  for (const std::uint32_t token : join.using_columns) {
    if (!AddCommonColumn(Folded(token), token, join, left, right, scope)) return false;
  }
  if (join.on == nullptr) return true;
  const std::size_t seen = std::exchange(scope.first_seen, left);
  const bool typed = TypeCondition(*join.on, scope, "use as a join condition");
  scope.first_seen = seen;
  return typed;
}

bool Planner::AddNaturalJoin(const sql::TableRef& join, std::size_t left, std::size_t right,
                             Scope& scope) {
  bool known = true;
  bool any_known = false;
  for (std::size_t i = left; i < scope.sources.size(); ++i) {
    if (HasUnnamed(scope.sources[i])) return RefuseUnnamed(join.span.first, "NATURAL JOIN");
    known = known && !HasGap(scope.sources[i]);
    any_known = any_known || !scope.sources[i].unknown();
  }
  if (!any_known) return true;
  if (!known) {
    return Refuse(
        Unsupported("NATURAL JOIN of a protected table with one outside the policy is not "
                    "supported; name the columns in ON" +
                    At(join.span.first)));
  }
  for (std::size_t i = left; i < right; ++i) {
    for (const std::string& name : ColumnNames(scope.sources[i])) {
      if (!AddCommonColumn(name, join.span.first, join, left, right, scope)) return false;
    }
  }
  return true;
}

bool Planner::RefuseUnnamed(std::uint32_t token, std::string_view construct) {
  return Refuse(Unsupported(std::string(construct) +
                            " of a query with an expression that has no name is not supported in a "
                            "statement on a protected table; give it an alias" +
                            At(token)));
}

// One column of both sides; or of one, for NATURAL, where it means nothing.
bool Planner::AddCommonColumn(const std::string& column, std::uint32_t token,
                              const sql::TableRef& join, std::size_t left, std::size_t right,
                              Scope& scope) {
  const std::string_view construct = IsNatural(join.join) ? "NATURAL JOIN" : "USING";
  const auto begin = scope.sources.begin();
  Scope sides[2];
  sides[0].sources.assign(begin + static_cast<std::ptrdiff_t>(left),
                          begin + static_cast<std::ptrdiff_t>(right));
  sides[1].sources.assign(begin + static_cast<std::ptrdiff_t>(right), scope.sources.end());
  ExprType types[2];
  sql::Name name;
  name.column = token;
  for (int side = 0; side < 2; ++side) {
    const Resolution found = Resolve(sides[side], "", "", column);
    if (found.kind == Resolution::Kind::kNotFound) return true;
    if (found.kind == Resolution::Kind::kAmbiguous) return RefuseUnnamed(token, construct);
    const bool known =
        found.kind == Resolution::Kind::kColumn || found.kind == Resolution::Kind::kOutput;
    if (known && !TypeFound(found, name, sides[side], types[side])) return false;
  }
  const bool first = types[0].kind == Kind::kProtected;
  if (!first && types[1].kind != Kind::kProtected) return true;
  const std::uint32_t target = types[first ? 0 : 1].target;
  const std::string qualified = plan_.targets[target].protection->QualifiedName();
  if (types[0].kind != types[1].kind) {
    return RefuseAt(token, qualified,
                    std::string(construct) + " with a column that is not protected");
  }
  if (!SameValues(types[0].target, types[1].target, token, construct)) return false;
  if (!MayCompare(types[0].target, token, construct)) return false;
  if (!MayCompare(types[1].target, token, construct)) return false;
  if (!SameRights(types[0].target, types[1].target)) {
    return RefuseAt(
        token, qualified,
        std::string(construct) + " with a column that this role sees or searches otherwise");
  }
  if (IsSearchable(types[0])) {
    return RefuseAt(token, qualified,
                    std::string(construct) + " in mode 'searchable' (compare the columns in ON)");
  }
  if (IsRight(join.join)) scope.hidden.push_back({left, right, column});
  return true;
}

}  // namespace sealgate::rewrite
