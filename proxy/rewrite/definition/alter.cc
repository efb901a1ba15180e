// ALTER TABLE and CREATE INDEX. Definitions of protected columns become physical
// as in CREATE TABLE; what values there are must stay readable under the new
// definition without being sealed again.
#include <algorithm>
#include <utility>

#include "policy/name_folding.h"
#include "proxy/rewrite/context/syntax.h"
#include "proxy/rewrite/definition/definition_planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

using policy::TypeKind;

// TINYTEXT to LONGTEXT and so on: kinds in order of size.
int SizeInFamily(TypeKind kind, std::initializer_list<TypeKind> family) {
  int size = 0;
  for (const TypeKind each : family) {
    if (each == kind) return size;
    ++size;
  }
  return -1;
}

bool WiderKind(TypeKind from, TypeKind to) {
  const std::initializer_list<TypeKind> families[] = {
      {TypeKind::kTinyint, TypeKind::kSmallint, TypeKind::kMediumint, TypeKind::kInt,
       TypeKind::kBigint},
      {TypeKind::kTinyText, TypeKind::kText, TypeKind::kMediumText, TypeKind::kLongText},
      {TypeKind::kTinyBlob, TypeKind::kBlob, TypeKind::kMediumBlob, TypeKind::kLongBlob},
  };
  for (const auto& family : families) {
    const int before = SizeInFamily(from, family);
    if (before >= 0 && SizeInFamily(to, family) >= before) return true;
  }
  // CHAR(n) differs in its trailing blanks, BINARY(n) in its zeros.
  const bool varchar = from == TypeKind::kVarchar;
  return varchar &&
         SizeInFamily(to, {TypeKind::kText, TypeKind::kMediumText, TypeKind::kLongText}) >= 0;
}

// Whether every value of `from` has the same canonical bytes in `to`.
bool KeepsValues(const policy::LogicalType& from, const policy::LogicalType& to) {
  if (from.is_unsigned != to.is_unsigned || from.charset != to.charset ||
      from.collation != to.collation || from.scale != to.scale || from.fraction != to.fraction) {
    return false;
  }
  if (from.kind != to.kind) {
    return WiderKind(from.kind, to.kind) &&
           policy::MaxCanonicalBytes(from) <= policy::MaxCanonicalBytes(to);
  }
  // BINARY(n) is padded to its length.
  if (from.kind == TypeKind::kBinary) return from.length == to.length;
  return from.length <= to.length && from.precision <= to.precision;
}

}  // namespace

bool DefinitionPlanner::PlanAlterTable(const sql::AlterTableStatement& alter) {
  plan_.cacheable = false;
  Source table;
  if (!FindTable(alter.table, table, false) || !KeepsNames(alter, table)) return false;
  std::vector<CreatedColumn> defined;
  for (const sql::AlterAction& action : alter.actions) {
    if (!KeepsDefault(action, table, alter) || !MayAlter(action, table)) return false;
    if (!PlanAlterAction(action, table, defined)) return false;
  }
  for (const sql::AlterAction& action : alter.actions) {
    if (!KeepsCharset(action, defined)) return false;
  }
  return EditDefined(alter, table, defined);
}

bool DefinitionPlanner::PlanAlterAction(const sql::AlterAction& action, const Source& table,
                                        std::vector<CreatedColumn>& defined) {
  switch (action.kind) {
    case sql::AlterKind::kNamesOnly:
      return true;
    case sql::AlterKind::kAddColumns:
    case sql::AlterKind::kModifyColumn:
    case sql::AlterKind::kChangeColumn:
    case sql::AlterKind::kRenameColumn:
    case sql::AlterKind::kDropColumn:
      return PlanAlterColumn(action, table, defined);
    case sql::AlterKind::kColumnDefault:
      return PlanColumnDefault(action, table);
    case sql::AlterKind::kAddKey:
      return CheckKey(action.key) && MayIndexColumns(action.key, table);
    case sql::AlterKind::kRenameTable: {
      TableName to;
      return CheckNewName(action.table) && TableNameOf(action.table, to) &&
             KeepsProtection(table.table, to, action.table.table, "ALTER TABLE … RENAME");
    }
    case sql::AlterKind::kConvert:
      return MayConvert(action, table);
    case sql::AlterKind::kOptions:
      if (table.table != nullptr && !CheckEngine(action.engine)) return false;
      if (action.merge == sql::kNoToken) return true;
      break;
    case sql::AlterKind::kOther:
      break;
  }
  return Refuse(Unsupported("ALTER TABLE … " + std::string(tokens_.Text(action.span.first)) +
                            " on or beside a protected table is not supported" +
                            At(action.span.first)));
}

// The columns that are sealed already.
std::vector<DefinitionPlanner::CreatedColumn> DefinitionPlanner::ColumnsOf(
    const Source& table) const {
  std::vector<CreatedColumn> columns;
  if (table.table == nullptr) return columns;
  for (const policy::CatalogColumn& column : table.table->columns) {
    if (!column.protection || column.state != policy::ColumnState::kSealed) continue;
    const std::uint32_t domain = snapshot_.policy->columns[*column.protection].domain;
    columns.push_back({nullptr, *column.protection, column.type,
                       snapshot_.policy->domains[domain].mode, column.nullable, true});
  }
  return columns;
}

bool DefinitionPlanner::AddDefined(const sql::ColumnDefinition& definition, const Source& table,
                                   std::vector<CreatedColumn>& defined, bool& is_protected) {
  const auto protection =
      snapshot_.policy->Find(table.schema, table.alias, Folded(definition.name));
  is_protected = protection.has_value();
  if (!is_protected) return CheckColumnExpressions(definition);
  const std::uint32_t domain = snapshot_.policy->columns[*protection].domain;
  CreatedColumn column{&definition, *protection, {}, snapshot_.policy->domains[domain].mode};
  TableCollation collation;
  if (table.table != nullptr) collation.otherwise = table.table->collation;
  if (!CheckColumnExpressions(definition) || !CheckCreatedColumn(column) ||
      !LogicalTypeOf(collation, column)) {
    return false;
  }
  const sql::Expr* value = definition.default_value;
  column.may_lack_values = !definition.not_null || value == nullptr || IsNullLiteral(*value);
  defined.push_back(std::move(column));
  return true;
}

// MariaDB passes over a column that is there, but makes its key.
bool DefinitionPlanner::AddsNothing(const sql::ColumnDefinition& definition) {
  const sql::Expr* value = definition.default_value;
  const bool plain = definition.key_attribute == sql::kNoToken &&
                     (value == nullptr || IsNullLiteral(*value)) &&
                     definition.references == sql::kNoToken && definition.check_expr == nullptr;
  return plain || Refuse(Unsupported("ADD COLUMN IF NOT EXISTS of a column that is there is not "
                                     "supported with a key, a default or a check" +
                                     At(definition.name)));
}

bool DefinitionPlanner::PlanAlterColumn(const sql::AlterAction& action, const Source& table,
                                        std::vector<CreatedColumn>& defined) {
  bool is_protected = false;
  if (action.kind == sql::AlterKind::kAddColumns) {
    for (const sql::ColumnDefinition& definition : action.columns) {
      if (action.if_exists && table.table != nullptr &&
          table.table->Find(Folded(definition.name)) != nullptr) {
        if (!AddsNothing(definition)) return false;
        continue;
      }
      if (!AddDefined(definition, table, defined, is_protected)) return false;
      // The server would fill it with bytes that no key opens.
      if (is_protected && definition.not_null && definition.default_value == nullptr) {
        return RefuseAt(definition.name,
                        snapshot_.policy->columns[defined.back().protection].QualifiedName(),
                        "ADD COLUMN with NOT NULL and no DEFAULT for the rows that there are");
      }
    }
    return true;
  }
  const policy::CatalogColumn* old =
      table.table == nullptr ? nullptr : table.table->Find(Folded(action.name));
  if (old == nullptr && action.kind == sql::AlterKind::kDropColumn && action.if_exists) return true;
  if (old == nullptr && table.table != nullptr && action.kind == sql::AlterKind::kDropColumn) {
    return Refuse(TypeRefusal(1091, "42000", "there is no such column to drop" + At(action.name)));
  }
  if (old == nullptr && table.table != nullptr) {
    return Refuse(TypeRefusal(1054, "42S22", "unknown column" + At(action.name)));
  }
  if (old == nullptr) {
    return action.columns.empty() || CheckColumnExpressions(action.columns[0]);
  }
  if (action.kind == sql::AlterKind::kDropColumn) return true;
  const bool renames = action.kind == sql::AlterKind::kRenameColumn;
  bool plain = false;
  const std::uint32_t new_name = renames ? action.new_name : action.columns[0].name;
  if (!CheckRenamedColumn(table, *old, new_name, plain)) return false;
  if (renames) return true;
  if (plain && old->protection && !MayRedefinePlaintext(*old->protection, action.name)) {
    return false;
  }
  if (plain) return CheckColumnExpressions(action.columns[0]);
  if (!AddDefined(action.columns[0], table, defined, is_protected)) return false;
  const std::string name = snapshot_.policy->columns[*old->protection].QualifiedName();
  if (!KeepsValues(old->type, defined.back().type)) {
    return RefuseAt(action.columns[0].type, name,
                    "a change of its type other than to one that holds the same values and more");
  }
  if (action.columns[0].not_null && old->nullable) {
    return RefuseAt(action.columns[0].span.first, name, "a change from NULL to NOT NULL");
  }
  defined.back().may_lack_values = old->nullable;
  defined.back().exists = true;
  return true;
}

// `plain`: an unprotected column, or one that the policy lets stay plaintext.
bool DefinitionPlanner::CheckRenamedColumn(const Source& table, const policy::CatalogColumn& column,
                                           std::uint32_t new_name, bool& plain) {
  const auto there = snapshot_.policy->Find(table.schema, table.alias, Folded(new_name));
  plain = !column.protection;
  if (!column.protection && !there) return true;
  const std::string name = table.table->schema + "." + table.table->name + "." + column.name;
  if (!column.protection) {
    return Refuse(Unsupported("column " + name +
                              " is not protected, and the policy protects its new name: that is "
                              "not supported" +
                              At(new_name)));
  }
  if (!there || !SameProtection(*column.protection, *there)) {
    return RefuseAt(new_name, name,
                    "a new name that the policy does not protect in the same domain, with the "
                    "same rules,");
  }
  return CheckState(*table.table, column, new_name, true, &plain);
}

// Of a column whose default was dropped MySQL says the same as of one that is NULL by
// default, but UPDATE IGNORE then stores '' for DEFAULT.
bool DefinitionPlanner::DropsNullDefault(const sql::AlterAction& action,
                                         const policy::CatalogColumn& column) const {
  return !snapshot_.catalog->is_mariadb && column.nullable &&
         sql::IsWord(tokens_, action.name + 1, "DROP");
}

// What it is by default is what later rows hold.
bool DefinitionPlanner::MayChangeDefault(const sql::AlterAction& action,
                                         const policy::CatalogColumn& column) {
  const bool shows = sql::IsWord(tokens_, action.name + 1, "SET") &&
                     !sql::IsWord(tokens_, action.name + 2, "DEFAULT");
  if (shows || facts_.role->columns[*column.protection].write) return true;
  return Refuse(ColumnDenied("this role may not write column " +
                             snapshot_.policy->columns[*column.protection].QualifiedName() +
                             At(action.name)));
}

bool DefinitionPlanner::PlanColumnDefault(const sql::AlterAction& action, const Source& table) {
  const policy::CatalogColumn* column =
      table.table == nullptr ? nullptr : table.table->Find(Folded(action.name));
  if (column != nullptr && column->protection && DropsNullDefault(action, *column)) {
    const policy::ProtectedColumn& protection = snapshot_.policy->columns[*column->protection];
    return RefuseAt(action.name, protection.QualifiedName(),
                    "DROP DEFAULT of a column that may be NULL");
  }
  const bool there = column != nullptr && column->protection;
  if (!there && snapshot_.policy->Find(table.schema, table.alias, Folded(action.name))) {
    return Refuse(TypeRefusal(1054, "42S22", "unknown column" + At(action.name)));
  }
  if (there && !MayChangeDefault(action, *column)) return false;
  if (action.default_value == nullptr) return true;
  if (!there) {
    if (!NamesAny(action.default_value->span, ProtectedNames())) return true;
    return Refuse(
        Unsupported("a default, generated column or check that names a protected "
                    "column is not supported" +
                    At(action.default_value->span.first)));
  }
  bool plain = false;
  if (!CheckState(*table.table, *column, action.name, true, &plain)) return false;
  if (plain || IsNullLiteral(*action.default_value)) return true;
  return EditDefault(*action.default_value, TargetOf(*table.table, *column));
}

// Whether the statement leaves the column's definition as it is; under what name.
bool DefinitionPlanner::KeepsColumn(const sql::AlterTableStatement& alter, const Source& table,
                                    CreatedColumn& column) {
  const std::string name = policy::FoldName(snapshot_.policy->columns[column.protection].column);
  for (const sql::AlterAction& action : alter.actions) {
    if (action.name == sql::kNoToken || Folded(action.name) != name) continue;
    switch (action.kind) {
      case sql::AlterKind::kRenameColumn: {
        const auto there =
            snapshot_.policy->Find(table.schema, table.alias, Folded(action.new_name));
        if (there) column.protection = *there;
        return there.has_value();
      }
      case sql::AlterKind::kDropColumn:
      case sql::AlterKind::kModifyColumn:
      case sql::AlterKind::kChangeColumn:
        return false;
      default:
        break;
    }
  }
  return true;
}

// The sealed columns under the names by which the keys of the statement call them.
std::vector<DefinitionPlanner::CreatedColumn> DefinitionPlanner::ColumnsAfter(
    const sql::AlterTableStatement& alter, const Source& table,
    const std::vector<CreatedColumn>& defined) {
  std::vector<CreatedColumn> columns = defined;
  for (CreatedColumn& column : ColumnsOf(table)) {
    if (KeepsColumn(alter, table, column)) columns.push_back(std::move(column));
  }
  return columns;
}

// The server would turn NULL into '', which no key opens.
bool DefinitionPlanner::MayBePrimary(const CreatedColumn& column, std::uint32_t token) {
  return !column.may_lack_values ||
         RefuseAt(token, snapshot_.policy->columns[column.protection].QualifiedName(),
                  "a PRIMARY KEY over rows that may lack a value");
}

bool DefinitionPlanner::CheckPrimaryKeys(const sql::AlterTableStatement& alter,
                                         const std::vector<CreatedColumn>& columns) {
  for (const CreatedColumn& column : columns) {
    const std::uint32_t key =
        column.definition == nullptr ? sql::kNoToken : column.definition->key_attribute;
    const bool primary = key != sql::kNoToken && !sql::IsWord(tokens_, key, "UNIQUE");
    if (primary && !MayBePrimary(column, key)) return false;
    const std::string name = policy::FoldName(snapshot_.policy->columns[column.protection].column);
    for (const sql::AlterAction& action : alter.actions) {
      if (action.kind != sql::AlterKind::kAddKey) continue;
      if (action.key.kind != sql::KeyKind::kPrimary) continue;
      for (const sql::KeyPart& part : action.key.parts) {
        const bool same = part.column != sql::kNoToken && Folded(part.column) == name;
        if (same && !MayBePrimary(column, part.column)) return false;
      }
    }
  }
  return true;
}

// Where the action that defines it begins.
std::uint32_t DefinitionPlanner::ActionOf(const sql::AlterTableStatement& alter,
                                          const CreatedColumn& column) const {
  for (const sql::AlterAction& action : alter.actions) {
    const auto& columns = action.columns;
    const auto same = [&](const sql::ColumnDefinition& each) { return &each == column.definition; };
    if (std::any_of(columns.begin(), columns.end(), same)) return action.span.first;
  }
  return alter.actions.front().span.first;
}

bool DefinitionPlanner::EditDefined(const sql::AlterTableStatement& alter, const Source& table,
                                    std::vector<CreatedColumn>& defined) {
  plan_.created = CreatedTable(defined);
  for (std::uint32_t i = 0; i < defined.size(); ++i) {
    std::string key;
    if (!EditCreatedColumn(defined[i], key) || !EditCreatedDefault(defined[i], i)) return false;
    // In front, since the text's end may have a comment.
    if (!key.empty()) edits_.InsertBefore(ActionOf(alter, defined[i]), "ADD " + key + ", ");
  }
  const std::vector<CreatedColumn> columns = ColumnsAfter(alter, table, defined);
  if (!CheckPrimaryKeys(alter, columns)) return false;
  for (const sql::AlterAction& action : alter.actions) {
    if (action.kind != sql::AlterKind::kAddKey) continue;
    if (!EditCreatedKeys({&action.key, 1}, columns)) return false;
  }
  return true;
}

bool DefinitionPlanner::PlanCreateIndex(const sql::CreateIndexStatement& index) {
  plan_.cacheable = false;
  Source table;
  return FindTable(index.table, table, false) && CheckKey(index.key) &&
         MayIndexColumns(index.key, table) && EditCreatedKeys({&index.key, 1}, ColumnsOf(table));
}

}  // namespace sealgate::rewrite
