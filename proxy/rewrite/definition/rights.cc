// What a role may do to a table's definition. The server says which value is there twice,
// or does not fit; a key tells which are equal; and what is generated of a column is a
// column of its own once its definition says so.
#include <algorithm>

#include "policy/name_folding.h"
#include "proxy/rewrite/definition/definition_planner.h"

namespace sealgate::rewrite {

// Whether the role learns nothing of the table's columns that it does not see.
bool DefinitionPlanner::SeesAll(const Source& table) const {
  const auto sees = [this](const policy::CatalogColumn& column) {
    if (!column.protection) return true;
    const policy::ColumnRule& rule = facts_.role->columns[*column.protection];
    const bool stored =
        rule.reveal == policy::Reveal::kCiphertext && column.state == policy::ColumnState::kSealed;
    return rule.search && (stored || rule.reveal == policy::Reveal::kClear);
  };
  const auto& columns = table.table->columns;
  return std::all_of(columns.begin(), columns.end(), sees);
}

// A column that the server makes of a protected one.
bool DefinitionPlanner::MayUseComputed(std::uint32_t name, const Source& table) {
  if (table.table == nullptr || name == sql::kNoToken) return true;
  const policy::CatalogColumn* column = table.table->Find(Folded(name));
  const bool made =
      column != nullptr && (column->computed || column->computed_default || column->of_plaintext);
  if (!made || SeesAll(table)) return true;
  return Refuse(ColumnDenied("this role may not define column " + table.table->schema + "." +
                             table.table->name + "." + column->name +
                             " anew nor make a key of it, because the server makes it of a "
                             "protected column that the role does not see or search" +
                             At(name)));
}

// Of a key over several columns that lacks one now, the server says what is there twice.
bool DefinitionPlanner::MayAlter(const sql::AlterAction& action, const Source& table) {
  if (table.table == nullptr) return true;
  switch (action.kind) {
    case sql::AlterKind::kRenameColumn:
    case sql::AlterKind::kColumnDefault:
      return MayUseComputed(action.name, table);
    case sql::AlterKind::kDropColumn:
    case sql::AlterKind::kModifyColumn:
    case sql::AlterKind::kChangeColumn:
      break;
    default:
      return true;
  }
  if (!MayUseComputed(action.name, table)) return false;
  for (const policy::CatalogColumn& column : table.table->columns) {
    if (!column.protection) continue;
    const policy::ColumnRule& rule = facts_.role->columns[*column.protection];
    const bool clear = rule.reveal == policy::Reveal::kClear;
    if (rule.search && (clear || column.state == policy::ColumnState::kSealed)) continue;
    return Refuse(
        ColumnDenied("this role may not drop or redefine columns of a table with column " +
                     snapshot_.policy->columns[*column.protection].QualifiedName() +
                     ", which it may not search, or which holds plaintext that it does not see" +
                     At(action.name)));
  }
  return true;
}

// Values may be cut, or lose characters.
bool DefinitionPlanner::MayRedefinePlaintext(std::uint32_t protection, std::uint32_t token) {
  if (!MayTestPlaintext(protection, token)) return false;
  if (facts_.role->columns[protection].write) return true;
  return Refuse(ColumnDenied("this role may not write column " +
                             snapshot_.policy->columns[protection].QualifiedName() + At(token)));
}

// A key tells which values are equal: a unique one whether two are, any how many differ.
bool DefinitionPlanner::MayIndex(const CreatedColumn& column, std::uint32_t token) {
  if (!column.exists || facts_.role->columns[column.protection].search) return true;
  return Refuse(ColumnDenied("this role may not search by column " +
                             snapshot_.policy->columns[column.protection].QualifiedName() +
                             ", and so may make no key of it" + At(token)));
}

bool DefinitionPlanner::HoldsPlaintext(const Source& table) const {
  if (table.table == nullptr) return false;
  const auto holds = [](const policy::CatalogColumn& column) {
    return column.protection && column.state != policy::ColumnState::kSealed;
  };
  return std::any_of(table.table->columns.begin(), table.table->columns.end(), holds);
}

// The server says which value is there twice, or does not fit a new type.
bool DefinitionPlanner::MayTestPlaintext(std::uint32_t protection, std::uint32_t token) {
  const policy::ColumnRule& rule = facts_.role->columns[protection];
  if (rule.reveal == policy::Reveal::kClear && rule.search) return true;
  return Refuse(ColumnDenied("this role may not read and search column " +
                             snapshot_.policy->columns[protection].QualifiedName() +
                             ", and so may neither define it anew nor make a key of it while its "
                             "table holds plaintext" +
                             At(token)));
}

bool DefinitionPlanner::MayIndexColumns(const sql::KeyDefinition& key, const Source& table) {
  for (const sql::KeyPart& part : key.parts) {
    if (part.column == sql::kNoToken) continue;
    if (!MayUseComputed(part.column, table)) return false;
    if (!HoldsPlaintext(table)) continue;
    const auto there = snapshot_.policy->Find(table.schema, table.alias, Folded(part.column));
    if (there && !MayTestPlaintext(*there, part.column)) return false;
  }
  return true;
}

bool DefinitionPlanner::MayConvert(const sql::AlterAction& action, const Source& table) {
  for (const CreatedColumn& column : ColumnsOf(table)) {
    if (!policy::IsText(column.type.kind)) continue;
    return RefuseAt(action.span.first, snapshot_.policy->columns[column.protection].QualifiedName(),
                    "CONVERT TO CHARACTER SET of its table");
  }
  if (!HoldsPlaintext(table)) return true;
  for (const policy::CatalogColumn& column : table.table->columns) {
    if (column.protection && !MayRedefinePlaintext(*column.protection, action.span.first))
      return false;
  }
  return true;
}

}  // namespace sealgate::rewrite
