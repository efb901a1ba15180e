// Subqueries that a server must not turn into joins.
//
// MySQL makes a semijoin of EXISTS (SELECT …) and IN (SELECT …). Within the inner
// side of an outer join it forgets (tried on 9.7) to drop the rows that came twice,
// when it reads the subquery's table first; and an equality that became a range
// makes it do so. Source: MySQL manual, "Optimizer Hints", NO_SEMIJOIN.
//
// MariaDB (tried on 10.11), when it merges a derived table into a semijoin that it
// materialises, forgets a semijoin of the derived table's own that it cannot materialise.
// Two things of ours make it do either: an equality that became a range, in the inner
// one; and in the outer one a column whose equality has a short key where the plain
// column has none, since it is a TEXT or too long.
#include <utility>

#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {
namespace {

// What MariaDB surely takes for a key, in bytes: it did so at 1,200 and did not at 1,500.
constexpr std::uint32_t kLongestKey = 1200;

bool HasNoKey(const policy::LogicalType& type) {
  using policy::TypeKind;
  const bool of_length = type.kind == TypeKind::kChar || type.kind == TypeKind::kVarchar ||
                         type.kind == TypeKind::kBinary || type.kind == TypeKind::kVarbinary;
  if (!of_length) return policy::IsText(type.kind) || policy::IsBinary(type.kind);
  return type.length > kLongestKey / policy::MaxBytesPerCharacter(type.charset);
}

}  // namespace

Planner::InOuterJoin::InOuterJoin(Planner& planner, bool inside)
    : planner_(planner), before_(planner.in_outer_join_) {
  planner_.in_outer_join_ = before_ || inside;
}

Planner::InOuterJoin::~InOuterJoin() { planner_.in_outer_join_ = before_; }

void Planner::NoteSubquery(const sql::Query& query) {
  if (!in_outer_join_ || snapshot_.catalog->is_mariadb) return;
  const sql::Query* first = &query;
  while (first->kind == sql::QueryKind::kNested) first = first->left;
  if (first->kind == sql::QueryKind::kSelect) unjoined_.push_back(first->select->span.first);
}

// Of an IN or ANY with a subquery.
void Planner::NoteSemijoin(const std::vector<std::vector<Position>>& operands) {
  Semijoin& made = semijoins_.made;
  made = std::max(made, Semijoin::kAny);
  for (const auto& operand : operands) {
    for (const Position& position : operand) {
      for (const Leaf& leaf : position) {
        if (IsSearchable(leaf.type)) made = Semijoin::kOfPrefixes;
      }
    }
  }
}

// Of a column that the query at hand compares with others, alone or with more of a row.
void Planner::NoteCompared(const ExprType& type, bool of_row) {
  if (type.kind != ExprType::Kind::kProtected) return;
  const Target& target = plan_.targets[type.target];
  if (of_row || HasNoKey(target.column->type)) semijoins_.compared = target.protection;
}

Planner::Semijoins Planner::BeginSubquery() {
  return std::exchange(semijoins_, {semijoins_.made, Semijoin::kNone, nullptr});
}

void Planner::EndSubquery(const Semijoins& before) {
  semijoins_ = {semijoins_.made, before.read, before.compared};
}

// Of a subquery that has been planned, and of which MariaDB may make a semijoin.
bool Planner::RefuseSemijoinWithin(std::uint32_t token) {
  if (semijoins_.read == Semijoin::kNone || !snapshot_.catalog->is_mariadb) return true;
  if (semijoins_.read == Semijoin::kAny) {
    if (semijoins_.compared == nullptr) return true;
    return RefuseAt(
        token, semijoins_.compared->QualifiedName(),
        "a comparison, on MariaDB, with a subquery over a derived table, a common table "
        "or a view that has an IN or ANY of a subquery");
  }
  return Refuse(
      Unsupported("a subquery over a derived table, a common table or a view that compares a "
                  "protected column with a subquery by IN or ANY is not supported on MariaDB" +
                  At(token)));
}

// A hint of the statement's own that follows is one too many, and is ignored.
void Planner::KeepSubqueriesApart() {
  if (edits_.count() == 0 && !has_ranges_) return;
  if (has_hidden_subquery_) {
    Refuse(
        Unsupported("a view with a subquery within an outer join is not supported on MySQL "
                    "beside a comparison of a protected column"));
    return;
  }
  for (const std::uint32_t select : unjoined_) {
    edits_.Append(select, Edits::Around::kExpression, " /*+ NO_SEMIJOIN() */");
  }
}

}  // namespace sealgate::rewrite
