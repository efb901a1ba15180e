// What the actions of one ALTER TABLE mean for each other: the server does not carry
// them out one after another.
#include <string>
#include <string_view>

#include "policy/name_folding.h"
#include "proxy/rewrite/context/syntax.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

bool NamesColumn(sql::AlterKind kind) {
  return kind == sql::AlterKind::kAddColumns || kind == sql::AlterKind::kChangeColumn ||
         kind == sql::AlterKind::kRenameColumn;
}

}  // namespace

// Whether no column gets a name beside a new one for the table: actions on columns are
// looked at under the name that the table has, and the policy may say otherwise of them
// under the other.
bool DefinitionPlanner::KeepsNames(const sql::AlterTableStatement& alter, const Source& table) {
  if (table.table == nullptr) return true;
  std::uint32_t table_name = sql::kNoToken;
  bool names = false;
  for (const sql::AlterAction& action : alter.actions) {
    if (action.kind == sql::AlterKind::kRenameTable) table_name = action.table.table;
    names = names || NamesColumn(action.kind);
  }
  if (table_name == sql::kNoToken || !names) return true;
  return Refuse(
      Unsupported("ALTER TABLE … RENAME of a protected table beside ADD, CHANGE or RENAME COLUMN "
                  "is not supported" +
                  At(table_name)));
}

// CONVERT TO counts whatever the definition says.
bool DefinitionPlanner::ConvertsNone(const std::vector<CreatedColumn>& defined) {
  for (const CreatedColumn& column : defined) {
    if (!policy::IsText(column.type.kind)) continue;
    return RefuseAt(column.definition->type,
                    snapshot_.policy->columns[column.protection].QualifiedName(),
                    "a definition beside CONVERT TO CHARACTER SET");
  }
  return true;
}

// Whether the defined columns' character sets do not come from this action. (Which of
// those in one statement counts depends on more than their order.)
bool DefinitionPlanner::KeepsCharset(const sql::AlterAction& action,
                                     const std::vector<CreatedColumn>& defined) {
  if (action.kind == sql::AlterKind::kConvert) return ConvertsNone(defined);
  if (action.kind != sql::AlterKind::kOptions) return true;
  bool sets = false;
  for (std::uint32_t i = action.span.first; i <= action.span.last; ++i) {
    for (const std::string_view word : {"CHARSET", "CHARACTER", "CHAR", "COLLATE"}) {
      sets = sets || sql::EqualsKeyword(tokens_.Text(i), word);
    }
  }
  for (const CreatedColumn& column : defined) {
    if (!sets || !policy::IsText(column.type.kind)) continue;
    const sql::ColumnDefinition& definition = *column.definition;
    if (definition.character_set != sql::kNoToken || definition.collation != sql::kNoToken) {
      continue;
    }
    return RefuseAt(definition.type, snapshot_.policy->columns[column.protection].QualifiedName(),
                    "a definition without COLLATE beside a change of the table's character set");
  }
  return true;
}

// Whether a new default is that of a column which no other action names, anew or still:
// which one the server takes differs.
bool DefinitionPlanner::KeepsDefault(const sql::AlterAction& action, const Source& table,
                                     const sql::AlterTableStatement& alter) {
  if (action.kind != sql::AlterKind::kColumnDefault) return true;
  const std::string name = Folded(action.name);
  const auto protection = snapshot_.policy->Find(table.schema, table.alias, name);
  if (!protection) return true;
  for (const sql::AlterAction& each : alter.actions) {
    bool same = false;
    if (each.new_name != sql::kNoToken) same = Folded(each.new_name) == name;
    for (const sql::ColumnDefinition& column : each.columns) {
      same = same || Folded(column.name) == name;
    }
    const bool named = each.kind == sql::AlterKind::kRenameColumn ||
                       each.kind == sql::AlterKind::kChangeColumn ||
                       each.kind == sql::AlterKind::kDropColumn;
    same = same || (named && Folded(each.name) == name);
    if (!same) continue;
    return RefuseAt(action.name, snapshot_.policy->columns[*protection].QualifiedName(),
                    "a DEFAULT in the statement that defines or renames it");
  }
  return true;
}

}  // namespace sealgate::rewrite
