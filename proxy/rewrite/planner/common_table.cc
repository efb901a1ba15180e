// Names that equal a common table's, WITH x AS (…), and for which the servers do not take
// what the planner takes.
//
// They see it where it is out of scope: MariaDB in the tables before it (WITH RECURSIVE),
// both in ON DUPLICATE KEY UPDATE and RETURNING of the INSERT whose query it is in, MySQL
// behind the parentheses it is in. And they miss it within another WITH further in: MariaDB
// in a subquery or a derived table, MySQL in parentheses; the name is a base table's then.
#include "proxy/rewrite/planner/planner.h"

namespace sealgate::rewrite {
namespace {

bool Contains(const sql::Span& span, std::uint32_t token) {
  return span.first <= token && token <= span.last;
}

}  // namespace

const Planner::MadeTable* Planner::MadeBy(const sql::CommonTable* table) const {
  for (const MadeTable& made : made_tables_) {
    if (made.table == table) return &made;
  }
  return nullptr;
}

bool Planner::CheckCommonTables() {
  for (const NamedTable& named : named_tables_) {
    bool clear = !MayBeHidden(named);
    for (const MadeTable& other : made_tables_) clear = clear && !MayMeanOther(named, other);
    if (clear) continue;
    return Refuse(
        Unsupported("a common table whose name could mean another table or common table is not "
                    "supported in a statement on a protected table; choose another name" +
                    At(named.token)));
  }
  return true;
}

// One of the same name, unless the meant one is further in, or the name stands in the
// definition of the other, which does not see itself.
bool Planner::MayMeanOther(const NamedTable& named, const MadeTable& other) {
  if (other.table == named.means || Folded(other.table->name) != Folded(named.token)) return false;
  if (!other.table->recursive && Contains(other.table->query->span, named.token)) return false;
  const MadeTable* meant = MadeBy(named.means);
  return meant == nullptr || meant->query == nullptr ||
         Contains(meant->query->span, other.table->name);
}

// Within the WITH of a query further in. (Not where that is a common table itself.)
bool Planner::MayBeHidden(const NamedTable& named) const {
  const MadeTable* meant = MadeBy(named.means);
  if (meant == nullptr) return false;
  for (const MadeTable& other : made_tables_) {
    if (other.query == nullptr || other.query == meant->query) continue;
    const bool further_in =
        meant->query == nullptr || Contains(meant->query->span, other.table->name);
    bool is_table = false;
    for (const MadeTable& made : made_tables_) {
      is_table = is_table || made.table->query == other.query;
    }
    if (further_in && !is_table && Contains(other.query->span, named.token)) return true;
  }
  return false;
}

}  // namespace sealgate::rewrite
