// Subqueries that a server must not turn into joins.
//
// MySQL makes a semijoin of EXISTS (SELECT …) and IN (SELECT …). Within the inner
// side of an outer join it forgets (tried on 9.7) to drop the rows that came twice,
// when it reads the subquery's table first; and an equality that became a range
// makes it do so. Source: MySQL manual, "Optimizer Hints", NO_SEMIJOIN.
#include <utility>

#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {

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

// Of an IN or ANY with a subquery, which compares prefixes.
void Planner::NoteSemijoin(const std::vector<std::vector<Position>>& operands) {
  for (const auto& operand : operands) {
    for (const Position& position : operand) {
      for (const Leaf& leaf : position)
        semijoins_.made = semijoins_.made || IsSearchable(leaf.type);
    }
  }
}

// A subquery that has been planned, and of which MariaDB may make a semijoin: when it merges
// a derived table with one of its own into it, it forgets the inner one's condition, unless
// that compares columns.
bool Planner::RefuseSemijoinWithin(std::uint32_t token) {
  if (!semijoins_.read || !snapshot_.catalog->is_mariadb) return true;
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
