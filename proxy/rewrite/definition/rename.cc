// RENAME TABLE, ALTER TABLE … RENAME, CREATE TABLE … LIKE: stored values and
// comments come under another name. That is right only when the policy protects
// them there in the same way; and nothing that is not sealed may come under a
// name that the policy protects.
#include <algorithm>
#include <map>

#include "policy/name_folding.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {

// In the same domain, and the role may do the same with both: or a rename would
// be a way around the policy.
bool DefinitionPlanner::SameProtection(std::uint32_t a, std::uint32_t b) const {
  const policy::ColumnRule& first = facts_.role->columns[a];
  const policy::ColumnRule& second = facts_.role->columns[b];
  return snapshot_.policy->columns[a].domain == snapshot_.policy->columns[b].domain &&
         first.reveal == second.reveal && first.mask == second.mask &&
         first.write == second.write && first.search == second.search;
}

bool DefinitionPlanner::KeepsProtection(const policy::CatalogTable* table, const TableName& to,
                                        std::uint32_t token, std::string_view what) {
  if (table == nullptr) {
    if (!IsProtectedName(to)) return true;
    return Refuse(Unsupported(std::string(what) +
                              " that brings an unprotected table under the name of a protected "
                              "one is not supported" +
                              At(token)));
  }
  for (const policy::CatalogColumn& column : table->columns) {
    const auto there = snapshot_.policy->Find(to.first, to.second, column.name);
    if (!column.protection && !there) continue;
    if (column.protection && there && SameProtection(*column.protection, *there)) continue;
    const std::string name = table->schema + "." + table->name + "." + column.name;
    if (!column.protection) {
      return Refuse(Unsupported(std::string(what) + ": column " + name +
                                " is not protected and would be under its new name" + At(token)));
    }
    return Refuse(Unsupported(
        std::string(what) + ": column " + name +
        " would not be protected in the same way under its new name; give the policy a column "
        "there with the same domain and the same rules" +
        At(token)));
  }
  return true;
}

bool DefinitionPlanner::PlanRenameTable(const sql::RenameTableStatement& rename) {
  // What is called what after the renames so far; nullptr: nothing protected.
  std::map<TableName, const policy::CatalogTable*> now;
  for (const sql::TableRename& each : rename.renames) {
    TableName from;
    TableName to;
    if (!TableNameOf(each.from, from) || !TableNameOf(each.to, to)) return false;
    if (!CheckNewName(each.to) || !NoEventUses(each.to)) return false;
    const policy::CatalogTable* table = nullptr;
    if (const auto moved = now.find(from); moved != now.end()) {
      table = moved->second;
    } else if (FindView(each.from) == nullptr) {
      Source source;
      if (!FindTable(each.from, source, false)) return false;
      table = source.table;
    }
    if (!KeepsProtection(table, to, each.to.table, "RENAME TABLE")) return false;
    now[to] = table;
    now[from] = nullptr;
  }
  return true;
}

bool DefinitionPlanner::PlanCreateLike(const sql::CreateTableStatement& create) {
  TableName to;
  Source like;
  if (!TableNameOf(create.table, to) || !FindTable(create.like_table, like, false)) return false;
  const policy::CatalogView* linked = FindView(create.like_table);
  if (linked != nullptr && !linked->problem.empty()) {
    return Refuse(Unsupported("a table like " + linked->schema + "." + linked->name +
                              " is not supported: " + linked->problem +
                              At(create.like_table.table)));
  }
  const bool is_protected = like.table != nullptr || IsProtectedName(to);
  if (is_protected && create.temporary) {
    return Refuse(Unsupported("a temporary table like a protected one is not supported" +
                              At(create.table.table)));
  }
  return KeepsProtection(like.table, to, create.table.table, "CREATE TABLE … LIKE");
}

}  // namespace sealgate::rewrite
