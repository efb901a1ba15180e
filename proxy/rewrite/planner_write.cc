// INSERT, REPLACE, UPDATE, DELETE: which values are stored in which columns.
#include <utility>

#include "proxy/rewrite/planner.h"
#include "proxy/sql/lexer.h"

namespace sealgate::rewrite {
namespace {

std::string ColumnList(const std::vector<const policy::CatalogColumn*>& columns) {
  std::string text = " (";
  for (const policy::CatalogColumn* column : columns) {
    if (text.size() > 2) text += ",";
    sql::AppendQuotedIdentifier(column->name, text);
  }
  return text + ") ";
}

bool HasProtected(const std::vector<const policy::CatalogColumn*>& columns) {
  for (const policy::CatalogColumn* column : columns) {
    if (column->protection) return true;
  }
  return false;
}

}  // namespace

bool Planner::PlanInsert(const sql::InsertStatement& insert) {
  Scope scope;
  scope.sources.emplace_back();
  if (!FindTable(insert.table->name, scope.sources[0], true)) return false;
  const Source target = scope.sources[0];
  if (insert.row_alias != sql::kNoToken) {
    if (!insert.row_alias_columns.empty()) {
      return Refuse(
          Unsupported("INSERT … AS alias with a column list is not supported on a "
                      "protected table" +
                      At(insert.row_alias)));
    }
    Source alias = target;
    alias.alias = Folded(insert.row_alias);
    scope.sources.push_back(std::move(alias));
  }
  std::vector<const policy::CatalogColumn*> columns;
  if (!PlanInsertColumns(insert, target, columns)) return false;
  if (!CheckOmitted(insert, target, columns)) return false;
  Scope values = scope;  // VALUES may name the target's columns
  std::size_t number = 0;
  for (const auto& row : insert.rows) {
    if (!PlanInsertRow(row, target, columns, values, ++number)) return false;
  }
  if (!PlanAssignments(insert.set, scope, scope)) return false;
  if (insert.query != nullptr && !PlanInsertQuery(insert, columns)) return false;
  if (!PlanAssignments(insert.on_duplicate, scope, scope)) return false;
  return PlanReturning(insert.returning, scope);
}

// Without a column list the values go to the columns in the catalog's order;
// the list is written out, so that a change of the table that the catalog has
// not seen cannot put a value into another column.
bool Planner::PlanInsertColumns(const sql::InsertStatement& insert, const Source& target,
                                std::vector<const policy::CatalogColumn*>& columns) {
  if (target.table == nullptr) return true;  // unprotected: nothing to know
  if (insert.has_columns) {
    for (const sql::Name& name : insert.columns) {
      const policy::CatalogColumn* column = target.table->Find(Folded(name.column));
      if (column == nullptr) {
        return Refuse(
            TypeRefusal(1054, "42S22", "unknown column in the column list" + At(name.column)));
      }
      columns.push_back(column);
    }
    return true;
  }
  if (!insert.set.empty()) return true;
  for (const policy::CatalogColumn& column : target.table->columns) {
    if (!column.invisible) columns.push_back(&column);
  }
  const bool all_empty = !insert.rows.empty() && insert.rows[0].empty();
  if (insert.values_token == sql::kNoToken || all_empty) return true;
  PlannedEdit edit;
  edit.first = edit.last = insert.values_token;
  edit.insert = true;
  edit.pieces.push_back({ColumnList(columns), SealAs::kPlain, 0, 0, 0});
  plan_.edits.push_back(std::move(edit));
  return true;
}

bool Planner::PlanInsertRow(std::span<sql::Expr*> row, const Source& target,
                            const std::vector<const policy::CatalogColumn*>& columns, Scope& scope,
                            std::size_t number) {
  if (target.table == nullptr || row.empty()) {
    for (const sql::Expr* value : row) {
      if (!TypePlain(*value, scope, "use as a value of another table")) return false;
    }
    return true;
  }
  if (row.size() != columns.size()) {
    return Refuse(TypeRefusal(
        1136, "21S01", "column count does not match value count at row " + std::to_string(number)));
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!PlanStored(*row[i], target, *columns[i], scope)) return false;
  }
  return true;
}

// One value for one column: the heart of every write.
bool Planner::PlanStored(const sql::Expr& value, const Source& source,
                         const policy::CatalogColumn& column, Scope& scope) {
  const std::uint32_t at = value.span.first;
  if (!column.protection) {
    return TypePlain(value, scope, "storing it in a column that is not protected");
  }
  bool plain = false;
  if (!CheckState(*source.table, column, at, true, &plain)) return false;
  if (plain) return TypePlain(value, scope, "storing it in a column that holds plaintext");
  const std::uint32_t target = TargetOf(*source.table, column);
  const std::string name = plan_.targets[target].protection->QualifiedName();
  if (!MayWrite(target, at)) return false;
  const sql::Expr* core = nullptr;
  const bool is_value = IsValue(value, &core);
  if (!CheckNotNull(*core, target)) return false;
  if (is_value) {
    return IsNullLiteral(*core) || SealInPlace(*core, target, SealAs::kEnvelope);
  }
  if (core->kind == sql::ExprKind::kDefault && core->name.column == sql::kNoToken) return true;
  const bool reference =
      core->kind == sql::ExprKind::kColumn || core->kind == sql::ExprKind::kValues;
  if (reference && core->name.column != sql::kNoToken) {
    ExprType type;
    if (!TypeColumn(core->name, scope, type)) return false;
    const bool same = type.kind == ExprType::Kind::kProtected &&
                      plan_.targets[type.target].domain == plan_.targets[target].domain &&
                      plan_.targets[type.target].column->type == column.type;
    if (same) return CheckNeverNull(type.target, target, at);
    return RefuseAt(at, name, "storing another column's value in it");
  }
  return RefuseAt(at, name, "storing anything but a literal, a parameter, NULL or DEFAULT");
}

bool Planner::PlanInsertQuery(const sql::InsertStatement& insert,
                              const std::vector<const policy::CatalogColumn*>& columns) {
  const std::uint32_t at = insert.query->span.first;
  std::vector<OutputColumn> outputs;
  if (!PlanQuery(*insert.query, nullptr, {}, outputs)) return false;
  if (HasProtected(columns)) {
    return Refuse(
        Unsupported("INSERT … SELECT into a protected column is not supported; leave "
                    "the column out of the column list, or insert values" +
                    At(at)));
  }
  return AllPlain(outputs, at, "INSERT … SELECT of it into a column that is not protected");
}

bool Planner::PlanAssignments(std::span<sql::Assignment> assignments, const Scope& targets,
                              Scope& scope) {
  for (const sql::Assignment& assignment : assignments) {
    const sql::Name& name = assignment.target;
    const Resolution found =
        Resolve(targets, Folded(name.schema), Folded(name.table), Folded(name.column));
    switch (found.kind) {
      case Resolution::Kind::kColumn:
        if (!PlanStored(*assignment.value, *found.source, *found.column, scope)) return false;
        break;
      case Resolution::Kind::kUnknown:
        if (!TypePlain(*assignment.value, scope, "storing it in another table")) return false;
        break;
      default:
        return Refuse(TypeRefusal(
            1054, "42S22", "unknown column in an assignment" + At(assignment.target_span.first)));
    }
  }
  return true;
}

// Every table of a join counts as written: which ones are is the server's affair.
bool Planner::MayWriteTables(const sql::TableRef& table) {
  if (table.kind == sql::TableKind::kJoin) {
    return MayWriteTables(*table.left) && MayWriteTables(*table.right);
  }
  Source ignored;
  return table.kind != sql::TableKind::kTable || FindTable(table.name, ignored, true);
}

bool Planner::PlanUpdate(const sql::UpdateStatement& update) {
  if (!update.with.empty()) {
    return Refuse(Unsupported("WITH … UPDATE on a protected table is not supported" +
                              At(update.with[0].name)));
  }
  Scope scope;
  for (const sql::TableRef* table : update.tables) {
    if (!AddTable(*table, scope) || !MayWriteTables(*table)) return false;
    has_outer_join_ = has_outer_join_ || HasOuterJoin(*table);
    updates_join_ =
        updates_join_ || update.tables.size() > 1 || table->kind == sql::TableKind::kJoin;
  }
  if (!PlanAssignments(update.set, scope, scope)) return false;
  if (update.where != nullptr && !TypePlain(*update.where, scope, "use as a condition")) {
    return false;
  }
  if (!PlanOrder(update.order_by, scope, {}, "ORDER BY")) return false;
  for (const sql::Expr* limit : update.limit) {
    if (!TypePlain(*limit, scope, "LIMIT")) return false;
  }
  return PlanReturning(update.returning, scope);
}

bool Planner::PlanDelete(const sql::DeleteStatement& del) {
  if (!del.with.empty()) {
    return Refuse(
        Unsupported("WITH … DELETE on a protected table is not supported" + At(del.with[0].name)));
  }
  Scope scope;
  for (const sql::TableRef* table : del.tables) {
    if (!AddTable(*table, scope) || !MayWriteTables(*table)) return false;
  }
  if (del.where != nullptr && !TypePlain(*del.where, scope, "use as a condition")) return false;
  if (!PlanOrder(del.order_by, scope, {}, "ORDER BY")) return false;
  for (const sql::Expr* limit : del.limit) {
    if (!TypePlain(*limit, scope, "LIMIT")) return false;
  }
  return PlanReturning(del.returning, scope);
}

bool Planner::PlanReturning(std::span<sql::SelectItem> items, Scope& scope) {
  if (items.empty()) return true;
  std::vector<OutputColumn> outputs;
  for (const sql::SelectItem& item : items) {
    if (!PlanItem(item, scope, outputs)) return false;
  }
  FinishResult(outputs);
  return !plan_.refusal;
}

}  // namespace sealgate::rewrite
