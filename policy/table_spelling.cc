#include "policy/table_spelling.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "policy/name_folding.h"

namespace sealgate::policy {
namespace {

using Name = std::pair<std::string, std::string>;

Name NameOf(const Row& row) { return {row[0].value_or(""), row[1].value_or("")}; }

Name Folded(const Name& name) { return {FoldName(name.first), FoldName(name.second)}; }

struct Meant {
  std::set<Name> spellings;  // of the policy's
  std::set<Name> tables;
};

}  // namespace

std::vector<TableName> TablesToRead(const Policy& policy, const SchemaRows& rows,
                                    const Rows& commented) {
  std::map<Name, Meant> meant;
  for (const ProtectedColumn& column : policy.columns) {
    const Name name(column.schema, column.table);
    meant[Folded(name)].spellings.insert(name);
  }
  for (const Row& row : rows.tables) {
    const auto found = meant.find(Folded(NameOf(row)));
    if (found != meant.end()) found->second.tables.insert(NameOf(row));
  }
  // One of them speaks for all: nothing is done with any.
  for (const Row& row : commented) {
    Meant& orphan = meant[Folded(NameOf(row))];
    if (orphan.spellings.empty()) orphan.tables = {NameOf(row)};
  }
  std::vector<TableName> chosen;
  for (const auto& [folded, each] : meant) {
    const auto exact = std::find_if(
        each.tables.begin(), each.tables.end(),
        [&spellings = each.spellings](const Name& table) { return spellings.contains(table); });
    if (exact == each.tables.end() && each.tables.size() != 1) continue;
    const Name& name = exact != each.tables.end() ? *exact : *each.tables.begin();
    chosen.push_back({name.first, name.second});
  }
  return chosen;
}

}  // namespace sealgate::policy
